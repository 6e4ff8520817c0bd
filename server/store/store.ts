/*
 * What Leasehold knows and owns, and never forgets by accident.
 *
 * The invariant: what was acknowledged is on disk, and what is on disk is either understood wholly or not used at all.
 * A program that starts with half of its memory would take its own records for strangers', or worse, strangers' for its
 * own. So a file that is missing, torn in its middle, or not understood stops the start, and nothing is deleted.
 *
 * The way is the simplest that keeps it. All is in memory. One log line says a commit. One synced write serves all who
 * wait at that moment. A line holds whole new versions, so replaying it twice does no harm, and a snapshot needs no
 * pause:
 *
 *     put(leases, records) ─► state (memory) ─► listeners: queue, timers
 *                          └► log.jsonl: {seq: 7, leases, records} ─► durable() resolves ─► 202
 *     the log has grown    ─► snapshot.jsonl: all entities, seq 7  ─► log.jsonl: begins after 7
 *     a start              ─► snapshot, then each line of the log with a higher seq
 *
 * A database would give the same promise for more moving parts. lowdb gives the document. The adapter (files.ts) gives
 * what lowdb's own file adapter does not: sync, a log, and an error instead of an empty default.
 *
 * Only a torn last line is cut off: it was being written when the power went, so nobody was told that it was kept.
 */

import { join } from 'node:path'
import { Low } from 'lowdb'
import { nameKey, phaseOf } from '../../lib/plan/record.ts'
import { sameStates, stateOf } from '../../lib/publish/name-state.ts'
import type { Memory } from '../../lib/reconcile/memory.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { Hold } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { type Commit, type Document, emptyDocument } from './document.ts'
import { makeFolder, TwoFiles } from './files.ts'
import { encodeLine } from './lines.ts'
import { lockStore } from './lock.ts'
import { carryOver, type Renamed } from './renamed.ts'
import { State } from './state.ts'

/**
 * Thrown when the disk no longer takes commits. A person must help: nothing is acknowledged, and nothing goes to DNS.
 */
export class StoreFailed extends Error {
  constructor(cause: Error) {
    super(`the store takes no more commits: ${cause.message}`, { cause })
    this.name = 'StoreFailed'
  }
}

export interface StoreOptions {
  /** Bytes above which the log is folded into a new snapshot, if it is also larger than the old one. */
  compactAbove?: number
  /** Milliseconds after its last change in which a removed record or an ended lease may be forgotten. */
  forgetAfter?: number
  /** Entries of `dns` that have another name than before. */
  renamed?: Renamed
  /** Says what may be forgotten, and what a record counts as after a crash. */
  memory: Memory
  now: () => number
}

/** What was learned of one name: versions of its records, and what DNS may hold there; null: what its records say. */
export interface Answered {
  records: OwnedRecord[]
  known: Omit<KnownName, 'states'> & { states: NameState[] | null }
}

/** Hears of records that a decision made or changed, as they are kept; they may not be durable yet. */
export type DecisionListener = (records: readonly OwnedRecord[]) => void

const DAY = 86_400_000

const inPhase = (record: OwnedRecord): OwnedRecord => {
  const phase = phaseOf(record)
  return record.phase === phase ? record : { ...record, phase }
}

export class Store {
  readonly state: State
  #low: Low<Document>
  #files: TwoFiles
  #unlock: () => Promise<void>
  #options: Required<StoreOptions>
  #compacting: Promise<void> | null = null
  #listeners: DecisionListener[] = []
  /** Names of which the log says more than their records do, by `nameKey`. */
  #logged: Set<string>
  /** The number of the last line that says a decision. */
  #decided = 0

  private constructor(low: Low<Document>, files: TwoFiles, unlock: () => Promise<void>, options: StoreOptions) {
    this.#low = low
    this.#files = files
    this.#unlock = unlock
    this.#options = { compactAbove: 64 << 20, forgetAfter: 7 * DAY, renamed: new Map(), ...options }
    this.state = new State(low.data)
    this.#logged = new Set(low.data.names.keys())
  }

  /**
   * Opens the store in a folder, or begins one in an empty folder.
   * @throws StoreDamaged when its files cannot be trusted; an Error when another process uses it.
   */
  static async open(folder: string, options: StoreOptions): Promise<Store> {
    await makeFolder(folder)
    const unlock = await lockStore(join(folder, 'lock'))
    const files = new TwoFiles(folder)
    try {
      const low = new Low<Document>(files, emptyDocument())
      await low.read()
      // Written anew at once, as the log has no line that takes a record away.
      if (options.renamed && carryOver(low.data, options.renamed)) await low.write()
      return new Store(low, files, unlock, options)
    } catch (error) {
      await files.close()
      await unlock()
      throw error
    }
  }

  /** Adds a listener for every decision from now on. The queue and the timers listen. */
  onDecision(listener: DecisionListener): void {
    this.#listeners.push(listener)
  }

  /**
   * Takes a decision's new versions of leases and records, and returns the records as kept. They are in memory at once,
   * so that the next decision sees them. Wait for `durable()` before acting on them or acknowledging them.
   */
  put(leases: Lease[], records: OwnedRecord[]): OwnedRecord[] {
    if (this.failure) throw this.failure
    if (leases.length === 0 && records.length === 0) return []
    for (const lease of leases) this.state.putLease(lease)
    const kept = records.map(inPhase)
    for (const record of kept) this.state.putRecord(record)
    const names = this.#notedOf(kept)
    for (const known of names) this.#logged.add(nameKey(known))
    this.#commit({ leases, records: kept, ...(names.length > 0 && { names }) })
    if (kept.length > 0) this.tell(kept)
    return kept
  }

