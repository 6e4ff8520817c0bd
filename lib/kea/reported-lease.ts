import { isIP } from 'node:net'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { ReportedEvent, ReportedLease, ReportedLeases } from '../../schemas/reported-lease.ts'
import { familyOf } from '../address.ts'
import { BadInput, found, type Issue } from '../bad-input.ts'
import { always, type Meaning, RECLAIMED, WRITTEN } from './kind.ts'
import { leaseEvent } from './lease-event.ts'
import { readLease } from './lease-fields.ts'

const MEANINGS: Readonly<Record<ReportedEvent, Meaning>> = {
  committed: WRITTEN,
  renewed: always('renewed'),
  released: always('released'),
  declined: always('declined'),
  expired: RECLAIMED,
  recovered: always('recovered'),
  deleted: always('deleted'),
}

const MOST_ISSUES = 20

const eventOf = (reported: ReportedLease, prefix: string, issues: Issue[]): LeaseEvent[] => {
  const { event, 'ip-address': address } = reported
  if (isIP(address) === 0) {
    issues.push({ field: `${prefix}ip-address`, expected: 'an IPv4 or IPv6 address', found: found(address) })
    return []
  }
  const family = familyOf(address)
  const lease = readLease(family, { form: 'key', prefix, values: reported as Record<string, unknown> }, issues)
  if (!lease) return []
  const kind = MEANINGS[event][lease.state]
  return [leaseEvent(lease, { source: 'events', cause: `events:${event}`, kind, form: 'key', prefix }, issues)]
}

/**
 * The body of POST /v1/events as events, in its order. Throws BadInput naming the fields that are wrong, as
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
  if (issues.length > 0) throw new BadInput(issues)
  return events
}
