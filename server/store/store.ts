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
 * lowdb gives the document. The adapter (files.ts) gives what lowdb's own does not: sync, a log, no empty default.
 *
 * Only a torn last line is cut off: it was being written when the power went, so nobody was told that it was kept.
 */

import { Low } from 'lowdb'
import { nameKey, phaseOf } from '../../lib/plan/record.ts'
import { sameStates, stateOf } from '../../lib/publish/name-state.ts'
import type { Intent } from '../../schemas/model/intent.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { Hold } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { type Change, type Document, emptyDocument, holdInParts, inParts } from './document.ts'
import { holdsStore, makeFolder, TwoFiles } from './files.ts'
import { encodeLine } from './lines.ts'
import { holderOf, lockStore, type StoreLock } from './lock.ts'
import { missingStore, type StoreOptions, type StoreReport } from './options.ts'
import { carryOver } from './renamed.ts'
import type { SeenChange } from './seen.ts'
import { State } from './state.ts'
import { StoreFailed, Trouble } from './trouble.ts'
import { Upkeep } from './upkeep.ts'

export type { StoreOptions } from './options.ts'
export { StoreFailed } from './trouble.ts'

/** What was learned of one name, and what DNS may hold there; null: what its records say. */
export interface Answered {
  records: OwnedRecord[]
  known: Omit<KnownName, 'states'> & { states: NameState[] | null }
}

