import type { Test } from 'tap'
import { toBytes } from '../../../lib/address.ts'
import { type Command, type React, send, server, startFake } from './fake-kea.ts'

/** A lease as Kea's lease commands give it. */
export interface KeaLease {
  'ip-address': string
  'hw-address': string
  'client-id'?: string
  hostname: string
  cltt: number
  'valid-lft': number
  'subnet-id': number
  'fqdn-fwd': boolean
  'fqdn-rev': boolean
  state: number
}

export const now = (): number => Math.floor(Date.now() / 1000)

/** One moment for all leases of a test: the same lease asked for twice is the same, also when the second changes between. */
const BEGAN = now() - 100

/** The nth lease of 10.1.0.0/24, held by its nth client. */
export const leaseOf = (n: number, fields: Partial<KeaLease> = {}): KeaLease => ({
  'ip-address': `10.1.0.${n}`,
  'hw-address': `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}`,
  hostname: `h${n}`,
  cltt: BEGAN,
  'valid-lft': 3600,
  'subnet-id': 1,
  'fqdn-fwd': true,
  'fqdn-rev': true,
  state: 0,
  ...fields,
})

const STATUS = {
  'dhcp-state': { 'disabled-by-db-connection': false, 'disabled-by-user': false, 'globally-disabled': false },
  'multi-threading-enabled': false,
  pid: 1,
  uptime: 60,
}
const CONFIG = { Dhcp4: { subnet4: [{ id: 1, subnet: '10.1.0.0/24' }] } }

const inOrder = (a: string, b: string): number => Buffer.compare(toBytes(a)!, toBytes(b)!)

export interface LeasedKea {
  readonly url: string
  readonly commands: readonly Command[]
  readonly leases: Map<string, KeaLease>
  grant(...leases: KeaLease[]): void
  /** What it does with a command instead, where that is something. */
  instead: React
  /** What the answer to a listing waits for. */
  listing: Promise<void>
}

/** What status-get of one of a pair answers: its HA state, and of whose clients it says that it serves them. */
export const haStatus = (state: string, ...scopes: string[]) => ({
  ...STATUS,
  'high-availability': [
    { 'ha-mode': 'hot-standby', 'ha-servers': { local: { role: 'primary', state, scopes }, remote: {} } },
  ],
})

/** A dhcp4 with leases, whose control socket answers as that of Kea 3.0 does. */
export const leasedKea = async (t: Test, ...granted: KeaLease[]): Promise<LeasedKea> => {
  const leases = new Map<string, KeaLease>()
  const page = ({ arguments: { from, limit } = {} }: Command) => {
    const sorted = [...leases.keys()].sort(inOrder)
    const after = from === 'start' ? sorted : sorted.filter(address => inOrder(address, String(from)) > 0)
    const listed = after.slice(0, Number(limit)).map(address => leases.get(address))
    const text = `${listed.length} IPv4 lease(s) found.`
    return { answer: { result: listed.length > 0 ? 0 : 3, text, arguments: { count: listed.length, leases: listed } } }
  }
  const get = ({ arguments: { 'ip-address': address } = {} }: Command) => {
    const lease = leases.get(String(address))
    return {
      answer: lease
        ? { result: 0, text: 'IPv4 lease found.', arguments: lease }
        : { result: 3, text: 'Lease not found.' },
    }
  }
  const react: React = command => {
    if (command.command === 'config-get') return { answer: { result: 0, arguments: CONFIG } }
    if (command.command === 'status-get') return { answer: { result: 0, arguments: STATUS } }
    if (command.command === 'lease4-get-page')
      return response => void kea.listing.then(() => send(response, page(command)))
    return command.command === 'lease4-get' ? get(command) : undefined
  }
  const ordinary = server('Dhcp4', react)
  const fake = await startFake(t, command => kea.instead(command) ?? ordinary(command))
  const kea: LeasedKea = {
    url: fake.url,
    commands: fake.commands,
    leases,
    grant: (...more) => {
      for (const lease of more) leases.set(lease['ip-address'], lease)
    },
    instead: () => undefined,
    listing: Promise.resolve(),
  }
  kea.grant(...granted)
  return kea
}
