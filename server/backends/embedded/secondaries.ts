/*
 * Servers that copy our zones, and what they may have.
 *
 * A secondary is told of changes by NOTIFY (RFC 1996) and then asks for the zone's SOA and for a transfer, AXFR (RFC 5936)
 * or IXFR (RFC 1995), over TCP. It gets one only from its address and with its key; all others are REFUSED. Its other
 * queries it may sign too, and then the answers are signed (BIND does so as soon as it has a key for us).
 */
import { isIPv4 } from 'node:net'
import { canonical } from '../../../lib/address.ts'
import { Reader, WireError } from '../../../lib/dns/message/bytes.ts'
import { decode, HEADER_SIZE, type Message } from '../../../lib/dns/message/message.ts'
import { readName } from '../../../lib/dns/message/name.ts'
import { CLASS } from '../../../lib/dns/message/numbers.ts'
import { type TsigKey, tsigKey } from '../../../lib/dns/message/tsig.ts'
import { checkRequest, type RequestCheck, signEach } from '../../../lib/dns/message/tsig-server.ts'
import { type DnsServerAddress, parseServer } from '../../../lib/dns/server-address.ts'
import type { Zone } from '../../../lib/dns/zone/zone.ts'
import { serialOf, TRANSFER_TYPE, transferMessages } from '../../../lib/dns/zone/zone-transfer.ts'
import type { ResolvedEmbedded } from '../../config/resolve.ts'

export interface Secondary {
  address: string
  at: DnsServerAddress
  key: TsigKey
}

/** Seconds since the epoch. */
export type Clock = () => number

export interface Secondaries {
  readonly list: readonly Secondary[]
  /** Checks a request that is signed. Throws WireError for a TSIG that cannot be read. */
  check(bytes: Buffer, message: Message): RequestCheck
  /** True when whoever asks from `address` with this key may have the zones. */
  mayTransfer(address: string, key: TsigKey): boolean
  /** Seconds since the epoch. */
  readonly seconds: Clock
}

/** An address as a socket tells it: IPv4 over an IPv6 socket is IPv4. */
const plain = (address: string): string => {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIPv4(mapped) ? mapped : (canonical(address) ?? address)
}

export const openSecondaries = (
  { secondaries }: Pick<ResolvedEmbedded, 'secondaries'>,
  seconds: Clock,
): Secondaries => {
  const list = secondaries.map(({ address, tsig }) => ({ address, at: parseServer(address), key: tsigKey(tsig) }))
  const keys = list.map(({ key }) => key)
  return {
    list,
    seconds,
    check: (bytes, message) => checkRequest(bytes, message, message.tsig!, keys, seconds()),
    mayTransfer: (address, key) => list.some(({ at, key: own }) => plain(at.host) === plain(address) && own === key),
  }
}

/** The type of the first question, told without reading anything else; 0 where there is none. */
const questionType = (message: Buffer): number => {
  const reader = new Reader(message, HEADER_SIZE)
  readName(reader)
  return reader.u16()
}

/** The messages of a transfer, or null where what came is no request for one, or not from one who may have it. */
export type Transfer = (message: Buffer, address: string) => Iterable<Buffer> | null

const isTransfer = (type: number): boolean => type === TRANSFER_TYPE.AXFR || type === TRANSFER_TYPE.IXFR

/** The messages of a transfer that goes to whoever made this request with the key and signature given. */
function* signedTransfer(
  request: Message,
  zone: Zone,
  { key, mac }: { key: TsigKey; mac: Buffer },
  seconds: Clock,
): Generator<Buffer> {
  const question = request.questions[0]!
  const serial = question.type === TRANSFER_TYPE.IXFR ? serialOf(request) : null
  const rrs = serial === null ? zone.transfer() : zone.transferSince(serial)
  const signed = signEach(key, mac, seconds)
  for (const message of transferMessages(request.id, question, rrs)) yield signed(message)
}

/** Answers requests for transfers over TCP; what it does not answer has its answer from `responder`. */
export const transferrer =
  (zones: ReadonlyMap<string, Zone>, secondaries: Secondaries): Transfer =>
  (bytes, address) => {
    try {
      if (secondaries.list.length === 0 || !isTransfer(questionType(bytes))) return null
      const request = decode(bytes)
      const [question] = request.questions
      const zone = question?.class === CLASS.IN ? zones.get(question.name) : undefined
      if (!zone || request.isResponse || request.opcode !== 0 || request.tsig === null) return null
      const check = secondaries.check(bytes, request)
      if (check.kind !== 'good' || !secondaries.mayTransfer(address, check.key)) return null
      return signedTransfer(request, zone, check, secondaries.seconds)
    } catch (error) {
      if (error instanceof WireError) return null
      throw error
    }
  }
