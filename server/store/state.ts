import { setImmediate as turn } from 'node:timers/promises'
import type { StateView } from '../../lib/plan/derive.ts'
import { Intents } from '../../lib/plan/intent/intent.ts'
import { isIdle, keyOf, nameKey } from '../../lib/plan/record.ts'
import { stateOf } from '../../lib/publish/name-state.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import type { Pointer } from '../../schemas/model/survey.ts'
import { Counts, type PhaseCount } from './counts.ts'
import type { Document } from './document.ts'
import { Groups } from './groups.ts'
import { SeenInDns } from './seen.ts'
import type { Cell } from './versions.ts'

/** Items that are indexed in one turn of the event loop. */
const SLICE = 5000

/** Hears of each lease that is put or dropped: what it was, and what it is. `forget`: all of them may be others now. */
export interface LeaseWatcher {
  changed(before: Lease | undefined, after: Lease | undefined): void
  forget(): void
}

/**
 * The document in memory, with indexes by name and by address. A question costs what its answer costs, not the whole. A
 * name that many clients asked for has many records, but of all but a few DNS has nothing. These idle ones are kept
 * apart, so that what is decided and sent does not go through them.
 */
export class State implements StateView {
  #document: Document
  #intents!: Intents
  #seen!: SeenInDns
  #leasesByName!: Groups<Lease>
  #openByName!: Groups<OwnedRecord>
  #idleByName!: Groups<OwnedRecord>
  #recordsByAddress!: Groups<OwnedRecord>
  #notedByName!: Groups<KnownName>
  #counts!: Counts
  #watcher: LeaseWatcher | null = null

  private constructor(document: Document) {
    this.#document = document
  }

