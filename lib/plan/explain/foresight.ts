/*
 * What another policy would do, found out by doing it to a view of what is known.
 *
 * There is no second set of rules here that could differ from the first: the steps are those by which the policy would come
 * into force (rederive.ts), and each is kept in an overlay in the place of the store. Of the records only those are kept that
 * a later step may look at, so that a preview of a large estate does not need its size in memory once more.
 */
import type { Decision, OwnedRecord, RecordRef, Verb } from '../../../schemas/model/record.ts'
import { subjectOf } from '../record.ts'
import { type Estate, rederivation, type ScopesInForce } from '../rederive.ts'
import { Overlay } from './overlay.ts'

/** Decisions that are told at most; the others are counted. */
export const MOST_TOLD = 1000

export interface Foresight {
  counts: Partial<Record<Verb, number>>
  /** The first decisions, and how many there are besides. */
  changes: Decision[]
  more: number
  /** The first of those decisions by which a record would go, and how many there are of them in all. */
  going: Decision[]
  goes: number
}

/**
 * True when a record that is wanted would be removed, or would get a time to go, or an earlier one than it has.
 */
const isGoing = (was: OwnedRecord | undefined, next: OwnedRecord): boolean => {
  if (!was?.wanted) return false
  if (!next.wanted) return true
  return next.goal === 'awaiting' && (was.goal !== 'awaiting' || (was.dueAt ?? 0) > (next.dueAt ?? 0))
}

const refText = ({ name, type, value }: RecordRef): string => `${name} ${type} ${value}`

/** The decisions on these records. */
const decisionsOn = (records: OwnedRecord[], decisions: Decision[]): Decision[] => {
  const refs = new Set(records.map(refText))
  return decisions.filter(({ record }) => refs.has(refText(record)))
}

/** True for a record that is not of the name of its lease: it is looked at again when that name is derived. Each name is once. */
const isSeenAgain = (view: Overlay, record: OwnedRecord): boolean =>
  subjectOf(record) !== view.lease(record.address)?.name

/** Goes through the steps, with a `yield` after each, and gives what they would do to the scope of that name. */
export function* foresee(known: Estate, scopes: ScopesInForce, now: number, scope: string): Generator<void, Foresight> {
  const view = new Overlay(known)
  const seen: Foresight = { counts: {}, changes: [], more: 0, going: [], goes: 0 }
  for (const plan of rederivation(view, scopes, now, scope)) {
    const going = plan.records.filter(next => isGoing(view.record(next.key), next))
    view.keep({ leases: plan.leases, records: plan.records.filter(record => isSeenAgain(view, record)) })
    for (const decision of plan.decisions) {
      seen.counts[decision.verb] = (seen.counts[decision.verb] ?? 0) + 1
      if (seen.changes.length < MOST_TOLD) seen.changes.push(decision)
      else seen.more++
    }
    seen.goes += going.length
    seen.going.push(...decisionsOn(going.slice(0, MOST_TOLD - seen.going.length), plan.decisions))
    yield
  }
  return seen
}
