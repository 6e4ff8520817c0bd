import type { FileHandle } from 'node:fs/promises'

const CHUNK = 1 << 20
const LONGEST = 1 << 20
const NEWLINE = 10

/**
 * Gives the whole lines of a file from `position` (bytes) to its end, without their newlines, and answers where the next
 * one begins: what follows the last newline is not given, for it may still be under way. Throws at a line of over 1 MiB.
 */
export const eachLine = async (file: FileHandle, position: number, give: (line: string) => void): Promise<number> => {
  let next = position
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, next + rest.length)
    if (bytesRead === 0) return next
    const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    let from = 0
    for (let to = data.indexOf(NEWLINE); to >= 0; to = data.indexOf(NEWLINE, from)) {
      give(data.toString('utf8', from, to))
      from = to + 1
    }
    next += from
    rest = data.subarray(from)
    if (rest.length > LONGEST) throw new Error(`the line that begins at byte ${next} has no end within 1 MiB`)
  }
}
