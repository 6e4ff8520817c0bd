/*
 * Reads leasehold.json: JSON with comments and trailing commas, as in Kea's own files.
 *
 * jsonc-parser reads it. A fault tells the line, the column and what was expected there. It quotes nothing, because the
 * text may hold secrets. Two things are faults here that the library takes: one key twice (one of the two values would be
 * lost without a word), and a key that means something to JavaScript itself, like `__proto__`.
 */

import { type ParseErrorCode, parse, visit } from 'jsonc-parser'

/** The place of a fault (line and column count from 1), and what was expected there. */
export interface JsonFault {
  line: number
  column: number
  expected: string
}

/** What was expected, by the library's code of the fault. */
const EXPECTED: Record<ParseErrorCode, string> = {
  1: 'a value, or a key in double quotes',
  2: 'a number',
  3: 'a key in double quotes',
  4: 'a value',
  5: '":"',
  6: '"," or the end of what was begun',
  7: '"," or "}"',
  8: '"," or "]"',
  9: 'nothing more',
  10: 'no comment',
  11: '"*/" at the end of the comment',
  12: 'a double quote at the end of the text',
  13: 'a number',
  14: 'four hexadecimal digits after \\u',
  15: 'another character after the backslash (a backslash itself is written twice)',
  16: 'no control character in a text',
}

const POISON: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

interface Found {
  offset: number
  expected: string
}

const firstFault = (text: string): Found | null => {
  const faults: Found[] = []
  const open: Set<string>[] = []
  const add = (offset: number, expected: string) => void faults.push({ offset, expected })
  visit(
    text,
    {
      onObjectBegin: () => void open.push(new Set()),
      onObjectEnd: () => void open.pop(),
      onObjectProperty: (key, offset) => {
        const keys = open.at(-1)
        if (keys?.has(key)) add(offset, 'another key: this one stands in the same object already')
        if (POISON.has(key)) add(offset, 'no such key')
        keys?.add(key)
      },
      onError: (code, offset) => add(offset, EXPECTED[code]),
    },
    { allowTrailingComma: true },
  )
  return faults.toSorted((a, b) => a.offset - b.offset)[0] ?? null
}

const placed = (text: string, { offset, expected }: Found): JsonFault => {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: lines.at(-1)!.length + 1, expected }
}

/** Returns the value of a text, or its first fault. */
export const parseJsonc = (text: string): { value: unknown } | { fault: JsonFault } => {
  try {
    const fault = firstFault(text)
    return fault ? { fault: placed(text, fault) } : { value: parse(text, [], { allowTrailingComma: true }) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { fault: { line: 1, column: 1, expected: 'lists and objects that are not thousands deep' } }
  }
}
