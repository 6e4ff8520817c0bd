/*
 * The values of a zone's RRs as bytes. dns2 writes most types too, but compresses the target of SRV, which RFC 2782
 * forbids and resolvers refuse, knows neither DHCID nor HTTPS, and takes 40 µs an RR where a transfer has a million.
 *
 * A value is text (see ZoneRR). RFC 3597 §5 gives any bytes a text form, `\# 3 000100`: the length, then hex. HTTPS has no
 * other, and a TXT of several strings needs it to say where each of them ends.
 */
import { WireError, type Writer } from '../message/bytes.ts'
import { writeName } from '../message/name.ts'
import { CLASS, TYPE } from '../message/numbers.ts'
import { writeRdata } from '../message/rdata.ts'
import type { ZoneRR, ZoneType } from './name-tree.ts'

const { A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, DHCID, HTTPS } = TYPE

/** The IANA numbers of the types that a zone can hold. */
export const ZONE_TYPE: Record<ZoneType, number> = {
  A,
  NS,
  CNAME,
  SOA,
  PTR,
  MX,
  TXT,
  AAAA,
  SRV,
  DHCID,
  HTTPS,
  CAA: 257,
}

const GENERIC = /^\\# (\d+)((?: [0-9a-f]+)*)$/i

/** The bytes of a value in the form of RFC 3597 §5, or null when it has another form. */
export const genericBytes = (value: string): Buffer | null => {
  const [, length, hex] = GENERIC.exec(value) ?? []
  if (length === undefined) return null
  const bytes = Buffer.from(hex!.replaceAll(' ', ''), 'hex')
  return bytes.length === Number(length) && hex!.replaceAll(' ', '').length === bytes.length * 2 ? bytes : null
}

/** The form of RFC 3597 §5. */
export const genericForm = (bytes: Buffer): string =>
  `\\# ${bytes.length}${bytes.length > 0 ? ` ${bytes.toString('hex')}` : ''}`

/** RFC 1035 §3.3: a character-string has at most 255 bytes, and a text at least one string. */
export const characterStrings = (text: string): Buffer[] => {
  const bytes = Buffer.from(text)
  const count = Math.max(1, Math.ceil(bytes.length / 255))
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * 255, (i + 1) * 255))
}

/** The strings of a TXT, in either of its forms. */
export const txtStrings = (value: string): Buffer[] => {
  const bytes = genericBytes(value)
  if (bytes === null) return characterStrings(value)
  const strings: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!) strings.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
  return strings
}

/** `0 issue "ca.example"`: the flags, the tag, and all that follows as the value (RFC 8659 §4.1.1). */
const caaFields = (value: string): { flags: number; tag: string; value: string } => {
  const [, flags = '', tag = '', rest = ''] = /^(\d+) (\S+) "(.*)"$/s.exec(value) ?? []
  return { flags: Number(flags), tag, value: rest }
}

/** Numbers of 16 bits, then a name: MX and SRV. */
const numbersAndName = (writer: Writer, value: string): void => {
  const fields = value.split(' ')
  for (const number of fields.slice(0, -1)) writer.u16(Number(number))
  writeName(writer, fields.at(-1)!.replace(/\.$/, ''))
}

const soa = (writer: Writer, value: string): void => {
  const [mname, rname, ...numbers] = value.split(' ') as [string, string, ...string[]]
  writeName(writer, mname)
  writeName(writer, rname)
  for (const number of numbers) writer.u32(Number(number))
}

const caa = (writer: Writer, text: string): void => {
  const { flags, tag, value } = caaFields(text)
  for (const byte of [flags, tag.length]) writer.u8(byte)
  writer.append(Buffer.from(tag + value))
}

const txt = (writer: Writer, value: string): void => {
  for (const string of txtStrings(value)) {
    writer.u8(string.length)
    writer.append(string)
  }
}

const generic = (writer: Writer, value: string): void => {
  const bytes = genericBytes(value)
  if (bytes === null) throw new WireError(`"${value}" is not the text form of bytes`)
  writer.append(bytes)
}

type OwnType = Exclude<ZoneType, 'A' | 'AAAA' | 'PTR' | 'DHCID'>

/** The types of which rdata.ts knows nothing, or less. */
const WRITERS: Record<OwnType, (writer: Writer, value: string) => void> = {
  NS: writeName,
  CNAME: writeName,
  SOA: soa,
  MX: numbersAndName,
  SRV: numbersAndName,
  TXT: txt,
  CAA: caa,
  HTTPS: generic,
}

/** A pointer to the name of the question, which stands right after the header (RFC 1035 §4.1.4). */
const QUESTION_NAME = 0xc00c

/**
 * Writes an RR of a zone (RFC 1035 §3.2.1). Only its name may be compressed, and only where it is that of the question:
 * RFC 2782 and RFC 3597 forbid it in values. Throws WireError for a value that is none of its type.
 */
export const writeZoneRR = (writer: Writer, { name, type, ttl, value }: ZoneRR, question: string | null): void => {
  if (name === question) writer.u16(QUESTION_NAME)
  else writeName(writer, name)
  for (const field of [ZONE_TYPE[type], CLASS.IN]) writer.u16(field)
  writer.u32(ttl)
  if (type === 'A' || type === 'AAAA' || type === 'PTR' || type === 'DHCID') {
    writeRdata(writer, type, value)
    return
  }
  const at = writer.take(2)
  WRITERS[type](writer, value)
  writer.buffer.writeUInt16BE(writer.length - at - 2, at)
}
