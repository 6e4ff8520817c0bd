/*
 * One line of a file of the store: a value and its checksum.
 *
 *     ["8d7f0bdc",{"seq":7,"leases":[...],"records":[...]}]
 *
 * Nothing is written that could not be read back: a line that would be too long is refused before it is written.
 */

import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { wholeLines } from '../../net/whole-lines.ts'

/** Thrown when a file of the store cannot be trusted. The program stops, and changes neither the file nor DNS. */
export class StoreDamaged extends Error {
  constructor(file: string, line: number, what: string) {
    super(
      `${file}, line ${line}: ${what}. Leasehold does not guess what it owned: it stops here and changes nothing in DNS. ` +
        'Restore the file from a backup; or move the whole store folder away to start again owning nothing.',
    )
    this.name = 'StoreDamaged'
  }
}

/** Bytes of a line at most. A character is at most four, so a quarter of it is what may be written. */
const LONGEST = 256 * 1024 * 1024

const sum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/**
 * Encodes a value as one line, `["<crc32>",<value>]` and a newline. The checksum shows damage that is still valid JSON,
 * as a digit that changed.
 */
export const encodeLine = (value: unknown): string => {
  const text = JSON.stringify(value)
  if (text.length > LONGEST / 4) throw new Error(`a line of ${text.length} characters could not be read back`)
  return `["${sum(text)}",${text}]\n`
}

/** Decodes a line without its newline. Returns the value, or a sentence that says what is wrong. */
export const decodeLine = (line: string): { value: unknown } | string => {
  const found = /^\["([0-9a-f]{8})",/.exec(line)
  if (!found || !line.endsWith(']')) return 'this is no line of a Leasehold store'
  const text = line.slice(found[0].length, -1)
  if (sum(text) !== found[1]) return 'the checksum does not match, so the line was changed or damaged'
  return { value: JSON.parse(text) }
}

export interface ReadLine {
  value: unknown
  number: number
  /** Offset in bytes of the end of this line, newline included. */
  end: number
}

/**
 * Reads the lines of a file in order. Bytes after the last newline are left out: they are a write that was cut short.
 * @throws StoreDamaged at the first line that is not as it was written.
 */
export async function* readLines(path: string, longest = LONGEST): AsyncGenerator<ReadLine> {
  const file = await open(path)
  let number = 0
  try {
    for await (const { lines, unfinished } of wholeLines(file, 0)) {
      for (const { text, end } of lines) {
        number++
        const decoded = decodeLine(text)
        if (typeof decoded === 'string') throw new StoreDamaged(path, number, decoded)
        yield { value: decoded.value, number, end }
      }
      if (unfinished > longest) throw new StoreDamaged(path, number + 1, 'the line is too long')
    }
  } finally {
    await file.close()
  }
}
