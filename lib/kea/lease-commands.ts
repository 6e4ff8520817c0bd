import { isIP } from 'node:net'
import type { ReportedEvent, ReportedLease, ReportedLeases } from '../../schemas/kea/reported-lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { type Family, familyOf, toBytes } from '../address.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'
import {
  address4,
  address6,
  anyState,
  COMMITTED,
  EXPIRE,
  type KindByState,
  leaseEvent,
  listedKind,
  readLease,
} from './lease-fields.ts'

interface Point {
  text: string
  bytes: Uint8Array
}

type IsAfter = (point: Point, last: Point) => boolean

const byNumber: IsAfter = (point, last) => Buffer.compare(point.bytes, last.bytes) > 0
const byText: IsAfter = (point, last) => point.text > last.text

/**
 * Watches that a listing goes forward: every address comes after the one before it, in the order of numbers (memfile)
 * or of texts (IPv6 in the databases of older Keas). What goes forward never comes twice. False once it does not.
 */
export const forward = (): ((address: string) => boolean) => {
  let orders: IsAfter[] = [byNumber, byText]
  let last: Point | null = null
  return address => {
    const point = { text: address, bytes: toBytes(address)! }
    const before = last
    last = point
    if (before !== null) orders = orders.filter(isAfter => isAfter(point, before))
    return orders.length > 0
  }
}

/** A lease that Kea told and that cannot be read. Nothing is known of this address. */
export interface Unreadable {
  address: string
  reason: string
}

/** What is told about: a lease's address, in its order, and what the lease means or why it cannot be read. */
export interface Page {
  /** In the page's order, unreadable ones among them. */
  addresses: string[]
  events: LeaseEvent[]
  unreadable: Unreadable[]
}

const ADDRESS = { 4: address4, 6: address6 }

const CAUSE = { 4: 'lease4-get-page', 6: 'lease6-get-page' } as const

const addressOf = (family: Family, values: Record<string, unknown>): string | undefined => {
  const value = values['ip-address']
  return typeof value === 'string' ? ADDRESS[family].read(value) : undefined
}

/**
 * The `leases` of an answer to lease4-get-page or lease6-get-page as events, by the state of each: 0 committed,
 * 1 declined, 2 expired (or, with a lifetime of 0, released), 3 released, 4 (RFC 9686) committed. A lease of state 0 may have run out and not been reclaimed.
 * A text, which says why, when one of them has no address: then it is not known what the others do not tell.
 * Source: https://kea.readthedocs.io/en/latest/arm/hooks.html#the-lease4-get-page-lease6-get-page-commands
 */
export const readPage = (family: Family, leases: readonly unknown[]): Page | string => {
  const page: Page = { addresses: [], events: [], unreadable: [] }
  for (const values of leases as readonly Record<string, unknown>[]) {
    const address = typeof values === 'object' && values !== null ? addressOf(family, values) : undefined
    if (address === undefined) return `lists a lease that has no IPv${family} address`
    const issues: Issue[] = []
    const lease = readLease(family, { form: 'key', prefix: '', values }, issues)
    page.addresses.push(address)
    if (lease) {
      const report = {
        source: 'control',
        cause: CAUSE[family],
        kind: listedKind(lease),
        form: 'key',
        prefix: '',
      } as const
      const event = leaseEvent(lease, report, issues)
      if (issues.length === 0) page.events.push(event)
    }
    if (issues.length > 0) page.unreadable.push({ address, reason: new InvalidInput(issues).message })
  }
  return page
}

const KINDS: Readonly<Record<ReportedEvent, KindByState>> = {
  committed: COMMITTED,
  renewed: anyState('renewed'),
  released: anyState('released'),
  declined: anyState('declined'),
  expired: EXPIRE,
  recovered: anyState('recovered'),
  deleted: anyState('deleted'),
}

const MOST_ISSUES = 20

const eventOf = (reported: ReportedLease, prefix: string, issues: Issue[]): LeaseEvent[] => {
  const { event, 'ip-address': address } = reported
  if (isIP(address) === 0) {
    issues.push({ field: `${prefix}ip-address`, expected: 'an IPv4 or IPv6 address', found: shown(address) })
    return []
  }
  const family = familyOf(address)
  const lease = readLease(family, { form: 'key', prefix, values: reported as Record<string, unknown> }, issues)
  if (!lease) return []
  const kind = KINDS[event][lease.state]
  return [leaseEvent(lease, { source: 'events', cause: `events:${event}`, kind, form: 'key', prefix }, issues)]
}

/**
 * The body of POST /v1/events as events, in its order. Throws InvalidInput naming the fields that are wrong, as
 * `[3].ip-address` in an array and `ip-address` in a single object.
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
