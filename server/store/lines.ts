import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { wholeLines } from '../whole-lines.ts'

/** A file of the store that cannot be trusted. The program stops; nothing is changed, in the file or in DNS. */
export class StoreDamaged extends Error {
  constructor(file: string, line: number, what: string) {
    super(
      `${file}, line ${line}: ${what}. Leasehold does not guess what it owned: it stops here and changes nothing in DNS. ` +
        'Restore the file from a backup; or move the whole store folder away to start again owning nothing.',
    )
    this.name = 'StoreDamaged'
  }
}

const sum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

/** One line of JSON, `["<crc32>",<value>]`, newline included: damage inside a line is seen even where it is valid JSON. */
export const encodeLine = (value: unknown): string => {
  const text = JSON.stringify(value)
  return `["${sum(text)}",${text}]\n`
}

/** The value of a line without its newline, or a sentence that says what is wrong. */
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

const LONGEST = 256 * 1024 * 1024

/**
 * The whole lines of a file in order. What follows the last newline is not given: a write that was cut short.
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
