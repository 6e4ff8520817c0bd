import { Packet, type Resource } from 'dns2'
import type { Zone } from '../../../lib/dns/zone.ts'
import { zoneFor } from '../../../lib/dns/zones.ts'
import { mnemonic, resource } from './rdata.ts'

const { NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, BADVERS } = Packet.RCODE

/** What the OPT of our answers offers and what no answer over UDP exceeds: it passes every path unfragmented. */
export const UDP_SIZE = 1232

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
export const answer = (request: Packet, zones: ReadonlyMap<string, Zone>): Packet => {
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
