import { isIPv4 } from 'node:net'
import { fromBytes, toBytes } from '../../address.ts'
import type { RRType } from '../rr.ts'
import { type Reader, WireError, type Writer } from './bytes.ts'
import { readName, writeName } from './name.ts'
import { TYPE } from './numbers.ts'

const STRING_MAX = 255

const writeA = (writer: Writer, value: string): void => {
  if (!isIPv4(value)) throw new WireError(`"${value}" is not an IPv4 address`)
  const at = writer.take(4)
  value.split('.').forEach((part, i) => {
    writer.buffer[at + i] = Number(part)
  })
}

const writeAAAA = (writer: Writer, value: string): void => {
  const bytes = toBytes(value)
  if (bytes?.length !== 16) throw new WireError(`"${value}" is not an IPv6 address`)
  writer.append(bytes)
}

const writeDhcid = (writer: Writer, value: string): void => {
  if (!/^([0-9a-f]{2})+$/i.test(value)) throw new WireError('a DHCID that is not hex')
  const at = writer.take(value.length / 2)
  writer.buffer.write(value, at, 'hex')
}

/** Character strings of at most 255 bytes each (RFC 1035 §3.3.14). */
const writeTxt = (writer: Writer, value: string): void => {
  const bytes = Buffer.from(value)
  let from = 0
  do {
    const part = bytes.subarray(from, from + STRING_MAX)
    writer.u8(part.length)
    writer.append(part)
    from += STRING_MAX
  } while (from < bytes.length)
}

const WRITERS: Record<RRType, (writer: Writer, value: string) => void> = {
  A: writeA,
  AAAA: writeAAAA,
  PTR: writeName,
  DHCID: writeDhcid,
  TXT: writeTxt,
  CNAME: writeName,
}

/** Writes the RDATA of `value`, with its length before it. Throws WireError for a value that is none of its type. */
export const writeRdata = (writer: Writer, type: RRType, value: string): void => {
  const at = writer.take(2)
  WRITERS[type](writer, value)
  const length = writer.length - at - 2
  if (length > 0xffff) throw new WireError(`a value of type ${type} is too long`)
  writer.buffer.writeUInt16BE(length, at)
}

const readAddress = (length: number) => (reader: Reader) => fromBytes(reader.take(length))

const readRest = (reader: Reader): Buffer => reader.take(reader.end - reader.at)

const readTxt = (reader: Reader): string => {
  const parts: Buffer[] = []
  while (!reader.done()) parts.push(reader.take(reader.u8()))
  return Buffer.concat(parts).toString()
}

/** `mname rname serial refresh retry expire minimum` (RFC 1035 §3.3.13). */
const readSoa = (reader: Reader): string =>
  [readName(reader), readName(reader), ...Array.from({ length: 5 }, () => reader.u32())].join(' ')

/** Numbers of 16 bits, then a name: the preference and the host of an MX; priority, weight, port and host of an SRV. */
const readHost = (numbers: number) => (reader: Reader) =>
  [...Array.from({ length: numbers }, () => reader.u16()), readName(reader)].join(' ')

const READERS: Partial<Record<number, (reader: Reader) => string>> = {
  [TYPE.A]: readAddress(4),
  [TYPE.AAAA]: readAddress(16),
  [TYPE.NS]: readName,
  [TYPE.CNAME]: readName,
  [TYPE.PTR]: readName,
  [TYPE.DNAME]: readName,
  [TYPE.SOA]: readSoa,
  [TYPE.MX]: readHost(1),
  [TYPE.SRV]: readHost(3),
  [TYPE.DHCID]: reader => readRest(reader).toString('hex'),
  [TYPE.TXT]: readTxt,
}

/**
 * The text of an RDATA that fills `reader` to its end, or null where it is empty (RFC 2136 §2.4, §2.5) or of a type that
 * this program does not speak. Throws WireError when it is not what its type says.
 */
export const readRdata = (reader: Reader, type: number): string | null => {
  const read = READERS[type]
  if (read === undefined || reader.done()) return null
  const value = read(reader)
  if (!reader.done()) throw new WireError('a value is longer than its type')
  return value
}
