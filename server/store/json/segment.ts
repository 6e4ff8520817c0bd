/*
 * A segment: lines that were appended, and an index of them by keys, so that a question costs what its answer costs.
 *
 * A line has an offset in its segment, and each of its keys makes one row of the index. A row is one number, so that rows
 * sort by key first and by age second, and a key's newest lines are the end of its range:
 *
 *     row = hash of the key (28 bits) · 2^25 + offset (25 bits)
 *
 *     a1 | 0   a1 | 310   a1 | 990 │ 7c | 310 │ e0 | 0   e0 | 990        lines of a1, newest first: 990, 310, 0
 *
 * While a segment is open its rows are in memory. When it is full they are sorted into a file: the rows, every 512th of
 * them once more (the fence, which is kept in memory and says which block to read), and how many there are. Two keys may
 * share a hash, so whoever asks looks at the line itself.
 *
 * A line that is not on disk yet is in memory and is found all the same.
 */

import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { wholeLines } from '../../net/whole-lines.ts'
import { writeAt } from './writer.ts'

/** Offsets of a segment: all of its lines begin below. */
export const OFFSETS = 2 ** 25
const BLOCK = 512
/** Bytes that are read around a line: those before it are the ones that are asked for next. */
const READ = 64 << 10
/** Bytes that are read for one line at most. */
const LONGEST = 4 << 20

/** By which function the keys of an index are hashed: one with another number is made anew. */
const HASHED = 2

/** FNV-1a over the key's UTF-16 units (28 bits). It is asked for some ten times an entry. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 4
}

const lowest = (key: string): number => hashOf(key) * OFFSETS

/** The index of a segment that is closed: its fence, and where its rows are. */
interface Index {
  path: string
  rows: number
  fence: Float64Array
}

/** Reads numbers of an index file. */
const readRows = async (file: FileHandle, from: number, count: number): Promise<Float64Array> => {
  const rows = new Float64Array(count)
  const { bytesRead } = await file.read(new Uint8Array(rows.buffer), 0, count * 8, from * 8)
  if (bytesRead !== count * 8) throw new Error('the index of a segment is shorter than it says')
  return rows
}

export class Segment {
  readonly number: number
  path: string
  /** Bytes of all its lines, also of those that are not on disk yet. */
  bytes = 0
  #written = 0
  /** Lines that are not on disk, each with its newline, oldest first; and the offset of each. */
  #unwritten: string[] = []
  #starts: number[] = []
  #rows = new Float64Array(1024)
  #count = 0
  #index: Index | null = null
  #loading: Promise<void> | null = null

  constructor(number: number, path: string) {
    this.number = number
    this.path = path
  }

  get unwritten(): number {
    return this.bytes - this.#written
  }

  /** Adds a line, without its newline. */
  add(line: string, keys: Iterable<string>): void {
    this.#enter(this.bytes, keys)
    this.#unwritten.push(`${line}\n`)
    this.#starts.push(this.bytes)
    this.bytes += Buffer.byteLength(line) + 1
  }

  #enter(offset: number, keys: Iterable<string>): void {
    if (offset >= OFFSETS) return
    for (const key of keys) {
      if (this.#count === this.#rows.length) {
        const more = new Float64Array(2 * this.#count)
        more.set(this.#rows)
        this.#rows = more
      }
      this.#rows[this.#count++] = lowest(key) + offset
    }
  }

  /** Takes up a file that is there. A last line that was cut short is written over. */
  async read(keysOf: (line: string) => Iterable<string>): Promise<void> {
    const file = await open(this.path)
    this.#count = 0
    try {
      for await (const { lines } of wholeLines(file, 0)) {
        for (const { text, end } of lines) {
          this.#enter(this.bytes, keysOf(text))
          this.bytes = end
        }
      }
    } finally {
      await file.close()
    }
    this.#written = this.bytes
  }

  /** True when the line at an offset is on disk. */
  isWritten(offset: number): boolean {
    return offset < this.#written
  }

  /** The line at an offset, where it is not on disk. */
  #waiting(offset: number): string | undefined {
    return this.isWritten(offset) ? undefined : this.#unwritten[lastBelow(this.#starts, offset + 1)]?.slice(0, -1)
  }

