import { createReadStream } from 'node:fs'
import { decodeLine, StoreDamaged } from './line.ts'

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
  let rest: Buffer = Buffer.alloc(0)
  let number = 0
  let end = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let data: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10)) {
      number++
      end += at + 1
      const decoded = decodeLine(data.toString('utf8', 0, at))
      if (typeof decoded === 'string') throw new StoreDamaged(path, number, decoded)
      yield { value: decoded.value, number, end }
      data = data.subarray(at + 1)
    }
    if (data.length > longest) throw new StoreDamaged(path, number + 1, 'the line is too long')
    rest = data
  }
}
