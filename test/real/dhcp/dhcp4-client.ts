import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Network } from '../network.ts'
import { bytes, wireName } from './dhcp-hex.ts'

const DISCOVER = 1
const REQUEST = 3
const DECLINE = 4
const ACK = 5
const NAK = 6
const RELEASE = 7
const COOKIE = Buffer.from('63825363', 'hex')

export interface Identity4 {
  hwAddress: string
  clientId?: string
  /** Option 12. */
  hostname?: string
  /** Option 81, with S=1 E=1: the server is to make the A record. A name without a dot at its end is partial. */
  fqdn?: string
  /** An address in the subnet where the client is (RFC 3527 link selection). */
  subnet: string
  /** The networks into which the relay passes on what it says; default: all. */
  via?: Network[]
}

/** Who it is may be changed between two messages: another hostname is a rename, another client-id another system. */
export interface Client4 extends Identity4 {
  /** The address it holds. */
  address: string | null
  /** DISCOVER, OFFER, REQUEST, ACK: the address, or null when none was offered. */
  grant(wanted?: string): Promise<string | null>
  /** Whether the server agreed (ACK) or not (NAK). */
  renew(): Promise<boolean>
  release(): Promise<void>
  decline(): Promise<void>
}

type Options = Map<number, Buffer>
interface Reply {
  address: string
  options: Options
}

const address = (text: string): Buffer => Buffer.from(text.split('.').map(Number))
const option = (code: number, value: Buffer): Buffer => Buffer.concat([Buffer.of(code, value.length), value])

const identify = ({ clientId, hostname, fqdn }: Identity4): Buffer[] => [
  ...(clientId === undefined ? [] : [option(61, bytes(clientId))]),
  ...(hostname === undefined ? [] : [option(12, Buffer.from(hostname))]),
  ...(fqdn === undefined ? [] : [option(81, Buffer.concat([Buffer.of(0b101, 0, 0), wireName(fqdn)]))]),
]

/** RFC 2131 §2, as a relay agent passes it on. */
const encode = (xid: number, type: number, who: Identity4, relay: string, held: string | null, options: Buffer[]) => {
  const hw = bytes(who.hwAddress)
  const head = Buffer.alloc(236)
  head.set([1, 1, hw.length, 1])
  head.writeUInt32BE(xid, 4)
  if (held) address(held).copy(head, 12)
  address(relay).copy(head, 24)
  hw.copy(head, 28)
  const link = option(82, option(5, address(who.subnet)))
  return Buffer.concat([head, COOKIE, option(53, Buffer.of(type)), ...options, link, Buffer.of(255)])
}

const decode = (message: Buffer): Reply => {
  const options: Options = new Map()
  for (let at = 240; message[at] !== undefined && message[at] !== 255; at += 2 + message[at + 1]!) {
    options.set(message[at]!, message.subarray(at + 2, at + 2 + message[at + 1]!))
  }
  return { address: message.subarray(16, 20).join('.'), options }
}

/**
 * A relay agent at our end of the network, behind which any number of DHCPv4 clients live. With several networks it
 * passes everything on to the servers in all of them. Torn down with the test.
 */
export const relay4 = async (t: Test, ...networks: Network[]): Promise<(who: Identity4) => Client4> => {
  const waiting = new Map<number, (reply: Reply) => void>()
  const open = async (network: Network) => {
    const { here, there } = network
    const socket = createSocket('udp4').bind(67, here.v4)
    await once(socket, 'listening')
    t.teardown(() => socket.close())
    socket.on('error', () => {})
    socket.on('message', message => waiting.get(message.readUInt32BE(4))?.(decode(message)))
    return { socket, relay: here.v4, server: there.v4, network }
  }
  const links = await Promise.all(networks.map(open))

  const send = (type: number, who: Identity4, held: string | null, options: Buffer[]): number => {
    const xid = randomInt(2 ** 32)
    for (const { socket, relay, server, network } of links) {
      if (who.via && !who.via.includes(network)) continue
      socket.send(encode(xid, type, who, relay, held, options), 67, server)
    }
    return xid
  }
  const ask = async (...message: Parameters<typeof send>): Promise<Reply | null> => {
    const { promise, resolve } = Promise.withResolvers<Reply>()
    const xid = send(...message)
    waiting.set(xid, resolve)
    const reply = await Promise.race([promise, sleep(2000, null, { ref: false })])
    waiting.delete(xid)
    return reply
  }
  const typeOf = (reply: Reply | null) => reply?.options.get(53)?.[0]

  return who => {
    let server = Buffer.alloc(4)
    const client: Client4 = {
      ...who,
      address: null,
      async grant(wanted) {
        const offer = await ask(DISCOVER, this, null, [
          ...identify(this),
          ...(wanted ? [option(50, address(wanted))] : []),
        ])
        if (!offer) return null
        server = Buffer.from(offer.options.get(54)!)
        const asked = [option(50, address(offer.address)), option(54, server)]
        const ack = await ask(REQUEST, this, null, [...identify(this), ...asked])
        this.address = typeOf(ack) === ACK ? ack!.address : null
        return this.address
      },
      async renew() {
        const answer = await ask(REQUEST, this, this.address, identify(this))
        if (typeOf(answer) === NAK) this.address = null
        if (typeOf(answer) !== ACK) return false
        server = Buffer.from(answer!.options.get(54)!)
        return true
      },
      async release() {
        send(RELEASE, this, this.address, [
          ...identify({ ...this, hostname: undefined, fqdn: undefined }),
          option(54, server),
        ])
        this.address = null
      },
      async decline() {
        const declined = option(50, address(this.address!))
        const plain = identify({ ...this, hostname: undefined, fqdn: undefined })
        send(DECLINE, this, null, [...plain, declined, option(54, server)])
        this.address = null
      },
    }
    return client
  }
}
