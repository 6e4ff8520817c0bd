import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { Commit, type Document, FORMAT, formatProblem, LogHeader, migrate, replay } from './document.ts'
import { encodeLine, readLines, StoreDamaged } from './lines.ts'
import { syncFolder } from './snapshot.ts'

export const logHeader = (after: number): string => encodeLine({ log: 'leasehold', format: FORMAT, after })

/**
 * Replays a log over a snapshot. Commits that the snapshot has are skipped. Returns the offset after the last whole
 * line. What follows there is a write that was cut short; it was never acknowledged, and the writer cuts it off.
 * @throws StoreDamaged when any whole line is not as it was written, or a commit is missing.
 */
export const replayLog = async (path: string, document: Document): Promise<number> => {
  let format: number | null = null
  let seq = 0
  let whole = 0
  for await (const { value, number, end } of readLines(path)) {
    const wrong = (what: string): never => {
      throw new StoreDamaged(path, number, what)
    }
    whole = end
    if (format === null) {
      const header = LogHeader.safeParse(value)
      if (!header.success) return wrong('this is no Leasehold log')
      const problem = formatProblem(header.data.format)
      if (problem) wrong(problem)
      if (header.data.after > document.seq) wrong(`commits ${document.seq + 1} to ${header.data.after} are missing`)
      format = header.data.format
      seq = header.data.after
      continue
    }
    const commit = Commit.safeParse(migrate(value, format))
    if (!commit.success)
      return wrong(`not understood (${commit.error.issues[0]?.path.join('.')}: ${commit.error.issues[0]?.message})`)
    if (commit.data.seq !== seq + 1) wrong(`commit ${seq + 1} should stand here, not ${commit.data.seq}`)
    seq = commit.data.seq
    if (seq > document.seq) replay(document, commit.data)
  }
  if (format === null) throw new StoreDamaged(path, 1, 'the log has no header')
  if (seq < document.seq)
    throw new StoreDamaged(path, 1, `the log ends at commit ${seq}, before the snapshot's ${document.seq}`)
  return whole
}

/** Flags of a file whose writes return when the data is on disk, as if an fdatasync followed each. */
const SYNCED = constants.O_RDWR | constants.O_DSYNC

interface Waiter {
  upTo: number
  resolve: () => void
  reject: (error: Error) => void
}

/** Characters that are written at once. All lines of a long tail would be more than one string can hold. */
const AT_ONCE = 8 << 20

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

/** Writes lines at a position and returns the number of bytes. @throws when the disk took only a part. */
const writeAt = async (file: FileHandle, lines: readonly string[], position: number): Promise<number> => {
  let at = position
  for (const data of inPortions(lines)) {
    const { bytesWritten } = await file.write(data, 0, data.length, at)
    if (bytesWritten !== data.length) throw new Error(`only ${bytesWritten} of ${data.length} bytes were written`)
    at += data.length
  }
  return at - position
}

/**
 * Writes lines to the log. While one synced write is under way the next lines gather, so many commits share one:
 *
 *     append 1 ─► write [1] ........... on disk
 *     append 2, 3, 4 ──────────────────► write [2 3 4] ... on disk: three callers hear 202
 *
 * The first failure is final: what was appended since may or may not be on disk, and nobody is told that it is.
 */
export class LogWriter {
  #file: FileHandle
  #lines: string[] = []
  #waiters: Waiter[] = []
  #running: Promise<void> | null = null
  #tail: string[] | null = null
  #appended = 0
  #written = 0
  #failure: Error | null = null
  bytes: number

  constructor(file: FileHandle, bytes: number) {
    this.#file = file
    this.bytes = bytes
  }

  static async open(path: string, bytes: number): Promise<LogWriter> {
    const file = await open(path, SYNCED)
    await file.truncate(bytes)
    await file.datasync()
    return new LogWriter(file, bytes)
  }

  get failure(): Error | null {
    return this.#failure
  }

  /** Queues one line. Returns its number, for `durable`. */
  append(line: string): number {
    this.#lines.push(line)
    this.#tail?.push(line)
    this.#running ??= this.#run()
    return ++this.#appended
  }

  /** Resolves when the lines up to this number are on disk; without a number, all so far. */
  durable(upTo = this.#appended): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (upTo <= this.#written) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiters.push({ upTo, resolve, reject }))
  }

  async #run(): Promise<void> {
    await null
    while (this.#lines.length > 0 && !this.#failure) {
      const lines = this.#lines
      const upTo = this.#appended
      this.#lines = []
      try {
        this.bytes += await writeAt(this.#file, lines, this.bytes)
        this.#written = upTo
      } catch (error) {
        this.#failure = error as Error
      }
      this.#answer()
    }
    this.#running = null
    this.#answer()
  }

  /** Resolves the callers whose lines are on disk. After a failure it rejects all of them. */
  #answer(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      if (this.#failure) waiter.reject(this.#failure)
      else if (waiter.upTo <= this.#written) waiter.resolve()
      else this.#waiters.push(waiter)
    }
  }

  /** Keeps a copy of every line from now on. `switchTo` writes them into the new log. */
  beginTail(): void {
    this.#tail = []
  }

  /**
   * Replaces the log by one that holds only the lines since `beginTail`. `after` is the last commit of the snapshot.
   */
  async switchTo(path: string, after: number): Promise<void> {
    while (this.#running) await this.#running
    const tail = this.#tail ?? []
    this.#tail = null
    const done = (async () => {
      const file = await open(`${path}.new`, SYNCED | constants.O_CREAT | constants.O_TRUNC, 0o600)
      try {
        const bytes = await writeAt(file, [logHeader(after)].concat(tail), 0)
        await file.sync()
        await rename(`${path}.new`, path)
        await syncFolder(path)
        await this.#file.close()
        this.#file = file
        this.bytes = bytes
      } catch (error) {
        await file.close()
        throw error
      }
    })()
    this.#running = done.then(
      () => this.#run(),
      error => {
        this.#failure = error as Error
        return this.#run()
      },
    )
    await done
  }

  async close(): Promise<void> {
    while (this.#running) await this.#running
    await this.#file.close()
  }
}
