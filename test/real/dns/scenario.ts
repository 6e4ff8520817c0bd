import { reverseName } from '../../../lib/address.ts'
import type { Phase } from '../../../schemas/model/record.ts'
import { type Callout, decline, expire, grant, move, release, renew, type Said } from '../callouts.ts'

/**
 * Where a scenario is played: a subdomain and two subnets that no other scenario has. In a scenario's short form a host
 * is `red`, an address of it `.1` or `::1`: `red A .1`, `.1 PTR red`, `red TXT "hello"`.
 */
export interface Place {
  domain: string
  subnets: [string, string]
  address(short: string): string
  /** The short form of an RR as `name type value` in full. */
  full(line: string): string
}

export const placeOf = (index: number): Place => {
  const domain = `s${index}.lab.example`
  const address = (short: string) =>
    short.startsWith('.') ? `10.${index}.0${short}` : `fd00:0:0:${index.toString(16)}${short}`
  const nameOf = (short: string) => (/^(\.|::)/.test(short) ? reverseName(address(short)) : `${short}.${domain}`)
  const value: Record<string, (short: string) => string> = { A: address, AAAA: address, PTR: nameOf, CNAME: nameOf }
  return {
    domain,
    subnets: [`10.${index}.0.0/16`, `fd00:0:0:${index.toString(16)}::/64`],
    address,
    full: line => {
      const [name, type, short] = line.split(' ') as [string, string, string]
      return `${nameOf(name)} ${type} ${value[type]?.(short) ?? short}`
    },
  }
}

export interface Step {
  /** What Kea says. */
  hear?: ((place: Place) => Callout[])[]
  /** What a person does in DNS meanwhile, as `add` or `delete` and a short form; only where DNS can be edited. */
  edit?: string[]
  /** Everything in DNS afterwards, in the short form. */
  dns: string[]
  /** By RR in the short form: the phase of its record, and what its reason says. */
  records?: Record<string, Phase | [Phase, RegExp]>
  /** Nothing is sent: the serials of all zones stay. */
  quiet?: true
}

export interface Scenario {
  case: string
  policy?: object
  /** What a person put into DNS before, in the short form. */
  hand?: string[]
  steps: Step[]
}

type Who = [short: string, client: number, at: number, more?: Partial<Said>]

const heard =
  (made: (said: Said) => Callout[]) =>
  (hostname: string, ...[short, client, at, more]: Who) =>
  (place: Place): Callout[] =>
    made({ address: place.address(short), client, at, hostname, ...more })

/** `on('red', '.1', 7, 0)`: client 7 is granted address .1 as "red" at second 0. */
export const on = heard(grant)
export const again = heard(renew)
export const released = heard(release)
export const expired = heard(expire)
export const declined = heard(decline)
export const moved =
  (hostname: string, client: number, from: [string, number], to: [string, number]) =>
  (place: Place): Callout[] => {
    const at = ([short, at]: [string, number]): Said => ({ address: place.address(short), client, hostname, at })
    return move(at(from), at(to))
  }

/** A and PTR, or AAAA and PTR. */
export const both = (host: string, short: string): string[] => [
  `${host} ${short.startsWith('.') ? 'A' : 'AAAA'} ${short}`,
  `${short} PTR ${host}`,
]
