import type { Attempt, Prerequisite } from './rr.ts'

const forbids = (a: Prerequisite, b: Prerequisite): boolean =>
  b.must === 'rrset-equals' &&
  b.values.length > 0 &&
  a.name === b.name &&
  (a.must === 'name-not-in-use' || (a.must === 'rrset-absent' && a.type === b.type))

/**
 * Whether no zone can satisfy both attempts, because one wants absent what the other wants present: then the success of
 * either proves that the other would have been refused, and they may be tried in any order.
 */
export const exclusive = (one: Attempt, other: Attempt): boolean =>
  one.prerequisites.some(a => other.prerequisites.some(b => forbids(a, b) || forbids(b, a)))
