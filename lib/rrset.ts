import type { OwnedRecord, RecordType } from '../schemas/record.ts'

/** The owned records of one name and type, by what is known of them in DNS. */
export interface RRset {
  name: string
  zone: string
  type: RecordType
  /** The one that is to be there, or null. */
  wanted: OwnedRecord | null
  /** Confirmed to be there. */
  present: OwnedRecord[]
  /** Sent without an answer: perhaps there. */
  perhaps: OwnedRecord[]
  /** The name's other owned RRs that are, or may be, there. */
  siblings: OwnedRecord[]
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
    present: own.filter(record => record.applied !== null),
    perhaps: own.filter(record => record.sent !== null && record.applied === null),
    siblings: records.filter(record => record.type !== type && (record.applied !== null || record.sent !== null)),
    manual: records.some(record => record.origin === 'manual'),
  }
}

/**
 * The DHCID that the name carries once this RRset is as wanted: the A's client's, else the AAAA's, so that A and AAAA
 * of one machine can share a name though v4 and v6 know the machine by different identities. Null: nothing stays.
 */
export const markerAfter = ({ type, wanted, siblings }: RRset): string | null => {
  if (type === 'PTR') return null
  const mine = wanted?.wanted?.dhcid ?? null
  const sibling = siblings[0]
  const theirs = (sibling?.wanted ?? sibling?.applied ?? sibling?.sent)?.dhcid ?? null
  return type === 'A' ? (mine ?? theirs) : (theirs ?? mine)
}

/** Whether DNS is known to hold exactly what is wanted. */
export const isSettled = (set: RRset): boolean => {
  const { wanted, present, perhaps } = set
  if (perhaps.length > 0 || present.some(record => record !== wanted)) return false
  if (!wanted) return true
  if (!wanted.applied || wanted.sent || wanted.applied.ttl !== wanted.wanted!.ttl) return false
  return set.type === 'PTR' || wanted.applied.dhcid === markerAfter(set)
}
