/*
 * How many records there are of each kind, known at any moment: it is asked every second, whatever the size of the whole.
 *
 *     scope   phase       records        endpoint   zone          records that DNS has, or may have
 *     lab     published   812            bind       lab.example   815
 *     lab     removing      3
 */
import type { OwnedRecord, Phase } from '../../schemas/model/record.ts'

/** Records of one scope in one phase. */
export interface PhaseCount {
  scope: string
  phase: Phase
  count: number
}

const isOwned = ({ applied, sent }: OwnedRecord): boolean => applied !== null || sent !== null

/** True for versions of a record that are counted alike. */
const areAlike = (a: OwnedRecord, b: OwnedRecord): boolean =>
  a.phase === b.phase &&
  a.scope === b.scope &&
  a.zone === b.zone &&
  a.endpoint === b.endpoint &&
  isOwned(a) === isOwned(b)

const groupOf = <T>(groups: Map<string, Map<string, T>>, group: string): Map<string, T> => {
  const there = groups.get(group)
  if (there) return there
  const made = new Map<string, T>()
  groups.set(group, made)
  return made
}

export class Counts {
  #byScope = new Map<string, Map<string, PhaseCount>>()
  #byEndpoint = new Map<string, Map<string, number>>()

  /** Counts a record in (1) or out (-1). */
  count(record: OwnedRecord, by: 1 | -1): void {
    const { scope, phase, endpoint, zone } = record
    const phases = groupOf(this.#byScope, scope)
    const entry = phases.get(phase)
    if (entry) entry.count += by
    else phases.set(phase, { scope, phase, count: by })
    if (!isOwned(record)) return
    const zones = groupOf(this.#byEndpoint, endpoint)
    zones.set(zone, (zones.get(zone) ?? 0) + by)
  }

  /** Counts a record's new version in the place of the one before it. */
  replace(before: OwnedRecord, after: OwnedRecord): void {
    if (areAlike(before, after)) return
    this.count(before, -1)
    this.count(after, 1)
  }

  /** How many records are in each phase of each scope. */
  *phases(): Generator<PhaseCount> {
    for (const phases of this.#byScope.values()) yield* phases.values()
  }

  /** How many records DNS has, or may have, in a zone of an endpoint. */
  ownedAt(endpoint: string, zone: string): number {
    return this.#byEndpoint.get(endpoint)?.get(zone) ?? 0
  }
}
