import { Packet, type Resource } from 'dns2'
import type { ZoneRR, ZoneType } from '../../../lib/dns/name-tree.ts'
import type { Zone } from '../../../lib/dns/zone.ts'
import { zoneFor } from '../../../lib/dns/zone-names.ts'

const { NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, BADVERS } = Packet.RCODE

/** A query has one question and at most an OPT, a signature and little else; what is more is not worth decoding. */
const MOST_OCTETS = 4096
const MOST_RECORDS = 4

/** What to do with a message, told from its header alone: no answer, an error, or `null`: it may be decoded. */
export type Preflight = 'silence' | number | null

/**
 * Looks at a message before dns2 decodes it: dns2 follows chains of compression pointers for each of up to 65,535
 * records, which lets one message of 64 KiB hold the event loop for seconds. Answers are never answered.
 */
const sift = (message: Buffer): Preflight => {
  if (message.length < Packet.HEADER_SIZE) return 'silence'
  const flags = message.readUInt16BE(2)
  if (flags & 0x8000) return 'silence'
  if (flags & 0x7800) return NOTIMP
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  const isQuery = message.readUInt16BE(4) === 1 && records <= MOST_RECORDS && message.length <= MOST_OCTETS
  return isQuery ? null : FORMERR
}

/** An answer that is a header only: ID, opcode and RD of the message, and the RCODE. */
const headerOnly = (message: Buffer, rcode: number): Buffer => {
  const header = Buffer.alloc(Packet.HEADER_SIZE)
  header.writeUInt16BE(message.readUInt16BE(0), 0)
  header.writeUInt16BE(0x8000 | (message.readUInt16BE(2) & 0x7900) | rcode, 2)
  return header
}

type Fields = Partial<Resource>

/** RFC 1035 §3.3: a character-string has at most 255 octets. */
const characterStrings = (text: string): Buffer[] => {
  const octets = Buffer.from(text)
  const count = Math.max(1, Math.ceil(octets.length / 255))
  return Array.from({ length: count }, (_, i) => octets.subarray(i * 255, (i + 1) * 255))
}

const soa = (value: string): Fields => {
  const [primary, admin, ...numbers] = value.split(' ') as [string, string, ...string[]]
  const [serial, refresh, retry, expiration, minimum] = numbers.map(Number)
  return { primary, admin, serial, refresh, retry, expiration, minimum }
}

/** For each type its code, and its value in the fields by which dns2 knows it. A type that dns2 does not know is raw RDATA. */
const TYPE: Record<ZoneType, { code: number; fields: (value: string) => Fields }> = {
  A: { code: Packet.TYPE.A, fields: address => ({ address }) },
  AAAA: { code: Packet.TYPE.AAAA, fields: address => ({ address }) },
  CNAME: { code: Packet.TYPE.CNAME, fields: domain => ({ domain }) },
  PTR: { code: Packet.TYPE.PTR, fields: domain => ({ domain }) },
  NS: { code: Packet.TYPE.NS, fields: ns => ({ ns }) },
  SOA: { code: Packet.TYPE.SOA, fields: soa },
  // dns2 writes Buffers, its types only do not say so.
  TXT: { code: Packet.TYPE.TXT, fields: text => ({ data: characterStrings(text) as unknown as string[] }) },
  DHCID: { code: 49, fields: hex => ({ data: Buffer.from(hex, 'hex') }) },
}

const NAME = new Map<number, string>([
  ...Object.entries(TYPE).map(([name, { code }]) => [code, name] as const),
  [Packet.TYPE.ANY, 'ANY'],
])

/** The mnemonic of a type as the zone knows it, or one that no RRset has (RFC 3597 §5). */
const mnemonic = (code: number): string => NAME.get(code) ?? `TYPE${code}`

const resource = ({ name, type, ttl, value }: ZoneRR): Resource =>
  new Packet.Resource({ name, type: TYPE[type].code, class: Packet.CLASS.IN, ttl, ...TYPE[type].fields(value) })

/** What the OPT of our answers offers and what no answer over UDP exceeds: it passes every path unfragmented. */
const UDP_SIZE = 1232

