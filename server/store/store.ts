/*
 * What Leasehold knows and owns, and never forgets by accident.
 *
 * The invariant: what was acknowledged is kept, and what is kept is either understood wholly or not used at all. A program
 * that starts with half of its memory would take its own records for strangers', or worse, strangers' for its own. So a
 * part that is missing, torn in its middle, or not understood stops the start, and nothing is deleted.
 *
 * The way is the simplest that keeps it. All is in memory. A journal (journal.ts) keeps the commits: in two files, or in
 * PostgreSQL. One synced write serves all who wait at that moment. A commit holds whole new versions, so that it can be
 * replayed twice without harm:
 *
 *     put(leases, records) ─► state (memory) ─► listeners: queue, timers
 *                          └► journal: {seq: 7, leases, records} ─► durable() resolves ─► 202
 *
 * Several processes may share a journal. One of them leads, and only its commits are taken; in the others the state follows
 * them, and `put` is refused.
 */

import { nameKey, phaseOf } from '../../lib/plan/record.ts'
import { sameStates, stateOf } from '../../lib/publish/name-state.ts'
import type { Intent } from '../../schemas/model/intent.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { Hold } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { Commits } from './commits.ts'
import { type Change, type Commit, type Forgotten, holdInParts, replayRest } from './document.ts'
import type { Journal, Sharing } from './journal.ts'
import { JsonJournal } from './json/json-journal.ts'
import type { StoreOptions, StoreReport } from './options.ts'
import type { SeenChange } from './seen.ts'
import { isStep } from './short.ts'
import { State } from './state.ts'
import { StoreFailed, Trouble } from './trouble.ts'

