/*
 * The journal in a folder: lowdb's document in two files, of which this process alone has the lock.
 *
 *     append(change) ─► log.jsonl: {seq: 7, leases, records} ─► durable() resolves ─► 202
 *     the log has grown ─► snapshot.jsonl: all entities, seq 7 ─► log.jsonl: begins after 7
 *     a start           ─► snapshot, then each line of the log with a higher seq
 *
 * lowdb gives the document. The adapter (files.ts) gives what lowdb's own does not: sync, a log, no empty default. Only a
 * torn last line is cut off: it was being written when the power went, so nobody was told that it was kept.
 */

import { Low } from 'lowdb'
import { type Change, type Document, emptyDocument, shortCommit } from '../document.ts'
import type { Estate, Journal } from '../journal.ts'
import { missingStore, type StoreOptions, type StoreReport } from '../options.ts'
import { carryOver } from '../renamed.ts'
import type { Trouble } from '../trouble.ts'
import { holdsStore, makeFolder, TwoFiles } from './files.ts'
import { encodeLine } from './lines.ts'
import { holderOf, lockStore, type StoreLock } from './lock.ts'
import { Upkeep } from './upkeep.ts'

export class JsonJournal implements Journal {
  readonly sharing = null
  #low: Low<Document>
  #files: TwoFiles
  #upkeep: Upkeep
  #estate: Estate | null = null

  private constructor(low: Low<Document>, files: TwoFiles, lock: StoreLock, trouble: Trouble, options: StoreOptions) {
    const { compactAbove = 64 << 20, mustExist = false, now } = options
    this.#low = low
    this.#files = files
    const [forget, save] = [() => void this.#estate?.forget(), () => low.write()]
    this.#upkeep = new Upkeep({ files, lock, document: low.data, trouble, compactAbove, mustExist, forget, save, now })
  }

  /**
   * Opens the journal in a folder, or begins one in an empty folder. `trouble` hears of its disk.
   * @throws StoreDamaged when its files cannot be trusted; StoreInUse when another process has it; an Error that names
   * `store.mustExist` when there is none and there must be.
   */
  static async open(folder: string, trouble: Trouble, options: StoreOptions): Promise<JsonJournal> {
    if (options.mustExist && !(await holdsStore(folder))) throw missingStore(folder)
    await makeFolder(folder)
    const lock = await lockStore(folder, options.now)
    const files = new TwoFiles(folder, lock.path, trouble)
    try {
      const low = new Low<Document>(files, emptyDocument())
      await low.read()
      // Written anew at once, so that a start without the new names finds the old ones no more.
      if (options.renamed && carryOver(low.data, options.renamed)) await low.write()
      return new JsonJournal(low, files, lock, trouble, options)
    } catch (error) {
      await files.close()
      await lock.free()
      throw error
    }
  }

  get document(): Document {
    return this.#low.data
  }

  get failure(): Error | null {
    return this.#files.writer.failure
  }

  get isBroken(): boolean {
    return this.#files.writer.isBroken
  }

  attach(estate: Estate): void {
    this.#estate = estate
  }

  append(change: Change): number {
    const seq = this.document.seq + 1
    const line = encodeLine(shortCommit(seq, change))
    this.document.seq = seq
    const number = this.#files.writer.append(line)
    this.#upkeep.compactIfLarge()
    return number
  }

  durable(upTo: number): Promise<void> {
    return this.#files.writer.durable(upTo)
  }

  async report(): Promise<StoreReport> {
    const { folder, bytes } = this.#files
    const [holder, room] = await Promise.all([holderOf(folder), this.#files.room().catch(() => null)])
    const { compactionProblem } = this.#upkeep
    return { path: folder, bytes, holder, room, problem: this.failure?.message ?? null, compactionProblem }
  }

  /** Forgets what may be forgotten, writes a snapshot and shortens the log. Commits go on meanwhile. */
  compact(): Promise<void> {
    return this.#upkeep.compact()
  }

  look(): Promise<void> {
    return this.#upkeep.look()
  }

  async close(): Promise<void> {
    await this.#upkeep.close()
  }
}
