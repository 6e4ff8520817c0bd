import type { Change, Outcome, Update } from '../../../../lib/dns/rr.ts'

export const ZONE = 'lab.example.net'
export const nameOf = (i: number): string => `h${i}.${ZONE}`
export const addressOf = (i: number): string => `10.0.${i >> 8}.${i & 255}`
export const dhcidOf = (i: number): string => `000101${i.toString(16).padStart(64, '0')}`

/** To publish a name that we do not have (RFC 4703 §5.3): it is not in use; or its DHCID is the client's already. */
export const publish = (i: number): Change => {
  const name = nameOf(i)
  const a: Update = { do: 'add', rr: { name, type: 'A', ttl: 300, value: addressOf(i) } }
  const marker: Update = { do: 'add', rr: { name, type: 'DHCID', ttl: 300, value: dhcidOf(i) } }
  return {
    name,
    zone: ZONE,
    attempts: [
      { prerequisites: [{ must: 'name-not-in-use', name }], updates: [a, marker] },
      {
        prerequisites: [{ must: 'rrset-equals', name, type: 'DHCID', values: [dhcidOf(i)] }],
        updates: [{ do: 'delete-rrset', name, type: 'A' }, a],
      },
    ],
  }
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)

/** Gathers outcomes by name, and says when one is settled twice. */
export const outcomes = () => {
  const all = new Map<string, Outcome>()
  return {
    all,
    settle: (change: Change, outcome: Outcome): void => {
      if (all.has(change.name)) throw new Error(`${change.name} is settled twice`)
      all.set(change.name, outcome)
    },
    /** How many there are of each kind; `applied` with the attempt's index. */
    count: (): Record<string, number> => {
      const counts: Record<string, number> = {}
      for (const outcome of all.values()) {
        const key = outcome.kind === 'applied' ? `applied ${outcome.attempt}` : outcome.kind
        counts[key] = (counts[key] ?? 0) + 1
      }
      return counts
    },
  }
}
