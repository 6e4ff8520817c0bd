/*
 * What is known of one name, and which of its records speaks for it.
 *
 * A name can have records of both families, from several leases, of which some are gone. The one that is nearest to being
 * published gives the phase and the reason of the name; an A or AAAA speaks before a PTR:
 *
 *     records of red.lab.example            the name is
 *     A removed, AAAA published             published, by the AAAA
 *     A awaiting, PTR published             awaiting, by the A
 *     no A (PTRs only), PTR published       published, by the PTR
 */

import type { Lease } from '../../schemas/model/lease.ts'
import type { OwnedRecord, Phase } from '../../schemas/model/record.ts'
import type { State } from '../store/state.ts'

/** Phases in the order in which a record speaks for its name. */
const NEAREST: readonly Phase[] = [
  'published',
  'retained',
  'awaiting',
  'pending',
  'protected',
  'conflict',
  'removing',
  'removed',
]

const rank = (record: OwnedRecord): number => NEAREST.indexOf(record.phase) + (record.type === 'PTR' ? 100 : 0)

type NameIndex = Pick<State, 'lease' | 'leasesNamed' | 'recordsNamed' | 'recordsOf'>

/** A name with its own records, the PTRs that point at it, and the leases that ask for it or whose records these are. */
export interface NameFacts {
  name: string
  records: OwnedRecord[]
  leases: Lease[]
  /** The record that speaks for the name. */
  speaker: OwnedRecord | undefined
}

const pointersTo = (name: string, leases: Lease[], state: NameIndex): OwnedRecord[] =>
  leases.flatMap(({ address }) =>
    [...state.recordsOf(address)].filter(record => record.type === 'PTR' && record.value === name),
  )

const speakerOf = (records: OwnedRecord[]): OwnedRecord | undefined => {
  let best: OwnedRecord | undefined
  for (const one of records) {
    const order = best ? rank(one) - rank(best) || best.updatedAt - one.updatedAt : -1
    if (order < 0) best = one
  }
  return best
}

/** What is known of a forward or reverse name. The cost is that of its records and leases. */
export const factsOf = (name: string, state: NameIndex): NameFacts => {
  const own = [...state.recordsNamed(name)]
  // An alias has the address of its target, whose lease is not its own.
  const holding = own.filter(({ type }) => type !== 'CNAME').flatMap(record => state.lease(record.address) ?? [])
  const leases = [...new Set([...state.leasesNamed(name), ...holding])]
  const records = [...new Set([...own, ...pointersTo(name, leases, state)])]
  return { name, records, leases, speaker: speakerOf(records) }
}

/** The lease of the record that speaks for a name; of a name without records the first that asks for it. */
export const leaseOf = ({ speaker, leases }: NameFacts): Lease | undefined =>
  (speaker && leases.find(({ address }) => address === speaker.address)) ?? leases[0]
