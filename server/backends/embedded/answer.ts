/*
 * The answer to one message: from the header alone where that says enough, else from the zones.
 *
 * dns2 reads the query and writes the header, the question and the OPT; the RRs between them are ours (zone-rdata.ts). A
 * request that is signed has a signed answer, with whatever error its signature has (tsig-server.ts).
 */
import { Packet, type Resource } from 'dns2'
import { WireError, Writer } from '../../../lib/dns/message/bytes.ts'
import { decode } from '../../../lib/dns/message/message.ts'
import { sign } from '../../../lib/dns/message/tsig.ts'
import { signatureSize, withTsigError } from '../../../lib/dns/message/tsig-server.ts'
import type { ZoneRR } from '../../../lib/dns/zone/name-tree.ts'
import type { Zone } from '../../../lib/dns/zone/zone.ts'
import { lookupInZones, type ServerLookup } from '../../../lib/dns/zone/zone-lookup.ts'
import { writeZoneRR, ZONE_TYPE } from '../../../lib/dns/zone/zone-rdata.ts'
import { TRANSFER_TYPE } from '../../../lib/dns/zone/zone-transfer.ts'
import { openSecondaries, type Secondaries } from './secondaries.ts'

const { NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH, BADVERS } = Packet.RCODE

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

const NAME = new Map<number, string>([
  ...Object.entries(ZONE_TYPE).map(([name, code]) => [code, name] as const),
  [Packet.TYPE.ANY, 'ANY'],
])

/** The mnemonic of a type as the zone knows it, or one that no RRset has (RFC 3597 §5). */
const mnemonic = (code: number): string => NAME.get(code) ?? `TYPE${code}`

/** An answer: dns2 has the header, the question and the OPT; the RRs of the zones are ours to write. */
interface Reply {
  packet: Packet
  answers: ZoneRR[]
  authorities: ZoneRR[]
  additionals: ZoneRR[]
}

/** An OPT without options has no more: the root, type, class, TTL and length. */
const OPT_SIZE = 11

const COUNTS = { answers: 6, authorities: 8, additionals: 10 } as const

/** The whole message; the RRs stand between the question and the OPT. */
const encode = (reply: Reply): Buffer => {
  const { packet, answers, authorities, additionals } = reply
  const frame = packet.toBuffer()
  const at = frame.length - packet.additionals.length * OPT_SIZE
  const question = packet.questions[0]?.name.toLowerCase() ?? null
  const writer = new Writer()
  writer.append(frame.subarray(0, at))
  for (const rr of [...answers, ...authorities, ...additionals]) writeZoneRR(writer, rr, question)
  writer.append(frame.subarray(at))
  const message = writer.written()
  for (const [section, field] of Object.entries(COUNTS) as [keyof typeof COUNTS, number][])
    message.writeUInt16BE(message.readUInt16BE(field) + reply[section].length, field)
  return message
}

/** What the OPT of our answers offers and what no answer over UDP exceeds: it passes every path unfragmented. */
const UDP_SIZE = 1232

/** Question types that are no question for an RRset: an OPT is no data, and whoever may transfer is answered elsewhere. */
const UNASKED: Record<number, number> = {
  [Packet.TYPE.EDNS]: FORMERR,
  [TRANSFER_TYPE.AXFR]: REFUSED,
  [TRANSFER_TYPE.IXFR]: REFUSED,
}

const isMeta = (type: number): boolean => type >= 128 && type < Packet.TYPE.ANY

const RCODE = { answer: NOERROR, nodata: NOERROR, nxdomain: NXDOMAIN, referral: NOERROR } as const

const empty = (packet: Packet): Reply => ({ packet, answers: [], authorities: [], additionals: [] })

const fail = (packet: Packet, rcode: number): Reply => {
  packet.header.rcode = rcode
  return empty(packet)
}

/** RFC 6891 §6.1.1: an OPT is answered with an OPT; DO comes back as it came (RFC 3225 §3). */
const withOpt = (response: Packet, { doFlag }: Resource): void => {
  response.additionals.push(Packet.Resource.EDNS([], { doFlag, udpPayloadSize: UDP_SIZE }))
}

const isServer = ({ type }: ZoneRR): boolean => type === 'NS'

/**
 * What the zones say. A negative answer has the SOA by which it is cached (RFC 2308 §3). A name that a zone delegates is
 * answered with its servers and what addresses of them are known here (RFC 1034 §4.3.2, step 3b).
 */
