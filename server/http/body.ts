import { InvalidInput, shown } from '../../lib/input/bad-input.ts'
import { fieldAt } from '../../lib/input/zod-issues.ts'

const SUSPECT = /"(?:__proto__|constructor|prototype)"|\\u/
const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The path of a key that has a meaning for JavaScript itself, or null. */
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

/** A body as JSON. Throws InvalidInput when it is none, or when it has a key like `__proto__`, naming it. */
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

/** Reads a part of a body; what is wrong in it is told by its place in the whole. */
export const prefixed = <T>(prefix: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(error.issues.map(issue => ({ ...issue, field: prefix + issue.field })))
  }
}
