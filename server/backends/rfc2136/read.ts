import { decode, encodeQuery, type Message, type WireRecord } from '../../../lib/dns/message.ts'
import { OPCODE, TYPE } from '../../../lib/dns/numbers.ts'
import { gatherAt } from '../../../lib/dns/transfer.ts'
import { sign, verify } from '../../../lib/dns/tsig.ts'
import { rcodeName, updateAnswerOf } from '../../../lib/dns/update-answer.ts'
import type { Marker } from '../../../lib/publish/change.ts'
import type { ZoneReading } from '../backend.ts'
import type { Asked } from './servers.ts'
import { LinkError, openDnsConnection } from './tcp-link.ts'
import { transfer } from './transfer.ts'

/** Queries under way at a time. */
const AT_ONCE = 128

const NXDOMAIN = 3

interface Asking {
  name: string
  type: keyof typeof TYPE
}

/** Why an answer does not tell what is at the name; null when it does. */
const flaw = (message: Message, { name, type }: Asking): string | null => {
  const [question] = message.questions
  if (!message.isResponse || message.opcode !== OPCODE.QUERY) return 'gave an answer to something else'
  if (message.rcode !== 0 && message.rcode !== NXDOMAIN) return `says ${rcodeName(message.rcode)} to a query of ${name}`
  if (question?.name !== name || question.type !== TYPE[type]) return 'gave an answer to another question'
  if (message.truncated) return `gave a truncated answer for ${name}`
  return message.authoritative ? null : `is not the server of ${name}`
}

/**
 * Asks for RRsets over TCP, many at a time, and hands on the records of the names asked for. Gives a sentence why what it
 * handed on is not all, or null when it is. Rejects with LinkError or WireError where the server did not answer, or not
 * with a DNS message.
 */
const query = async (
  { address, at, key, seconds, timeout }: Asked,
  questions: Generator<Asking>,
  each: (record: WireRecord) => void,
  signal: AbortSignal,
): Promise<string | null> => {
  const link = openDnsConnection(at, timeout)
  let problem: string | null = null

  const ask = async (asking: Asking): Promise<void> => {
    const unsigned = encodeQuery(link.nextId(), asking.name, asking.type)
    const signed = key && sign(unsigned, key, seconds())
    const bytes = await link.exchange(signed?.message ?? unsigned)
    const message = decode(bytes)
    const tsig = key && signed && verify(bytes, message, key, signed.mac, seconds())
    if (tsig && tsig.kind !== 'good') problem ??= updateAnswerOf(address, { rcode: message.rcode, tsig }).text
    const found = flaw(message, asking)
    if (found) problem ??= `${address} ${found}`
    // The answer to an alias goes on with its target, which is another question.
    if (problem === null) message.answers.filter(record => record.name === asking.name).forEach(each)
  }

  const askOn = async (): Promise<void> => {
    for (const asking of questions) {
      if (signal.aborted) throw new LinkError('is no longer asked')
      if (problem !== null) return
      await ask(asking)
    }
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, askOn))
    return problem
  } finally {
    questions.return(undefined)
    link.close()
  }
}

/** So few are asked for one by one: a zone may be far larger than what is ours in it. */
const FEW = 50

export interface Wanted {
  zone: string
  names: string[]
  marker: Marker
  signal: AbortSignal
}

const MARKER_TYPE = { dhcid: ['DHCID'], txt: ['TXT'], none: [] } as const

/** RFC 1035 §3.5, RFC 3596 §2.5; home.arpa is none. */
const isReverse = (name: string): boolean => name.endsWith('.in-addr.arpa') || name.endsWith('.ip6.arpa')

/** The types that Leasehold may have published at each name; an alias comes with any of them (RFC 1034 §4.3.2). */
function* questions(names: string[], marker: Marker): Generator<Asking> {
  for (const name of names) {
    const types = isReverse(name) ? (['PTR'] as const) : (['A', 'AAAA', ...MARKER_TYPE[marker]] as const)
    for (const type of types) yield { name, type }
  }
}

/**
 * Reads names at one server: the zone by AXFR, which is one state of it, or where the server does not give it away the
 * names one by one. Rejects with LinkError or WireError where the server did not answer, or not with a DNS message.
 */
export const readAt = async (server: Asked, { zone, names, marker, signal }: Wanted): Promise<ZoneReading> => {
  if (names.length > FEW) {
    const found = gatherAt(names)
    const told = await transfer(server, zone, found.add, signal)
    if (told.is === 'complete') return { known: true, rrs: found.rrs }
    if (told.is === 'broken') return { known: false, detail: told.says }
  }
  const found = gatherAt(names)
  const problem = await query(server, questions(names, marker), found.add, signal)
  return problem === null ? { known: true, rrs: found.rrs } : { known: false, detail: problem }
}
