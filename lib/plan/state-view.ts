import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Pointer } from '../../schemas/model/survey.ts'
import type { IntentView } from './intent/intent.ts'
import type { SkipRule } from './rules.ts'
import type { Scope, ZoneRef } from './scope/scope.ts'
import type { ReservedAt } from './scope/scope-set.ts'

/** What a name is derived for: the event's lease, or what else made it due. */
export interface NameDue {
  /** Addresses whose machines are to be judged in any case. */
  addresses: string[]
  /** Clients whose machines are. */
  clients: Client[]
  /** Leases that are planned and not kept yet. */
  fresh: Lease[]
  /** In milliseconds. */
  now: number
}

/** What is known and owned. The store answers each of these by look-up, however much it holds. */
export interface StateView {
  lease(address: string): Lease | undefined
  leasesNamed(name: string): Iterable<Lease>
  record(key: string): OwnedRecord | undefined
  recordsNamed(name: string): Iterable<OwnedRecord>
  /** The records of a name without the idle ones (record.ts). */
  openNamed(name: string): Iterable<OwnedRecord>
  recordsOf(address: string): Iterable<OwnedRecord>
  readonly intents: IntentView
  /** The records of others that lead to a name (role.ts). */
  pointersTo(name: string): readonly Pointer[]
  /** Of a name that very many ask for, the leases that are to be judged (crowds.ts); null: all of them are. */
  deciding?(name: string, due: () => NameDue): Lease[] | null
}

/** The same answers, for a view that overrides some of them. Crowds are not known to it. */
export class SameView implements StateView {
  protected readonly known: StateView

  constructor(known: StateView) {
    this.known = known
  }

  get intents(): IntentView {
    return this.known.intents
  }

  lease(address: string): Lease | undefined {
    return this.known.lease(address)
  }

  leasesNamed(name: string): Iterable<Lease> {
    return this.known.leasesNamed(name)
  }

  record(key: string): OwnedRecord | undefined {
    return this.known.record(key)
  }

  recordsNamed(name: string): Iterable<OwnedRecord> {
    return this.known.recordsNamed(name)
  }

  openNamed(name: string): Iterable<OwnedRecord> {
    return this.known.openNamed(name)
  }

  recordsOf(address: string): Iterable<OwnedRecord> {
    return this.known.recordsOf(address)
  }

  pointersTo(name: string): readonly Pointer[] {
    return this.known.pointersTo(name)
  }
}

export interface Scopes {
  find(address: string): Scope | null
  /** Why an address is in no scope. */
  whyNone?(address: string): SkipRule
  /** The reserved hosts of a name that are published before their first lease. */
  reservedAt?(name: string): readonly ReservedAt[]
  /** The places that hold a name, whichever scope's. */
  placesOf?(name: string): readonly ZoneRef[]
}
