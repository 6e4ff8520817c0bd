/*
 * What DNS may hold at one name.
 *
 * The invariant: the set of states always contains the true one, as far as Leasehold alone writes there. It grows with
 * each message that is sent, as the message may be made or lost; it collapses at an answer, which says which attempt was
 * made, and at a look, which shows the name itself. So a lost answer is nothing special: it leaves two states, and the
 * next change has an attempt for each.
 *
 *     records say            A .1, marker a
 *     sent: A .1 -> .2       { A .1, marker a }  { A .2, marker a }      grown
 *     no answer; the same name's AAAA is decided
 *     sent: two attempts     { A .1 ... }  { A .2 ... }  { A .2, AAAA ::1, marker a }
 *     answer: attempt 2      { A .2, AAAA ::1, marker a }                collapsed
 *
 * An UPDATE is atomic (RFC 2136 §3.7), so no state lies between these. A server that takes one RR at a time can be left
 * between them, so that there each update adds a state: A .1 without its marker is one that we may have left.
 */
import type { MarkerState, NameState, OtherRR, RRsetState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType, Shape } from '../../schemas/model/record.ts'
import type { Attempt, FoundRR, Prerequisite, RR, RRType, Update } from '../dns/rr.ts'

export const NOT_IN_USE: NameState = { marker: null, sets: [], others: [] }

/** More states than these are not told apart by attempts: the name is read first. */
export const MOST_STATES = 4

const TXT_PREFIX = 'heritage=leasehold,dhcid='

/** The RR by which a marker stands in DNS. */
export const markerRR = (name: string, { kind, dhcid }: MarkerState, ttl: number): RR =>
  kind === 'dhcid' ? { name, type: 'DHCID', ttl, value: dhcid } : { name, type: 'TXT', ttl, value: TXT_PREFIX + dhcid }

/** The marker that an RR is, or null for any other RR. */
export const markerIn = ({ type, value }: Pick<RR, 'value'> & { type: string }): MarkerState | null => {
  if (type === 'DHCID') return { kind: 'dhcid', dhcid: value.toLowerCase() }
  return type === 'TXT' && value.startsWith(TXT_PREFIX) ? { kind: 'txt', dhcid: value.slice(TXT_PREFIX.length) } : null
}

export const sameMarker = (a: MarkerState | null, b: MarkerState | null): boolean =>
  a === b || (a !== null && b !== null && a.kind === b.kind && a.dhcid === b.dhcid)

const ORDER: RecordType[] = ['A', 'AAAA', 'PTR', 'CNAME']

/** True for the types beside which our marker stands. A PTR, and an alias, bear none. */
export const bearsMarker = (type: RecordType): boolean => type === 'A' || type === 'AAAA'

const isThere = ({ values }: RRsetState): boolean => values.length > 0

