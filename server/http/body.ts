import { InvalidInput, shown } from '../../lib/input/bad-input.ts'
import { fieldAt } from '../../lib/input/zod-issues.ts'

const SUSPECT = /"(?:__proto__|constructor|prototype)"|\\u/
const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The path of the first key that means something to JavaScript itself, like `__proto__`; null when there is none. */
const poisonIn = (root: unknown): PropertyKey[] | null => {
  const open: { value: object; path: PropertyKey[] }[] = []
  const visit = (value: unknown, path: PropertyKey[]) => {
    if (typeof value === 'object' && value !== null) open.push({ value, path })
  }
  visit(root, [])
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    for (const [key, inner] of Object.entries(value)) {
      if (POISON.has(key)) return [...path, key]
      visit(inner, [...path, Array.isArray(value) ? Number(key) : key])
    }
  }
  return null
}

/**
 * Parses a body as JSON.
 * @throws InvalidInput when it is not JSON, or when it has a key like `__proto__`. The issue names the key.
 */
export const parseJson = (text: string): unknown => {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new InvalidInput([
      { field: 'body', expected: 'JSON', found: text === '' ? 'nothing' : shown(text.slice(0, 100)) },
    ])
  }
  const poison = SUSPECT.test(text) ? poisonIn(body) : null
  if (poison) throw new InvalidInput([{ field: fieldAt(poison.slice(-8)), expected: 'no such key', found: 'one' }])
  return body
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
