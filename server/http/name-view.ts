import type { NameAnswer } from '../../schemas/answers.ts'
import type { Lease } from '../../schemas/lease.ts'
import type { OwnedRecord, Phase } from '../../schemas/record.ts'
import type { Estate } from '../store/estate.ts'
import type { Parts } from './parts.ts'
import { historyView, iso, leaseView, recordView } from './view.ts'

const HISTORY = 100

/** Which record of a name tells most. */
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

const leasesOf = (name: string, records: OwnedRecord[], estate: Estate): Lease[] => {
  const holding = records.flatMap(record => estate.leases.get(record.address) ?? [])
  return [...new Set([...estate.leasesNamed(name), ...holding])]
}

const pointersTo = (name: string, addresses: Iterable<string>, estate: Estate): OwnedRecord[] =>
  [...addresses].flatMap(address =>
    [...estate.recordsOf(address)].filter(record => record.type === 'PTR' && record.value === name),
  )

type Named = Pick<Parts, 'store' | 'scopes' | 'audit'>

/** All that is known of a forward or reverse name (lower case, no trailing dot), or null when nothing is. */
export const nameView = (name: string, { store, scopes, audit }: Named): NameAnswer | null => {
  const { estate } = store
  const own = [...estate.recordsNamed(name)]
  const leases = leasesOf(name, own, estate)
  const records = [
    ...new Set([
      ...own,
      ...pointersTo(
        name,
        leases.map(lease => lease.address),
        estate,
      ),
    ]),
  ]
  const history = audit.of(name, HISTORY)
  if (records.length + leases.length + history.length === 0) return null
  const [first] = records.toSorted((a, b) => rank(a) - rank(b) || b.updatedAt - a.updatedAt)
  const scopeName = first?.scope ?? leases[0]?.scope
  const scope = scopes.all.find(one => one.name === scopeName)
  return {
    name,
    phase: first?.phase ?? null,
    reason: first?.reason ?? null,
    dueAt: iso(first?.dueAt ?? null),
    records: records.map(record => recordView(record, estate)),
    leases: leases.map(lease => leaseView(lease, estate)),
    policy: scope ? { scope: scope.name, ...scope.policy } : null,
    history: history.map(historyView),
  }
}