/** Hears of records as a decision made or changed them; they may not be durable yet. */
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
  #trouble: Trouble
  #upkeep: Upkeep
  #options: Required<Pick<StoreOptions, 'forgetAfter' | 'memory' | 'now'>>
  #listeners: DecisionListener[] = []
  /** Names of which the log says more than their records do, by `nameKey`. */
  #logged: Set<string>
  /** The number of the last line that says a decision. */
  #decided = 0

  private constructor(low: Low<Document>, files: TwoFiles, lock: StoreLock, trouble: Trouble, options: StoreOptions) {
    const { compactAbove = 64 << 20, forgetAfter = 7 * DAY, mustExist = false, memory, now } = options
    this.#low = low
    this.#files = files
    this.#trouble = trouble
    this.#options = { forgetAfter, memory, now }
    this.state = new State(low.data)
    this.#logged = new Set(low.data.names.keys())
    const [forget, save] = [() => this.#forget(), () => low.write()]
    this.#upkeep = new Upkeep({ files, lock, document: low.data, trouble, compactAbove, mustExist, forget, save, now })
  }

  /**
   * Opens the store in a folder, or begins one in an empty folder.
   * @throws StoreDamaged when its files cannot be trusted; StoreInUse when another process has it; an Error that names
   * `store.mustExist` when there is none and there must be.
   */
  static async open(folder: string, options: StoreOptions): Promise<Store> {
    if (options.mustExist && !(await holdsStore(folder))) throw missingStore(folder)
    await makeFolder(folder)
    const lock = await lockStore(folder, options.now)
    const trouble = new Trouble(options)
    const files = new TwoFiles(folder, lock.path, trouble)
    try {
      const low = new Low<Document>(files, emptyDocument())
      await low.read()
      // Written anew at once, as the log has no line that takes a record away.
      if (options.renamed && carryOver(low.data, options.renamed)) await low.write()
      return new Store(low, files, lock, trouble, options)
    } catch (error) {
      await files.close()
      await lock.free()
      throw error
    }
  }

  /** Adds a listener for every decision from now on. The queue and the timers listen. */
  onDecision(listener: DecisionListener): void {
    this.#listeners.push(listener)
  }

  /** Adds a listener for the moments in which commits are taken again, after a full disk or a folder that was gone. */
  onWritable(listener: () => void): void {
    this.#trouble.onWritable(listener)
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
   * Takes what DNS answered, or what was seen there. Nobody waits for it: were it lost, it would be asked again. So it is
   * taken on a full disk too, as the answers that come then are few.
   */
  putAnswer({ records, known }: Answered): OwnedRecord[] {
    this.#refuseIfBroken()
    const kept = records.map(inPhase)
    for (const record of kept) this.state.putRecord(record)
    const isPlain = this.#note(known)
    const names = known.states && !isPlain ? [{ ...known, states: known.states }] : []
    const wasNoted = this.#logged.delete(nameKey(known))
    const plain = isPlain && wasNoted ? [nameKey(known)] : []
    for (const one of names) this.#logged.add(nameKey(one))
    const noted = { ...(names.length > 0 && { names }), ...(plain.length > 0 && { plain }) }
    if (kept.length + names.length + plain.length > 0) this.#append({ leases: [], records: kept, ...noted })
    return kept
  }

  /**
   * Notes what DNS may hold at a name from now on, as a change of it is sent. It is not logged: after a crash a change of
   * every name that is not settled counts as sent. A decision that comes before the answer takes it into the log.
   */
  noteStates(known: KnownName, records: OwnedRecord[]): void {
    for (const record of records) this.state.putRecord(inPhase(record))
    this.#note(known)
  }

  /** True when the records of the name say all of it by themselves. */
  #note({ endpoint, zone, name, states }: Answered['known']): boolean {
    const own = stateOf(this.state.openAt(endpoint, name))
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

  readonly putSerials = (serials: [string, number][]): void => this.putSeen({ serials })

  /** Takes what was read in DNS beside our records, where it is news. Nobody waits for it: it would be read again. */
  putSeen(change: SeenChange): void {
    const news = this.failure ? null : this.state.seen.put(change)
    if (news) this.#append({ leases: [], records: [], ...news })
  }

  get holds(): ReadonlyMap<number, Hold> {
    return this.#low.data.holds
  }

  putHold(hold: Hold): void {
    if (this.failure) throw this.failure
    this.#low.data.holds.set(hold.id, hold)
    for (const part of holdInParts(hold)) {
      const said = 'hold' in part ? { holds: [part.hold] } : part
      this.#commit({ leases: [], records: [], ...said })
    }
  }

  get intents(): ReadonlyMap<string, Intent> {
    return this.state.intents.all
  }

  /** Keeps what a person meant, and forgets what was taken back, by `intentKey`. Wait for `durable()` as with `put`. */
  putIntents(intents: Intent[], undone: string[] = []): void {
    if (this.failure) throw this.failure
    for (const intent of intents) this.state.intents.put(intent)
    for (const key of undone) this.state.intents.drop(key)
    this.#commit({ leases: [], records: [], intents, undone })
  }

  get paused(): boolean {
    return this.#low.data.paused
  }

  setPaused(paused: boolean): void {
    if (this.failure) throw this.failure
    this.#low.data.paused = paused
    this.#commit({ leases: [], records: [], paused })
  }

  #commit(change: Change): void {
    this.#decided = this.#append(change)
  }

  /** Appends a change, in as many lines as can be read back. Returns the number of the last. */
  #append(change: Change): number {
    this.#refuseIfBroken()
    const { writer } = this.#files
    let last = 0
    for (const part of inParts(change)) {
      const seq = this.#low.data.seq + 1
      const line = encodeLine({ seq, ...part })
      this.#low.data.seq = seq
      last = writer.append(line)
    }
    this.#upkeep.compactIfLarge()
    return last
  }

  #refuseIfBroken(): void {
    if (this.#files.writer.isBroken) throw this.failure
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

  /** How the store is, for whoever runs it. */
  async report(): Promise<StoreReport> {
    const { folder, bytes } = this.#files
    const [holder, room] = await Promise.all([holderOf(folder), this.#files.room().catch(() => null)])
    const { compactionProblem } = this.#upkeep
    return { path: folder, bytes, holder, room, problem: this.failure?.message ?? null, compactionProblem }
  }

  /** Forgets what `memory` allows, writes a snapshot and shortens the log. Commits go on meanwhile. */
  compact(): Promise<void> {
    return this.#upkeep.compact()
  }

  /** Looks at once, not only every two seconds, whether the files of the store are where they should be. */
  look(): Promise<void> {
    return this.#upkeep.look()
  }

  #forget(): void {
    const { now, forgetAfter, memory } = this.#options
    const before = now() - forgetAfter
    const [state, { holds }] = [this.state, this.#low.data]
    for (const hold of holds.values()) if (memory.mayForgetHold(hold, before, state)) holds.delete(hold.id)
    for (const one of state.records.values()) if (memory.mayForgetRecord(one, before, state)) state.dropRecord(one)
    for (const lease of state.leases.values()) if (memory.mayForgetLease(lease, before, state)) state.dropLease(lease)
  }

  async close(): Promise<void> {
    await this.#upkeep.close()
  }
}
