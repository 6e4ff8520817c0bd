import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { fromBytes, toBytes } from '../../../lib/address.ts'
import type { Network } from '../network.ts'
import { bytes, wireName } from './dhcp-hex.ts'

const TYPE = {
  SOLICIT: 1,
  REQUEST: 3,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  RELAY_FORW: 12,
  ADDR_REG_INFORM: 36,
} as const
const CLIENT_ID = 1
const SERVER_ID = 2
const IA_NA = 3
const IA_ADDRESS = 5
const RELAY_MESSAGE = 9
const IA_PD = 25
const IA_PREFIX = 26
const FQDN = 39

export interface Identity6 {
  duid: string
  /** IAIDs: of an address, of a delegated prefix. */
  na?: number
  pd?: number
  /** Option 39, with S=1: the server is to make the AAAA record. */
  fqdn?: string
  /** An address of the link where the client is. */
  link: string
}

/** Who it is may be changed between two messages: another FQDN is a rename. */
export interface Client6 extends Identity6 {
  addresses: string[]
  /** As `2001:db8:f000::/56`. */
  prefixes: string[]
  /** SOLICIT, ADVERTISE, REQUEST, REPLY: the addresses. */
  grant(): Promise<string[]>
  /** The addresses that it has afterwards. */
  renew(): Promise<string[]>
  rebind(): Promise<string[]>
  release(): Promise<void>
  decline(): Promise<void>
  /** Tells of an address that it made itself (RFC 9686; Kea 3). */
  register(address: string): Promise<void>
}

type Option = [code: number, value: Buffer]

const u32 = (...values: number[]): Buffer =>
  Buffer.from(new Uint8Array(values.flatMap(v => [v >>> 24, v >>> 16, v >>> 8, v])))
const address = (text: string): Buffer => Buffer.from(toBytes(text)!)
const option = (code: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.of(code >> 8, code, value.length >> 8, value.length), value])

const optionsOf = (message: Buffer): Option[] => {
  const options: Option[] = []
  for (let at = 0; at + 4 <= message.length; at += 4 + message.readUInt16BE(at + 2)) {
    options.push([message.readUInt16BE(at), message.subarray(at + 4, at + 4 + message.readUInt16BE(at + 2))])
  }
  return options
}

const identify = ({ duid, fqdn }: Identity6): Buffer[] => [
  option(CLIENT_ID, bytes(duid)),
  option(8, Buffer.of(0, 0)),
  ...(fqdn === undefined ? [] : [option(FQDN, Buffer.concat([Buffer.of(1), wireName(fqdn)]))]),
]

/** The identity associations with what the client holds in them. */
const held = ({ na, pd, addresses, prefixes }: Client6): Buffer[] => {
  const inNa = addresses.map(text => option(IA_ADDRESS, Buffer.concat([address(text), u32(0, 0)])))
  const inPd = prefixes.map(text => {
    const [prefix, length] = text.split('/') as [string, string]
    return option(IA_PREFIX, Buffer.concat([u32(0, 0), Buffer.of(Number(length)), address(prefix)]))
  })
  return [
    ...(na === undefined ? [] : [option(IA_NA, Buffer.concat([u32(na, 0, 0), ...inNa]))]),
    ...(pd === undefined ? [] : [option(IA_PD, Buffer.concat([u32(pd, 0, 0), ...inPd]))]),
  ]
}

/** What the server gave: leases with a lifetime of 0 are those it took away. */
const given = (options: Option[]) => {
  const inside = (outer: number, inner: number) =>
    options
      .filter(([code]) => code === outer)
      .flatMap(([, ia]) => optionsOf(ia.subarray(12)))
      .filter(([code]) => code === inner)
      .map(([, value]) => value)
  return {
    addresses: inside(IA_NA, IA_ADDRESS)
      .filter(v => v.readUInt32BE(20) > 0)
      .map(v => fromBytes(v.subarray(0, 16))),
    prefixes: inside(IA_PD, IA_PREFIX)
      .filter(v => v.readUInt32BE(4) > 0)
      .map(v => `${fromBytes(v.subarray(9, 25))}/${v[8]}`),
  }
}

/** A relay agent at our end of the network, behind which any number of DHCPv6 clients live. Torn down with the test. */
export const relay6 = async (t: Test, { here, there }: Network): Promise<(who: Identity6) => Client6> => {
  const socket = createSocket('udp6').bind(547, here.v6)
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const waiting = new Map<number, (options: Option[]) => void>()
  socket.on('message', message => {
    const reply = optionsOf(message.subarray(34)).find(([code]) => code === RELAY_MESSAGE)?.[1]
    if (reply) waiting.get(reply.readUIntBE(1, 3))?.(optionsOf(reply.subarray(4)))
  })

  /** RFC 8415 §19.1: the message of a client, passed on. */
  const ask = async (type: number, who: Client6, options: Buffer[], peer = 'fe80::1'): Promise<Option[]> => {
    const xid = randomInt(2 ** 24)
    const message = Buffer.concat([u32((type << 24) | xid), ...options])
    const head = Buffer.concat([Buffer.of(TYPE.RELAY_FORW, 0), address(who.link), address(peer)])
    const { promise, resolve } = Promise.withResolvers<Option[]>()
    waiting.set(xid, resolve)
    socket.send(Buffer.concat([head, option(RELAY_MESSAGE, message)]), 547, there.v6)
    const reply = await Promise.race([promise, sleep(2000, null, { ref: false })])
    waiting.delete(xid)
    if (!reply) throw new Error(`no answer to DHCPv6 message ${type}`)
    return reply
  }
  const serverOf = (options: Option[]): Buffer[] =>
    options.filter(([code]) => code === SERVER_ID).map(([code, value]) => option(code, value))

  return who => {
    let server: Buffer[] = []
    const keep = (client: Client6, options: Option[]): string[] => {
      server = serverOf(options)
      Object.assign(client, given(options))
      return client.addresses
    }
    const client: Client6 = {
      ...who,
      addresses: [],
      prefixes: [],
      async grant() {
        keep(
          this,
          await ask(TYPE.SOLICIT, this, [...identify(this), ...held({ ...this, addresses: [], prefixes: [] })]),
        )
        return keep(this, await ask(TYPE.REQUEST, this, [...identify(this), ...server, ...held(this)]))
      },
      async renew() {
        return keep(this, await ask(TYPE.RENEW, this, [...identify(this), ...server, ...held(this)]))
      },
      async rebind() {
        return keep(this, await ask(TYPE.REBIND, this, [...identify(this), ...held(this)]))
      },
      async release() {
        await ask(TYPE.RELEASE, this, [...identify({ ...this, fqdn: undefined }), ...server, ...held(this)])
        Object.assign(this, { addresses: [], prefixes: [] })
      },
      async decline() {
        const addresses = { ...this, fqdn: undefined, pd: undefined }
        await ask(TYPE.DECLINE, this, [...identify(addresses), ...server, ...held(addresses)])
        this.addresses = []
      },
      async register(own) {
        const lifetimes = u32(60, 60)
        const registered = option(IA_ADDRESS, Buffer.concat([address(own), lifetimes]))
        // Kea 3.0 takes the link's address for the client's.
        await ask(TYPE.ADDR_REG_INFORM, { ...this, link: own }, [...identify(this), registered], own)
      },
    }
    return client
  }
}
