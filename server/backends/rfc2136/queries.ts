/*
 * Names read by queries.
 *
 * A name is asked for one type first. One that does not exist says so for all types (NXDOMAIN), so that it takes one
 * query; only where the name exists the other types are asked for, all at once. QTYPE ANY is not used: a server may
 * answer it with any one RRset (RFC 8482), and the answer does not show that there were more.
 *
 * A wildcard answers for names that do not exist, and its answer looks like any other. So where a name has RRs, `*.` and
 * its parent is asked for, once for each parent. That query is answered as one for a name that does not exist would be:
 *
 *     *.lab.example.net   answer for h1.lab.example.net     h1 is
 *     NXDOMAIN            A 10.0.0.1                        there: there is no wildcard
 *     A 192.0.2.9         A 10.0.0.1                        there: the wildcard would have answered otherwise
 *     A 192.0.2.9         A 192.0.2.9                       the one or the other
 *
 * The last case is settled by an UPDATE that updates nothing, under the prerequisite that the name is not in use: a
 * prerequisite sees what is in the zone and knows no wildcard (RFC 2136 §2.4).
 */

import { foundIn, type NameFound } from '../../../lib/dns/message/found.ts'
import { encodeQuery, type Message } from '../../../lib/dns/message/message.ts'
import { OPCODE, TYPE } from '../../../lib/dns/message/numbers.ts'
import { updateMessage } from '../../../lib/dns/message/update.ts'
import { rcodeName, updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { serialIn } from '../../../lib/dns/zone/serial.ts'
import { isReverse } from '../../../lib/dns/zone/zone-names.ts'
import { type Answer, type Asked, exchange } from './exchange.ts'
import { LinkError, openDnsConnection } from './tcp-link.ts'

type Type = keyof typeof TYPE

/** Queries under way at a time. */
const AT_ONCE = 128

/**
 * The types that are asked for, the likeliest first; an alias comes with any of them (RFC 1034 §4.3.2). At a name of a
 * reverse zone only those matter that say whose its PTR is.
 */
const TYPES: Record<'forward' | 'reverse', Type[]> = {
  forward: ['A', 'AAAA', 'DHCID', 'TXT', 'PTR', 'MX', 'SRV', 'SSHFP', 'HTTPS', 'DNAME'],
  reverse: ['PTR', 'DHCID', 'TXT', 'DNAME'],
}

/** RFC 1035 §3.5, RFC 3596 §2.5; home.arpa is none. */

const typesAt = (name: string, zone: string): Type[] => {
  const types = TYPES[isReverse(name) ? 'reverse' : 'forward']
  return name === zone ? [...types, 'NS'] : types
}

/** Whether the answers at two names are the same but for the names. The values of some types are not known. */
const isSame = (one: FoundRR[], other: FoundRR[]): boolean => {
  const texts = (rrs: FoundRR[]): string =>
    rrs
      .map(({ type, value }) => `${type} ${value}`)
      .sort()
      .join('\n')
  return texts(one) === texts(other)
}

/** Runs at most `most` tasks at a time, the others in their order. */
const limited = (most: number) => {
  let free = most
  const waiting: (() => void)[] = []
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

export interface Wanted {
  zone: string
  names: string[]
  signal: AbortSignal
}

/** What queries found; the names that are in none of the three are not in use. */
export interface QueryReading {
  known: true
  rrs: Map<string, FoundRR[]>
  belowCut: Set<string>
  unread: Map<string, string>
  /** Of before the names were asked for. */
  serial: number
}

/** Why an answer to a query for the zone's SOA shows that this server is not to be read, without its subject. */
const notServed = ({ message, tsig }: Answer, server: Asked, zone: string): string => {
  if (tsig && tsig.kind !== 'good') {
    const { text } = updateAnswerOf(server.address, { rcode: message.rcode, tsig })
    return text.slice(server.address.length + 1)
  }
  if (message.rcode !== 0) return `says ${rcodeName(message.rcode)} to a query of the SOA of ${zone}`
  return `is not a server of ${zone}`
}

/**
 * Reads names of one zone at one server, over a connection of its own so that no update waits behind it. Rejects with
 * LinkError or WireError where the server does not answer, or does not serve the zone.
 */
export const readByQueries = async (
  server: Asked,
  { zone, names, signal }: Wanted,
): Promise<QueryReading | { known: false; detail: string }> => {
  const link = openDnsConnection(server.at, server.timeout)
  const inTurn = limited(AT_ONCE)
  let problem: string | null = null

  const send = (encode: (id: number) => Buffer): Promise<Answer> =>
    inTurn(() => {
      if (signal.aborted) throw new LinkError('is no longer asked')
      return exchange(link, server, encode(link.nextId()))
    })

  const isAnswer = ({ isResponse, opcode, questions: [question] }: Message, name: string, type: Type): boolean =>
    isResponse && opcode === OPCODE.QUERY && question?.name === name && question.type === TYPE[type]

  const ask = async (name: string, type: Type): Promise<NameFound> => {
    if (problem !== null) return { is: 'nothing' }
    const { message, tsig } = await send(id => encodeQuery(id, name, type))
    if (tsig && tsig.kind !== 'good') problem ??= updateAnswerOf(server.address, { rcode: message.rcode, tsig }).text
    else if (!isAnswer(message, name, type)) problem ??= `${server.address} gave an answer to another question`
    return foundIn(message, zone, name)
  }

  /** All types of a name, the wildcard's too. */
  const askName = async (name: string): Promise<NameFound> => {
    const [type, ...types] = typesAt(name, zone) as [Type, ...Type[]]
    const first = await ask(name, type)
    if (first.is !== 'there' || first.rrs.some(rr => rr.type === 'CNAME')) return first
    const all = [first, ...(await Promise.all(types.map(each => ask(name, each))))]
    const other = all.find(each => each.is === 'unread' || each.is === 'below-cut')
    if (other) return other
    return { is: 'there', rrs: all.flatMap(each => (each.is === 'there' ? each.rrs : [])) }
  }

  const wildcards = new Map<string, Promise<NameFound>>()
  const wildcardAt = (parent: string): Promise<NameFound> => {
    const asked = wildcards.get(parent) ?? askName(`*.${parent}`)
    wildcards.set(parent, asked)
    return asked
  }

  /** Whether a name is in use, by a prerequisite; or why that is not known. */
  const askUse = async (name: string): Promise<boolean | { why: string }> => {
    const update = updateMessage(zone)
    update.add({ prerequisites: [{ must: 'name-not-in-use', name }], updates: [] })
    const { message, tsig } = await send(update.encode)
    const { meaning, text } = updateAnswerOf(server.address, { rcode: message.rcode, tsig })
    if (meaning === 'yes' || meaning === 'prerequisite') return meaning === 'prerequisite'
    return { why: `may have answered for ${name} from a wildcard, and was asked by a prerequisite: ${text}` }
  }

  /** What is at a name, once a wildcard's answer is taken for what it is. */
  const readName = async (name: string): Promise<NameFound> => {
    const found = await askName(name)
    if (found.is !== 'there' || found.rrs.length === 0 || name === zone || name.startsWith('*.')) return found
    const wildcard = await wildcardAt(name.slice(name.indexOf('.') + 1))
    if (wildcard.is === 'nothing') return found
    if (wildcard.is === 'there' && !isSame(wildcard.rrs, found.rrs)) return found
    const isUsed = await askUse(name)
    if (typeof isUsed === 'object') return { is: 'unread', why: isUsed.why }
    return isUsed ? found : { is: 'nothing' }
  }

  const reading: QueryReading = { known: true, rrs: new Map(), belowCut: new Set(), unread: new Map(), serial: 0 }
  const note = (name: string, found: NameFound): void => {
    if (found.is === 'there' && found.rrs.length > 0) reading.rrs.set(name, found.rrs)
    if (found.is === 'below-cut') reading.belowCut.add(name)
    if (found.is === 'unread') reading.unread.set(name, `${server.address} ${found.why}`)
  }

  const left = names.values()
  const readOn = async (): Promise<void> => {
    for (const name of left) {
      if (problem !== null) return
      note(name, await readName(name))
    }
  }

  try {
    const soa = await send(id => encodeQuery(id, zone, 'SOA'))
    const isGood = soa.tsig === null || soa.tsig.kind === 'good'
    const serial = isGood && isAnswer(soa.message, zone, 'SOA') ? serialIn(soa.message, zone) : null
    if (serial === null) throw new LinkError(notServed(soa, server, zone))
    await Promise.all(Array.from({ length: AT_ONCE }, readOn))
    return problem === null ? { ...reading, serial } : { known: false, detail: problem }
  } finally {
    link.close()
  }
}
