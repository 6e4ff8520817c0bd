/*
 * Makes lease events of a hook call: of the environment variables that Kea's run_script library gives to its script.
 */

import type { CalloutBody, Point, Variables } from '../../schemas/kea/callout.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Family } from '../address.ts'
import { InvalidInput, type Issue, MOST_ISSUES, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/lease/client.ts'
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

/**
 * The keys by which the holder of a lease is recognised in another lease. A v6 holder is one IA of one DUID, because
 * another IA is another lease. A v4 holder is its client-id, or its hardware address: a machine that boots another
 * system changes only the client-id.
 */
const handlesOf = (lease: KeaLease): string[] => {
  const client = clientOf(lease)
  if (!client) return []
  if (lease.family === 6) return [`${lease.type} ${client.key}`]
  return client.hwAddress ? [client.key, `machine ${client.hwAddress}`] : [client.key]
}

/** Says whether the commit that deleted a lease gave its holder a lease, and at which address. */
export type Successor = (deleted: KeaLease) => 'none' | 'same address' | 'other address'

/** Indexes the written leases of a commit once, so that a lookup costs the same however many there are. */
const successorsIn = (written: readonly KeaLease[]): Successor => {
  const addresses = new Map<string, Set<string>>()
  for (const lease of written) {
    for (const handle of handlesOf(lease)) {
      addresses.set(handle, (addresses.get(handle) ?? new Set()).add(lease.address))
    }
  }
  return deleted => {
    const held = handlesOf(deleted).flatMap(handle => addresses.get(handle) ?? [])
    if (held.some(one => one.has(deleted.address))) return 'same address'
    return held.length > 0 ? 'other address' : 'none'
  }
}

/** The prefixes of the variables in which a hook point has its leases, and what each of these leases means. */
type PointLeases = { family: Family } & ({ lease: string; kinds: KindByState } | { written: string; deleted: string })

/**
 * One row a hook point. addr6_register (RFC 9686) is only a hint: Kea calls it before it stores the lease and settles
 * the name, and a later hook may still refuse. The fact is leases6_committed with the state "registered", which
 * follows.
 * Source: Kea's run_script, https://kea.readthedocs.io/en/latest/arm/hooks.html
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

const READ = new RegExp(
  `^(?:${Object.values(POINTS)
    .flatMap(point => ('lease' in point ? [point.lease] : [point.written, point.deleted]))
    .join('|')})_`,
)

/**
 * The variables in the environment of a hook script, as `env -0` prints it: NAME=value, each ended by a NUL. Returns
 * those that a hook point has a lease in; PATH, PWD and the fields of the packet are left out. Bytes that are not UTF-8
 * become U+FFFD. Never throws.
 */
export const parseEnvironment = (bytes: Uint8Array): Variables => {
  const variables: Variables = Object.create(null)
  for (const entry of new TextDecoder().decode(bytes).split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && READ.test(name)) variables[name] = entry.slice(equals + 1)
  }
  return variables
}

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * The body of a callout as it is, when each variable is a text, as the hook script sends it. Null for any other: what it
 * is says the schema `CalloutBody`, which takes several times as long.
 */
export const textsOnly = (body: unknown): CalloutBody | null => {
  if (!isPlainObject(body) || !isPlainObject(body.variables)) return null
  for (const key in body) if (key !== 'variables') return null
  const { variables } = body
  for (const name in variables) if (typeof variables[name] !== 'string' || name === '__proto__') return null
  return body as CalloutBody
}

const MOST_LEASES = 10_000

interface PrefixedLease {
  lease: KeaLease
  prefix: string
}

const leaseAt = (family: Family, prefix: string, values: Variables, issues: Issue[]): PrefixedLease[] => {
  const lease = readLease(family, { notation: 'variable', prefix, value: name => values[prefix + name] }, issues)
  return lease ? [{ lease, prefix }] : []
}

/**
 * Reads a list as run_script exports one: NAME_SIZE, then NAME_AT0_ADDRESS and so on. `absent` is the size where
 * NAME_SIZE is missing.
 */
const leasesIn = (
  family: Family,
  name: string,
  values: Variables,
  issues: Issue[],
  absent?: string,
): PrefixedLease[] => {
  const size = values[`${name}_SIZE`] ?? absent
  const count = /^\d{1,5}$/.test(size ?? '') ? Number(size) : Number.NaN
  if (!(count <= MOST_LEASES)) {
    issues.push({ field: `${name}_SIZE`, expected: `a whole number from 0 to ${MOST_LEASES}`, found: shown(size) })
    return []
  }
  const leases: PrefixedLease[] = []
  for (let at = 0; at < count && issues.length < MOST_ISSUES; at++) {
    leases.push(...leaseAt(family, `${name}_AT${at}_`, values, issues))
  }
  return leases
}

/**
 * The lease events of one hook call: none for a DHCPNAK, several for a commit of several leases. A deleted lease has
 * `moved` when the same commit gave its holder another address. It has not ended at all when its holder got the same
 * address again. Throws InvalidInput, naming the variables, when one is missing or not as Kea writes it.
 */
export const eventsOf = (point: Point, variables: Variables): LeaseEvent[] => {
  const issues: Issue[] = []
  const holds = POINTS[point]
  const { family } = holds
  const event = ({ lease, prefix }: PrefixedLease, kinds: KindByState): LeaseEvent =>
    leaseEvent(lease, { source: 'hook', cause: point, kind: kinds[lease.state], notation: 'variable', prefix }, issues)

  const events: LeaseEvent[] = []
  if ('lease' in holds) {
    events.push(...leaseAt(family, `${holds.lease}_`, variables, issues).map(one => event(one, holds.kinds)))
  } else {
    const written = leasesIn(family, holds.written, variables, issues)
    const deleted = leasesIn(family, holds.deleted, variables, issues, '0')
    events.push(...written.map(one => event(one, COMMITTED)))
    const successorOf = successorsIn(written.map(({ lease }) => lease))
    for (const one of deleted) {
      const successor = successorOf(one.lease)
      if (successor === 'same address') continue
      events.push(event(one, successor === 'none' ? DELETED : anyState('moved')))
    }
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return events
}
