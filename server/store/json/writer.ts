/*
 * Puts lines on disk, in order, and says when they are there.
 *
 * While one synced write is under way the next lines gather, so many commits share one:
 *
 *     append 1 ─► write [1] ........... on disk
 *     append 2, 3, 4 ──────────────────► write [2 3 4] ... on disk: three callers hear 202
 *
 * A line stays in memory until it is on disk. So a full disk loses nothing: callers hear that their lines are not kept,
 * the lines are tried again at the same place, and what a write left there by half is written over.
 *
 *     write [5 6] ─► no room: both callers are refused ─► every RETRY ms: write [5 6] ─► on disk, the writer goes on
 *
 * An error that does not go by itself is final. After it nobody can say what is on disk, so nothing more is written.
 */

import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { isPassing, type WriterEvents } from '../trouble.ts'
import { dropHalf, syncFolder } from './snapshot.ts'

/** Flags of a file whose writes return when the data is on disk, as if an fdatasync followed each. */
const SYNCED = constants.O_RDWR | constants.O_DSYNC

/** Milliseconds after which a write that found no room is tried again. */
const RETRY = 200

/** Characters that are written at once. All lines of a long tail would be more than one string can hold. */
const AT_ONCE = 8 << 20

interface Waiter {
  upTo: number
  resolve: () => void
  reject: (error: Error) => void
}

/** Joins lines into portions of about AT_ONCE, at least one line each. */
function* inPortions(lines: readonly string[]): Generator<Buffer> {
  let from = 0
  let length = 0
  for (const [at, line] of lines.entries()) {
    if (length > 0 && length + line.length > AT_ONCE) {
      yield Buffer.from(lines.slice(from, at).join(''))
      from = at
      length = 0
    }
    length += line.length
  }
  if (from < lines.length) yield Buffer.from(lines.slice(from).join(''))
}

/** Writes lines at a position and returns the number of bytes. A disk that takes a part is asked to take the rest. */
export const writeAt = async (file: FileHandle, lines: readonly string[], position: number): Promise<number> => {
  let at = position
  for (const data of inPortions(lines)) {
    for (let done = 0; done < data.length; ) {
      const { bytesWritten } = await file.write(data, done, data.length - done, at)
      if (bytesWritten === 0) throw new Error('the disk took no bytes and gave no error')
      done += bytesWritten
      at += bytesWritten
    }
  }
  return at - position
}

export class LogWriter {
  #file: FileHandle
  #events: WriterEvents
  /** Lines that are not known to be on disk. */
  #lines: string[] = []
  #waiters: Waiter[] = []
  #running: Promise<void> | null = null
  #retry: NodeJS.Timeout | undefined
  #tail: string[] | null = null
  #appended = 0
  #written = 0
  #failure: Error | null = null
  #isHeld = false
  #isBroken = false
  bytes: number

  constructor(file: FileHandle, bytes: number, events: WriterEvents) {
    this.#file = file
    this.bytes = bytes
    this.#events = events
  }

  /** Opens a log after its last whole line; what follows there is cut off. */
  static async open(path: string, bytes: number, events: WriterEvents): Promise<LogWriter> {
    const file = await open(path, SYNCED)
    await file.truncate(bytes)
    await file.datasync()
    return new LogWriter(file, bytes, events)
  }

