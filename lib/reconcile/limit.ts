import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Hold, ProposedEnd } from '../../schemas/model/reconcile.ts'
import { plan, type Scopes, type StateView } from '../plan/plan.ts'
import { isCurrent } from './ends.ts'

/** From when on a set of removals is too large to be true. */
export interface Limits {
  /** Per cent of the records owned in a scope. */
  percent: number
  /** Scopes with fewer records are never held. */
  atLeast: number
}

/** Whether so much of a zone was changed that rather the look is wrong: at an old copy, another view, another marker. */
export const isTooMuch = (changed: number, checked: number, { percent, atLeast }: Limits): boolean =>
  checked >= atLeast && changed * 100 > percent * checked

/** What a run would end in one scope, and what that would take away. */
export interface ScopeRemovals {
  scope: string
  endings: ProposedEnd[]
  records: number
  owned: number
  held: boolean
}

/** How many records of an event's address would no longer be published as they are: gone, or on their way. */
const losses = (known: StateView, scopes: Scopes, event: LeaseEvent, now: number): number =>
  plan(known, scopes, event, now).records.filter(
    next => known.record(next.key)?.wanted && (!next.wanted || next.goal === 'awaiting'),
  ).length

/** Weighs endings scope by scope; a hold that is open, or was rejected, already answers for its endings. */
export const checkLimit = (
  known: StateView,
  scopes: Scopes,
  endings: ProposedEnd[],
  owned: (scope: string) => number,
  holds: Iterable<Hold>,
  limits: Limits,
  now: number,
): ScopeRemovals[] => {
  const answered = new Set<string>()
  for (const { state, endings } of holds) {
    if (state === 'rejected') for (const { event, cltt } of endings) answered.add(`${event.address} ${cltt}`)
  }
  const removals = new Map<string, ScopeRemovals>()
  for (const ending of endings) {
    const { event, cltt } = ending
    const scope = scopes.find(event.address)?.name
    if (!scope || answered.has(`${event.address} ${cltt}`) || !isCurrent(known.lease(event.address), ending)) continue
    const one = removals.get(scope) ?? { scope, endings: [], records: 0, owned: owned(scope), held: false }
    one.endings.push(ending)
    one.records += losses(known, scopes, event, now)
    removals.set(scope, one)
  }
  for (const one of removals.values()) {
    one.held = one.owned >= limits.atLeast && one.records * 100 > limits.percent * one.owned
  }
  return [...removals.values()]
}