const told = (packet: Packet, { result, rrs, zone, delegation }: ServerLookup): Reply => {
  const isReferral = result === 'referral'
  // A referral has no authority, unless a CNAME of ours led to it (RFC 1035 §4.1.1).
  packet.header.aa = isReferral && rrs.length === 0 ? 0 : 1
  packet.header.rcode = RCODE[result]
  const negative = result === 'answer' ? [] : [zone.soa(true)]
  return {
    packet,
    answers: rrs,
    authorities: isReferral ? delegation.filter(isServer) : negative,
    additionals: delegation.filter(rr => !isServer(rr)),
  }
}

/**
 * Answers a decoded query with authority from the zone that holds its name. ANY is answered with all RRs of the name:
 * they are few, and whoever asks wants to see the DHCID too; RFC 8482 §4 leaves that to the server, and what is too
 * large for UDP is truncated like any answer.
 */
const answer = (request: Packet, zones: ReadonlyMap<string, Zone>, mayTransfer: boolean): Reply => {
  const response = Packet.createResponseFromRequest(request)
  const [question] = request.questions
  if (!question || request.errors.length > 0) return fail(response, FORMERR)
  const [opt, ...moreOpts] = request.additionals.filter(({ type }) => type === Packet.TYPE.EDNS)
  if (moreOpts.length > 0) return fail(response, FORMERR)
  if (opt) withOpt(response, opt)
  if (opt?.version) return fail(response, BADVERS)
  const isSoaOnly = question.type === TRANSFER_TYPE.IXFR && mayTransfer && zones.has(question.name.toLowerCase())
  // RFC 1995 §2: what does not fit into one datagram is answered with the SOA alone, and the client comes back over TCP.
  const type = isSoaOnly ? ZONE_TYPE.SOA : question.type
  const unasked = UNASKED[type] ?? (isMeta(type) ? NOTIMP : undefined)
  if (unasked !== undefined) return fail(response, unasked)
  const isIn = question.class === Packet.CLASS.IN
  const found = isIn ? lookupInZones(question.name.toLowerCase(), mnemonic(type), zones) : null
  return found === null ? fail(response, REFUSED) : told(response, found)
}

export type Transport = 'udp' | 'tcp'

/** The answer to one message from an address, or null where silence is right. */
export type Respond = (message: Buffer, transport: Transport, address?: string) => Buffer | null

const LARGEST = 65_535
const SMALLEST = 512

/** RFC 6891 §6.2.3: the client's own size, never below 512; without an OPT 512. */
const limitOf = (request: Packet, transport: Transport): number => {
  if (transport === 'tcp') return LARGEST
  const opt = request.additionals.find(({ type }) => type === Packet.TYPE.EDNS)
  return Math.min(Math.max(opt?.class ?? 0, SMALLEST), UDP_SIZE)
}

/** RFC 2181 §9: an RRset that does not fit is left out whole, and TC says that TCP has it. The OPT stays. */
const truncate = (reply: Reply, limit: number): Buffer => {
  const whole = encode(reply)
  if (whole.length <= limit) return whole
  reply.packet.header.tc = 1
  return encode(empty(reply.packet))
}

const TSIG = 250

const isSigned = ({ additionals }: Packet): boolean => additionals.at(-1)?.type === TSIG

const NOBODY = openSecondaries({ secondaries: [] }, () => 0)

/** Answers from the zones. What goes wrong within is SERVFAIL for the client and `onError` for us. */
export const responder = (
  zones: ReadonlyMap<string, Zone>,
  onError: (error: unknown) => void,
  secondaries: Secondaries = NOBODY,
): Respond => {
  /** Checks the signature of a request, and signs its answer (RFC 8945 §5.2). */
  const respondSigned = (bytes: Buffer, request: Packet, transport: Transport, address: string): Buffer => {
    const message = decode(bytes)
    const check = secondaries.check(bytes, message)
    const seconds = secondaries.seconds()
    if (check.kind !== 'good') return withTsigError(headerOnly(bytes, NOTAUTH), message.tsig!, check, seconds)
    const limit = limitOf(request, transport) - signatureSize(check.key)
    const reply = truncate(answer(request, zones, secondaries.mayTransfer(address, check.key)), limit)
    return sign(reply, check.key, seconds, check.mac).message
  }

  return (message, transport, address = '') => {
    const preflight = sift(message)
    if (preflight === 'silence') return null
    if (preflight !== null) return headerOnly(message, preflight)
    try {
      const request = Packet.parse(message)
      if (isSigned(request)) return respondSigned(message, request, transport, address)
      return truncate(answer(request, zones, false), limitOf(request, transport))
    } catch (error) {
      if (error instanceof WireError) return headerOnly(message, FORMERR)
      onError(error)
      return headerOnly(message, Packet.RCODE.SERVFAIL)
    }
  }
}
