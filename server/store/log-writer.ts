import { type FileHandle, open, rename } from 'node:fs/promises'
import { logHeader } from './log.ts'
import { syncFolder } from './snapshot.ts'

interface Waiter {
  resolve: () => void
  reject: (error: Error) => void
}

/** Writes for disk as they come; many commits share one fdatasync. The first failure is final. */
export class LogWriter {
  #file: FileHandle
  #lines: string[] = []
  #waiters: Waiter[] = []
  #running: Promise<void> | null = null
  #tail: string[] | null = null
  #failure: Error | null = null
  bytes: number

  constructor(file: FileHandle, bytes: number) {
    this.#file = file
    this.bytes = bytes
  }

  static async open(path: string, bytes: number): Promise<LogWriter> {
    const file = await open(path, 'r+')
    await file.truncate(bytes)
    await file.datasync()
    return new LogWriter(file, bytes)
  }

  get failure(): Error | null {
    return this.#failure
  }

  /** Queues one line; the promise of `durable` made after it covers it. */
  append(line: string): void {
    this.#lines.push(line)
    this.#tail?.push(line)
    this.#running ??= this.#run()
  }

  /** Resolves when all that was appended so far is on disk. */
  durable(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (!this.#running) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  async #run(): Promise<void> {
    await null
    while (this.#lines.length > 0 && !this.#failure) {
      const text = this.#lines.join('')
      const waiters = this.#waiters
      this.#lines = []
      this.#waiters = []
      try {
        const data = Buffer.from(text)
        const { bytesWritten } = await this.#file.write(data, 0, data.length, this.bytes)
        if (bytesWritten !== data.length) throw new Error(`only ${bytesWritten} of ${data.length} bytes were written`)
        await this.#file.datasync()
        this.bytes += data.length
        for (const waiter of waiters) waiter.resolve()
      } catch (error) {
        this.#failure = error as Error
        for (const waiter of [...waiters, ...this.#waiters]) waiter.reject(this.#failure)
        this.#waiters = []
      }
    }
    this.#running = null
    for (const waiter of this.#waiters.splice(0)) this.#failure ? waiter.reject(this.#failure) : waiter.resolve()
  }

  /** From here on, keeps what is appended, to stand in the log that `switchTo` makes. */
  beginTail(): void {
    this.#tail = []
  }

  /** Puts a new log in place that holds only what was appended since `beginTail`. */
  async switchTo(path: string, after: number): Promise<void> {
    while (this.#running) await this.#running
    const tail = this.#tail ?? []
    this.#tail = null
    const done = (async () => {
      const text = logHeader(after) + tail.join('')
      const file = await open(`${path}.new`, 'w', 0o600)
      await file.writeFile(text)
      await file.sync()
      await rename(`${path}.new`, path)
      await syncFolder(path)
      await this.#file.close()
      this.#file = file
      this.bytes = Buffer.byteLength(text)
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
