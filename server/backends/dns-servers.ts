import { OPCODE } from '../../lib/dns/numbers.ts'
import { type Reply, type Verdict, verdictOf } from '../../lib/dns/rcode.ts'
import { sign, verify } from '../../lib/dns/tsig.ts'
import type { TsigKey } from '../../lib/dns/tsig-key.ts'
import { decode, type Message } from '../../lib/dns/wire.ts'
import { WireError } from '../../lib/dns/wire-error.ts'
import type { Look } from './backend.ts'
import { type DnsServerAddress, parseServer, printServer } from './dns-server-address.ts'
import { type Link, LinkError, openLink } from './tcp-link.ts'

/** How long a server that did not answer is asked last instead of in its turn. */
const ASIDE_MS = 30_000

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface DnsServers {
  /** As `192.0.2.53:53,192.0.2.54:53`. */
  readonly addresses: string
  /**
   * Sends an UPDATE to the first server that can say what became of it (RFC 2136 §4.5, §4.6), signed and its answer
   * checked. `encode` gives the unsigned message for an ID. Never rejects for what a server does.
   */
  update(encode: (id: number) => Buffer): Promise<Verdict>
  /** Looks at the first server that answers, of those to which updates go. */
  look(at: (server: Asked) => Promise<Look>): Promise<Look>
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
  link: Link
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
  log: Log
}

const isUpdateAnswer = (message: Message): boolean => message.isResponse && message.opcode === OPCODE.UPDATE

/** What went wrong between us and the server; anything else is a mistake of ours and goes on up. */
const silenceOf = (error: unknown): { silence: string } => {
  if (error instanceof LinkError) return { silence: error.message }
  if (error instanceof WireError) return { silence: `gave an answer that cannot be read: ${error.message}` }
  throw error
}

export const openDnsServers = ({ servers, key, timeout, now, log }: Options): DnsServers => {
  const seconds = (): number => Math.floor(now() / 1000)
  const all: Server[] = servers.map(parseServer).map(at => ({
    address: printServer(at),
    at,
    link: openLink(at, timeout),
    asideUntil: 0,
  }))

  const exchange = async ({ link }: Server, unsigned: Buffer): Promise<Reply> => {
    const signed = key && sign(unsigned, key, seconds())
    try {
      const bytes = await link.exchange(signed?.message ?? unsigned)
      const answer = decode(bytes)
      if (!isUpdateAnswer(answer)) return { silence: 'gave an answer to something else' }
      return { rcode: answer.rcode, tsig: key && signed && verify(bytes, answer, key, signed.mac, seconds()) }
    } catch (error) {
      return silenceOf(error)
    }
  }

  /** In the order of the configuration, those that did not answer lately last. */
  const inOrder = (): Server[] => {
    const time = now()
    return [...all].sort((a, b) => Number(a.asideUntil > time) - Number(b.asideUntil > time))
  }

  const note = (server: Server, verdict: Verdict): void => {
    const down = verdict.means === 'unreachable' && verdict.blames === 'all'
    if (down && server.asideUntil === 0) log.warn({ server: server.address }, verdict.says)
    if (!down && server.asideUntil > 0) log.info({ server: server.address }, `${server.address} answers again`)
    server.asideUntil = down ? now() + ASIDE_MS : 0
  }

  return {
    addresses: all.map(server => server.address).join(','),
    update: async encode => {
      const failures: Verdict[] = []
      for (const server of inOrder()) {
        const verdict = verdictOf(server.address, await exchange(server, encode(server.link.nextId())))
        note(server, verdict)
        if (verdict.means !== 'unreachable') return verdict
        failures.push(verdict)
      }
      return {
        means: 'unreachable',
        blames: failures.every(({ blames }) => blames === 'one') ? 'one' : 'all',
        says: failures.map(({ says }) => says).join('; '),
      }
    },
    look: async look => {
      const failures: string[] = []
      for (const { address, at } of inOrder()) {
        try {
          return await look({ address, at, key, seconds, timeout })
        } catch (error) {
          failures.push(`${address} ${silenceOf(error).silence}`)
        }
      }
      return { known: false, detail: failures.join('; ') }
    },
    close: () => {
      for (const { link } of all) link.close()
    },
  }
}
