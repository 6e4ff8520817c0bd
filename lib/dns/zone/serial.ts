import type { Message, WireRecord } from '../message/message.ts'
import { TYPE } from '../message/numbers.ts'

const HALF = 2 ** 31

/** True when the serial `one` is older than `other`, on the circle of 2³² serials (RFC 1982 §3.2). */
export const isOlderSerial = (one: number, other: number): boolean => {
  const ahead = (other - one + 2 ** 32) % 2 ** 32
  return ahead > 0 && ahead < HALF
}

/** The serial in the value of an SOA: `mname rname serial refresh retry expire minimum`. */
export const serialOfSoa = (value: string): number => Number(value.split(' ')[2])

const isSoaOf =
  (zone: string) =>
  ({ name, type, value }: WireRecord): boolean =>
    type === TYPE.SOA && name === zone && value !== null

/** The serial in the answer to a query for the SOA of a zone; null when the answer has none, or is not the zone's own. */
export const serialIn = ({ authoritative, rcode, answers }: Message, zone: string): number | null => {
  const soa = authoritative && rcode === 0 ? answers.find(isSoaOf(zone)) : undefined
  return soa ? serialOfSoa(soa.value!) : null
}
