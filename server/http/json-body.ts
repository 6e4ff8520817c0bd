import { BadInput, found } from '../../lib/bad-input.ts'
import { fieldAt } from '../issues.ts'

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

/** A body as JSON. Throws BadInput when it is none, or when it has a key like `__proto__`, naming it. */
export const parseJson = (text: string): unknown => {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new BadInput([
      { field: 'body', expected: 'JSON', found: text === '' ? 'nothing' : found(text.slice(0, 100)) },
    ])
  }
  const poison = SUSPECT.test(text) ? poisonIn(body) : null
  if (poison) throw new BadInput([{ field: fieldAt(poison.slice(-8)), expected: 'no such key', found: 'one' }])
  return body
}