export type { StoreOptions } from './options.ts'
export { NotLeading, StoreFailed } from './trouble.ts'

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
  #journal: Journal
  #trouble: Trouble
  #options: Required<Pick<StoreOptions, 'forgetAfter' | 'memory' | 'now'>>
  #listeners: DecisionListener[] = []
  /** Names of which the journal says more than their records do, by `nameKey`. */
  #logged: Set<string>
  #commits: Commits

  private constructor(journal: Journal, trouble: Trouble, state: State, options: StoreOptions) {
    this.#journal = journal
    this.#trouble = trouble
    this.#options = { forgetAfter: 7 * DAY, ...options }
    this.state = state
    this.#logged = new Set(journal.document.names.keys())
    this.#commits = new Commits(journal)
    journal.attach({
      forget: () => this.#forget(),
      follow: commit => this.#follow(commit),
      replaced: () => this.#replaced(),
      commit: change => this.#commits.commit(change),
    })
  }

  /** Opens the store in a folder, or begins one in an empty folder. @throws as JsonJournal.open */
  static async open(folder: string, options: StoreOptions): Promise<Store> {
    const trouble = new Trouble(options)
    return Store.over(await JsonJournal.open(folder, trouble, options), trouble, options)
  }

  static async over(journal: Journal, trouble: Trouble, options: StoreOptions): Promise<Store> {
    return new Store(journal, trouble, await State.read(journal.document), options)
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
    this.#commits.commit({ leases, records: kept, ...(names.length > 0 && { names }) })
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
    this.#commits.refuseIfBroken()
    const kept = records.map(inPhase)
    const steps = kept.filter(record => isStep(this.state.record(record.key), record))
    const others = steps.length === kept.length ? [] : kept.filter(record => !steps.includes(record))
    for (const record of kept) this.state.putRecord(record)
    const isPlain = this.#note(known)
    const names = isPlain ? [] : [this.state.known(known)!]
    const wasNoted = this.#logged.delete(nameKey(known))
    const plain = isPlain && wasNoted ? [nameKey(known)] : []
    for (const one of names) this.#logged.add(nameKey(one))
    const noted = { ...(names.length > 0 && { names }), ...(plain.length > 0 && { plain }) }
    if (kept.length + names.length + plain.length > 0) this.#commits.later({ records: others, steps, ...noted })
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

  /** True when the records of the name say all of it by themselves. What is `unheard` stays, where nothing is said of it. */
  #note(known: Answered['known']): boolean {
    const { endpoint, zone, name, states, unheard = this.state.known(known)?.unheard ?? [] } = known
    const own = () => stateOf(this.state.openAt(endpoint, name))
    const isPlain = unheard.length === 0 && (states === null || (states.length === 1 && sameStates(states, [own()])))
    if (isPlain) this.state.dropKnown(known)
    else
      this.state.putKnown({ endpoint, zone, name, states: states ?? [own()], ...(unheard.length > 0 && { unheard }) })
    return isPlain
  }

  /** The newest serial that was seen of each zone, by endpoint and zone. */
  get serials(): ReadonlyMap<string, number> {
    return this.#journal.document.serials
  }

  readonly putSerials = (serials: [string, number][]): void => this.putSeen({ serials })

  /** Takes what was read in DNS beside our records, where it is news. Nobody waits for it: it would be read again. */
  putSeen(change: SeenChange): void {
    const news = this.failure ? null : this.state.seen.put(change)
    if (news) this.#commits.later({ records: [], ...news })
  }

  get holds(): ReadonlyMap<number, Hold> {
    return this.#journal.document.holds
  }

  putHold(hold: Hold): void {
    if (this.failure) throw this.failure
    this.#journal.document.holds.set(hold.id, hold)
    for (const part of holdInParts(hold)) {
      const said = 'hold' in part ? { holds: [part.hold] } : part
      this.#commits.commit({ leases: [], records: [], ...said })
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
    this.#commits.commit({ leases: [], records: [], intents, undone })
  }

  get paused(): boolean {
    return this.#journal.document.paused
  }

  setPaused(paused: boolean): void {
    if (this.failure) throw this.failure
    this.#journal.document.paused = paused
    this.#commits.commit({ leases: [], records: [], paused })
  }

  /** Has what is decided while `work` runs kept as one commit: the events of one call. */
  together<T>(work: () => T): T {
    return this.#commits.together(work)
  }

  /** Resolves when every decision so far is on disk. @throws StoreFailed */
  durable(): Promise<void> {
    return this.#commits.durable()
  }

  get failure(): StoreFailed | null {
    const cause = this.#journal.failure
    return cause && new StoreFailed(cause)
  }

  /** Where this process stands among those that share the store; null when it has it alone. */
  get sharing(): Sharing | null {
    return this.#journal.sharing
  }

  /** How the store is, for whoever runs it. */
  report(): Promise<StoreReport> {
    return this.#journal.report()
  }

  /** Forgets what `memory` allows, and frees the room that it took. Commits go on meanwhile. */
  compact(): Promise<void> {
    return this.#journal.compact()
  }

  /** Looks at once, not only every two seconds, whether the store is where it should be. */
  look(): Promise<void> {
    return this.#journal.look()
  }

  #forget(): Change {
    // What is forgotten must not be written once more, by an answer that was gathered before.
    if (!this.#journal.isBroken) this.#commits.flush()
    const { now, forgetAfter, memory } = this.#options
    const before = now() - forgetAfter
    const { state, holds } = this
    const gone: Forgotten = { leases: [], records: [], holds: [] }
    for (const hold of holds.values()) if (memory.mayForgetHold(hold, before, state)) gone.holds.push(hold.id)
    for (const id of gone.holds) this.#journal.document.holds.delete(id)
    for (const one of state.records.values()) if (memory.mayForgetRecord(one, before, state)) gone.records.push(one.key)
    const seen = [...state.seen.foreign.values()]
    this.state.drop([], gone.records)
    for (const one of state.leases.values())
      if (memory.mayForgetLease(one, before, state)) gone.leases.push(one.address)
    this.state.drop(gone.leases, [])
    const unseen = seen.filter(one => !state.seen.foreign.has(nameKey(one)))
    return { leases: [], records: [], foreign: unseen.map(one => ({ ...one, rrs: [] })), gone }
  }

  /** Takes over what another process committed. Nothing is decided by it, so no listener hears of it. */
  #follow(commit: Commit): void {
    const { leases, records, names = [], plain = [], intents = [], undone = [], gone } = commit
    for (const lease of leases) this.state.putLease(lease)
    for (const record of records) this.state.putRecord(record)
    for (const known of names) this.state.putKnown(known)
    for (const known of names) this.#logged.add(nameKey(known))
    for (const key of plain) {
      this.#logged.delete(key)
      const known = this.#journal.document.names.get(key)
      if (known) this.state.dropKnown(known)
    }
    for (const intent of intents) this.state.intents.put(intent)
    for (const key of undone) this.state.intents.drop(key)
    this.state.seen.put(commit)
    if (gone) this.state.drop(gone.leases, gone.records)
    replayRest(this.#journal.document, commit)
  }

  /** The document was read anew, and holds other items than before. What was decided and is not in it is waited for no more. */
  #replaced(): void {
    this.state.rebuild()
    this.#commits.restart(this.#journal.document.seq)
    this.#logged = new Set(this.#journal.document.names.keys())
  }

  async close(): Promise<void> {
    this.#commits.close()
    await this.#journal.close()
  }
}
