import type { Point, Variables } from '../../schemas/callout.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Family } from '../address.ts'
import { BadInput, found, type Issue } from '../bad-input.ts'
import { always, DELETED, type Meaning, RECLAIMED, WRITTEN } from './kind.ts'
import { leaseEvent } from './lease-event.ts'
import { type KeaLease, readLease } from './lease-fields.ts'
import { successorsIn } from './successor.ts'

/** Where a point's variables hold leases, and what each of these leases means there. */
type Holding = { family: Family } & ({ lease: string; meaning: Meaning } | { written: string; deleted: string })

/**
 * addr6_register (RFC 9686) is a hint: Kea calls it before the lease is stored, before a reservation's or a generated
 * name is settled, and a later hook may still refuse. leases6_committed follows with state "registered": that is the fact.
 */
const POINTS: Readonly<Record<Point, Holding>> = {
  lease4_renew: { family: 4, lease: 'LEASE4', meaning: always('renewed') },
  lease4_expire: { family: 4, lease: 'LEASE4', meaning: RECLAIMED },
  lease4_recover: { family: 4, lease: 'LEASE4', meaning: always('recovered') },
  leases4_committed: { family: 4, written: 'LEASES4', deleted: 'DELETED_LEASES4' },
  lease4_release: { family: 4, lease: 'LEASE4', meaning: always('released') },
  lease4_decline: { family: 4, lease: 'LEASE4', meaning: always('declined') },
  lease6_renew: { family: 6, lease: 'LEASE6', meaning: always('renewed') },
  lease6_rebind: { family: 6, lease: 'LEASE6', meaning: always('renewed') },
  lease6_expire: { family: 6, lease: 'LEASE6', meaning: RECLAIMED },
  lease6_recover: { family: 6, lease: 'LEASE6', meaning: always('recovered') },
  leases6_committed: { family: 6, written: 'LEASES6', deleted: 'DELETED_LEASES6' },
  lease6_release: { family: 6, lease: 'LEASE6', meaning: always('released') },
  lease6_decline: { family: 6, lease: 'LEASE6', meaning: always('declined') },
  addr6_register: { family: 6, lease: 'NEW_LEASE6', meaning: always('renewed') },
}

const MOST_LEASES = 10_000
const MOST_ISSUES = 20

interface Found {
  lease: KeaLease
  prefix: string
}

const leaseAt = (family: Family, prefix: string, values: Variables, issues: Issue[]): Found[] => {
  const lease = readLease(family, { form: 'variable', prefix, values }, issues)
  return lease ? [{ lease, prefix }] : []
}

/** A list as run_script exports one: NAME_SIZE, then NAME_AT0_ADDRESS and so on. */
const leasesIn = (family: Family, name: string, values: Variables, issues: Issue[], otherwise?: string): Found[] => {
  const size = values[`${name}_SIZE`] ?? otherwise
  const count = /^\d{1,5}$/.test(size ?? '') ? Number(size) : Number.NaN
  if (!(count <= MOST_LEASES)) {
    issues.push({ field: `${name}_SIZE`, expected: `a whole number from 0 to ${MOST_LEASES}`, found: found(size) })
    return []
  }
  const leases: Found[] = []
  for (let at = 0; at < count && issues.length < MOST_ISSUES; at++) {
    leases.push(...leaseAt(family, `${name}_AT${at}_`, values, issues))
  }
  return leases
}

/**
 * What a hook call tells, as events: none for a NAK, several for a commit of several leases. A deleted lease whose
 * holder was given another address in the same commit has moved; one given the same address again has not ended.
 * Throws BadInput, with the names of the variables, when a variable is missing or is not what Kea writes there.
 * Source: Kea's run_script, https://kea.readthedocs.io/en/latest/arm/hooks.html
 */
export const eventsOf = (point: Point, variables: Variables): LeaseEvent[] => {
  const issues: Issue[] = []
  const holding = POINTS[point]
  const { family } = holding
  const event = ({ lease, prefix }: Found, meaning: Meaning): LeaseEvent =>
    leaseEvent(lease, { source: 'hook', cause: point, kind: meaning[lease.state], form: 'variable', prefix }, issues)

  const events: LeaseEvent[] = []
  if ('lease' in holding) {
    events.push(...leaseAt(family, `${holding.lease}_`, variables, issues).map(found => event(found, holding.meaning)))
  } else {
    const written = leasesIn(family, holding.written, variables, issues)
    const deleted = leasesIn(family, holding.deleted, variables, issues, '0')
    events.push(...written.map(found => event(found, WRITTEN)))
    const successorOf = successorsIn(written.map(({ lease }) => lease))
    for (const gone of deleted) {
      const successor = successorOf(gone.lease)
      if (successor === 'same address') continue
      events.push(event(gone, successor === 'none' ? DELETED : always('moved')))
    }
  }
  if (issues.length > 0) throw new BadInput(issues)
  return events
}
