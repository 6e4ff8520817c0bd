import type { z } from 'zod'
import { InvalidInput } from '../../lib/input/bad-input.ts'
import { readJsonBody } from '../../lib/input/json-body.ts'
import { issuesOf } from '../../lib/input/zod-issues.ts'

/** Items of a list at most: those of POST /v1/events, which takes the longest. */
const MOST_ITEMS = 10_000

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new InvalidInput([{ field: 'body', expected: 'UTF-8', found: 'bytes that are none' }])
  }
}

function* reading(bytes: Uint8Array): Generator<void, unknown> {
  return yield* readJsonBody(textOf(bytes), MOST_ITEMS)
}

/**
 * Parses a body as JSON, with a turn of the event loop after each part of a long one. `done` is told the value; or an
 * InvalidInput when it is not UTF-8, not JSON, too deep, or has a key twice or one like `__proto__`. The issue names the
 * key.
 */
export const parseJson = (bytes: Uint8Array, done: (error: Error | null, value?: unknown) => void): void => {
  const parts = reading(bytes)
  const goOn = (): void => {
    let part: IteratorResult<void, unknown>
    try {
      part = parts.next()
    } catch (error) {
      done(error as Error)
      return
    }
    if (part.done) done(null, part.value)
    else setImmediate(goOn)
  }
  goOn()
}

/** Checks whether a part of a request fits its schema, and answers as Fastify asks it. */
export const fitted = <T>(schema: z.ZodType<T>, input: unknown, part = 'request'): { value: T } | { error: Error } => {
  const read = schema.safeParse(input)
  if (read.success) return { value: read.data }
  return { error: new InvalidInput(issuesOf(read.error.issues, input, part, schema)) }
}

/** Runs `read` on a part of a body. Its InvalidInput names fields of the part, so `prefix` is put before each. */
export const prefixed = <T>(prefix: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(error.issues.map(issue => ({ ...issue, field: prefix + issue.field })))
  }
}

/** Runs `read` on a slice of a list that begins at `offset`. Its InvalidInput names `[0]`, so that is made `[offset]`. */
export const fromItem = <T>(offset: number, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(
      error.issues.map(issue => ({
        ...issue,
        field: issue.field.replace(/^\[(\d+)\]/, (_, index) => `[${Number(index) + offset}]`),
      })),
    )
  }
}
