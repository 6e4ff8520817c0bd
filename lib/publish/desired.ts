/*
 * What DNS should hold of ours at one name, by the records of that name.
 *
 *     records of red                                desired
 *     A .1 wanted (client a)                        A .1, marker a
 *     A .1 wanted, A .2 on its way out              A .1, marker a
 *     A .1 and A .2 wanted (addresses: all)         A .1 .2, marker a
 *     A .1 that a person took over                  nothing: it is theirs
 *     PTR red                                       PTR red: it bears no marker
 */
import type { MarkerState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import { bearsMarker } from './name-state.ts'

/** How a name shows whose it is: by the client's DHCID (RFC 4701), by a TXT record, or not at all. */
export type Marker = 'dhcid' | 'txt' | 'none'

/** In the order in which they are changed: an alias of ours goes before addresses come. */
export const TYPES: RecordType[] = ['CNAME', 'A', 'AAAA', 'PTR']

/** What DNS should hold of ours at one name. */
export interface Desired {
  sets: { type: RecordType; ttl: number; values: string[] }[]
  marker: MarkerState | null
}

/** True for a record whose value is ours to add and to delete: not one that a person took over, or that is in conflict. */
export const isOurs = ({ stopped }: OwnedRecord): boolean => stopped === null

/** As `desiredAt`, of the only record of a name. */
const desiredOfOne = (record: OwnedRecord, kind: Marker): Desired => {
  const { type, value, wanted } = record
  if (!isOurs(record) || wanted === null) return { sets: [], marker: null }
  const dhcid = bearsMarker(type) ? wanted.dhcid : null
  return {
    sets: [{ type, ttl: wanted.ttl, values: [value] }],
    marker: kind === 'none' || !dhcid ? null : { kind, dhcid },
  }
}

/**
 * What DNS should hold of ours, by the records of one name. The marker is the DHCID of the A's client, else of the AAAA's,
 * so that A and AAAA of one machine can share a name though v4 and v6 know the machine by different identities.
 */
export const desiredAt = (records: OwnedRecord[], kind: Marker): Desired => {
  if (records.length === 1) return desiredOfOne(records[0]!, kind)
  const wanted = records.filter(record => isOurs(record) && record.wanted !== null)
  const types = TYPES.filter(type => wanted.some(record => record.type === type))
  const sets = types.map(type => {
    const own = wanted.filter(record => record.type === type)
    return { type, ttl: Math.min(...own.map(one => one.wanted!.ttl)), values: own.map(one => one.value).sort() }
  })
  const marked = ['A', 'AAAA'].map(type => wanted.find(one => one.type === type)?.wanted?.dhcid).find(Boolean)
  return { sets, marker: kind === 'none' || !marked ? null : { kind, dhcid: marked } }
}
