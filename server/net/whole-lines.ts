/*
 * Reads a file that may still be written to, line by line. The lease file of Kea and the store's own files need this.
 *
 * Only whole lines are given. What follows the last newline may be a write under way, or one that was cut short, so it
 * is neither given nor counted. Lines come in the chunks in which they were read, so that a long file costs few turns.
 *
 *     bytes    a , 1 \n b , 2 \n c ,
 *     lines    [{ text: 'a,1', end: 4 }, { text: 'b,2', end: 8 }]     unfinished: 2
 */

import type { FileHandle } from 'node:fs/promises'

const CHUNK = 1 << 20
const NEWLINE = 10

/** One line without its newline. `end` is the offset in bytes of what follows the newline. */
export interface Line {
  text: string
  end: number
}

/** The lines that one chunk ended, and how many bytes of the next line are there so far. */
export interface Chunk {
  lines: Line[]
  unfinished: number
}

/** Reads from `position` (bytes) to the end that the file has when it is reached. Rejects with the system's error. */
export async function* wholeLines(file: FileHandle, position: number): AsyncGenerator<Chunk, void, void> {
  let end = position
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, end + rest.length)
    if (bytesRead === 0) return
    const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    const lines: Line[] = []
    let from = 0
    for (let to = data.indexOf(NEWLINE); to >= 0; to = data.indexOf(NEWLINE, from)) {
      lines.push({ text: data.toString('utf8', from, to), end: end + to + 1 })
      from = to + 1
    }
    end += from
    rest = data.subarray(from)
    yield { lines, unfinished: rest.length }
  }
}
