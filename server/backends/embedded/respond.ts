import { Packet } from 'dns2'
import type { Zone } from '../../../lib/dns/zone.ts'
import { answer, UDP_SIZE } from './answer.ts'
import { bare, sift } from './sift.ts'

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
const fit = (response: Packet, limit: number): Buffer => {
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
    const verdict = sift(message)
    if (verdict === 'silence') return null
    if (verdict !== null) return bare(message, verdict)
    try {
      const request = Packet.parse(message)
      return fit(answer(request, zones), limitOf(request, transport))
    } catch (error) {
      onError(error)
      return bare(message, Packet.RCODE.SERVFAIL)
    }
  }
