import type { StateView } from '../../lib/plan/derive.ts'
import { Intents } from '../../lib/plan/intent/intent.ts'
import { isIdle, keyOf, nameKey } from '../../lib/plan/record.ts'
import { stateOf } from '../../lib/publish/name-state.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, Phase, RecordType } from '../../schemas/model/record.ts'
import type { Pointer } from '../../schemas/model/survey.ts'
import type { Document } from './document.ts'
import { Groups } from './groups.ts'
import { SeenInDns } from './seen.ts'

const leaseIndex = () => new Groups<Lease>(({ address }) => address)
const notedIndex = () => new Groups<KnownName>(({ endpoint }) => endpoint)
const recordIndex = () => new Groups<OwnedRecord>(({ key }) => key)

/** True for versions of a record that are counted alike. */
const countsAlike = (a: OwnedRecord, b: OwnedRecord): boolean =>
  a.phase === b.phase &&
  a.scope === b.scope &&
  a.zone === b.zone &&
  a.endpoint === b.endpoint &&
  !(a.applied || a.sent) === !(b.applied || b.sent)

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
  #intents: Intents
  #seen: SeenInDns
  #document: Document
  #leasesByName = leaseIndex()
  #openByName = recordIndex()
  #idleByName = recordIndex()
  #recordsByAddress = recordIndex()
  #notedByName = notedIndex()
  #counts = new Map<string, { scope: string; phase: Phase; count: number }>()
  /** How many records DNS has, or may have, by endpoint and zone. */
  #owned = new Map<string, number>()
  #watcher: LeaseWatcher | null = null

  constructor(document: Document) {
    this.#document = document
    this.#intents = new Intents(document.intents)
    this.#seen = new SeenInDns(document)
    this.#indexAll()
  }

  #indexAll(): void {
    for (const lease of this.#document.leases.values()) this.#linkLease(lease)
    for (const record of this.#document.records.values()) {
      this.#link(record)
      this.#count(record, 1)
    }
    for (const known of this.#document.names.values()) this.#notedByName.put(known.name, known)
  }

  /** The document holds other items than before: all that was derived from them is made anew. */
  rebuild(): void {
    this.#leasesByName = leaseIndex()
    this.#openByName = recordIndex()
    this.#idleByName = recordIndex()
    this.#recordsByAddress = recordIndex()
    this.#notedByName = notedIndex()
    this.#counts = new Map()
    this.#owned = new Map()
    this.#intents = new Intents(this.#document.intents)
    this.#seen = new SeenInDns(this.#document)
    this.#indexAll()
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
  counts(): Iterable<{ scope: string; phase: Phase; count: number }> {
    return this.#counts.values()
  }

  /** How many records DNS has, or may have, in a zone of an endpoint. */
  ownedAt(endpoint: string, zone: string): number {
    return this.#owned.get(`${endpoint} ${zone}`) ?? 0
  }

  /** Sets who hears of leases from now on. */
  watchLeases(watcher: LeaseWatcher): void {
    this.#watcher = watcher
  }

  putLease(lease: Lease): void {
    const before = this.#document.leases.get(lease.address)
    if (before?.name && before.name !== lease.name) this.#leasesByName.remove(before.name, before.address)
    this.#document.leases.set(lease.address, lease)
    this.#linkLease(lease)
    this.#watcher?.changed(before, lease)
  }

  putRecord(record: OwnedRecord): void {
    const before = this.#document.records.get(record.key)
    if (before && isIdle(before) !== isIdle(record)) this.#byName(before).remove(before.name, before.key)
    // An alias follows its target to another address.
    if (before && before.address !== record.address) this.#recordsByAddress.remove(before.address, before.key)
    this.#document.records.set(record.key, record)
    this.#link(record)
    if (before && countsAlike(before, record)) return
    if (before) this.#count(before, -1)
    this.#count(record, 1)
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
    if (!this.#idleByName.has(name)) return undefined
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
    this.#document.names.set(nameKey(known), known)
    this.#notedByName.put(known.name, known)
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
    this.#count(record, -1)
    this.#byName(record).remove(record.name, record.key)
    this.#recordsByAddress.remove(record.address, record.key)
    this.#document.records.delete(record.key)
    if (this.recordsAt(record.endpoint, record.name).length === 0) this.#seen.forget(record)
  }

  #linkLease(lease: Lease): void {
    if (lease.name) this.#leasesByName.put(lease.name, lease)
  }

  #byName(record: OwnedRecord): Groups<OwnedRecord> {
    return isIdle(record) ? this.#idleByName : this.#openByName
  }

  #link(record: OwnedRecord): void {
    this.#byName(record).put(record.name, record)
    this.#recordsByAddress.put(record.address, record)
  }

  #count({ scope, phase, endpoint, zone, applied, sent }: OwnedRecord, by: number): void {
    if (applied || sent) this.#owned.set(`${endpoint} ${zone}`, this.ownedAt(endpoint, zone) + by)
    const key = `${phase} ${scope}`
    const entry = this.#counts.get(key)
    if (entry) entry.count += by
    else this.#counts.set(key, { scope, phase, count: by })
  }
}
