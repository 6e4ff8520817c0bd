import type { Attempt, Prerequisite } from '../dns/rr.ts'

/** What a prerequisite says that an RRset holds; absence is an RRset without values, and `*` is every type. */
const holds = (it: Prerequisite): { type: string; values: string } => {
  switch (it.must) {
    case 'name-not-in-use':
      return { type: '*', values: '' }
    case 'rrset-absent':
      return { type: it.type, values: '' }
    case 'rrset-equals':
      return {
        type: it.type,
        values: it.values
          .map(value => value.toLowerCase())
          .sort()
          .join(),
      }
  }
}

const contradict = (one: Prerequisite, other: Prerequisite): boolean => {
  if (one.name !== other.name) return false
  const [a, b] = [holds(one), holds(other)]
  return a.values !== b.values && (a.type === b.type || a.type === '*' || b.type === '*')
}

/**
 * Whether no zone can satisfy both attempts, because they want one RRset to be two things: then the success of either
 * proves that the other would have been refused, and they may be tried in any order.
 */
export const exclusive = (one: Attempt, other: Attempt): boolean =>
  one.prerequisites.some(a => other.prerequisites.some(b => contradict(a, b)))