  /** Writes what is not on disk, and gives it. What a failed write left there is written over by the next. */
  async write(): Promise<{ starts: number[]; lines: string[] }> {
    const [lines, starts] = [this.#unwritten.slice(), this.#starts.slice()]
    if (lines.length === 0) return { starts, lines }
    const file = await open(this.path, 'r+', 0o600).catch(error => {
      if (error.code !== 'ENOENT') throw error
      return open(this.path, 'w+', 0o600)
    })
    try {
      this.#written += await writeAt(file, lines, this.#written)
      this.#unwritten = this.#unwritten.slice(lines.length)
      this.#starts = this.#starts.slice(lines.length)
    } finally {
      await file.close()
    }
    return { starts, lines }
  }

  /** Closes a segment whose lines are on disk: its rows go into an index file, and it gets its last path. */
  async seal(path: string): Promise<void> {
    const rows = this.#rows.slice(0, this.#count).sort()
    const fence = rows.filter((_, i) => i % BLOCK === 0)
    const parts = [rows, fence, Float64Array.of(HASHED, rows.length)].map(part => Buffer.from(part.buffer))
    const file = await open(`${path}.index`, 'w', 0o600)
    try {
      await file.writeFile(Buffer.concat(parts))
    } finally {
      await file.close()
    }
    await rename(this.path, path)
    this.path = path
    this.#index = { path: `${path}.index`, rows: rows.length, fence }
    this.#rows = new Float64Array(0)
    this.#count = 0
  }

  /** Gives a closed segment as it is on disk. Its index is read when it is asked. */
  static async closed(number: number, path: string): Promise<Segment> {
    const segment = new Segment(number, path)
    segment.bytes = (await stat(path)).size
    segment.#written = segment.bytes
    return segment
  }

  /** Takes up the index of a closed segment, once. Without one the segment is read and indexed in memory. */
  async #load(keysOf: (line: string) => Iterable<string>): Promise<void> {
    if (this.#index || (!this.#loading && (this.#count > 0 || this.bytes === 0))) return
    // Several may ask at once: all wait for the one that reads.
    this.#loading ??= this.#takeUp(keysOf).finally(() => {
      this.#loading = null
    })
    await this.#loading
  }

  async #takeUp(keysOf: (line: string) => Iterable<string>): Promise<void> {
    try {
      this.#index = await indexAt(`${this.path}.index`)
    } catch {
      this.bytes = 0
      await this.read(keysOf)
    }
  }

  /** The lines that have a key, newest first, below an offset. Some may be of another key with the same hash. */
  async *lines(
    key: string,
    below: number,
    keysOf: (line: string) => Iterable<string>,
  ): AsyncGenerator<{ offset: number; line: string }, void> {
    await this.#load(keysOf)
    const reader = new LineReader(this)
    try {
      for await (const offset of this.#offsets(key)) {
        if (offset >= below) continue
        const line = this.#waiting(offset) ?? (await reader.at(offset))
        yield { offset, line }
      }
    } finally {
      await reader.close()
    }
  }

  /** Its first line, which tells when it begins; null when it has none. */
  async firstLine(): Promise<string | null> {
    if (this.bytes === 0) return null
    const reader = new LineReader(this)
    try {
      return this.#waiting(0) ?? (await reader.at(0))
    } finally {
      await reader.close()
    }
  }

  async *#offsets(key: string): AsyncGenerator<number> {
    const low = lowest(key)
    const high = low + OFFSETS
    if (!this.#index) {
      const found = this.#rows.subarray(0, this.#count).filter(row => row >= low && row < high)
      for (const row of found.sort().reverse()) yield row - low
      return
    }
    const { path, rows, fence } = this.#index
    const file = await open(path)
    try {
      for (let block = lastBelow(fence, high); block >= 0; block--) {
        const read = await readRows(file, block * BLOCK, Math.min(BLOCK, rows - block * BLOCK))
        for (const row of read.reverse()) if (row >= low && row < high) yield row - low
        if (fence[block]! < low) return
      }
    } finally {
      await file.close()
    }
  }
}

/** The place of the last of ascending numbers that is below another one; -1 when none is. */
const lastBelow = (fence: ArrayLike<number>, row: number): number => {
  let [from, to] = [0, fence.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (fence[middle]! < row) from = middle + 1
    else to = middle
  }
  return from - 1
}

const indexAt = async (path: string): Promise<Index> => {
  const file = await open(path)
  try {
    const numbers = (await file.stat()).size / 8
    const [hashed, rows = 0] = await readRows(file, numbers - 2, 2)
    const blocks = Math.ceil(rows / BLOCK)
    if (hashed !== HASHED || rows + blocks + 2 !== numbers)
      throw new Error('the index of a segment is not as it was written')
    return { path, rows, fence: await readRows(file, rows, blocks) }
  } finally {
    await file.close()
  }
}

/** Reads lines of a segment by their offsets. Lines near each other, from the end on, cost one read together. */
class LineReader {
  #segment: Segment
  #file: FileHandle | null = null
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(segment: Segment) {
    this.#segment = segment
  }

  async at(offset: number): Promise<string> {
    for (let size = READ; ; size *= 4) {
      const from = offset - this.#start
      const end = from >= 0 && from < this.#bytes.length ? this.#bytes.indexOf(10, from) : -1
      if (end >= 0) return this.#bytes.toString('utf8', from, end)
      // The file ends before it, or has no such line: then it is not what was written.
      if (size > LONGEST || (size > READ && this.#start + this.#bytes.length <= offset)) return ''
      this.#start = Math.max(0, offset - size * 0.75)
      this.#bytes = await this.#read(size)
    }
  }

  async #read(size: number): Promise<Buffer> {
    this.#file ??= await open(this.#segment.path)
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(size), 0, size, this.#start)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }
}
