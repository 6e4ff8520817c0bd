/*
 * lowdb's adapter for one document in two files, a snapshot and a log of what changed since, in a folder with a mark.
 *
 *     leasehold-store    the mark: while it is there, a missing file is an error and not a new beginning
 *     snapshot.jsonl     all that was known at some commit
 *     log.jsonl          each commit since
 *     lock.db            locked by the program that has the store (lock.ts); holder.json names it
 *
 * The order of writing is what keeps a start from being refused after a crash. A snapshot is put in place when the log up
 * to it is on disk, never before, so the log cannot end before the snapshot. Then a shorter log takes the old one's place.
 *
 *     write snapshot.jsonl.new ─► log on disk? ─► rename ─► write log.jsonl.new ─► rename
 *                                 no room: both half files go, the old two stay as they are
 *
 * The folder can be taken away under a running program. `look` says so: it compares the files at these paths with those
 * that were opened, by inode.
 */

import { mkdir, open, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from 'lowdb'
import { type Document, emptyDocument } from '../document.ts'
import type { WriterEvents } from '../trouble.ts'
import { StoreDamaged } from './lines.ts'
import { logHeader, replayLog } from './log.ts'
import { dropHalf, placeSnapshot, readSnapshot, writeSnapshot } from './snapshot.ts'
import { LogWriter } from './writer.ts'

const orAbsent = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}

const exists = (path: string): Promise<boolean> =>
  stat(path)
    .then(() => true, orAbsent)
    .then(Boolean)

/** Tells a file from every other one; null when none is there. */
const identityOf = (path: string): Promise<string | null> =>
  stat(path).then(({ dev, ino }) => `${dev}:${ino}`, orAbsent)

const create = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const MARK = 'This folder holds a Leasehold store. While it is here, a missing file is an error.\n'

/**
 * What is at the store's path. `ours`: the files that we opened. `bare`: a folder where some are missing, and none is
 * another's. `other`: files that are not ours. `gone`: no folder.
 */
export type Sight = 'ours' | 'bare' | 'other' | 'gone'

export class TwoFiles implements Adapter<Document> {
  readonly folder: string
  readonly snapshot: string
  readonly log: string
  #mark: string
  #lock: string
  #events: WriterEvents
  #writer: LogWriter | null = null
  #opened = new Map<string, string | null>()
  snapshotBytes = 0

  constructor(folder: string, lock: string, events: WriterEvents) {
    this.folder = folder
    this.snapshot = join(folder, 'snapshot.jsonl')
    this.log = join(folder, 'log.jsonl')
    this.#mark = join(folder, 'leasehold-store')
    this.#lock = lock
    this.#events = events
  }

  /**
   * Reads the snapshot, then the log over it; begins a store in an empty folder.
   * @throws StoreDamaged when files are missing where a store was, or are not as they were written.
   */
  async read(): Promise<Document> {
    const [mark, snapshot, log] = await Promise.all([this.#mark, this.snapshot, this.log].map(exists))
    await Promise.all([this.snapshot, this.log].map(dropHalf))
    if (!mark && !snapshot) await this.#begin()
    else if (!snapshot)
      throw new StoreDamaged(this.snapshot, 1, 'the snapshot is missing from a folder that holds a store')
    else if (!log) throw new StoreDamaged(this.log, 1, 'the log is missing from a folder that holds a store')
    const document = await readSnapshot(this.snapshot)
    const whole = await replayLog(this.log, document)
    this.#writer = await LogWriter.open(this.log, whole, this.#events)
    this.snapshotBytes = (await stat(this.snapshot)).size
    if (!mark) await create(this.#mark, MARK)
    await this.#remember()
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
    await writeSnapshot(this.snapshot, emptyDocument(), 0)
    await placeSnapshot(this.snapshot)
  }

  get writer(): LogWriter {
    if (!this.#writer) throw new Error('the store was not read')
    return this.#writer
  }

  /** Bytes that the two files have. */
  get bytes(): number {
    return this.snapshotBytes + this.writer.bytes
  }

  /**
   * Writes a new snapshot, then a log with only what was appended meanwhile. Rejects when there is no room: then the files
   * stay as they were.
   */
  async write(document: Document): Promise<void> {
    const { seq } = document
    const { writer } = this
    writer.beginTail()
    try {
      const bytes = await writeSnapshot(this.snapshot, document, seq)
      // What the snapshot says is on disk in the log first, also what came while it was written.
      await writer.durable()
      await placeSnapshot(this.snapshot)
      this.snapshotBytes = bytes
      await writer.switchTo(this.log, logHeader(seq))
    } finally {
      writer.dropTail()
      await dropHalf(this.snapshot)
      await this.#remember()
    }
  }

  /** Writes the whole store anew into a folder where it is missing. The writer is held until all is in place. */
  async writeAnew(document: Document): Promise<void> {
    const { seq } = document
    const { writer } = this
    writer.beginTail()
    try {
      this.snapshotBytes = await writeSnapshot(this.snapshot, document, seq)
      await writer.switchTo(this.log, logHeader(seq))
      await placeSnapshot(this.snapshot)
      await create(this.#mark, MARK)
      await this.#remember()
    } finally {
      writer.dropTail()
      await dropHalf(this.snapshot)
    }
    writer.release()
  }

  /** Notes which files are ours, as they are at their paths now. */
  async #remember(): Promise<void> {
    for (const path of [this.#lock, this.snapshot, this.log]) this.#opened.set(path, await identityOf(path))
  }

  async look(): Promise<Sight> {
    if (!(await exists(this.folder))) return 'gone'
    const there = new Map<string, string | null>()
    for (const path of this.#opened.keys()) there.set(path, await identityOf(path))
    const isOurs = (path: string) => there.get(path) !== null && there.get(path) === this.#opened.get(path)
    if ([...there.keys()].every(isOurs)) return 'ours'
    const isOthers = (path: string) => there.get(path) !== null && !isOurs(path)
    return isOthers(this.snapshot) || isOthers(this.log) ? 'other' : 'bare'
  }

  /** True while the file that we locked is the one at the path of the lock. */
  async isLockOurs(): Promise<boolean> {
    return (await identityOf(this.#lock)) === this.#opened.get(this.#lock)
  }

  /** Bytes that the disk still has for this user. */
  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder)
    return bavail * bsize
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

/** True when the folder holds a store, or the rest of one. */
export const holdsStore = async (folder: string): Promise<boolean> =>
  (await exists(join(folder, 'leasehold-store'))) || exists(join(folder, 'snapshot.jsonl'))

/** Makes the folder, readable for this user only. @throws with the path when it cannot be made. */
export const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
