import type { Lease } from '../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Pointer } from '../../schemas/model/survey.ts'
import type { IntentView } from './intent.ts'
import type { SkipRule } from './rules.ts'
import type { Scope, ZoneRef } from './scope.ts'
import type { ReservedAt } from './scope-set.ts'

/** What is known and owned. The store answers each of these by look-up, however much it holds. */
export interface StateView {
  lease(address: string): Lease | undefined
  leasesNamed(name: string): Iterable<Lease>
  record(key: string): OwnedRecord | undefined
  recordsNamed(name: string): Iterable<OwnedRecord>
  recordsOf(address: string): Iterable<OwnedRecord>
  readonly intents: IntentView
  /** The records of others that lead to a name (role.ts). */
  pointersTo(name: string): readonly Pointer[]
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
