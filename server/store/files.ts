import { mkdir, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from 'lowdb'
import { type Document, emptyDocument } from './document.ts'
import { StoreDamaged } from './lines.ts'
import { LogWriter, logHeader, replayLog } from './log.ts'
import { readSnapshot, syncFolder, writeSnapshot } from './snapshot.ts'

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    error => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )

const create = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'w', 0o600)
  await file.writeFile(text)
  await file.sync()
  await file.close()
}

/**
 * lowdb's adapter for one document in two files: a snapshot, and a log of what changed since. A third file marks the
 * folder as a store. While it is there, a missing snapshot or log is an error and not a new beginning.
 */
export class TwoFiles implements Adapter<Document> {
  readonly snapshot: string
  readonly log: string
  #mark: string
  #writer: LogWriter | null = null
  snapshotBytes = 0

  constructor(folder: string) {
    this.snapshot = join(folder, 'snapshot.jsonl')
    this.log = join(folder, 'log.jsonl')
    this.#mark = join(folder, 'leasehold-store')
  }

  /**
   * Reads the snapshot, then the log over it; begins a store in an empty folder.
   * @throws StoreDamaged when files are missing where a store was, or are not as they were written.
   */
  async read(): Promise<Document> {
    const [mark, snapshot, log] = await Promise.all([this.#mark, this.snapshot, this.log].map(exists))
    if (!mark && !snapshot) await this.#begin()
    else if (!snapshot)
      throw new StoreDamaged(this.snapshot, 1, 'the snapshot is missing from a folder that holds a store')
    else if (!log) throw new StoreDamaged(this.log, 1, 'the log is missing from a folder that holds a store')
    const document = await readSnapshot(this.snapshot)
    const whole = await replayLog(this.log, document)
    this.#writer = await LogWriter.open(this.log, whole)
    this.snapshotBytes = (await stat(this.snapshot)).size
    if (!mark)
      await create(this.#mark, 'This folder holds a Leasehold store. While it is here, a missing file is an error.\n')
    return document
  }

  /**
   * Begins a store: the log, then the snapshot, then the mark. A crash at any point leaves no store, or a whole one.
   */
  async #begin(): Promise<void> {
    const size = await stat(this.log).then(
      file => file.size,
      () => 0,
    )
    if (size > logHeader(0).length) {
      throw new StoreDamaged(this.snapshot, 1, 'the snapshot is missing, but a log with commits is there')
    }
    await create(this.log, logHeader(0))
    this.snapshotBytes = await writeSnapshot(this.snapshot, emptyDocument(), 0)
    await syncFolder(this.snapshot)
  }

  get writer(): LogWriter {
    if (!this.#writer) throw new Error('the store was not read')
    return this.#writer
  }

  /** Writes a new snapshot, then a log with only what was appended meanwhile. */
  async write(document: Document): Promise<void> {
    const { seq } = document
    this.writer.beginTail()
    this.snapshotBytes = await writeSnapshot(this.snapshot, document, seq)
    await this.writer.switchTo(this.log, seq)
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

/** Makes the folder, readable for this user only. @throws with the path when it cannot be made. */
export const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
