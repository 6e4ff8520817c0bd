/*
 * One name is brought from what DNS may hold to what is desired, by one change.
 *
 * A change is a list of attempts, tried in order, each with prerequisites by which the server itself refuses it when the
 * name is not what we think (RFC 2136 §2.4). There is one attempt for each state in which the name may be. It is the rule
 * of RFC 4703 §5.3 as data, with exact values in the place of "some RRset exists":
 *
 *     want                             attempt 1                                attempt 2                    else
 *     publish, not known to be there   name not in use: add A and DHCID         our DHCID, and A as         look
 *                                                                               desired: take it up
 *     publish, replace, one of ours    our DHCID, each RRset exactly as known:  the same for each other      look
 *       goes                             delete our RRs, add the desired ones     possible state
 *     the last of ours goes            the same, and the marker goes too                                     look
 *     PTR                              absent, or exactly as known: replace     ...                          look
 *     alias, where nothing is          name not in use: add CNAME               none: no marker tells        look
 *     alias, where ours is             CNAME exactly as known: replace, delete  ...                          look
 *     alias, where our A is            as for the last of ours; the CNAME is the next change
 *
 *     name red | known  { A .1, DHCID a } or { A .2, DHCID a } | desired A .3
 *              | if DHCID = a and A = {.1}: delete A .1, add A .3
 *              | if DHCID = a and A = {.2}: delete A .2, add A .3
 *
 * When the server says no to all attempts, nothing is concluded from that: the name is looked at (look.ts). What others
 * have beside ours is part of what is known, and stays: only values that the store owns are ever deleted, and never "all
 * at the name".
 *
 * A server leaves out an RR beside a CNAME, and a CNAME beside other RRs, and says nothing of it (RFC 2136 §3.4.2.2). So a
 * CNAME is only added to a name that is not in use, or in the place of ours; and whatever is added elsewhere has a
 * prerequisite that fails where a CNAME is.
 */
