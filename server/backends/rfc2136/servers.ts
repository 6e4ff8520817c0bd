/*
 * The servers of one entry of the configuration, and which of them is asked.
 *
 * An operator lists a primary and perhaps its secondaries, in any order, and after a failover the primary may be
 * another one. The primary of a zone is the server that takes its updates, so it is found by asking: a server that
 * refuses or cannot say is passed over, and the one that made the last update is asked first next time. A read goes to
 * that same server, because its secondaries may lag behind.
 *
 * Where no server made the update, their answers are joined. It is `refused` only if each of them refused: a server
 * that fell silent may have made it. So may one whose connection closed before the answer: where the message goes out
 * again, here or to the next server, a prerequisite can fail for what it did itself.
 */

import { encodeQuery, type Message } from '../../../lib/dns/message/message.ts'
import { OPCODE, TYPE } from '../../../lib/dns/message/numbers.ts'
import { TSIG_ERROR, type TsigKey } from '../../../lib/dns/message/tsig.ts'
import { type Reply, type UpdateAnswer, updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import type { Fault } from '../../../lib/dns/rr.ts'
import { parseServer, printServer } from '../../../lib/dns/server-address.ts'
import { serialIn } from '../../../lib/dns/zone/serial.ts'
import type { Logger } from '../../logger.ts'
import { type Asked, exchange, noReplyOf } from './exchange.ts'
import { type DnsConnection, openDnsConnection } from './tcp-link.ts'

/** How long a server that did not answer is asked last instead of in its turn. */
const ASIDE_MS = 30_000
/** How long after an update was made the server is believed to know the key. */
const KEY_KNOWN_MS = 60_000

export interface DnsServers {
  /**
   * Sends an UPDATE of a zone to one server after the other, until one can say what became of it (RFC 2136 §4.5, §4.6).
   * `encode` gives the unsigned message for an ID. Never rejects for what a server does.
   */
  update(zone: string, encode: (id: number) => Buffer): Promise<UpdateAnswer>
  /** Reads at the first server that answers, the one that takes the zone's updates before the others. */
  read<T>(zone: string, at: (server: Asked) => Promise<T>): Promise<T | { known: false; detail: string }>
  /** The serial of the zone at the server that made its last update; null when it is not told. Rejects only for a mistake of ours. */
  serial(zone: string): Promise<number | null>
  close(): void
}

interface Server extends Asked {
  /** The connections to it, by zone. */
  linkOf(zone: string): DnsConnection
  /** Milliseconds since the epoch; 0 = it answers. */
  asideUntil: number
}

interface Options {
  servers: string[]
  key: TsigKey | null
  /** Milliseconds for one message to one server. */
  timeout: number
  /** Milliseconds since the epoch. */
  now: () => number
  log: Logger
}

/**
 * Connections to one server at most. A server works through the messages of one connection one after the other, so each zone
 * has its own; a site of many zones shares these few, as a server bounds its clients (BIND: 150 in all).
 */
const MOST_LINKS = 8

/** Gives the connection of a zone. */
const linksTo = (open: () => DnsConnection) => {
  const links: DnsConnection[] = []
  const byZone = new Map<string, DnsConnection>()
  return {
    of: (zone: string): DnsConnection => {
      const known = byZone.get(zone)
      if (known) return known
      if (links.length < MOST_LINKS) links.push(open())
      const link = links[byZone.size % links.length]!
      byZone.set(zone, link)
      return link
    },
    close: (): void => {
      for (const link of links) link.close()
    },
  }
}

/** True for the answer to an UPDATE of this zone. Some servers leave the zone out of it (RFC 2136 §3.8). */
const isUpdateAnswer = ({ isResponse, opcode, questions }: Message, zone: string): boolean =>
  isResponse && opcode === OPCODE.UPDATE && questions.every(({ name, type }) => name === zone && type === TYPE.SOA)

const isBadKey = (reply: Reply): boolean =>
  'tsig' in reply && reply.tsig?.kind === 'error' && reply.tsig.error === TSIG_ERROR.BADKEY

interface Failure {
  server: Server
  answer: UpdateAnswer
}

/**
 * Whose trouble it is where no server made the update. The server that makes the zone's updates knows; before one is
 * known, a server that may be it and cannot be asked stands for all, else one change may be at fault.
 */
const faultOf = (failures: Failure[], primary: Server | undefined): Fault => {
  const known = failures.find(({ server }) => server === primary)
  if (known) return known.answer.fault
  if (failures.some(({ answer }) => answer.meaning === 'unreachable' && answer.fault === 'lane')) return 'lane'
  return failures.some(({ answer }) => answer.fault === 'change') ? 'change' : 'lane'
}

const joined = (failures: Failure[], primary: Server | undefined): UpdateAnswer => ({
  meaning: failures.every(({ answer }) => answer.meaning === 'refused') ? 'refused' : 'unreachable',
  fault: faultOf(failures, primary),
  text: failures.map(({ answer }) => answer.text).join('; '),
})

export const openDnsServers = ({ servers, key, timeout, now, log }: Options): DnsServers => {
  const seconds = (): number => Math.floor(now() / 1000)
  const links: { close(): void }[] = []
  const all: Server[] = servers.map(parseServer).map(at => {
    const own = linksTo(() => openDnsConnection(at, timeout))
    links.push(own)
    return { address: printServer(at), at, key, seconds, timeout, linkOf: own.of, asideUntil: 0 }
  })
  /** By zone, the server that made its last update, and when. */
  const primaries = new Map<string, { server: Server; at: number }>()
  const primaryOf = (zone: string): Server | undefined => primaries.get(zone)?.server

  /** What a server replied, and whether it may have made the update before that, or instead. */
  const replyOf = async (server: Server, zone: string, unsigned: Buffer): Promise<[Reply, perhapsMade: boolean]> => {
    try {
      const { message, tsig, isRepeated } = await exchange(server.linkOf(zone), server, unsigned)
      if (!isUpdateAnswer(message, zone)) return [{ noReply: 'gave an answer to something else' }, true]
      return [{ rcode: message.rcode, tsig }, isRepeated]
    } catch (error) {
      const { noReply, wasSent } = noReplyOf(error)
      return [{ noReply }, wasSent]
    }
  }

  /**
   * Knot says BADKEY also where its ACL forbids the names of one message. So it may be a change's fault, at a server that
   * took the key for this zone a moment ago.
   */
  const judge = (server: Server, zone: string, reply: Reply): UpdateAnswer => {
    const answer = updateAnswerOf(server.address, reply)
    const primary = primaries.get(zone)
    const isKeyKnown = primary?.server === server && now() - primary.at < KEY_KNOWN_MS
    return isKeyKnown && isBadKey(reply) ? { ...answer, fault: 'change' } : answer
  }

  /** The zone's primary, then in the order of the configuration; those that did not answer lately are last. */
  const inOrder = (zone: string): Server[] => {
    const time = now()
    const rank = (server: Server): number => (server.asideUntil > time ? 2 : Number(server !== primaryOf(zone)))
    return [...all].sort((a, b) => rank(a) - rank(b))
  }

  const note = (server: Server, { meaning, fault, text }: UpdateAnswer): void => {
    const down = meaning === 'unreachable' && fault === 'lane'
    if (down && server.asideUntil === 0) log.warn({ server: server.address }, text)
    if (!down && server.asideUntil > 0) log.info({ server: server.address }, `${server.address} answers again`)
    server.asideUntil = down ? now() + ASIDE_MS : 0
  }

  return {
    update: async (zone, encode) => {
      const failures: Failure[] = []
      let mayBeMade = false
      for (const server of inOrder(zone)) {
        const [reply, perhapsMade] = await replyOf(server, zone, encode(server.linkOf(zone).nextId()))
        const answer = judge(server, zone, reply)
        note(server, answer)
        mayBeMade ||= perhapsMade
        if (answer.meaning === 'yes') primaries.set(zone, { server, at: now() })
        if (answer.meaning === 'yes') return answer
        if (answer.meaning === 'prerequisite') return mayBeMade ? { ...answer, perhapsMade: true } : answer
        failures.push({ server, answer })
      }
      return joined(failures, primaryOf(zone))
    },
    read: async (zone, at) => {
      const failures: string[] = []
      for (const server of inOrder(zone)) {
        try {
          return await at(server)
        } catch (error) {
          failures.push(`${server.address} ${noReplyOf(error).noReply}`)
        }
      }
      return { known: false, detail: failures.join('; ') }
    },
    serial: async zone => {
      const server = primaryOf(zone)
      if (!server) return null
      try {
        const link = server.linkOf(zone)
        const { message, tsig } = await exchange(link, server, encodeQuery(link.nextId(), zone, 'SOA'))
        return tsig === null || tsig.kind === 'good' ? serialIn(message, zone) : null
      } catch (error) {
        noReplyOf(error)
        return null
      }
    },
    close: () => {
      for (const own of links) own.close()
    },
  }
}
