/*
 * What is at a name, and what that means.
 *
 * The invariant: a person is never inferred from a refusal. When a server says no, or a name stands still and is read, what
 * is there is somebody else's only if neither Leasehold nor this client's DHCID ever wrote it. So the name is read at the
 * server that takes the updates, all types of it, and the first row of this table that fits says how to go on:
 *
 *     there is                                                            means
 *     below a delegation                                                  conflict: nothing that we write would resolve
 *     nothing                                                             ours: free
 *     NS or DNAME                                                         somebody's
 *     CNAME with a value that we ever wrote                               ours: the alias
 *     CNAME with another value                                            somebody's
 *     a value of ours that is switched off at the server                  somebody's; what is served of ours stays, else our marker goes
 *     PTR with only values of ours, or the desired one                    ours
 *     PTR with a DHCID beside it, or the scope replaces                   ours: a DHCP server wrote it; taken up
 *     PTR with the name of a client of ours, and we have a partner        ours: the partner wrote it; taken up
 *     only TXT, MX, SSHFP ..., and we want an alias                       somebody's: nothing may stand beside it
 *     only TXT, MX, SSHFP ..., and this client had the name last          ours: free beside them
 *     our marker, or this client's, with values that we ever wrote        ours
 *       the same in a copy of the zone that is older than our last update ours: one repair
 *       one value, and we know nothing of the name, or a partner wrote    ours: that value is taken up
 *       a value of ours and others                                        ours: the others stay
 *       only values that we never wrote                                   a person changed it: protected
 *     no marker, and we write none, with values that we ever wrote        ours
 *       one type with only values that we never wrote, and had            a person changed it: protected
 *     anything else                                                       somebody's
 *
 * "Somebody's" is `protected` where something of ours was there, else `conflict`. Both are looked at again: by the next run,
 * and when the lease is renewed. They end when their cause does.
 */
