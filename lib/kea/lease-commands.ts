/*
 * Makes lease events of leases in the notation of Kea's lease commands: of the pages that Kea lists, and of the body of
 * POST /v1/events.
 */

import { isIP } from 'node:net'
import type { ReportedEvent, ReportedLease, ReportedLeases } from '../../schemas/kea/reported-lease.ts'
import type { LeaseEvent, Service } from '../../schemas/model/lease-event.ts'
import { type Family, familyOf, toBytes } from '../address.ts'
import { InvalidInput, type Issue, MOST_ISSUES, shown } from '../input/bad-input.ts'
import { anyState, COMMITTED, EXPIRE, type KindByState, leaseEvent, readLease } from './lease-fields.ts'
import { address4, address6 } from './values.ts'

/** Kea's two DHCP servers, a row each: their leases, the commands that read these, the root of their configuration. */
export const SERVICES = {
  dhcp4: { family: 4, list: 'lease4-get-page', get: 'lease4-get', root: 'Dhcp4' },
  dhcp6: { family: 6, list: 'lease6-get-page', get: 'lease6-get', root: 'Dhcp6' },
} as const satisfies Record<Service, { family: Family; list: string; get: string; root: string }>

/** The DHCP server that leases addresses of a family. */
export const serviceOf = (family: Family): Service => (family === 4 ? 'dhcp4' : 'dhcp6')

interface ListedAddress {
  text: string
  bytes: Uint8Array
}

type IsAfter = (listed: ListedAddress, last: ListedAddress) => boolean

const byNumber: IsAfter = (listed, last) => Buffer.compare(listed.bytes, last.bytes) > 0
const byText: IsAfter = (listed, last) => listed.text > last.text

/**
 * Returns a check to be called with each address of a listing in turn. It is true while every address comes after the
 * one before it, so that none was listed twice or passed over. Kea's memfile lists by number; the databases of older
 * Keas list IPv6 by text. Both orders are allowed, but one order for the whole listing.
 */
export const forward = (): ((address: string) => boolean) => {
  let orders: IsAfter[] = [byNumber, byText]
  let last: ListedAddress | null = null
  return address => {
    const listed = { text: address, bytes: toBytes(address)! }
    const before = last
    last = listed
    if (before !== null) orders = orders.filter(isAfter => isAfter(listed, before))
    return orders.length > 0
  }
}

/** A listed lease that cannot be read. Nothing is concluded about its address. */
export interface Unreadable {
  address: string
  reason: string
}

/** The leases of one page. */
export interface Page {
  /** Of every lease, readable or not, in the page's order. */
  addresses: string[]
  events: LeaseEvent[]
  unreadable: Unreadable[]
}

const ADDRESS = { 4: address4, 6: address6 }

const addressOf = (family: Family, values: Record<string, unknown>): string | undefined => {
  const value = values['ip-address']
  return typeof value === 'string' ? ADDRESS[family].read(value) : undefined
}

/**
 * Makes events of the `leases` in an answer to lease4-get-page or lease6-get-page, by each lease's state. A lease of
 * state 0 (`committed`) may have run out: Kea has not reclaimed it yet. `updatesDns`: Kea's own DNS updates are on. Returns a text that says why when a lease has
 * no address, because then an address that is not on the page may still have a lease.
 * Source: https://kea.readthedocs.io/en/latest/arm/hooks.html#the-lease4-get-page-lease6-get-page-commands
 */
export const readPage = (family: Family, leases: readonly unknown[], updatesDns = false): Page | string => {
  const page: Page = { addresses: [], events: [], unreadable: [] }
  for (const values of leases as readonly Record<string, unknown>[]) {
    const address = typeof values === 'object' && values !== null ? addressOf(family, values) : undefined
    if (address === undefined) return `lists a lease that has no IPv${family} address`
    const issues: Issue[] = []
    const lease = readLease(family, { notation: 'key', prefix: '', value: name => values[name], updatesDns }, issues)
    page.addresses.push(address)
    if (lease) {
      const report = {
        source: 'control',
        cause: SERVICES[serviceOf(family)].list,
        kind: COMMITTED[lease.state],
        notation: 'key',
        prefix: '',
      } as const
      const event = leaseEvent(lease, report, issues)
      if (issues.length === 0) page.events.push(event)
    }
    if (issues.length > 0) page.unreadable.push({ address, reason: new InvalidInput(issues).message })
  }
  return page
}

/** What each `event` of POST /v1/events means. */
const KINDS: Readonly<Record<ReportedEvent, KindByState>> = {
  committed: COMMITTED,
  renewed: anyState('renewed'),
  released: anyState('released'),
  declined: anyState('declined'),
  expired: EXPIRE,
  recovered: anyState('recovered'),
  deleted: anyState('deleted'),
}

const eventOf = (reported: ReportedLease, prefix: string, issues: Issue[]): LeaseEvent[] => {
  const { event, 'ip-address': address } = reported
  if (isIP(address) === 0) {
    issues.push({ field: `${prefix}ip-address`, expected: 'an IPv4 or IPv6 address', found: shown(address) })
    return []
  }
  const family = familyOf(address)
  const values = reported as Record<string, unknown>
  const lease = readLease(family, { notation: 'key', prefix, value: name => values[name], isStrict: true }, issues)
  if (!lease) return []
  const kind = KINDS[event][lease.state]
  return [leaseEvent(lease, { source: 'events', cause: `events:${event}`, kind, notation: 'key', prefix }, issues)]
}

/**
 * Makes events of the body of POST /v1/events, in its order. Throws InvalidInput when a field is not as Kea writes it.
 * A field is named `[3].ip-address` in an array and `ip-address` in a single object.
 */
export const eventsOfReported = (body: ReportedLeases): LeaseEvent[] => {
  const issues: Issue[] = []
  const events: LeaseEvent[] = []
  const items = Array.isArray(body) ? body : [body]
  for (const [at, reported] of items.entries()) {
    events.push(...eventOf(reported, Array.isArray(body) ? `[${at}].` : '', issues))
    if (issues.length >= MOST_ISSUES) break
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return events
}
