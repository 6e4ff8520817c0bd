/*
 * Finds where a text stops being JSON, without quoting any of it: the text may hold secrets.
 */

/** The place at which a text stops being JSON (line and column count from 1), and what was expected there. */
export interface JsonFault {
  line: number
  column: number
  expected: string
}

class Stop {
  readonly at: number
  readonly expected: string

  constructor(at: number, expected: string) {
    this.at = at
    this.expected = expected
  }
}

const SPACE = /[ \t\r\n]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids these characters in a string
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

const reader = (text: string) => {
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const takes = (sign: string): boolean => {
    skip(SPACE)
    if (text[at] !== sign) return false
    at++
    return true
  }
  const stop = (expected: string): never => {
    throw new Stop(at, expected)
  }
  const entries = (close: string, entry: () => void): void => {
    if (takes(close)) return
    do entry()
    while (takes(','))
    if (!takes(close)) stop(`"," or "${close}"`)
  }
  const member = (): void => {
    skip(SPACE)
    if (!skip(TEXT)) stop('a key in double quotes')
    if (!takes(':')) stop('":"')
    value()
  }
  const value = (): void => {
    if (takes('{')) entries('}', member)
    else if (takes('[')) entries(']', value)
    else if (!skip(TEXT) && !skip(SCALAR)) stop('a value')
  }
  return (): void => {
    value()
    skip(SPACE)
    if (at < text.length) stop('nothing more')
  }
}

/**
 * Returns the first fault of a text, or null when it is JSON (RFC 8259). Unlike a message of JSON.parse it quotes
 * nothing. It is meant for files that a person writes: thousands of nested lists throw a RangeError.
 */
export const jsonFault = (text: string): JsonFault | null => {
  try {
    reader(text)()
    return null
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    const lines = text.slice(0, error.at).split('\n')
    return { line: lines.length, column: lines.at(-1)!.length + 1, expected: error.expected }
  }
}