/** RRsets that are there, each type at its place: so two lists of the same RRsets are alike, item by item. */
const inOrder = (sets: RRsetState[]): RRsetState[] => {
  const there = sets.every(isThere) ? sets : sets.filter(isThere)
  return there.length < 2 ? there : there.toSorted((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
}

/** The values of one type in a state, sorted; none where there is no such RRset. */
export const valuesIn = ({ sets }: NameState, type: RecordType): string[] =>
  sets.find(set => set.type === type)?.values ?? []

export const ttlIn = ({ sets }: NameState, type: RecordType): number | null =>
  sets.find(set => set.type === type)?.ttl ?? null

export const isNotInUse = ({ marker, sets, others }: NameState): boolean =>
  marker === null && sets.length === 0 && others.length === 0

const areAlike = <T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean =>
  a === b || (a.length === b.length && a.every((one, i) => same(one, b[i]!)))

const sameValue = (a: string, b: string): boolean => a === b

const sameSet = (a: RRsetState, b: RRsetState): boolean =>
  a.type === b.type && a.ttl === b.ttl && areAlike(a.values, b.values, sameValue)

const sameOther = (a: OtherRR, b: OtherRR): boolean => a.type === b.type && a.value === b.value

const sameState = (a: NameState, b: NameState): boolean =>
  a === b ||
  (sameMarker(a.marker, b.marker) &&
    areAlike(inOrder(a.sets), inOrder(b.sets), sameSet) &&
    areAlike(a.others, b.others, sameOther))

/** Each state once. */
export const distinct = (states: NameState[]): NameState[] =>
  states.length < 2 ? states : states.filter((state, i) => states.findIndex(one => sameState(one, state)) === i)

export const sameStates = (a: readonly NameState[], b: readonly NameState[]): boolean => areAlike(a, b, sameState)

/** All values of one type: of an RRset of ours, of the marker's type, and of what others have there. */
const allValues = (state: NameState, type: RRType): string[] => {
  const own = state.sets.find(set => set.type === type)?.values ?? []
  const marker = state.marker && markerRR('', state.marker, 0)
  const others = state.others.filter(rr => rr.type === type).map(rr => rr.value ?? '')
  return [...own, ...(marker?.type === type ? [marker.value] : []), ...others]
}

const holds = (state: NameState, it: Prerequisite): boolean => {
  if (it.must === 'name-not-in-use') return isNotInUse(state)
  const there = allValues(state, it.type).sort()
  if (it.must === 'rrset-absent') return there.length === 0
  const values = [...it.values].sort()
  return there.length === values.length && there.every((value, i) => value === values[i])
}

/** Whether the server makes this attempt when the name is in that state. */
export const permits = (state: NameState, { prerequisites }: Attempt): boolean =>
  prerequisites.every(one => holds(state, one))

const isRecordType = (type: string): type is RecordType => (ORDER as string[]).includes(type)

const without = (state: NameState, type: string, value: string): NameState => {
  const marker = markerIn({ type, value })
  if (marker) return sameMarker(marker, state.marker) ? { ...state, marker: null } : state
  const sets = state.sets.map(set =>
    set.type === type ? { ...set, values: set.values.filter(one => one !== value) } : set,
  )
  return { ...state, sets: inOrder(sets) }
}

const withRR = (state: NameState, { type, ttl, value }: RR): NameState => {
  const marker = markerIn({ type, value })
  if (marker) return { ...state, marker }
  if (!isRecordType(type)) return state
  const there = valuesIn(state, type)
  const values = there.includes(value) ? there : [...there, value].sort()
  return { ...state, sets: inOrder([...state.sets.filter(set => set.type !== type), { type, ttl, values }]) }
}

const made = (state: NameState, update: Update): NameState => {
  if (update.do === 'add') return withRR(state, update.rr)
  if (update.do === 'delete-rr') return without(state, update.type, update.value)
  return allValues(state, update.type).reduce((next, value) => without(next, update.type, value), state)
}

/** The state in which a name was seen. Of several markers the one in `known` counts; the others are others'. */
export const stateSeen = (rrs: readonly FoundRR[], known: readonly MarkerState[]): NameState => {
  const markers = rrs.flatMap(rr => markerIn(rr) ?? [])
  const marker = markers.find(one => known.some(ours => sameMarker(ours, one))) ?? markers[0] ?? null
  const sets: RRsetState[] = []
  const others: OtherRR[] = []
  for (const rr of rrs) {
    if (isRecordType(rr.type)) {
      const set = sets.find(one => one.type === rr.type)
      if (set) set.values = [...new Set([...set.values, rr.value])].sort()
      else sets.push({ type: rr.type as RecordType, ttl: rr.ttl, values: [rr.value] })
    } else if (marker === null || !sameMarker(markerIn(rr), marker)) {
      others.push({ type: rr.type, value: rr.type === 'TXT' || rr.type === 'DHCID' ? rr.value : null })
    }
  }
  sets.sort((a, b) => (a.type < b.type ? -1 : 1))
  return { marker, sets, others }
}

/** The state after an attempt was made (RFC 2136 §3.4). */
export const after = (state: NameState, { updates }: Attempt): NameState => updates.reduce(made, state)

/** What the prerequisites of an attempt say by themselves: the state in which a name is that nobody knew. */
const impliedBy = ({ prerequisites }: Attempt): NameState =>
  prerequisites.reduce<NameState>((state, it) => {
    if (it.must !== 'rrset-equals') return state
    return it.values.reduce((next, value) => withRR(next, { name: it.name, type: it.type, ttl: 0, value }), state)
  }, NOT_IN_USE)

/** The states that an attempt can leave: the last is the one after all its updates. */
const leftBy = (state: NameState, attempt: Attempt, isAtomic: boolean): NameState[] => {
  if (isAtomic) return [after(state, attempt)]
  return attempt.updates.map((_, i) => after(state, { ...attempt, updates: attempt.updates.slice(0, i + 1) }))
}

/** The states after a message of these attempts; none when the server makes none of them. */
const afterFirst = (state: NameState, attempts: Attempt[], isAtomic: boolean): NameState[] => {
  const attempt = attempts.find(one => permits(state, one))
  return attempt ? leftBy(state, attempt, isAtomic) : []
}

/**
 * What the name may be in once a message was sent and nothing was heard: as before, or as after it; at a server that is not
 * atomic also between its updates.
 */
export const grown = (states: NameState[], attempts: Attempt[], isAtomic = true): NameState[] => {
  const reached = states.flatMap(state => afterFirst(state, attempts, isAtomic))
  const unforeseen = attempts.filter(one => !one.takesUp && !states.some(state => permits(state, one)))
  return distinct([...states, ...reached, ...unforeseen.flatMap(one => leftBy(impliedBy(one), one, isAtomic))])
}

/** What the name is in once the server said which attempt it made. */
export const collapsed = (states: NameState[], attempts: Attempt[], made: number): NameState[] => {
  const attempt = attempts[made]!
  const before = states.filter(state => attempts.findIndex(one => permits(state, one)) === made)
  return distinct((before.length > 0 ? before : [impliedBy(attempt)]).map(state => after(state, attempt)))
}

/** As `stateOf`, of the only record that is in DNS. */
const stateOfOne = ({ type, value, applied }: OwnedRecord): NameState => {
  const { ttl, dhcid, kind = 'dhcid' } = applied!
  const marker: MarkerState | null = bearsMarker(type) && dhcid !== null ? { kind, dhcid } : null
  return { marker, sets: [{ type, ttl, values: [value] }], others: [] }
}

/** The one state that the records of a name say by themselves, where nothing else is known of it. */
export const stateOf = (records: OwnedRecord[]): NameState => {
  const there = records.filter(record => record.applied !== null)
  if (there.length < 2) return there.length === 0 ? NOT_IN_USE : stateOfOne(there[0]!)
  const marked = there.find(record => bearsMarker(record.type) && record.applied!.dhcid !== null)
  const types = new Set(there.map(({ type }) => type))
  const sets = [...types].map((type): RRsetState => {
    const own = there.filter(record => record.type === type)
    return { type, ttl: own[0]!.applied!.ttl, values: own.map(record => record.value).sort() }
  })
  const { dhcid = null, kind = 'dhcid' } = marked?.applied ?? {}
  return { marker: dhcid === null ? null : { kind, dhcid }, sets: inOrder(sets), others: [] as OtherRR[] }
}

/** A value of a type as one state of its name has it. */
const shapeOf = (state: NameState, type: RecordType): Shape => {
  const { marker } = state
  const isMarked = bearsMarker(type) && marker !== null
  return {
    ttl: ttlIn(state, type)!,
    dhcid: isMarked ? marker.dhcid : null,
    ...(isMarked && marker.kind === 'txt' && { kind: marker.kind }),
  }
}

/**
 * How a record stands in DNS, by the states of its name: confirmed, perhaps there, or neither. Where RRs are made one by
 * one, a value can perhaps be there beside the marker of before, or beside its own. Its own is what was written.
 */
export const standingIn = (
  { type, value, wanted, sent }: Pick<OwnedRecord, 'type' | 'value'> & Partial<Pick<OwnedRecord, 'wanted' | 'sent'>>,
  states: readonly NameState[],
): { applied: Shape | null; sent: Shape | null } => {
  const having = states.filter(state => valuesIn(state, type).includes(value))
  const [first] = having
  if (!first) return { applied: null, sent: null }
  if (having.length === states.length) return { applied: shapeOf(first, type), sent: null }
  const own = wanted?.dhcid ?? sent?.dhcid
  return { applied: null, sent: shapeOf(having.find(({ marker }) => marker?.dhcid === own) ?? first, type) }
}
