import type { OwnedRecord, RecordType, Shape } from '../../schemas/model/record.ts'
import type { Attempt, Change, Prerequisite, RR, RRType, Update } from '../dns/rr.ts'

/** The owned records of one name and type, by what is known of them in DNS. */
interface RRset {
  name: string
  zone: string
  type: RecordType
  /** The one that is to be there, or null. */
  wanted: OwnedRecord | null
  /** Confirmed to be there. */
  confirmed: OwnedRecord[]
  /** Sent without an answer: perhaps there. */
  unconfirmed: OwnedRecord[]
  /** The name's other owned RRs that are, or may be, there. */
  otherTypes: OwnedRecord[]
  /** Whether a person changed the name while it was ours: what is there now is theirs, though our marker may be left. */
  manual: boolean
}

/** One RRset out of all owned records of a name, or null when none of that type is owned. */
export const rrsetOf = (records: OwnedRecord[], type: RecordType): RRset | null => {
  const own = records.filter(record => record.type === type)
  if (own.length === 0) return null
  const { name, zone } = own[0]!
  return {
    name,
    zone,
    type,
    wanted: own.find(record => record.wanted !== null && record.stopped === null) ?? null,
    confirmed: own.filter(record => record.applied !== null),
    unconfirmed: own.filter(record => record.sent !== null && record.applied === null),
    otherTypes: records.filter(record => record.type !== type && (record.applied !== null || record.sent !== null)),
    manual: records.some(record => record.origin === 'manual'),
  }
}

/**
 * The DHCID that the name carries once this RRset is as wanted: the A's client's, else the AAAA's, so that A and AAAA
 * of one machine can share a name though v4 and v6 know the machine by different identities. Null: nothing stays.
 */
const markerAfter = ({ type, wanted, otherTypes }: RRset): string | null => {
  if (type === 'PTR') return null
  const mine = wanted?.wanted?.dhcid ?? null
  const other = otherTypes[0]
  const theirs = (other?.wanted ?? other?.applied ?? other?.sent)?.dhcid ?? null
  return type === 'A' ? (mine ?? theirs) : (theirs ?? mine)
}

/** Whether DNS is known to hold exactly what is wanted. */
const isSettled = (set: RRset): boolean => {
  const { wanted, confirmed, unconfirmed } = set
  if (unconfirmed.length > 0 || confirmed.some(record => record !== wanted)) return false
  if (!wanted) return true
  if (!wanted.applied || wanted.sent || wanted.applied.ttl !== wanted.wanted!.ttl) return false
  return set.type === 'PTR' || wanted.applied.dhcid === markerAfter(set)
}

/** How a name shows whose it is: by the client's DHCID (RFC 4701), by a TXT record, or not at all. */
export type Marker = 'dhcid' | 'txt' | 'none'

/** What an attempt, once made, says of the name besides the RRset: `nameWasFree` that nothing else of ours was there. */
interface Try extends Attempt {
  nameWasFree: boolean
}

/** The next step towards what is wanted at one name: one RRset's change, and what each answer means. */
export interface PendingChange {
  change: Change
  /** By attempt: whether the name's other RRs turned out to be gone. */
  nameWasFree: boolean[]
  /** The DHCID at the name afterwards, null for none. */
  marker: string | null
  /** The RR that is there afterwards, in the shape that was sent, or null. */
  target: { key: string; shape: Shape } | null
  /** Keys of the RRs of this RRset that are not there afterwards. */
  removed: string[]
  /** What it means when the server says no to every attempt. */
  onConflict: 'conflict' | 'protected' | 'gone'
}

const distinct = (items: (string | null | undefined)[]): string[] => [...new Set(items)].filter(item => item != null)

const equals = (name: string, type: RRType, values: string[]): Prerequisite =>
  values.length === 0 ? { must: 'rrset-absent', name, type } : { must: 'rrset-equals', name, type, values }

const without = (rr: RR): Update => ({ do: 'delete-rr', name: rr.name, type: rr.type, value: rr.value })

const adding = (rr: RR): Update => ({ do: 'add', rr })

/** The RRset's possible contents, most likely first: what was confirmed, then each RR that may have been written. */
const contents = ({ confirmed, unconfirmed }: RRset): string[][] => [
  ...(confirmed.length > 0 ? [confirmed.map(record => record.value)] : []),
  ...unconfirmed.map(record => [record.value]),
]

const targetOf = ({ wanted, name, type }: RRset): RR | null =>
  wanted && { name, type, ttl: wanted.wanted!.ttl, value: wanted.value }

/** From one known content to the target. */
const replace = ({ name, type }: RRset, values: string[], target: RR | null): Update[] => [
  ...values.filter(value => value !== target?.value).map(value => without({ name, type, ttl: 0, value })),
  ...(target ? [adding(target)] : []),
]

