/*
 * What becomes one commit of the journal: a decision at once, and what DNS answered with the next decision, or a little later.
 *
 *     answers 1 2 3 ─► gathered ──────────┐ a decision, or LATER ms
 *     decision ────────────────────────── ┴─► {seq 7: records 1 2 3}  {seq 8: the decision} ─► one sync
 *
 * What is decided together, as the events of one call, is one commit too.
 *
 * The invariant: versions of one thing are appended in the order in which they were made. So a decision is never appended
 * before the answers that came before it. Nobody waits for an answer to be kept: were it lost, DNS would be asked again.
 */
import { nameKey } from '../../lib/plan/record.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName } from '../../schemas/model/name.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { type Change, inParts } from './document.ts'
import type { Journal } from './journal.ts'
import type { SeenChange } from './seen.ts'
import { StoreFailed } from './trouble.ts'

/** Milliseconds after which what was gathered is written, where no decision comes before. */
const LATER = 200
/** Leases and records that are gathered, or joined, at most. */
const MOST = 400

type Answer = Pick<Change, 'records' | 'steps' | 'names' | 'plain'> & SeenChange
type Gatherable = Answer & Partial<Pick<Change, 'leases'>>

/** True for a change that says no more than what can be gathered. */
const isGatherable = ({ leases, records, names, ...rest }: Change): boolean => Object.keys(rest).length === 0

/** What is kept as one change: of what was said twice of one thing, the last word. */
class Gathered {
  #leases = new Map<string, Lease>()
  #records = new Map<string, OwnedRecord>()
  #steps = new Map<string, OwnedRecord>()
  /** What DNS may hold at a name; null where its records say it. */
  #names = new Map<string, KnownName | null>()
  #serials = new Map<string, number>()
  #surveys: NonNullable<SeenChange['surveys']> = []
  #foreign: NonNullable<SeenChange['foreign']> = []

  /** How many leases and records it has. */
  get size(): number {
    return this.#leases.size + this.#records.size + this.#steps.size
  }

  add({ leases = [], records, steps = [], names = [], plain = [], ...seen }: Gatherable): void {
    const { serials = [], surveys = [], foreign = [] } = seen
    for (const lease of leases) this.#leases.set(lease.address, lease)
    for (const record of records) {
      this.#records.set(record.key, record)
      this.#steps.delete(record.key)
    }
    for (const record of steps) (this.#records.has(record.key) ? this.#records : this.#steps).set(record.key, record)
    for (const known of names) this.#names.set(nameKey(known), known)
    for (const key of plain) this.#names.set(key, null)
    for (const [key, serial] of serials) this.#serials.set(key, serial)
    this.#surveys.push(...surveys)
    this.#foreign.push(...foreign)
  }

  /** As a change, without the fields of which nothing was said. */
  get change(): Change {
    const names = [...this.#names.values()].filter(known => known !== null)
    const plain = [...this.#names.keys()].filter(key => this.#names.get(key) === null)
    return {
      leases: [...this.#leases.values()],
      records: [...this.#records.values()],
      ...(this.#steps.size > 0 && { steps: [...this.#steps.values()] }),
      ...(names.length > 0 && { names }),
      ...(plain.length > 0 && { plain }),
      ...(this.#serials.size > 0 && { serials: [...this.#serials] }),
      ...(this.#surveys.length > 0 && { surveys: this.#surveys }),
      ...(this.#foreign.length > 0 && { foreign: this.#foreign }),
    }
  }
}

export class Commits {
  #journal: Pick<Journal, 'append' | 'durable' | 'isBroken' | 'failure'>
  #gathered: Gathered | null = null
  /** What was decided so far of what is decided together; null outside of that. */
  #joined: Gathered | null = null
  #timer: NodeJS.Timeout | undefined
  /** The journal's number of the last decision. */
  #decided = 0

  constructor(journal: Pick<Journal, 'append' | 'durable' | 'isBroken' | 'failure'>) {
    this.#journal = journal
  }

  /** Takes a decision: appended at once, or with those that are decided together with it. @throws StoreFailed */
  commit(change: Change): void {
    this.refuseIfBroken()
    if (!this.#joined || !isGatherable(change)) {
      this.#writeJoined()
      this.#decide(change)
      return
    }
    this.#joined.add(change)
    if (this.#joined.size >= MOST) this.#writeJoined()
  }

  /** Has what is decided while `work` runs kept together. */
  together<T>(work: () => T): T {
    if (this.#joined) return work()
    this.#joined = new Gathered()
    try {
      return work()
    } finally {
      const joined = this.#joined
      this.#joined = null
      if (joined.size > 0) this.#decide(joined.change)
    }
  }

  #writeJoined(): void {
    const joined = this.#joined
    if (!joined?.size) return
    this.#joined = new Gathered()
    this.#decide(joined.change)
  }

  #decide(change: Change): void {
    this.flush()
    this.#decided = this.#append(change)
  }

  /** Gathers an answer: with the decisions that it follows, where they are not appended yet. @throws StoreFailed */
  later(answer: Answer): void {
    this.refuseIfBroken()
    if (this.#joined?.size) {
      this.#joined.add(answer)
      return
    }
    this.#gathered ??= new Gathered()
    this.#gathered.add(answer)
    if (this.#gathered.size >= MOST) this.flush()
    else this.#timer ??= setTimeout(() => this.#late(), LATER).unref()
  }

  #late(): void {
    this.#timer = undefined
    if (!this.#journal.isBroken) this.flush()
  }

  /** Appends what was gathered. @throws StoreFailed */
  flush(): void {
    const gathered = this.#takeGathered()
    if (gathered) this.#append(gathered.change)
  }

  #takeGathered(): Gathered | null {
    const gathered = this.#gathered
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#gathered = null
    return gathered
  }

  /** The journal was read anew up to a number: what was gathered is not so, and what was decided is waited for no more. */
  restart(seq: number): void {
    this.#takeGathered()
    if (this.#joined) this.#joined = new Gathered()
    this.#decided = seq
  }

  /** Appends a change, in as many commits as can be read back. Returns the number of the last. */
  #append(change: Change): number {
    this.refuseIfBroken()
    let last = 0
    for (const part of inParts(change)) last = this.#journal.append(part)
    return last
  }

  /** @throws StoreFailed when nothing can be appended: it could never be kept */
  refuseIfBroken(): void {
    const { isBroken, failure } = this.#journal
    if (isBroken) throw new StoreFailed(failure!)
  }

  /** Resolves when every decision so far is kept. @throws StoreFailed */
  async durable(): Promise<void> {
    this.#writeJoined()
    try {
      await this.#journal.durable(this.#decided)
    } catch (error) {
      throw new StoreFailed(error as Error)
    }
  }

  /** Appends what was gathered, for the last time. */
  close(): void {
    clearTimeout(this.#timer)
    this.#late()
  }
}
