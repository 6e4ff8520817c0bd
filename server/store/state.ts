import type { StateView } from '../../lib/plan/derive.ts'
import { Intents } from '../../lib/plan/intent.ts'
import { isForward, nameKey } from '../../lib/plan/record.ts'
import { stateOf } from '../../lib/publish/name-state.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, Phase } from '../../schemas/model/record.ts'
import type { Pointer } from '../../schemas/model/survey.ts'
import type { Document } from './document.ts'
import { SeenInDns } from './seen.ts'

/** Items by key in groups: the leases of a name, the records of an address. */
class Index<T> {
  #sets = new Map<string, Map<string, T>>()

  put(group: string, key: string, item: T): void {
    const set = this.#sets.get(group)
    if (set) set.set(key, item)
    else this.#sets.set(group, new Map([[key, item]]))
  }

  remove(group: string, key: string): void {
    const set = this.#sets.get(group)
    if (set?.delete(key) && set.size === 0) this.#sets.delete(group)
  }

  get(group: string): Iterable<T> {
    return this.#sets.get(group)?.values() ?? []
  }

  groups(): Iterable<string> {
    return this.#sets.keys()
  }
}

/**
 * The document in memory, with indexes by name and by address. A question costs what its answer costs, not the whole.
 */
export class State implements StateView {
  #intents: Intents
  #seen: SeenInDns
  #document: Document
  #leasesByName = new Index<Lease>()
  #recordsByName = new Index<OwnedRecord>()
  #recordsByAddress = new Index<OwnedRecord>()
  #counts = new Map<string, { scope: string; phase: Phase; count: number }>()
  /** How many records DNS has, or may have, by endpoint and zone. */
  #owned = new Map<string, number>()
  constructor(document: Document) {
    this.#document = document
    this.#intents = new Intents(document.intents)
    this.#seen = new SeenInDns(document)
    this.#indexAll()
  }

  #indexAll(): void {
    for (const lease of this.#document.leases.values()) this.#link(lease)
    for (const record of this.#document.records.values()) this.#index(record)
  }

  /** The document holds other items than before: all that was derived from them is made anew. */
  rebuild(): void {
    this.#leasesByName = new Index()
    this.#recordsByName = new Index()
    this.#recordsByAddress = new Index()
    this.#counts = new Map()
    this.#owned = new Map()
    this.#intents = new Intents(this.#document.intents)
    this.#seen = new SeenInDns(this.#document)
    this.#indexAll()
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

  recordsNamed(name: string): Iterable<OwnedRecord> {
    return this.#recordsByName.get(name)
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
      for (const record of this.#recordsByName.get(name)) if (isForward(record)) return true
      return false
    }
    for (const name of this.#recordsByName.groups()) if (isOfRecords(name)) yield name
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

  putLease(lease: Lease): void {
    const before = this.#document.leases.get(lease.address)
    if (before?.name && before.name !== lease.name) this.#leasesByName.remove(before.name, before.address)
    this.#document.leases.set(lease.address, lease)
    this.#link(lease)
  }

  putRecord(record: OwnedRecord): void {
    const before = this.#document.records.get(record.key)
    if (before) this.#count(before, -1)
    // An alias follows its target to another address.
    if (before && before.address !== record.address) this.#recordsByAddress.remove(before.address, before.key)
    this.#document.records.set(record.key, record)
    this.#index(record)
  }

  /** The records of a name at one endpoint. */
  recordsAt(endpoint: string, name: string): OwnedRecord[] {
    const at: OwnedRecord[] = []
    for (const record of this.#recordsByName.get(name)) if (record.endpoint === endpoint) at.push(record)
    return at
  }

  /** What DNS may hold at a name: what was noted of it, else what its records say. */
  statesAt(endpoint: string, name: string): NameState[] {
    return this.known({ endpoint, name })?.states ?? [stateOf(this.recordsAt(endpoint, name))]
  }

  /** What was noted of a name beside its records. */
  known(at: Pick<KnownName, 'endpoint' | 'name'>): KnownName | undefined {
    return this.#document.names.get(nameKey(at))
  }

  putKnown(known: KnownName): void {
    this.#document.names.set(nameKey(known), known)
  }

  /** The records of the name say all of it again. Gives whether anything had been noted. */
  dropKnown(at: Pick<KnownName, 'endpoint' | 'name'>): boolean {
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
  }

  dropRecord(record: OwnedRecord): void {
    this.#count(record, -1)
    this.#recordsByName.remove(record.name, record.key)
    this.#recordsByAddress.remove(record.address, record.key)
    this.#document.records.delete(record.key)
    if (this.recordsAt(record.endpoint, record.name).length === 0) this.#seen.forget(record)
  }

  #link(lease: Lease): void {
    if (lease.name) this.#leasesByName.put(lease.name, lease.address, lease)
  }

  #index(record: OwnedRecord): void {
    this.#recordsByName.put(record.name, record.key, record)
    this.#recordsByAddress.put(record.address, record.key, record)
    this.#count(record, 1)
  }

  #count({ scope, phase, endpoint, zone, applied, sent }: OwnedRecord, by: number): void {
    if (applied || sent) this.#owned.set(`${endpoint} ${zone}`, this.ownedAt(endpoint, zone) + by)
    const key = `${phase} ${scope}`
    const entry = this.#counts.get(key)
    if (entry) entry.count += by
    else this.#counts.set(key, { scope, phase, count: by })
  }
}
