import { WireError } from '../../../lib/dns/bytes.ts'
import { decode, type Message } from '../../../lib/dns/message.ts'
import { OPCODE } from '../../../lib/dns/numbers.ts'
import { type DnsServerAddress, parseServer, printServer } from '../../../lib/dns/server-address.ts'
import { sign, type TsigKey, verify } from '../../../lib/dns/tsig.ts'
import { type Reply, type UpdateAnswer, updateAnswerOf } from '../../../lib/dns/update-answer.ts'
import type { Logger } from '../../logger.ts'
import type { ZoneReading } from '../backend.ts'
import { type DnsConnection, LinkError, openDnsConnection } from './tcp-link.ts'

/** How long a server that did not answer is asked last instead of in its turn. */
const ASIDE_MS = 30_000

export interface DnsServers {
  /** As `192.0.2.53:53,192.0.2.54:53`. */
  readonly addresses: string
  /**
   * Sends an UPDATE to the first server that can say what became of it (RFC 2136 §4.5, §4.6), signed and its answer
   * checked. `encode` gives the unsigned message for an ID. Never rejects for what a server does.
   */
  update(encode: (id: number) => Buffer): Promise<UpdateAnswer>
  /** Looks at the first server that answers, of those to which updates go. */
  read(at: (server: Asked) => Promise<ZoneReading>): Promise<ZoneReading>
  close(): void
}

/** A server to be asked, with what a signed answer takes. */
export interface Asked {
  address: string
  at: DnsServerAddress
  key: TsigKey | null
  seconds(): number
  /** Milliseconds for one message. */
  timeout: number
}

interface Server {
  address: string
  at: DnsServerAddress
  link: DnsConnection
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

const isUpdateAnswer = (message: Message): boolean => message.isResponse && message.opcode === OPCODE.UPDATE

/** What went wrong between us and the server; anything else is a mistake of ours and goes on up. */
const noReplyOf = (error: unknown): { noReply: string } => {
  if (error instanceof LinkError) return { noReply: error.message }
  if (error instanceof WireError) return { noReply: `gave an answer that cannot be read: ${error.message}` }
  throw error
}

export const openDnsServers = ({ servers, key, timeout, now, log }: Options): DnsServers => {
  const seconds = (): number => Math.floor(now() / 1000)
  const all: Server[] = servers.map(parseServer).map(at => ({
    address: printServer(at),
    at,
    link: openDnsConnection(at, timeout),
    asideUntil: 0,
  }))

  const exchange = async ({ link }: Server, unsigned: Buffer): Promise<Reply> => {
    const signed = key && sign(unsigned, key, seconds())
    try {
      const bytes = await link.exchange(signed?.message ?? unsigned)
      const answer = decode(bytes)
      if (!isUpdateAnswer(answer)) return { noReply: 'gave an answer to something else' }
      return { rcode: answer.rcode, tsig: key && signed && verify(bytes, answer, key, signed.mac, seconds()) }
    } catch (error) {
      return noReplyOf(error)
    }
  }

  /** In the order of the configuration, those that did not answer lately last. */
  const inOrder = (): Server[] => {
    const time = now()
    return [...all].sort((a, b) => Number(a.asideUntil > time) - Number(b.asideUntil > time))
  }

  const note = (server: Server, meant: UpdateAnswer): void => {
    const down = meant.meaning === 'unreachable' && meant.fault === 'message'
    if (down && server.asideUntil === 0) log.warn({ server: server.address }, meant.text)
    if (!down && server.asideUntil > 0) log.info({ server: server.address }, `${server.address} answers again`)
    server.asideUntil = down ? now() + ASIDE_MS : 0
  }

  return {
    addresses: all.map(server => server.address).join(','),
    update: async encode => {
      const failures: UpdateAnswer[] = []
      for (const server of inOrder()) {
        const meant = updateAnswerOf(server.address, await exchange(server, encode(server.link.nextId())))
        note(server, meant)
        if (meant.meaning !== 'unreachable') return meant
        failures.push(meant)
      }
      return {
        meaning: 'unreachable',
        fault: failures.every(({ fault }) => fault === 'change') ? 'change' : 'message',
        text: failures.map(({ text }) => text).join('; '),
      }
    },
    read: async look => {
      const failures: string[] = []
      for (const { address, at } of inOrder()) {
        try {
          return await look({ address, at, key, seconds, timeout })
        } catch (error) {
          failures.push(`${address} ${noReplyOf(error).noReply}`)
        }
      }
      return { known: false, detail: failures.join('; ') }
    },
    close: () => {
      for (const { link } of all) link.close()
    },
  }
}
