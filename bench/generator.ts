/*
 * The bare generator: what BIND takes from a program that does nothing else.
 *
 * It sends the UPDATE messages that Leasehold sends for new leases, by the same encoder: A and DHCID, and the PTR, each where the
 * name is not in use, signed by the same key. One connection a zone, one message in flight on each. All is built and signed
 * beforehand, nothing is kept, no PTR waits for its name, and no answer's signature is checked. So what it reaches is what
 * BIND takes in messages of that size, and a share of it is a share of that limit.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { sign, type TsigKey, tsigKey } from '../lib/dns/message/tsig.ts'
import { updateMessage } from '../lib/dns/message/update.ts'
import type { Attempt } from '../lib/dns/rr.ts'
import type { Algorithm } from '../schemas/config/leasehold.ts'
import { framed, unframe } from '../server/backends/rfc2136/tcp-link.ts'
import type { Named } from '../test/real/servers/named.ts'
import type { Feed } from './feeds.ts'
import { FORWARD, type Lease, REVERSE } from './leases.ts'

/** The default of Leasehold. */
const TTL = 300

export interface Generator {
  /** Makes ready so many leases a message. */
  all(leases: Lease[], each: number): Feed
}

const nameOf = ({ name, address, dhcid }: Lease): Attempt => ({
  prerequisites: [{ must: 'name-not-in-use', name }],
  updates: [
    { do: 'add', rr: { name, type: 'A', ttl: TTL, value: address } },
    { do: 'add', rr: { name, type: 'DHCID', ttl: TTL, value: dhcid } },
  ],
})

const pointerOf = ({ name, reverse }: Lease): Attempt => ({
  prerequisites: [{ must: 'name-not-in-use', name: reverse }],
  updates: [{ do: 'add', rr: { name: reverse, type: 'PTR', ttl: TTL, value: name } }],
})

/** Signed messages of a zone, each with its length before it. */
const messagesOf = (zone: string, attempts: Attempt[], each: number, key: TsigKey): Buffer[] => {
  const seconds = Math.floor(Date.now() / 1000)
  return Array.from({ length: Math.ceil(attempts.length / each) }, (_, i) => {
    const message = updateMessage(zone)
    for (const attempt of attempts.slice(i * each, (i + 1) * each))
      if (!message.add(attempt)) throw new Error(`${each} leases are too many for a message`)
    return framed(sign(message.encode(i & 0xffff), key, seconds).message)
  })
}

/** Sends one message after the other. Rejects when one is refused. */
const sendAll = (socket: Socket, messages: Buffer[]): Promise<void> =>
  new Promise((resolve, reject) => {
    let next = 0
    const sendNext = (): void => {
      if (next < messages.length) socket.write(messages[next++]!)
      else {
        socket.off('data', receive)
        resolve()
      }
    }
    const receive = unframe(answer => {
      const rcode = answer[3]! & 15
      if (rcode === 0) sendNext()
      else reject(new Error(`BIND answered the generator with RCODE ${rcode}`))
    })
    socket.on('data', receive)
    socket.once('close', () => reject(new Error('BIND closed the connection of the generator')))
    sendNext()
  })

const connect = async ({ host, port }: Named): Promise<Socket> => {
  const socket = createConnection({ host, port, noDelay: true })
  await once(socket, 'connect')
  return socket
}

export const openGenerator = (named: Named): Generator => {
  const { name, algorithm, secret } = named.key
  const key = tsigKey({ name, algorithm: algorithm as Algorithm, secret })
  return {
    all: (leases, each) => {
      const names = messagesOf(FORWARD, leases.map(nameOf), each, key)
      const pointers = messagesOf(REVERSE, leases.map(pointerOf), each, key)
      return async () => {
        const [forward, reverse] = await Promise.all([connect(named), connect(named)])
        try {
          await Promise.all([sendAll(forward, names), sendAll(reverse, pointers)])
        } finally {
          forward.destroy()
          reverse.destroy()
        }
      }
    },
  }
}
