/*
 * What an answer, or a look, means for the records of one name.
 *
 * The invariant: the states of the name say what DNS holds, and the records follow them; an answer speaks only of what was
 * sent, whatever was decided since. So each function here takes the records as they are now, and gives the versions that
 * differ. Read a column downwards:
 *
 *                          applied              refused, unreachable     look: ours       look: somebody's
 *     states of the name   collapse             as before; grown         what was seen    what was seen
 *     a wanted record      applied              problem, once            problem gone     conflict or protected
 *     one on its way out   gone                 problem, once            stays as it is   gone
 *     another of the name  as the states say    untouched                as the states say
 */
import type { NameState } from '../../schemas/model/name.ts'
import type { Decision, OutcomeKind, OwnedRecord } from '../../schemas/model/record.ts'
import { isTakenOver, keyOf, phaseOf, sameShape } from '../plan/record.ts'
import { reasonOf } from '../plan/rules.ts'
import { isLetGo, type Verdict } from './look.ts'
import { isNotInUse, standingIn } from './name-state.ts'

type Fields = Partial<OwnedRecord>

/** The record with these fields, the time `now`, and the phase that follows from them; itself where nothing differs. */
const versionOf = (record: OwnedRecord, fields: Fields, now: number | null): OwnedRecord => {
  let differs = false
  for (const field in fields) differs ||= record[field as keyof OwnedRecord] !== fields[field as keyof OwnedRecord]
  if (!differs) return record
  const next = { ...record, ...fields, updatedAt: now ?? record.updatedAt }
  next.phase = phaseOf(next)
  return next
}

/** How a record stands in DNS by the states of its name; as it was where none is known. Equal shapes stay the same objects. */
const standingFields = (record: OwnedRecord, states: readonly NameState[]): Fields => {
  if (states.length === 0) return {}
  const { applied, sent } = standingIn(record, states)
  const written = applied ?? record.written
  return {
    applied: sameShape(applied, record.applied) ? record.applied : applied,
    sent: sameShape(sent, record.sent) ? record.sent : sent,
    written: sameShape(written, record.written) ? record.written : written,
  }
}

const differing = (records: readonly OwnedRecord[], change: (record: OwnedRecord) => OwnedRecord): OwnedRecord[] => {
  const changed: OwnedRecord[] = []
  for (const record of records) {
    const next = change(record)
    if (next !== record) changed.push(next)
  }
  return changed
}

/** The records as the states of their name have them. Without `now` it is no news, and they keep their time. */
export const withStates = (
  records: readonly OwnedRecord[],
  states: readonly NameState[],
  now: number | null,
): OwnedRecord[] => differing(records, record => versionOf(record, standingFields(record, states), now))

/** A change was made: trouble is over, and once the name was not in use, what a person had made of it is gone. */
export const whenApplied = (
  records: readonly OwnedRecord[],
  states: readonly NameState[],
  wasNotInUse: boolean,
  now: number,
): OwnedRecord[] =>
  differing(records, record => {
    const origin = wasNotInUse && isTakenOver(record) ? { origin: 'dynamic' as const } : {}
    const problem = record.stopped ? record.problem : null
    const fields = { ...standingFields(record, states), problem, ...origin }
    return versionOf(record, fields, now)
  })

/** A change was not answered: what it may have written counts as written. */
export const whenUnheard = (records: readonly OwnedRecord[]): OwnedRecord[] =>
  differing(records, record => (record.sent ? versionOf(record, { written: record.sent }, null) : record))

/** A change was refused or not answered: the records that it is about say so, each time that says something new. */
export const whenTroubled = (
  records: readonly OwnedRecord[],
  kind: OutcomeKind,
  detail: string,
  now: number,
): OwnedRecord[] =>
  differing(records, record => {
    const isOpen = record.wanted !== null ? !record.applied && !record.stopped : record.applied !== null
    const { problem } = record
    if (!isOpen || (problem?.kind === kind && problem.detail === detail)) return record
    return versionOf(record, { problem: { kind, detail, at: now, tries: (problem?.tries ?? 0) + 1 } }, now)
  })

/** The rule by which a record is no longer written. */
const STOPPED_BY = { conflict: 'name-in-use', protected: 'changed-by-hand' } as const

