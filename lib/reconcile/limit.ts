/*
 * When so much would change at once that an error is likelier than the truth.
 *
 * A Kea that was set up anew has no leases, a DNS server that was restored from a backup has old records. Both answers are
 * complete, and believing them would remove every name. So a set of changes is compared with what is owned:
 *
 *     limits: 30 per cent, from 10 records on
 *     owned in the scope   would go   held for a person
 *     9                    9          no: a scope so small is never held
 *     10                   3          no
 *     10                   4          yes
 */
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { type Hold, ofEndings, type ProposedEnd } from '../../schemas/model/reconcile.ts'
import type { Phase } from '../../schemas/model/record.ts'
import type { Scopes, StateView } from '../plan/derive.ts'
import { plan } from '../plan/plan.ts'
import { isAbandonment, isCurrent } from './ends.ts'

/** From when on a set of changes is too large to be believed. */
export interface Limits {
  /** Per cent of what is owned. */
  percent: number
  /** Fewer than so many are never too much. */
  atLeast: number
}

/**
 * True when more of what is owned would change than `limits` allows. Then we assume that we read the wrong thing (an empty
 * Kea, a stale secondary, another view) and change nothing.
 */
export const isTooMuch = (changed: number, owned: number, { percent, atLeast }: Limits): boolean =>
  owned >= atLeast && changed * 100 > percent * owned

const OWNED: ReadonlySet<Phase> = new Set(['pending', 'published', 'retained', 'awaiting'])

/** How many records are owned in a scope, of the counts by scope and phase. */
export const ownedIn = (scope: string, counts: Iterable<{ scope: string; phase: Phase; count: number }>): number =>
  [...counts].filter(one => one.scope === scope && OWNED.has(one.phase)).reduce((sum, { count }) => sum + count, 0)

/** Why so much waits for a person. */
export const tooMuch = (records: number, owned: number, scope: string, until: string): string =>
  `${records} of the ${owned} records owned in ${scope} (${Math.round((records * 100) / owned)} %) would go at once, so ${until} until a person decides.`

/** What a run would end in one scope, and how many of the scope's records that would take away. */
export interface ScopeRemovals {
  scope: string
  endings: ProposedEnd[]
  records: number
  owned: number
  /** True when it is too much, so that a person decides. */
  held: boolean
}

/** How many records an event would take away: those that are wanted now, and would be removed or get a time to go. */
const removalsBy = (known: StateView, scopes: Scopes, event: LeaseEvent, now: number): number =>
  plan(known, scopes, event, now).records.filter(
    next => known.record(next.key)?.wanted && (!next.wanted || next.goal === 'awaiting'),
  ).length

const idOf = ({ event, cltt }: ProposedEnd): string => `${event.address} ${cltt}`

/** The ends that a person has rejected. These are not proposed again. */
const rejectedEnds = (holds: Iterable<Hold>): Set<string> =>
  new Set(
    ofEndings(holds)
      .filter(({ state }) => state === 'rejected')
      .flatMap(({ endings }) => endings.map(idOf)),
  )

/**
 * Sorts proposed ends by scope, and tells for each scope whether they are too many. A scope that is gone is weighed by the
 * name that it had. Left out are other ends of no scope, ends
 * that a person rejected, and ends of leases that were granted again since. `owned` counts the records of a scope.
 */
export const checkLimit = (
  known: StateView,
  scopes: Scopes,
  endings: ProposedEnd[],
  owned: (scope: string) => number,
  holds: Iterable<Hold>,
  limits: Limits,
  now: number,
): ScopeRemovals[] => {
  const rejected = rejectedEnds(holds)
  const removals = new Map<string, ScopeRemovals>()
  for (const end of endings) {
    const { address } = end.event
    const scope = scopes.find(address)?.name ?? (isAbandonment(end) && known.lease(address)?.scope)
    if (!scope || rejected.has(idOf(end)) || !isCurrent(known.lease(address), end)) continue
    const one = removals.get(scope) ?? { scope, endings: [], records: 0, owned: owned(scope), held: false }
    one.endings.push(end)
    one.records += removalsBy(known, scopes, end.event, now)
    removals.set(scope, one)
  }
  for (const one of removals.values()) one.held = isTooMuch(one.records, one.owned, limits)
  return [...removals.values()]
}