/** The RR that shows whose a name is, or none. */
export const markersOf = (kind: Marker, name: string, dhcid: string | null, ttl: number): RR[] => {
  if (dhcid === null || kind === 'none') return []
  if (kind === 'dhcid') return [{ name, type: 'DHCID', ttl, value: dhcid }]
  return [{ name, type: 'TXT', ttl, value: `heritage=leasehold,dhcid=${dhcid}` }]
}

/**
 * The attempts for an A or AAAA RRset, in the manner of RFC 4703 §5.3. The name is ours when an RR of it was confirmed;
 * then the marker and the RRset must be what was written. Else the name must not be in use, or carry this client's own marker (an earlier D2 wrote it); a name
 * that a person changed must not be in use at all.
 */
const addressTries = (set: RRset, kind: Marker, ours: boolean): Try[] => {
  const { name, type, confirmed, unconfirmed, otherTypes, wanted, manual } = set
  const target = targetOf(set)
  const after = markerAfter(set)
  const ttl = target?.ttl ?? otherTypes[0]?.applied?.ttl ?? 300
  const markers = (dhcid: string | null): RR[] => markersOf(kind, name, dhcid, ttl)
  const marked = (dhcid: string) => markers(dhcid).map(rr => equals(name, rr.type, [rr.value]))
  const remark = (from: string | null): Update[] =>
    from === after ? [] : [...markers(from).map(without), ...markers(after).map(adding)]

  const known = distinct(
    [...confirmed, ...unconfirmed, ...otherTypes].flatMap(record => [record.applied?.dhcid, record.sent?.dhcid]),
  )
  const from = (values: string[], dhcids = known): Try[] =>
    dhcids.map(dhcid => ({
      prerequisites: [...marked(dhcid), equals(name, type, values)],
      updates: [...replace(set, values, target), ...remark(dhcid)],
      nameWasFree: false,
    }))
  const afresh: Try = {
    prerequisites: [{ must: 'name-not-in-use', name }],
    updates: [...replace(set, [], target), ...(target ? remark(null) : [])],
    nameWasFree: true,
  }
  const held = contents(set).flatMap(values => from(values))
  if (!target)
    return [...held, ...from([]), afresh, { prerequisites: [equals(name, type, [])], updates: [], nameWasFree: false }]
  const own = wanted!.wanted!.dhcid
  // Another sidecar may have made it so already, for this client or since it has another.
  const made = from([target.value], distinct([...known, own]))
  if (ours) return [...(confirmed.length > 0 ? [...held, ...from([])] : [...from([]), ...held]), ...made, afresh]
  const adopt: Try[] =
    own === null || kind === 'none' || manual
      ? []
      : [
          {
            prerequisites: marked(own),
            updates: [{ do: 'delete-rrset', name, type }, adding(target), ...remark(own)],
            nameWasFree: false,
          },
        ]
  return [afresh, ...held, ...adopt]
}

/** PTR: absent, or exactly what was written, or already as wanted. */
const ptrTries = (set: RRset): Try[] => {
  const target = targetOf(set)
  const known = contents(set)
  const possible = target ? [...known, [], [target.value]] : [...known, []]
  const likely = set.confirmed.length > 0 || !target ? possible : [[], ...possible.filter(values => values.length > 0)]
  return likely.map(values => ({
    prerequisites: [equals(set.name, set.type, values)],
    updates: replace(set, values, target),
    nameWasFree: false,
  }))
}

const changeFor = (set: RRset, kind: Marker): PendingChange => {
  const { name, zone, wanted, confirmed, unconfirmed, otherTypes } = set
  const ours = [...confirmed, ...(set.type === 'PTR' ? [] : otherTypes)].some(record => record.applied !== null)
  const tries = set.type === 'PTR' ? ptrTries(set) : addressTries(set, kind, ours)
  return {
    change: { name, zone, attempts: tries.map(({ prerequisites, updates }) => ({ prerequisites, updates })) },
    nameWasFree: tries.map(one => one.nameWasFree),
    marker: markerAfter(set),
    target: wanted && { key: wanted.key, shape: wanted.wanted! },
    removed: [...confirmed, ...unconfirmed].filter(record => record !== wanted).map(record => record.key),
    onConflict: confirmed.length > 0 ? 'protected' : wanted ? 'conflict' : 'gone',
  }
}

const TYPES: RecordType[] = ['A', 'AAAA', 'PTR']

/**
 * What to ask of the server next for one name, or null when DNS agrees with what is wanted. `records` are all owned
 * records of the name at one endpoint. The attempts are RFC 4703 §5.3 as data: each carries prerequisites by which the
 * server itself refuses it when the name is not what Leasehold wrote, and asking again after a crash ends in the same
 * zone.
 */
export const nextChange = (records: OwnedRecord[], kind: Marker): PendingChange | null => {
  for (const type of TYPES) {
    const set = rrsetOf(records, type)
    if (set && !isSettled(set)) return changeFor(set, kind)
  }
  return null
}