/** The record once its name is somebody else's: nothing of it is in DNS, and nothing is tried until it is looked at again. */
export const stopped = (
  record: OwnedRecord,
  kind: 'conflict' | 'protected',
  detail: string,
  now: number,
): OwnedRecord => {
  const isOut = record.applied === null && record.sent === null
  if (isOut && record.stopped === kind && record.problem?.detail === detail) return record
  const rule = STOPPED_BY[kind]
  const fields: Fields = {
    applied: null,
    sent: null,
    stopped: kind,
    rule,
    reason: reasonOf(rule, { name: record.name, detail }),
    problem: { kind: 'conflict', detail, at: now, tries: (record.problem?.tries ?? 0) + 1 },
    ...(kind === 'protected' && { origin: 'manual' as const }),
  }
  return versionOf(record, fields, now)
}

/** A value that was found at a name of ours and is taken up, so that it can be replaced: a record on its way out. */
const takenUp = (typeAndValue: string, like: OwnedRecord, states: readonly NameState[], now: number): OwnedRecord => {
  const [type, value] = typeAndValue.split(' ') as [OwnedRecord['type'], string]
  const made: OwnedRecord = {
    ...like,
    key: keyOf(like.endpoint, like.name, type, value),
    type,
    value,
    wanted: null,
    goal: 'removed',
    rule: 'taken-up',
    reason: reasonOf('taken-up', { name: like.name, other: `${type} ${value}` }),
    written: standingIn({ type, value }, states).applied,
    problem: null,
    stopped: null,
    dueAt: null,
    updatedAt: now,
    ...standingIn({ type, value }, states),
  }
  made.phase = phaseOf(made)
  return made
}

/** The state of a name after a look, or null where nothing more is known of it than its records say. */
export const statesAfter = (verdict: Verdict): NameState[] | null => {
  if (verdict.is === 'conflict') return null
  if (verdict.is === 'protected') return verdict.state.marker === null ? null : [verdict.state]
  return verdict.states
}

/**
 * What a look says of the records of one name. A record that waits for an end of its trouble is free again where the name
 * is ours; one that was ours is let go where it is not.
 */
export const whenLooked = (records: readonly OwnedRecord[], verdict: Verdict, now: number): OwnedRecord[] => {
  if (verdict.is === 'ours') {
    const { states } = verdict
    const isFree = states.length === 1 && isNotInUse(states[0]!)
    const isMarked = states.some(({ marker }) => marker !== null)
    const next = differing(records, record => {
      const origin = isFree && isTakenOver(record) ? { origin: 'dynamic' as const } : {}
      const free = record.stopped ? { stopped: null, problem: null } : { problem: null }
      const standing = standingFields(record, states)
      // Our marker is there: what was perhaps written was, for all we know, and somebody changed it since.
      const written = standing.written ?? (isMarked ? record.sent : null) ?? record.written
      return versionOf(record, { ...standing, written, ...free, ...origin }, now)
    })
    const known = new Set(records.map(({ type, value }) => `${type} ${value}`))
    const fresh = [...verdict.adopted].filter(one => !known.has(one))
    return [...next, ...fresh.map(one => takenUp(one, records[0]!, states, now))]
  }
  const isMeant = (record: OwnedRecord) => verdict.is === 'conflict' || isLetGo(verdict, record)
  return differing(records, record => {
    if (isMeant(record) && (record.wanted !== null || record.applied !== null || record.sent !== null))
      return stopped(record, record.stopped ?? verdict.is, verdict.detail, now)
    if (verdict.is === 'protected') return versionOf(record, standingFields(record, [verdict.state]), now)
    return versionOf(record, { applied: null, sent: null, problem: null }, now)
  })
}

const MISSING = 'missing-in-dns'

/** The decision that a look made about a record, or null where it changed nothing that a person would call one. */
export const lookDecision = (was: OwnedRecord | undefined, record: OwnedRecord): Decision | null => {
  const { name, type, value, rule, reason } = record
  const about = { name, type, value }
  if (record.stopped && record.stopped !== was?.stopped)
    return { verb: record.stopped === 'conflict' ? 'conflict' : 'skip', record: about, rule, reason }
  const isMissing = was?.applied && !record.applied && record.wanted !== null && !record.stopped
  if (isMissing) return { verb: 'publish', record: about, rule: MISSING, reason: reasonOf(MISSING, { name }) }
  if (was?.stopped && !record.stopped && record.wanted !== null)
    return { verb: 'publish', record: about, rule: 'free-again', reason: reasonOf('free-again', { name }) }
  return was === undefined ? { verb: 'remove', record: about, rule, reason } : null
}