/** Question types that are no question for an RRset: zone transfers are not offered, an OPT is no data. */
const UNASKED: Record<number, number> = { [Packet.TYPE.EDNS]: FORMERR, [Packet.TYPE.AXFR]: REFUSED, 251: REFUSED }

const isMeta = (type: number): boolean => type >= 128 && type < Packet.TYPE.ANY

const RCODE = { answer: NOERROR, nodata: NOERROR, nxdomain: NXDOMAIN } as const

const fail = (response: Packet, rcode: number): Packet => {
  response.header.rcode = rcode
  return response
}

/** RFC 6891 §6.1.1: an OPT is answered with an OPT; DO comes back as it came (RFC 3225 §3). */
const withOpt = (response: Packet, { doFlag }: Resource): void => {
  response.additionals.push(Packet.Resource.EDNS([], { doFlag, udpPayloadSize: UDP_SIZE }))
}

/**
 * Answers a decoded query with authority from the zone that holds its name. ANY is answered with all RRs of the name:
 * they are few, and whoever asks wants to see the DHCID too; RFC 8482 §4 leaves that to the server, and what is too
 * large for UDP is truncated like any answer. A negative answer has the SOA by which it is cached (RFC 2308 §3).
 */
const answer = (request: Packet, zones: ReadonlyMap<string, Zone>): Packet => {
  const response = Packet.createResponseFromRequest(request)
  const [question] = request.questions
  if (!question || request.errors.length > 0) return fail(response, FORMERR)
  const [opt, ...moreOpts] = request.additionals.filter(({ type }) => type === Packet.TYPE.EDNS)
  if (moreOpts.length > 0) return fail(response, FORMERR)
  if (opt) withOpt(response, opt)
  if (opt?.version) return fail(response, BADVERS)
  const unasked = UNASKED[question.type] ?? (isMeta(question.type) ? NOTIMP : undefined)
  if (unasked !== undefined) return fail(response, unasked)
  const name = question.name.toLowerCase()
  const apex = question.class === Packet.CLASS.IN ? zoneFor(name, zones) : null
  if (apex === null) return fail(response, REFUSED)
  const zone = zones.get(apex)!
  const { result, rrs } = zone.lookup(name, mnemonic(question.type))
  response.header.aa = 1
  response.answers = rrs.map(resource)
  if (result !== 'answer') response.authorities = [resource(zone.soa(true))]
  return fail(response, RCODE[result])
}

export type Transport = 'udp' | 'tcp'

/** The answer to one message, or null where silence is right. */
export type Respond = (message: Buffer, transport: Transport) => Buffer | null

const LARGEST = 65_535
const SMALLEST = 512

/** RFC 6891 §6.2.3: the client's own size, never below 512; without an OPT 512. */
const limitOf = (request: Packet, transport: Transport): number => {
  if (transport === 'tcp') return LARGEST
  const opt = request.additionals.find(({ type }) => type === Packet.TYPE.EDNS)
  return Math.min(Math.max(opt?.class ?? 0, SMALLEST), UDP_SIZE)
}

/** RFC 2181 §9: an RRset that does not fit is left out whole, and TC says that TCP has it. The OPT stays. */
const truncate = (response: Packet, limit: number): Buffer => {
  const whole = response.toBuffer()
  if (whole.length <= limit) return whole
  response.header.tc = 1
  response.answers = []
  response.authorities = []
  return response.toBuffer()
}

/** Answers from the zones. What goes wrong within is SERVFAIL for the client and `onError` for us. */
export const responder =
  (zones: ReadonlyMap<string, Zone>, onError: (error: unknown) => void): Respond =>
  (message, transport) => {
    const preflight = sift(message)
    if (preflight === 'silence') return null
    if (preflight !== null) return headerOnly(message, preflight)
    try {
      const request = Packet.parse(message)
      return truncate(answer(request, zones), limitOf(request, transport))
    } catch (error) {
      onError(error)
      return headerOnly(message, Packet.RCODE.SERVFAIL)
    }
  }