import type { MarkerState, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import type { Attempt, Change, Prerequisite, RR, RRType, Update } from '../dns/rr.ts'
import { isTakenOver } from '../plan/record.ts'
import { type Desired, desiredAt, isOurs, type Marker, TYPES } from './desired.ts'
import { bearsMarker, isNotInUse, MOST_STATES, markerRR, sameMarker, ttlIn, valuesIn } from './name-state.ts'

const DEFAULT_TTL = 300

/** Tells the values that are ours to delete at the name. It is asked of few names, as most have nothing to delete. */
type Owned = (type: RecordType, value: string) => boolean

const ownedValues = (records: OwnedRecord[]): Owned => {
  let known: Set<string> | undefined
  return (type, value) => {
    known ??= new Set(records.filter(isOurs).map(one => `${one.type} ${one.value}`))
    return known.has(`${type} ${value}`)
  }
}

const hasSet = ({ sets }: { sets: readonly { type: RecordType }[] }, type: RecordType): boolean =>
  sets.some(set => set.type === type)

const isAlias = ({ type }: { type: RecordType }): boolean => type === 'CNAME'

/**
 * What can be reached from a state by one change. An alias allows nothing beside it, and only a name that is not in use
 * shows that nothing is there: so what is ours there goes first.
 */
const reachable = (state: NameState, desired: Desired): Desired =>
  !desired.sets.some(isAlias) || isNotInUse(state) || valuesIn(state, 'CNAME').length > 0
    ? desired
    : { ...desired, sets: desired.sets.filter(set => !isAlias(set)) }

const equals = (name: string, type: RRType, values: string[]): Prerequisite =>
  values.length === 0 ? { must: 'rrset-absent', name, type } : { must: 'rrset-equals', name, type, values }

const remove = ({ name, type, value }: RR): Update => ({ do: 'delete-rr', name, type, value })

/** The difference of one RRset: what others have there stays. */
const setUpdates = (name: string, type: RecordType, state: NameState, desired: Desired, owned: Owned): Update[] => {
  const there = valuesIn(state, type)
  const wanted = desired.sets.find(set => set.type === type)
  const values = wanted?.values ?? []
  const going = there.filter(value => owned(type, value) && !values.includes(value))
  const isOtherTtl = wanted !== undefined && wanted.ttl !== ttlIn(state, type)
  const coming = values.filter(value => isOtherTtl || !there.includes(value))
  const ttl = wanted?.ttl ?? 0
  return [
    ...going.map(value => remove({ name, type, ttl, value })),
    ...coming.map((value): Update => ({ do: 'add', rr: { name, type, ttl, value } })),
  ]
}

/** The marker of RRsets that may not be written now stays with them, where nothing else at the name has one. */
const markerUpdates = (name: string, state: NameState, desired: Desired, closed: ReadonlySet<RecordType>): Update[] => {
  if (sameMarker(state.marker, desired.marker)) return []
  if (desired.marker === null && state.sets.some(({ type }) => closed.has(type))) return []
  const ttl = desired.sets[0]?.ttl ?? state.sets[0]?.ttl ?? DEFAULT_TTL
  return [
    ...(state.marker ? [remove(markerRR(name, state.marker, ttl))] : []),
    ...(desired.marker ? [{ do: 'add' as const, rr: markerRR(name, desired.marker, ttl) }] : []),
  ]
}

/** What others have of the type of a marker. A TXT marker is one TXT among others, and a prerequisite compares them all. */
const besideMarker = ({ others }: NameState, type: RRType): string[] =>
  others.filter(rr => rr.type === type).flatMap(rr => rr.value ?? [])

const markerPrerequisite = (name: string, state: NameState, marker: MarkerState): Prerequisite => {
  const { type, value } = markerRR(name, marker, 0)
  return equals(name, type, [...besideMarker(state, type), value])
}

/** Prerequisites that hold in a state without a marker, and fail where one of these kinds is there. */
const unmarked = (name: string, state: NameState, kinds: ReadonlySet<MarkerState['kind']>): Prerequisite[] =>
  [...kinds].map(kind => {
    const { type } = markerRR(name, { kind, dhcid: '' }, 0)
    return equals(name, type, besideMarker(state, type))
  })

/** RR types that must not be there when a name is taken up beside what others have: CNAME allows nothing beside it. */
const FREE_OF: RRType[] = ['A', 'AAAA', 'PTR', 'DHCID', 'CNAME']

/** True when a prerequisite can only hold where there is no CNAME: nothing is at the name, or something else is. */
const excludesAlias = (it: Prerequisite): boolean =>
  it.must === 'name-not-in-use' || it.type === 'CNAME' || (it.must === 'rrset-equals' && it.values.length > 0)

/** `types` are those whose RRsets are compared; `others` are the other states that are possible. */
const prerequisitesOf = (name: string, state: NameState, types: RecordType[], others: NameState[]): Prerequisite[] => {
  if (isNotInUse(state)) return [{ must: 'name-not-in-use', name }]
  const { marker, sets } = state
  const kinds = new Set(others.flatMap(one => one.marker?.kind ?? []))
  if (marker === null && sets.length === 0) {
    kinds.delete('dhcid')
    return [...FREE_OF.map(type => equals(name, type, [])), ...unmarked(name, state, kinds)]
  }
  return [
    ...(marker ? [markerPrerequisite(name, state, marker)] : unmarked(name, state, kinds)),
    ...types.map(type => equals(name, type, valuesIn(state, type))),
  ]
}

const NONE: ReadonlySet<RecordType> = new Set()

const additions = (name: string, { sets }: Desired): Update[] =>
  sets.flatMap(({ type, ttl, values }) =>
    values.map((value): Update => ({ do: 'add', rr: { name, type, ttl, value } })),
  )

/** The attempt at a name that is not in use. */
const attemptAnew = (name: string, desired: Desired): Attempt => {
  const { marker, sets } = desired
  const updates = additions(name, desired)
  if (marker !== null) updates.push({ do: 'add', rr: markerRR(name, marker, sets[0]?.ttl ?? DEFAULT_TTL) })
  return { prerequisites: [{ must: 'name-not-in-use', name }], updates }
}

/**
 * The attempt that brings the name from one state to what is desired; without updates where it is so already. Where there
 * are other possible states, its prerequisites tell it apart from each of them. RRsets of `closed` types stay as they are.
 */
const attemptFrom = (
  name: string,
  state: NameState,
  wanted: Desired,
  owned: Owned,
  others: NameState[] = [],
  closed: ReadonlySet<RecordType> = NONE,
): Attempt => {
  if (closed.size === 0 && isNotInUse(state)) return attemptAnew(name, wanted)
  const desired = reachable(state, wanted)
  const atStake = TYPES.filter(type => hasSet(desired, type) || hasSet(state, type))
  const bySet = atStake.map(type => ({
    type,
    updates: closed.has(type) ? [] : setUpdates(name, type, state, desired, owned),
  }))
  const touched = bySet.filter(({ updates }) => updates.length > 0)
  const marker = markerUpdates(name, state, desired, closed)
  const updates = [...touched.flatMap(one => one.updates), ...marker]
  const isAtStake = (type: RecordType) => atStake.includes(type) || others.some(one => hasSet(one, type))
  const isAlone = others.length === 0 && touched.length > 0
  // A marker goes only from under nothing: an RRset of the other family may have come since that was thought.
  const takesMarker = marker.length > 0 && desired.marker === null
  const isCompared = (type: RecordType) => (isAlone ? touched.some(one => one.type === type) : isAtStake(type))
  const types = TYPES.filter(type => isCompared(type) || (takesMarker && bearsMarker(type)))
  const prerequisites = prerequisitesOf(name, state, types, others)
  const mayBeAtAlias = updates.some(one => one.do === 'add') && !prerequisites.some(excludesAlias)
  return { prerequisites: mayBeAtAlias ? [...prerequisites, equals(name, 'CNAME', [])] : prerequisites, updates }
}

/** The name as it is once it is as desired, by another sidecar or before our store was lost: it is taken up. */
const attemptToTakeUp = (name: string, desired: Desired): Attempt | null => {
  if (desired.marker === null) return null
  const { type, value } = markerRR(name, desired.marker, 0)
  return {
    prerequisites: [equals(name, type, [value]), ...desired.sets.map(set => equals(name, set.type, set.values))],
    updates: additions(name, desired),
    takesUp: true,
  }
}

/** True for a state in which the name is nobody's, or ours: RRsets without a marker of ours hold some value of ours. */
const isOpenTo = ({ marker, sets }: NameState, owned: Owned): boolean =>
  marker !== null || sets.length === 0 || sets.some(({ type, values }) => values.some(value => owned(type, value)))

/** True for a state in which an RRset that we want holds only values of others, at a name that a person took over. */
const isOthers = (state: NameState, desired: Desired, records: OwnedRecord[], owned: Owned): boolean =>
  records.some(isTakenOver) &&
  desired.sets.some(({ type }) => {
    const there = valuesIn(state, type)
    return there.length > 0 && !there.some(value => owned(type, value))
  })

const key = (attempt: Attempt): string => JSON.stringify(attempt.prerequisites)

/** Each set of prerequisites once. Two states that differ in a TTL alone have the same: the one with updates serves both. */
const each = (attempts: Attempt[]): Attempt[] => {
  if (attempts.length < 2) return attempts
  const most = attempts.toSorted((a, b) => a.updates.length - b.updates.length)
  const byKey = new Map(most.map(one => [key(one), one]))
  return attempts.filter(one => byKey.get(key(one)) === one)
}

/** One possible state, and what would bring it to what is desired if there were no other. `isReached`: in one change. */
interface Approach {
  state: NameState
  isReached: boolean
  attempt: Attempt
}

const isEmpty = ({ updates }: Attempt): boolean => updates.length === 0

/**
 * The change that brings one name to what is desired; null when DNS holds it already, or nothing is to be done. `records`
 * are all owned records of the name at one place, `states` what DNS may hold there. A change without attempts says that
 * too little is known: the name is to be looked at first. RRsets of `closed` types may not be written now, as another node
 * does that: they stay as they are, whatever is desired.
 */
export const nextChange = (
  records: OwnedRecord[],
  states: NameState[],
  kind: Marker,
  closed: ReadonlySet<RecordType> = NONE,
): Change | null => {
  const [first] = records
  if (!first) return null
  const { name, zone } = first
  const written = closed.size === 0 ? records : records.filter(record => !closed.has(record.type))
  const desired = desiredAt(written, kind)
  const owned = ownedValues(records)
  const approaches = states.map((state): Approach => {
    const isReached = reachable(state, desired) === desired
    return { state, isReached, attempt: attemptFrom(name, state, desired, owned, [], closed) }
  })
  if (approaches.length > 0 && approaches.every(one => one.isReached && isEmpty(one.attempt))) return null
  if (approaches.length === 0)
    return desired.sets.length > 0 || records.some(isOurs) ? { name, zone, attempts: [] } : null
  if (approaches.length > MOST_STATES) return { name, zone, attempts: [] }
  const isOpen = ({ state, isReached, attempt }: Approach) =>
    isOpenTo(state, owned) && (isReached || !isEmpty(attempt)) && !isOthers(state, desired, records, owned)
  const apart = ({ state, attempt }: Approach): Attempt => {
    const others = states.filter(one => one !== state)
    return others.length === 0 ? attempt : attemptFrom(name, state, desired, owned, others, closed)
  }
  const attempts = approaches.filter(isOpen).map(apart)
  if (closed.size > 0 && attempts.every(isEmpty)) return null
  const isNew = desired.sets.length > 0 && states.every(isNotInUse) && !records.some(isTakenOver)
  const takeUp = isNew ? attemptToTakeUp(name, desired) : null
  return { name, zone, attempts: takeUp ? [...each(attempts), takeUp] : each(attempts) }
}

/**
 * True for a PTR, or an alias, that is not known to be in DNS and leads to a name that has no RR of ours there: it must
 * never lead to a name that is missing, or somebody else's. `there` are the records among which that name's are: those of
 * the PTR's address, or those of the alias' target. A PTR whose name is not ours to write is `alone`, and does not wait:
 * the scope says `forward: false`, or the client writes that RR itself. With `perhaps` a name that may be in DNS counts as
 * one that is: after a crash the record may have been sent, though its name's answer is lost.
 */
export const awaitsTarget = (record: OwnedRecord, there: Iterable<OwnedRecord>, perhaps = false): boolean => {
  const leads = record.type === 'PTR' || record.type === 'CNAME'
  if (!leads || record.wanted === null || record.applied || record.alone) return false
  // What was sent of an alias is told from a stranger's by that alone: it bears no marker.
  if (perhaps && isAlias(record)) return false
  for (const { type, name, applied, sent, stopped } of there) {
    if (type !== 'PTR' && name === record.value && (applied || (perhaps && sent)) && !stopped) return false
  }
  return true
}

/** The records among which those of the name are to which a PTR or an alias leads. */
export const targetsOf = (
  { type, value, address }: OwnedRecord,
  known: { recordsOf(address: string): Iterable<OwnedRecord>; openNamed(name: string): Iterable<OwnedRecord> },
): Iterable<OwnedRecord> => (type === 'CNAME' ? known.openNamed(value) : known.recordsOf(address))