  /** The state of a document. */
  static of(document: Document): State {
    const state = new State(document)
    for (const _ of state.#derive());
    return state
  }

  /** As `of`, with a turn of the event loop after each part: hundreds of thousands of items hold nobody up. */
  static async read(document: Document): Promise<State> {
    const state = new State(document)
    let count = 0
    for (const _ of state.#derive()) if (++count % SLICE === 0) await turn()
    return state
  }

  /** Makes all that follows from the document, item by item. */
  *#derive(): Generator<void> {
    this.#leasesByName = new Groups(({ address }) => address)
    this.#openByName = new Groups(({ key }) => key)
    this.#idleByName = new Groups(({ key }) => key)
    this.#recordsByAddress = new Groups(({ key }) => key)
    this.#notedByName = new Groups(({ endpoint }) => endpoint)
    this.#counts = new Counts()
    this.#intents = new Intents(this.#document.intents)
    this.#seen = new SeenInDns(this.#document)
    for (const cell of this.#document.leases.cells()) yield this.#linkLease(cell)
    for (const cell of this.#document.records.cells()) yield this.#linkRecord(cell)
    for (const cell of this.#document.names.cells()) this.#notedByName.put(cell.item.name, cell)
  }

  /** The document holds other items than before: all that was derived from them is made anew. */
  rebuild(): void {
    for (const _ of this.#derive());
    this.#watcher?.forget()
  }

  get intents(): Intents {
    return this.#intents
  }

  /** What was read in DNS that is not ours. */
  get seen(): SeenInDns {
    return this.#seen
  }

  get leases(): ReadonlyMap<string, Lease> {
    return this.#document.leases
  }

  get records(): ReadonlyMap<string, OwnedRecord> {
    return this.#document.records
  }

  lease(address: string): Lease | undefined {
    return this.#document.leases.get(address)
  }

  record(key: string): OwnedRecord | undefined {
    return this.#document.records.get(key)
  }

  leasesNamed(name: string): Iterable<Lease> {
    return this.#leasesByName.get(name)
  }

  /** How many leases have a name. */
  countNamed(name: string): number {
    return this.#leasesByName.count(name)
  }

  *recordsNamed(name: string): Iterable<OwnedRecord> {
    yield* this.#openByName.get(name)
    yield* this.#idleByName.get(name)
  }

  /** The records of a name without the idle ones (lib/plan/record.ts). */
  openNamed(name: string): Iterable<OwnedRecord> {
    return this.#openByName.get(name)
  }

  /** The records of others that lead to a name. */
  pointersTo(name: string): readonly Pointer[] {
    return this.seen.pointersTo(name)
  }

  /** True for a name that a lease or a record of ours has or had. */
  isKnown(name: string): boolean {
    for (const _ of this.recordsNamed(name)) return true
    for (const _ of this.leasesNamed(name)) return true
    return false
  }

  /** Each name of a lease, and each that a record of ours has or had, reverse names left out. */
  *names(): Generator<string> {
    const isOfRecords = (name: string) => {
      for (const record of this.recordsNamed(name)) if (record.type !== 'PTR') return true
      return false
    }
    for (const name of this.#openByName.groups()) if (isOfRecords(name)) yield name
    for (const name of this.#idleByName.groups()) if (!this.#openByName.has(name) && isOfRecords(name)) yield name
    for (const name of this.#leasesByName.groups()) if (!isOfRecords(name)) yield name
  }

  recordsOf(address: string): Iterable<OwnedRecord> {
    return this.#recordsByAddress.get(address)
  }

  /** How many records are in each phase of each scope. */
  counts(): Iterable<PhaseCount> {
    return this.#counts.phases()
  }

  /** How many records DNS has, or may have, in a zone of an endpoint. */
  ownedAt(endpoint: string, zone: string): number {
    return this.#counts.ownedAt(endpoint, zone)
  }

  /** Sets who hears of leases from now on. */
  watchLeases(watcher: LeaseWatcher): void {
    this.#watcher = watcher
  }

  putLease(lease: Lease): void {
    const { leases } = this.#document
    const cell = leases.cell(lease.address)
    const before = cell?.item
    if (!cell) this.#linkLease(leases.add(lease.address, lease))
    else {
      cell.item = lease
      if (before!.name !== lease.name) {
        if (before!.name) this.#leasesByName.remove(before!.name, lease.address)
        this.#linkLease(cell)
      }
    }
    this.#watcher?.changed(before, lease)
  }

  putRecord(record: OwnedRecord): void {
    const { records } = this.#document
    const cell = records.cell(record.key)
    if (!cell) {
      this.#linkRecord(records.add(record.key, record))
      return
    }
    const before = cell.item
    cell.item = record
    if (isIdle(before) !== isIdle(record)) {
      this.#byName(before).remove(before.name, before.key)
      this.#byName(record).put(record.name, cell)
    }
    // An alias follows its target to another address.
    if (before.address !== record.address) {
      this.#recordsByAddress.remove(before.address, before.key)
      this.#recordsByAddress.put(record.address, cell)
    }
    this.#counts.replace(before, record)
  }

  /** The records of a name at one endpoint. */
  recordsAt(endpoint: string, name: string): OwnedRecord[] {
    const at: OwnedRecord[] = []
    for (const record of this.recordsNamed(name)) if (record.endpoint === endpoint) at.push(record)
    return at
  }

  /** The records of a name at one endpoint that a change of it may touch: without the others DNS stays as it is. */
  openAt(endpoint: string, name: string): OwnedRecord[] {
    const at: OwnedRecord[] = []
    for (const record of this.#openByName.get(name)) if (record.endpoint === endpoint) at.push(record)
    if (!this.#idleByName.has(name)) return at
    for (const { sets } of this.known({ endpoint, name })?.states ?? []) {
      for (const { type, values } of sets) {
        for (const value of values) {
          const idle = this.#idle(endpoint, name, type, value)
          if (idle && !at.includes(idle)) at.push(idle)
        }
      }
    }
    return at
  }

  /** The record of a value, where it is one of the idle ones. */
  #idle(endpoint: string, name: string, type: RecordType, value: string): OwnedRecord | undefined {
    const record = this.record(keyOf(endpoint, name, type, value))
    return record && isIdle(record) ? record : undefined
  }

  /** What DNS may hold at a name: what was noted of it, else what its records say. */
  statesAt(endpoint: string, name: string, records = this.openAt(endpoint, name)): NameState[] {
    return this.known({ endpoint, name })?.states ?? [stateOf(records)]
  }

  /** What was noted of a name beside its records. */
  known(at: Pick<KnownName, 'endpoint' | 'name'>): KnownName | undefined {
    for (const known of this.#notedByName.get(at.name)) if (known.endpoint === at.endpoint) return known
    return undefined
  }

  putKnown(known: KnownName): void {
    const { names } = this.#document
    const key = nameKey(known)
    const cell = names.cell(key)
    if (cell) cell.item = known
    else this.#notedByName.put(known.name, names.add(key, known))
  }

  /** The records of the name say all of it again. Gives whether anything had been noted. */
  dropKnown(at: Pick<KnownName, 'endpoint' | 'name'>): boolean {
    this.#notedByName.remove(at.name, at.endpoint)
    return this.#document.names.delete(nameKey(at))
  }

  /** Forgets the leases of these addresses, and the records with these keys. */
  drop(addresses: readonly string[], keys: readonly string[]): void {
    for (const key of keys) {
      const record = this.record(key)
      if (record) this.dropRecord(record)
    }
    for (const address of addresses) {
      const lease = this.lease(address)
      if (lease) this.dropLease(lease)
    }
  }

  dropLease(lease: Lease): void {
    if (lease.name) this.#leasesByName.remove(lease.name, lease.address)
    this.#document.leases.delete(lease.address)
    this.#watcher?.changed(lease, undefined)
  }

  dropRecord(record: OwnedRecord): void {
    this.#counts.count(record, -1)
    this.#byName(record).remove(record.name, record.key)
    this.#recordsByAddress.remove(record.address, record.key)
    this.#document.records.delete(record.key)
    if (this.recordsAt(record.endpoint, record.name).length === 0) this.#seen.forget(record)
  }

  #linkLease(cell: Cell<Lease>): void {
    if (cell.item.name) this.#leasesByName.put(cell.item.name, cell)
  }

  #byName(record: OwnedRecord): Groups<OwnedRecord> {
    return isIdle(record) ? this.#idleByName : this.#openByName
  }

  /** Takes a record up that is not in the indexes. */
  #linkRecord(cell: Cell<OwnedRecord>): void {
    const record = cell.item
    this.#byName(record).put(record.name, cell)
    this.#recordsByAddress.put(record.address, cell)
    this.#counts.count(record, 1)
  }
}