  /** Has the listeners hear of records again, though nothing was decided anew: their names are to be looked at. */
  tell(records: readonly OwnedRecord[]): void {
    for (const listener of this.#listeners) listener(records)
  }

  /** What was noted of the names of these records: a change may be under way that this decision does not undo. */
  #notedOf(records: readonly OwnedRecord[]): KnownName[] {
    const noted = new Set(records.map(record => this.state.known(record)))
    return [...noted].filter(known => known !== undefined)
  }

  /**
   * Takes what DNS answered, or what was seen there: versions of the records of one name, and what DNS may hold at it.
   * Nobody waits for it: were it lost, it would be asked again.
   */
  putAnswer({ records, known }: Answered): OwnedRecord[] {
    if (this.failure) throw this.failure
    const kept = records.map(inPhase)
    for (const record of kept) this.state.putRecord(record)
    const isPlain = this.#note(known)
    const names = known.states && !isPlain ? [{ ...known, states: known.states }] : []
    const wasNoted = this.#logged.delete(nameKey(known))
    const plain = isPlain && wasNoted ? [nameKey(known)] : []
    for (const one of names) this.#logged.add(nameKey(one))
    if (kept.length + names.length + plain.length > 0)
      this.#append({
        leases: [],
        records: kept,
        ...(names.length > 0 && { names }),
        ...(plain.length > 0 && { plain }),
      })
    return kept
  }

  /**
   * Notes what DNS may hold at a name from now on, as a change of it is sent. It is not logged: after a crash, a change of
   * every name that is not
   * settled counts as sent. A decision that comes before the answer takes it into the log.
   */
  noteStates(known: KnownName, records: OwnedRecord[]): void {
    for (const record of records) this.state.putRecord(inPhase(record))
    this.#note(known)
  }

  /** Notes what DNS may hold at a name. True when its records say all of it by themselves. */
  #note({ endpoint, zone, name, states }: Answered['known']): boolean {
    const own = stateOf(this.state.recordsAt(endpoint, name))
    if (states === null || sameStates(states, [own])) {
      this.state.dropKnown({ endpoint, name })
      return true
    }
    this.state.putKnown({ endpoint, zone, name, states })
    return false
  }

  /** The newest serial that was seen of each zone, by endpoint and zone. */
  get serials(): ReadonlyMap<string, number> {
    return this.#low.data.serials
  }

  /** Takes the newest serials, where they differ. Nobody waits for it. */
  putSerials(serials: [string, number][]): void {
    const fresh = serials.filter(([key, serial]) => this.serials.get(key) !== serial)
    if (fresh.length === 0 || this.failure) return
    for (const [key, serial] of fresh) this.#low.data.serials.set(key, serial)
    this.#append({ leases: [], records: [], serials: fresh })
  }

  get holds(): ReadonlyMap<number, Hold> {
    return this.#low.data.holds
  }

  putHold(hold: Hold): void {
    if (this.failure) throw this.failure
    this.#low.data.holds.set(hold.id, hold)
    this.#commit({ leases: [], records: [], holds: [hold] })
  }

  get paused(): boolean {
    return this.#low.data.paused
  }

  setPaused(paused: boolean): void {
    if (this.failure) throw this.failure
    this.#low.data.paused = paused
    this.#commit({ leases: [], records: [], paused })
  }

  #commit(change: Omit<Commit, 'seq'>): void {
    this.#decided = this.#append(change)
  }

  #append(change: Omit<Commit, 'seq'>): number {
    if (this.failure) throw this.failure
    this.#low.data.seq++
    const line = this.#files.writer.append(encodeLine({ seq: this.#low.data.seq, ...change }))
    this.#compactIfLarge()
    return line
  }

  /** Resolves when every decision so far is on disk. @throws StoreFailed */
  async durable(): Promise<void> {
    try {
      await this.#files.writer.durable(this.#decided)
    } catch (error) {
      throw new StoreFailed(error as Error)
    }
  }

  get failure(): StoreFailed | null {
    const cause = this.#files.writer.failure
    return cause && new StoreFailed(cause)
  }

  #compactIfLarge(): void {
    const { bytes } = this.#files.writer
    if (this.#compacting || bytes < this.#options.compactAbove || bytes < this.#files.snapshotBytes) return
    this.compact().catch(() => {})
  }

  /** Forgets what `memory` allows, writes a snapshot and shortens the log. Commits go on meanwhile. */
  compact(): Promise<void> {
    this.#compacting ??= (async () => {
      try {
        this.#forget()
        await this.#low.write()
      } finally {
        this.#compacting = null
      }
    })()
    return this.#compacting
  }

  #forget(): void {
    const { now, forgetAfter, memory } = this.#options
    const before = now() - forgetAfter
    const { state } = this
    const { holds } = this.#low.data
    for (const hold of holds.values()) if (memory.mayForgetHold(hold, before, state)) holds.delete(hold.id)
    for (const record of state.records.values()) if (memory.mayForgetRecord(record, before)) state.dropRecord(record)
    for (const lease of state.leases.values()) if (memory.mayForgetLease(lease, before, state)) state.dropLease(lease)
  }

  async close(): Promise<void> {
    await this.#compacting?.catch(() => {})
    await this.#files.close()
    await this.#unlock()
  }
}
