import type { Point } from '../../schemas/kea/callout.ts'
import { committed4, committed6, LEASE4, LEASE6, type Names } from '../lib/kea/variables.ts'

/** A hook call: its point, and the variables that Kea exports. */
export type Callout = [point: Point, variables: Names]

/** What a test says of a lease. `client` is a number: the last two bytes of its client-id, hardware address or DUID. */
export interface Said {
  address: string
  client: number
  hostname?: string
  /** Seconds after the beginning of the test's time. */
  at?: number
  clientId?: string
}

/** The beginning of the test's time, in seconds since the epoch: twenty minutes ago, so that all leases last. */
export const BEGINNING = Math.floor(Date.now() / 1000) - 1200

const bytes = (client: number): string => client.toString(16).padStart(4, '0').replace(/(..)/, '$1:')

const fields = ({ address, client, hostname = '', at = 0, clientId }: Said): Names => ({
  ADDRESS: address,
  HOSTNAME: hostname,
  CLTT: `${BEGINNING + at}`,
  HWADDR: `02:00:00:00:${bytes(client)}`,
  ...(address.includes(':')
    ? { DUID: `00:03:00:01:02:00:00:00:${bytes(client)}`, IAID: '1' }
    : { CLIENT_ID: clientId ?? `01:02:00:00:00:${bytes(client)}` }),
})

const single = (said: Said): Names => {
  const base = said.address.includes(':') ? LEASE6 : LEASE4
  const changed = fields(said)
  return Object.fromEntries(Object.entries(base).map(([name, value]) => [name, changed[name.slice(7)] ?? value]))
}

const familyOf = ({ address }: Said): 4 | 6 => (address.includes(':') ? 6 : 4)

const commit = (written: Said[], deleted: Said[], state: Names = {}): Callout => {
  const family = familyOf([...written, ...deleted][0]!)
  const make = family === 4 ? committed4 : committed6
  return [
    `leases${family}_committed`,
    make(
      written.map(fields),
      deleted.map(one => ({ ...fields(one), ...state })),
    ),
  ]
}

/** Each is what Kea 2.2 calls, in the order in which it forks, for one thing that happens to a lease. */
export const grant = (said: Said): Callout[] => [commit([said], [])]
export const renew = (said: Said): Callout[] => [[`lease${familyOf(said)}_renew`, single(said)], commit([said], [])]
export const release = (said: Said): Callout[] => [[`lease${familyOf(said)}_release`, single(said)], commit([], [said])]
export const expire = (said: Said): Callout[] => [[`lease${familyOf(said)}_expire`, single(said)]]
export const move = (from: Said, to: Said): Callout[] => [commit([to], [from])]
export const decline = (said: Said): Callout[] => {
  const family = familyOf(said)
  const nobody = { STATE: 'declined', HOSTNAME: '', HWADDR: '', ...(family === 4 ? { CLIENT_ID: '' } : { DUID: '00' }) }
  const make = family === 4 ? committed4 : committed6
  return [
    [`lease${family}_decline`, single(said)],
    [`leases${family}_committed`, make([{ ...fields(said), ...nobody }], [])],
  ]
}