import type { MarkerState, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import type { FoundRR } from '../dns/rr.ts'
import { typeIfEnabled } from '../dns/zone/compare.ts'
import { isTakenOver } from '../plan/record.ts'
import { desiredAt, type Marker } from './desired.ts'
import { bearsMarker, distinct, MOST_STATES, NOT_IN_USE, sameMarker, stateSeen, valuesIn } from './name-state.ts'

/** One name at one place: the name of an entry of `dns`, and a zone of it. */
export interface NameAt {
  endpoint: string
  zone: string
  name: string
}

/** What was read at one name. */
export interface Seen {
  rrs: readonly FoundRR[]
  /** The name is below a delegation of its zone, so that this server does not answer for it. */
  isBelowCut?: boolean
  /** The zone's serial is older than one that was seen before: a copy that lags, or a backup that was put back. */
  isOldCopy?: boolean
}

/** What a reading of a name needs to know of it. */
export interface LookContext {
  /** All owned records of the name at its place, removed ones that are remembered too. */
  records: readonly OwnedRecord[]
  /** What DNS may hold there, as far as it was known. */
  states: readonly NameState[]
  marker: Marker
  /** A partner of a pair may have written for the same clients. */
  hasPartner: boolean
  /** Whether a client of ours has or had a name. A partner may have given it another's address while the two were parted. */
  isOfClient?(name: string): boolean
  /** The scope replaces a bare PTR of somebody else. */
  replacesPtr: boolean
}

/**
 * How to go on. `ours`: from the states, of which the first was seen; an old copy proves nothing of now, so that what was
 * known stays possible beside it. `adopted` are values that are ours from now on, as "type value".
 */
export type Verdict =
  | { is: 'ours'; states: NameState[]; adopted: ReadonlySet<string> }
  | { is: 'conflict'; detail: string }
  /**
   * `types` are those of the records that are let go, with `values` these of them alone, as "type value". The marker is to be
   * taken away where the state still has ours, and nothing else of ours is there.
   */
  | {
      is: 'protected'
      detail: string
      state: NameState
      types: ReadonlySet<RecordType>
      values?: ReadonlySet<string>
    }

/** True for a record, or an RR, that is let go. */
export const isLetGo = (verdict: Verdict, { type, value }: { type: string; value: string }): boolean =>
  verdict.is === 'protected' &&
  verdict.types.has(type as RecordType) &&
  (verdict.values === undefined || verdict.values.has(`${type} ${value}`))

/** Types that allow nothing of ours beside them, or below them. An alias of ours is one of them. */
export const EXCLUSIVE: ReadonlySet<string> = new Set(['CNAME', 'NS', 'DNAME'])

const list = (rrs: readonly { type: string; value: string }[]): string =>
  rrs.map(({ type, value }) => `${type} ${value}`).join(', ')

/** Values that Leasehold wrote at the name at any time, or may have written, as "type value". */
const everWritten = ({ records, states }: LookContext): Set<string> =>
  new Set([
    ...records.filter(one => one.written || one.applied || one.sent).map(({ type, value }) => `${type} ${value}`),
    ...states
      .flatMap(state => state.sets.flatMap(set => set.values.map(value => `${set.type} ${value}`)))
      .filter(one => records.some(({ type, value }) => `${type} ${value}` === one)),
  ])

/** Markers that Leasehold wrote at the name at any time, or may have written. */
const writtenMarkers = ({ records, states }: LookContext): MarkerState[] => {
  const written = records
    .flatMap(one => [one.applied, one.sent, one.written])
    .flatMap(shape => (shape?.dhcid ? [{ kind: shape.kind ?? ('dhcid' as const), dhcid: shape.dhcid }] : []))
  return [...states.flatMap(state => state.marker ?? []), ...written]
}

/** Markers by which the name is ours: those that may have been written, and those of the clients that it is for now. */
const ourMarkers = (context: LookContext): MarkerState[] => {
  const clients = context.records.flatMap(({ wanted }) => wanted?.dhcid ?? [])
  const kinds = context.marker === 'txt' ? (['txt', 'dhcid'] as const) : (['dhcid', 'txt'] as const)
  return [...writtenMarkers(context), ...clients.flatMap(dhcid => kinds.map(kind => ({ kind, dhcid })))]
}

const NONE: ReadonlySet<string> = new Set()

const ours = (state: NameState, adopted: ReadonlySet<string> = NONE): Verdict => ({
  is: 'ours',
  states: [state],
  adopted,
})

/** What is somebody else's: a person took over what was ours, or it never was. */
const somebodys = ({ records }: LookContext, detail: string, state: NameState): Verdict => {
  const had = records.filter(record => (record.applied !== null || record.sent !== null) && record.stopped === null)
  if (had.length === 0) return { is: 'conflict', detail }
  return { is: 'protected', detail, state, types: new Set(had.map(record => record.type)) }
}

/** True for a value that we wrote, or want, and that the server keeps without serving it: a person switched it off. */
const isOursSwitchedOff = (rr: FoundRR, { records }: LookContext): boolean => {
  const type = typeIfEnabled(rr)
  return records.some(
    one => one.type === type && one.value === rr.value && (one.written !== null || one.wanted !== null),
  )
}

const keysOf = (state: NameState, type: RecordType): string[] => valuesIn(state, type).map(value => `${type} ${value}`)

const judgePtr = (state: NameState, context: LookContext, written: ReadonlySet<string>): Verdict => {
  const desired = desiredAt([...context.records], context.marker).sets.flatMap(set => set.values.map(v => `PTR ${v}`))
  const there = keysOf(state, 'PTR')
  if (there.every(one => written.has(one) || desired.includes(one))) return ours(state)
  const isPartners = context.hasPartner && valuesIn(state, 'PTR').every(name => context.isOfClient?.(name))
  if (state.marker !== null || context.replacesPtr || isPartners) return ours(state, new Set(there))
  return somebodys(context, `it has ${there.join(', ')}`, { ...state, marker: null })
}

/** True for values of which none is ours: neither written at any time, nor wanted now. */
const areForeign = (there: string[], { records }: LookContext, written: ReadonlySet<string>): boolean => {
  const isWanted = (one: OwnedRecord) => one.wanted !== null && one.stopped === null
  const desired = new Set(records.filter(isWanted).map(({ type, value }) => `${type} ${value}`))
  return there.length > 0 && there.every(one => !written.has(one) && !desired.has(one))
}

const changedByHand = (state: NameState, seen: Seen, types: ReadonlySet<RecordType>): Verdict => {
  const detail = `it has ${list(seen.rrs.filter(rr => types.has(rr.type as RecordType)))}, which Leasehold never wrote`
  return { is: 'protected', detail, state, types }
}

/** The name has our marker, or this client's. */
const judgeMarked = (state: NameState, context: LookContext, seen: Seen, written: ReadonlySet<string>): Verdict => {
  const changed = new Set<RecordType>()
  const adopted = new Set<string>()
  const wasKnown = written.size > 0
  const wasTaken = context.records.some(isTakenOver)
  for (const type of ['A', 'AAAA'] as const) {
    const there = keysOf(state, type)
    if (!areForeign(there, context, written)) continue
    const had = context.records.some(one => one.type === type && (one.written || one.applied !== null))
    const mayAdopt = (seen.isOldCopy || !wasKnown || context.hasPartner) && !wasTaken
    if (there.length === 1 && mayAdopt) adopted.add(there[0]!)
    else if (wasTaken || (had && !seen.isOldCopy)) changed.add(type)
  }
  return changed.size === 0 ? ours(state, adopted) : changedByHand(state, seen, changed)
}

/** True when Leasehold writes no marker at the name, or once wrote none. */
const mayBeUnmarked = ({ marker, states }: LookContext): boolean =>
  marker === 'none' || states.some(known => known.marker === null && known.sets.some(({ type }) => bearsMarker(type)))

/** The name has values of ours, and may have been written without a marker. What a person has of a type stays theirs. */
const judgeUnmarked = (state: NameState, context: LookContext, seen: Seen, written: ReadonlySet<string>): Verdict => {
  const wasTaken = context.records.some(isTakenOver)
  const changed = (['A', 'AAAA'] as const).filter(
    type =>
      areForeign(keysOf(state, type), context, written) &&
      context.records.some(one => one.type === type && (wasTaken || one.applied !== null)),
  )
  return changed.length === 0 ? ours(state) : changedByHand(state, seen, new Set(changed))
}

/** The name has no marker. */
const judgeBare = (state: NameState, context: LookContext, seen: Seen, written: ReadonlySet<string>): Verdict => {
  const there = [...keysOf(state, 'A'), ...keysOf(state, 'AAAA')]
  const wanted = context.records.filter(record => record.wanted !== null)
  if (there.length === 0) {
    if (wanted.some(({ type }) => type === 'CNAME')) return somebodys(context, `it has ${list(seen.rrs)}`, state)
    const wasLast = wanted.some(({ client }) => context.records.some(one => one.written && one.client === client))
    return wasLast ? ours(state) : somebodys(context, `it has ${list(seen.rrs)}`, state)
  }
  const own = there.filter(one => written.has(one))
  if (mayBeUnmarked(context) && own.length > 0) return judgeUnmarked(state, context, seen, written)
  const detail = own.length > 0 ? 'its DHCID is gone' : `it has ${list(seen.rrs)}`
  return somebodys(context, detail, state)
}

/** A person switched off values of ours: they are let go, and with them what else is not ours any more at the name. */
const judgeSwitchedOff = (state: NameState, context: LookContext, seen: Seen, off: FoundRR[]): Verdict => {
  const detail = `it has ${list(off)}`
  const served = judgeSeen({ ...seen, rrs: seen.rrs.filter(rr => !off.includes(rr)) }, context)
  const written = everWritten(context)
  const isServed = state.sets.some(({ type, values }) => values.some(value => written.has(`${type} ${value}`)))
  const isThere = (one: MarkerState) => sameMarker(one, state.marker)
  const isOurs = ourMarkers(context).some(isThere)
  if (!isServed || served.is === 'conflict' || (served.is === 'ours' && served.adopted.size > 0)) {
    const types = new Set(off.map(rr => typeIfEnabled(rr) as RecordType))
    const verdict = somebodys(context, detail, isOurs ? state : { ...state, marker: null })
    // Our marker may still be there from the time before: it is to go yet. In a conflict it would be forgotten.
    const isLeft = verdict.is === 'conflict' && writtenMarkers(context).some(isThere)
    return isLeft || (isOurs && context.records.some(isTakenOver)) ? { is: 'protected', detail, state, types } : verdict
  }
  const others = context.records.filter(record => isLetGo(served, record))
  const gone = [...off.map(rr => ({ type: typeIfEnabled(rr) as RecordType, value: rr.value })), ...others]
  return {
    is: 'protected',
    detail,
    state: served.is === 'protected' ? { ...served.state, others: state.others } : state,
    types: new Set(gone.map(({ type }) => type)),
    values: new Set(gone.map(({ type, value }) => `${type} ${value}`)),
  }
}

const most = (states: NameState[]): NameState[] => distinct(states).slice(0, MOST_STATES)

/**
 * In an old copy of the zone nothing is somebody else's: what it shows may long be over, and what it lacks may be there.
 * A name with values of ours, and a marker where we write one, may be as it is seen, or as it was known. Else what was
 * known stands, for a newer look. So many states stay as attempts can tell apart, what is seen first: with more than these
 * nothing would be tried as long as the copy is old.
 */
const inOldCopy = (verdict: Verdict, seen: Seen, context: LookContext): Verdict => {
  const known = [...context.states]
  if (verdict.is === 'ours') return { ...verdict, states: most([...verdict.states, ...known]) }
  const state = stateSeen(seen.rrs, ourMarkers(context))
  const written = everWritten(context)
  const isAlias = state.sets.some(({ type }) => type === 'CNAME')
  const needsMarker = !isAlias && !context.records.some(record => record.type === 'PTR') && !mayBeUnmarked(context)
  const isOurs =
    (state.marker !== null || !needsMarker) &&
    state.sets.some(({ type, values }) => values.some(value => written.has(`${type} ${value}`)))
  return { is: 'ours', states: most(isOurs ? [state, ...known] : known), adopted: NONE }
}

/** What was seen at a name means for its records. The table at the head of this file, row by row. */
export const judge = (seen: Seen, context: LookContext): Verdict => {
  const verdict = judgeSeen(seen, context)
  return seen.isOldCopy ? inOldCopy(verdict, seen, context) : verdict
}

const judgeSeen = (seen: Seen, context: LookContext): Verdict => {
  const { rrs } = seen
  if (seen.isBelowCut) return { is: 'conflict', detail: 'it is below a delegation, so nothing there would resolve' }
  if (rrs.length === 0) return ours(NOT_IN_USE)
  const markers = ourMarkers(context)
  const state = stateSeen(rrs, markers)
  const written = everWritten(context)
  const exclusive = rrs.filter(rr => EXCLUSIVE.has(rr.type))
  const isOurAlias = keysOf(state, 'CNAME').some(one => written.has(one))
  if (isOurAlias && exclusive.length === 1) return ours(state)
  if (exclusive.length > 0) return somebodys(context, `it has ${list(exclusive)}`, { ...state, marker: null })
  const off = rrs.filter(rr => isOursSwitchedOff(rr, context))
  if (off.length > 0) return judgeSwitchedOff(state, context, seen, off)
  if (context.records.some(record => record.type === 'PTR')) return judgePtr(state, context, written)
  const { marker } = state
  if (marker === null) return judgeBare(state, context, seen, written)
  if (markers.some(one => sameMarker(one, marker))) return judgeMarked(state, context, seen, written)
  return somebodys(context, `it has the ${marker.kind === 'dhcid' ? 'DHCID' : 'TXT marker'} of another client`, {
    ...state,
    marker: null,
  })
}
