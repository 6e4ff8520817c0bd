import type { Point, Variables } from '../../schemas/kea/callout.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Family } from '../address.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/client.ts'
import {
  anyState,
  COMMITTED,
  DELETED,
  EXPIRE,
  type KeaLease,
  type KindByState,
  leaseEvent,
  readLease,
} from './lease-fields.ts'

const OURS =
  /^(?:LEASE4|LEASES4|DELETED_LEASES4|SUBNET4|LEASE6|LEASES6|DELETED_LEASES6|OLD_LEASE6|NEW_LEASE6|SUBNET6)_|^(?:QUERY[46]_TYPE|ADDRESS6|REMOVE_LEASE)$/

/**
 * The environment of a hook script as `env -0` prints it: NAME=value, each ended by a NUL. What tells of leases is kept;
 * PATH, PWD and the fields of the packet are not. Bytes that are no UTF-8 become U+FFFD. Never throws.
 */
export const parseEnvironment = (bytes: Uint8Array): Variables => {
  const variables: Variables = Object.create(null)
  for (const entry of new TextDecoder().decode(bytes).split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && OURS.test(name)) variables[name] = entry.slice(equals + 1)
  }
  return variables
}

/**
 * What the holder of a lease is known by: the same IA of the same DUID, as another IA is another lease; for v4 the
 * client, or the hardware address, which stays when the client-id changes with the system that booted.
 */
const handlesOf = (lease: KeaLease): string[] => {
  const client = clientOf(lease)
  if (!client) return []
  if (lease.family === 6) return [`${lease.type} ${client.key}`]
  return client.hwAddress ? [client.key, `machine ${client.hwAddress}`] : [client.key]
}

/** What became of the holder of a deleted lease in the commit that wrote these leases. */
export type Successor = (deleted: KeaLease) => 'none' | 'same address' | 'other address'

/** Reads the written leases once; each answer then takes the same time however many there are. */
const successorsIn = (written: readonly KeaLease[]): Successor => {
  const addresses = new Map<string, Set<string>>()
  for (const lease of written) {
    for (const handle of handlesOf(lease)) {
      addresses.set(handle, (addresses.get(handle) ?? new Set()).add(lease.address))
    }
  }
  return deleted => {
    const found = handlesOf(deleted).flatMap(handle => addresses.get(handle) ?? [])
    if (found.some(held => held.has(deleted.address))) return 'same address'
    return found.length > 0 ? 'other address' : 'none'
  }
}

/** Where a point's variables hold leases, and what each of these leases means there. */
type PointLeases = { family: Family } & ({ lease: string; kinds: KindByState } | { written: string; deleted: string })

/**
 * addr6_register (RFC 9686) is a hint: Kea calls it before the lease is stored, before a reservation's or a generated
 * name is settled, and a later hook may still refuse. leases6_committed follows with state "registered": that is the fact.
 */
const POINTS: Readonly<Record<Point, PointLeases>> = {
  lease4_renew: { family: 4, lease: 'LEASE4', kinds: anyState('renewed') },
  lease4_expire: { family: 4, lease: 'LEASE4', kinds: EXPIRE },
  lease4_recover: { family: 4, lease: 'LEASE4', kinds: anyState('recovered') },
  leases4_committed: { family: 4, written: 'LEASES4', deleted: 'DELETED_LEASES4' },
  lease4_release: { family: 4, lease: 'LEASE4', kinds: anyState('released') },
  lease4_decline: { family: 4, lease: 'LEASE4', kinds: anyState('declined') },
  lease6_renew: { family: 6, lease: 'LEASE6', kinds: anyState('renewed') },
  lease6_rebind: { family: 6, lease: 'LEASE6', kinds: anyState('renewed') },
  lease6_expire: { family: 6, lease: 'LEASE6', kinds: EXPIRE },
  lease6_recover: { family: 6, lease: 'LEASE6', kinds: anyState('recovered') },
  leases6_committed: { family: 6, written: 'LEASES6', deleted: 'DELETED_LEASES6' },
  lease6_release: { family: 6, lease: 'LEASE6', kinds: anyState('released') },
  lease6_decline: { family: 6, lease: 'LEASE6', kinds: anyState('declined') },
  addr6_register: { family: 6, lease: 'NEW_LEASE6', kinds: anyState('renewed') },
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
    issues.push({ field: `${name}_SIZE`, expected: `a whole number from 0 to ${MOST_LEASES}`, found: shown(size) })
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
 * Throws InvalidInput, with the names of the variables, when a variable is missing or is not what Kea writes there.
 * Source: Kea's run_script, https://kea.readthedocs.io/en/latest/arm/hooks.html
 */
export const eventsOf = (point: Point, variables: Variables): LeaseEvent[] => {
  const issues: Issue[] = []
  const holding = POINTS[point]
  const { family } = holding
  const event = ({ lease, prefix }: Found, meaning: KindByState): LeaseEvent =>
    leaseEvent(lease, { source: 'hook', cause: point, kind: meaning[lease.state], form: 'variable', prefix }, issues)

  const events: LeaseEvent[] = []
  if ('lease' in holding) {
    events.push(...leaseAt(family, `${holding.lease}_`, variables, issues).map(found => event(found, holding.kinds)))
  } else {
    const written = leasesIn(family, holding.written, variables, issues)
    const deleted = leasesIn(family, holding.deleted, variables, issues, '0')
    events.push(...written.map(found => event(found, COMMITTED)))
    const successorOf = successorsIn(written.map(({ lease }) => lease))
    for (const gone of deleted) {
      const successor = successorOf(gone.lease)
      if (successor === 'same address') continue
      events.push(event(gone, successor === 'none' ? DELETED : anyState('moved')))
    }
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return events
}
