import { createWriteStream, type WriteStream } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { AuditEntry } from '../schemas/model/record.ts'

/** Entries that are kept in memory at least. */
const IN_MEMORY = 20_000
/** Bytes above which the file becomes `.1` and a new one begins. */
const ROTATE_ABOVE = 64 << 20
/** Bytes at the end of the file that are read at the start. */
const READ_BACK = 4 << 20
/** Milliseconds in which entries gather for one write. */
const WRITE_AFTER = 50

/**
 * The audit log: every decision and every outcome, with its cause. The newest entries are in memory. All are in a file,
 * of which one older generation is kept. Nothing is ever decided from it, so nobody waits until an entry is on disk,
 * and an entry that cannot be written is lost.
 */
export class Audit {
  #path: string
  #entries: AuditEntry[] = []
  #out: WriteStream
  #unwritten = ''
  #timer: NodeJS.Timeout | undefined
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
    if (this.#unwritten === '') this.#timer = setTimeout(() => this.#write(), WRITE_AFTER)
    for (const entry of entries) this.#unwritten += `${JSON.stringify(entry)}\n`
  }

  /** The entries about a name, newest first, at most `limit`. A PTR counts where it is, and where it points. */
  of(name: string, limit: number): AuditEntry[] {
    const found: AuditEntry[] = []
    for (let i = this.#entries.length - 1; i >= 0 && found.length < limit; i--) {
      const { record } = this.#entries[i]!
      if (record.name === name || (record.type === 'PTR' && record.value === name)) found.push(this.#entries[i]!)
    }
    return found
  }

  #write(): void {
    clearTimeout(this.#timer)
    if (this.#unwritten === '') return
    this.#bytes += this.#unwritten.length
    this.#out.write(this.#unwritten)
    this.#unwritten = ''
    if (this.#bytes > ROTATE_ABOVE && !this.#rotating) this.#rotating = this.#rotate()
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
    this.#write()
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

/** The entry of a line, or none when the line was cut: by a crash, or because reading began in its middle. */
const entryOf = (line: string): AuditEntry[] => {
  try {
    const parsed = AuditEntry.safeParse(JSON.parse(line))
    return parsed.success ? [parsed.data] : []
  } catch {
    return []
  }
}
