import { createWriteStream, type WriteStream } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { AuditEntry } from '../schemas/audit.ts'

const IN_MEMORY = 20_000
const ROTATE_ABOVE = 64 << 20
const READ_BACK = 4 << 20

/**
 * Every decision and outcome with its cause: the newest in memory, all of them in a file that is rotated once. It is an
 * account, not a source: nothing is ever decided from it, so it is written without waiting for the disk.
 */
export class Audit {
  #path: string
  #entries: AuditEntry[] = []
  #out: WriteStream
  #bytes: number
  #rotating: Promise<void> | null = null

  private constructor(path: string, bytes: number, entries: AuditEntry[]) {
    this.#path = path
    this.#bytes = bytes
    this.#entries = entries
    this.#out = createWriteStream(path, { flags: 'a', mode: 0o600 })
    this.#out.on('error', () => {})
  }

  static async open(path: string): Promise<Audit> {
    const size = await stat(path).then(
      file => file.size,
      () => 0,
    )
    return new Audit(path, size, size > 0 ? await lastEntries(path, size) : [])
  }

  add(entries: AuditEntry[]): void {
    if (entries.length === 0) return
    this.#entries.push(...entries)
    if (this.#entries.length > 2 * IN_MEMORY) this.#entries = this.#entries.slice(-IN_MEMORY)
    const text = entries.map(entry => `${JSON.stringify(entry)}\n`).join('')
    this.#bytes += text.length
    this.#out.write(text)
    if (this.#bytes > ROTATE_ABOVE && !this.#rotating) this.#rotating = this.#rotate()
  }

  /** Newest first. `name` is that of an RR, or the name that a PTR points at. */
  of(name: string, limit: number): AuditEntry[] {
    const found: AuditEntry[] = []
    for (let i = this.#entries.length - 1; i >= 0 && found.length < limit; i--) {
      const { record } = this.#entries[i]!
      if (record.name === name || (record.type === 'PTR' && record.value === name)) found.push(this.#entries[i]!)
    }
    return found
  }

  async #rotate(): Promise<void> {
    const full = this.#out
    await rename(this.#path, `${this.#path}.1`).catch(() => {})
    this.#out = createWriteStream(this.#path, { flags: 'a', mode: 0o600 })
    this.#out.on('error', () => {})
    this.#bytes = 0
    full.end()
    this.#rotating = null
  }

  async close(): Promise<void> {
    await this.#rotating
    await new Promise<void>(done => this.#out.end(done))
  }
}

const lastEntries = async (path: string, size: number): Promise<AuditEntry[]> => {
  const file = await open(path, 'r')
  try {
    const length = Math.min(size, READ_BACK)
    const data = Buffer.alloc(length)
    await file.read(data, 0, length, size - length)
    return data.toString('utf8').split('\n').flatMap(entryOf)
  } finally {
    await file.close()
  }
}

/** A line that was cut, by a crash or by reading from the middle, is no entry. */
const entryOf = (line: string): AuditEntry[] => {
  try {
    const parsed = AuditEntry.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