  /** Why no line gets on disk now, or null. */
  get failure(): Error | null {
    return this.#failure
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  /** Queues one line. Returns its number, for `durable`. */
  append(line: string): number {
    this.#lines.push(line)
    this.#tail?.push(line)
    this.#go()
    return ++this.#appended
  }

  /** Resolves when the lines up to this number are on disk; without a number, all so far. Rejects while they cannot be. */
  durable(upTo = this.#appended): Promise<void> {
    if (upTo <= this.#written && !this.#isBroken) return Promise.resolve()
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => this.#waiters.push({ upTo, resolve, reject }))
  }

  /** Writes nothing until `release`: the file is not where it should be. Who waits is refused. */
  hold(error: Error): void {
    this.#isHeld = true
    this.#failure ??= error
    this.#answer()
  }

  release(): void {
    this.#isHeld = false
    this.#resume()
  }

  #go(): void {
    if (!this.#failure && this.#lines.length > 0) this.#running ??= this.#run()
  }

  /** Tries again, as if nothing had been wrong. */
  #resume(): void {
    clearTimeout(this.#retry)
    if (this.#isBroken || this.#isHeld || this.#running) return
    if (this.#lines.length === 0) this.#failure = null
    else this.#running = this.#run()
  }

  async #run(): Promise<void> {
    await null
    while (this.#lines.length > 0 && !this.#isBroken && !this.#isHeld) {
      const lines = this.#lines
      const upTo = this.#appended
      this.#lines = []
      try {
        this.bytes += await writeAt(this.#file, lines, this.bytes)
        this.#written = upTo
        this.#wentWell(lines.length)
      } catch (error) {
        this.#lines = lines.concat(this.#lines)
        this.#failed(error as Error)
        break
      } finally {
        this.#answer()
      }
    }
    this.#running = null
  }

  #wentWell(count: number): void {
    if (this.#failure === null || this.#isHeld) return
    this.#failure = null
    this.#events.resumed(count)
  }

  #failed(error: Error): void {
    const isNews = this.#failure === null
    if (isPassing(error)) {
      this.#failure ??= error
      this.#retry = setTimeout(() => this.#resume(), RETRY)
      if (isNews) this.#events.full(error)
    } else this.#break(error)
  }

  #break(error: Error): void {
    this.#isBroken = true
    this.#failure = error
    this.#events.broken(error)
  }

  /** Resolves the callers whose lines are on disk. While the disk takes none it rejects the others. */
  #answer(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      if (waiter.upTo <= this.#written && !this.#isBroken) waiter.resolve()
      else if (this.#failure) waiter.reject(this.#failure)
      else this.#waiters.push(waiter)
    }
  }

  /** Keeps a copy of every line from now on. `switchTo` writes them into the new log; `dropTail` forgets them. */
  beginTail(): void {
    this.#tail = []
  }

  dropTail(): void {
    this.#tail = null
  }

  /**
   * Replaces the log by one with this header and only the lines since `beginTail`: a snapshot has those before. When it
   * rejects, the old log goes on, unless nobody can say which of the two is there: then the writer is broken.
   */
  async switchTo(path: string, header: string): Promise<void> {
    while (this.#running) await this.#running
    if (this.#failure && !this.#isHeld) throw this.#failure
    clearTimeout(this.#retry)
    const tail = this.#tail ?? []
    const upTo = this.#appended
    this.#tail = null
    const done = this.#replace(path, [header].concat(tail)).then(() => {
      this.#lines = this.#lines.slice(this.#lines.length - (this.#appended - upTo))
      this.#written = upTo
      this.#answer()
    })
    const over = () => {
      this.#running = null
      this.#go()
    }
    this.#running = done.then(over, over)
    await done
  }

  async #replace(path: string, lines: string[]): Promise<void> {
    const file = await open(`${path}.new`, SYNCED | constants.O_CREAT | constants.O_TRUNC, 0o600)
    let bytes: number
    try {
      bytes = await writeAt(file, lines, 0)
      await file.sync()
      await rename(`${path}.new`, path)
    } catch (error) {
      await file.close()
      await dropHalf(path)
      throw error
    }
    const old = this.#file
    this.#file = file
    this.bytes = bytes
    await old.close().catch(() => {})
    try {
      await syncFolder(path)
    } catch (error) {
      this.#break(error as Error)
      throw error
    }
  }

  /** Waits for what is under way, and tries once more what found no room. */
  async close(): Promise<void> {
    while (this.#running) await this.#running
    this.#resume()
    while (this.#running) await this.#running
    clearTimeout(this.#retry)
    await this.#file.close()
  }
}
