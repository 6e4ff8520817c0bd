import type { Test } from 'tap'
import { decode } from '../../../../lib/dns/message/message.ts'
import { readTsig } from '../../../../lib/dns/message/tsig.ts'
import type { ZoneReading } from '../../../../server/backends/backend.ts'
import { openRfc2136, type Rfc2136Options } from '../../../../server/backends/rfc2136/rfc2136.ts'
import { type PeerAnswer, peerSign } from '../../../lib/dns/message/tsig-peer.ts'
import { peerStream } from '../../../lib/dns/message/tsig-peer-stream.ts'
import { type FakeDns, framed, header, type Reaction, startFake } from './fake-dns.ts'
import { modelZone } from './model-zone.ts'
import { addressOf, dhcidOf, nameOf, outcomes, publish, range, ZONE } from './publish-changes.ts'
import { answerOf, answerTo, type Fields, isTransfer } from './zone-answers.ts'

/** A backend that was opened on fake servers, and what such servers answer. */

export const NOW = 1_900_000_000
export const SECRET = Buffer.from('the secret of this test')
export const TSIG = { name: 'leasehold', algorithm: 'hmac-sha256', secret: SECRET.toString('base64') } as const
export const REFUSED = 5
/** Milliseconds for a server that is to fall silent. */
export const QUICK = 300

export type React = (request: Buffer) => Reaction | Promise<Reaction>

export const isUpdate = (request: Buffer): boolean => decode(request).opcode === 5
export const updatesTo = (fake: FakeDns | undefined): Buffer[] => fake!.requests.filter(isUpdate)

/** One server for each reaction, in their order; closed with the test. */
export const setUp = async (t: Test, reacts: React | React[], options: Partial<Rfc2136Options> = {}) => {
  const fakes: FakeDns[] = []
  for (const react of [reacts].flat()) fakes.push(await startFake(react))
  const logged: string[] = []
  const write = (_: object, text: string) => void logged.push(text)
  const backend = openRfc2136(
    {
      name: 'bind',
      kind: 'rfc2136',
      servers: fakes.map(fake => fake.address),
      tsig: TSIG,
      unsigned: false,
      marker: 'dhcid',
      timeout: 5000,
      ...options,
    },
    { now: () => NOW * 1000, log: { info: write, warn: write, error: write }, draw: () => 0 },
  )
  t.teardown(async () => {
    await backend.close()
    for (const fake of fakes) await fake.close()
  })
  return {
    fakes,
    backend,
    logged,
    read: (names = NAMES) => backend.read(ZONE, names),
    apply: async (count: number, from = 0) => {
      const result = outcomes()
      await backend.apply(ZONE, range(count, from).map(publish), result.settle)
      return result
    },
  }
}

/** Answers a request with an rcode, or what `fields` say, signed. */
export const signed = (request: Buffer, rcode: number, fields: Partial<PeerAnswer> = {}): Reaction => ({
  answer: peerSign({
    message: header(request, rcode),
    keyName: 'leasehold',
    algorithm: 'hmac-sha256',
    digest: 'sha256',
    secret: SECRET,
    requestMac: readTsig(decode(request).tsig!.rdata).mac,
    time: NOW,
    ...fields,
  }),
})

export const stream = (request: Buffer, secret = SECRET) =>
  peerStream({ secret, requestMac: readTsig(decode(request).tsig!.rdata).mac, time: NOW })

export const sent = (...messages: Buffer[]): Reaction => ({ raw: Buffer.concat(messages.map(framed)) })

/** The parts as messages of one transfer, each signed. */
export const transfer = (request: Buffer, ...parts: string[][]): Reaction => {
  const peer = stream(request)
  return sent(...parts.map(part => peer.signed(answerTo(request, part))))
}

/** Answers a query with these lines, signed. */
export const told = (request: Buffer, lines: string[], fields: Fields = {}): Reaction =>
  signed(request, 0, { message: answerTo(request, lines, fields) })

/** A server that gives no zone away. */
export const byQueries =
  (answer: React): React =>
  request =>
    isTransfer(request) ? told(request, [], { rcode: REFUSED }) : answer(request)

/** A server of these lines that answers queries, and updates that only ask, as a zone with them does. */
export const serving = (lines: string[], apex = ZONE) => {
  const zone = modelZone()
  for (const line of lines) {
    const [name, type, value] = line.split(' ') as [string, string, string]
    zone.names.set(name, new Set([...(zone.names.get(name) ?? []), `${type} ${value}`]))
  }
  return (request: Buffer): Reaction =>
    isUpdate(request) ? signed(request, zone.answer(request)) : told(request, ...answerOf(request, lines, apex))
}

export const known = (reading: ZoneReading) => {
  if (!reading.known) throw new Error(reading.detail)
  return reading
}

export const sizeOf = (reading: ZoneReading): number | string => (reading.known ? reading.rrs.size : reading.detail)

export const SOA = `${ZONE} SOA 7`
export const NAMES = range(60).map(nameOf)
export const LINES = range(60).flatMap(i => [`${nameOf(i)} A ${addressOf(i)}`, `${nameOf(i)} DHCID ${dhcidOf(i)}`])
/** All that a name server has of the zone. */
export const HELD = [SOA, `${ZONE} NS ns1.${ZONE}`, ...LINES]

/** What is wrong with an answer, and what is said of it. */
export type Flaw = [what: string, react: React, detail: RegExp]
