import type { End, EndKind, Grant, Lease } from '../../schemas/model/lease.ts'
import type { EventKind, LeaseEvent } from '../../schemas/model/lease-event.ts'
import { ENDLESS } from '../../schemas/model/time.ts'
import { clientOf, sameMachine } from './client.ts'

/** Two endings of one lease heard with one CLTT: the one that says most stands. */
const WEIGHT: Record<EndKind, number> = { recovered: 0, expired: 1, deleted: 2, released: 3, moved: 4, declined: 5 }

const END: Partial<Record<EventKind, EndKind>> = {
  expired: 'expired',
  released: 'released',
  deleted: 'deleted',
  moved: 'moved',
  declined: 'declined',
  recovered: 'recovered',
}

const plain = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '')

const sameHolding = (a: Grant, b: Grant): boolean =>
  sameMachine(a.client, b.client) && plain(a.hostname) === plain(b.hostname)

const sameGrant = (a: Grant, b: Grant): boolean =>
  a.client.key === b.client.key && a.hostname === b.hostname && a.validLft === b.validLft

const endsLeaseOf = (end: End, grant: Grant): boolean => end.client === null || sameMachine(end.client, grant.client)

/** How an event changed what is known of its address. */
export type Effect = 'begun' | 'confirmed' | 'ended' | 'duplicate' | 'stale' | 'no-client'

export interface Learned {
  lease: Lease
  effect: Effect
}

export const unknown = (event: LeaseEvent, scope: string): Lease => ({
  address: event.address,
  family: event.family,
  scope,
  grants: [],
  ends: [],
  seenAt: [],
  notBefore: 0,
  endedAt: [],
  name: null,
  nameRule: 'no-name',
})

/** How long, in seconds, an event may be late and still find its place among the CLTTs of a holding; and how many stay. */
const LATE = 600
const MOST_HELD = 16

/** The CLTTs of a holding that are newer than `before`, ascending: the oldest says since when, the latest wait for late news. */
const heldSince = (cltts: number[], notBefore: number): number[] => {
  const all = [...new Set(cltts)].filter(cltt => cltt > notBefore).sort((a, b) => a - b)
  const newest = all.at(-1) ?? 0
  return all.filter((cltt, i) => i === 0 || (cltt > newest - LATE && i >= all.length - MOST_HELD))
}

/** Kea, asked after a tie was heard, knows who came last in that second. */
const settled = (lease: Lease, fresh: Grant, askedAt: number): Learned | null => {
  const rivals = lease.grants.length > 1 && lease.grants[0]?.cltt === fresh.cltt
  if (!rivals && lease.ends[0]?.cltt !== fresh.cltt) return null
  const same = lease.grants.some(one => sameGrant(one, fresh))
  const grants = same ? [fresh] : lease.grants.filter(one => one.cltt !== fresh.cltt)
  const cleared = { ...lease, grants, ends: lease.ends.filter(ending => ending.at >= askedAt) }
  return same ? { lease: cleared, effect: 'confirmed' } : addGrant(cleared, fresh, null)
}

/** An older sign of the present holding. */
const joined = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.notBefore || lease.seenAt.includes(cltt)) return lease
  return { ...lease, seenAt: heldSince([...lease.seenAt, cltt], lease.notBefore) }
}

/** Something older than the present holding, before which it cannot have begun. */
const interrupted = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.notBefore) return lease
  return { ...lease, notBefore: cltt, seenAt: heldSince(lease.seenAt, cltt) }
}

const addGrant = (lease: Lease, fresh: Grant, askedAt: number | null): Learned => {
  const known = askedAt === null ? null : settled(lease, fresh, askedAt)
  if (known) return known
  const last = lease.grants.at(-1)
  const { cltt } = fresh
  if (!last || cltt > last.cltt) {
    const goesOn = last !== undefined && sameHolding(last, fresh)
    const other = goesOn ? lease.notBefore : (last?.cltt ?? lease.notBefore)
    const notBefore = Math.max(other, lease.endedAt.findLast(end => end < cltt) ?? 0)
    const seenAt = heldSince(goesOn ? [...lease.seenAt, cltt] : [cltt], notBefore)
    return { lease: { ...lease, grants: [fresh], seenAt, notBefore }, effect: goesOn ? 'confirmed' : 'begun' }
  }
  if (cltt === last.cltt) {
    const same = lease.grants.find(known => sameGrant(known, fresh))
    if (same?.repeated) return { lease, effect: 'duplicate' }
    if (same) {
      const grants = lease.grants.map(known => (known === same ? { ...known, repeated: true } : known))
      return { lease: { ...lease, grants }, effect: 'duplicate' }
    }
    const others = lease.grants.filter(known => !sameMachine(known.client, fresh.client))
    const seenAt = sameHolding(last, fresh) ? lease.seenAt : [cltt]
    return { lease: { ...lease, grants: [...others, fresh], seenAt }, effect: 'begun' }
  }
  return { lease: sameHolding(last, fresh) ? joined(lease, cltt) : interrupted(lease, cltt), effect: 'stale' }
}

const addEnd = (told: Lease, fresh: End): Learned => {
  const endedAt = [...new Set([...told.endedAt, fresh.cltt])].sort((a, b) => a - b).slice(-MOST_HELD)
  const lease = told.endedAt.includes(fresh.cltt) ? told : { ...told, endedAt }
  const begun = lease.grants[0]?.cltt ?? 0
  if (fresh.cltt < begun) return { lease: interrupted(lease, fresh.cltt), effect: 'stale' }
  if (fresh.cltt < (lease.ends[0]?.cltt ?? 0)) return { lease, effect: 'stale' }
  const known = lease.ends.filter(one => one.cltt === fresh.cltt)
  const sameOwner = (one: End) =>
    one.client && fresh.client ? sameMachine(one.client, fresh.client) : one.client === fresh.client
  const before = known.find(sameOwner)
  if (before && WEIGHT[before.how] >= WEIGHT[fresh.how]) return { lease, effect: 'duplicate' }
  const at = before ? Math.min(before.at, fresh.at) : fresh.at
  return { lease: { ...lease, ends: [...known.filter(one => one !== before), { ...fresh, at }] }, effect: 'ended' }
}

/**
 * Adds one event to what is known of its address. The result depends on which events were heard, not on their order:
 * both registers keep the newest by CLTT, an older one only tells how long the present holder has been here.
 * `now` is in milliseconds, and so is `askedAt`: when Kea was asked, for an event that is its answer; that settles a tie
 * with what was heard before. Hints (renewed) are not for here.
 */
export const learn = (lease: Lease, event: LeaseEvent, now: number, askedAt: number | null = null): Learned => {
  const client = clientOf(event)
  const { cltt, validLft, hostname, subnetId, cause } = event
  const how = END[event.kind]
  if (how) return addEnd(lease, { client, how, cltt, at: now, cause })
  return client
    ? addGrant(lease, { client, hostname, cltt, validLft, subnetId, cause }, askedAt)
    : { lease, effect: 'no-client' }
}

/**
 * Whether, after an event of that kind, only Kea can say who holds the address: one second of CLTT saw more than a
 * beginning and its end.
 */
export const isTied = ({ grants, ends }: Lease, kind: EventKind): boolean => {
  const last = grants.at(-1)
  if (!last || (kind !== 'committed' && !last.repeated)) return false
  return grants.length > 1 || ends[0]?.cltt === last.cltt
}

/** Who holds an address, and whether that has ended. `taken` says that somebody else's lease came and ended since. */
export type Holding =
  | { is: 'unknown' }
  | { is: 'active'; holder: Grant }
  | { is: 'ended'; holder: Grant; end: End }
  | { is: 'reassigned'; holder: Grant; end: End }

/**
 * In a tie an end beats a beginning of the same client (a release carries the CLTT of the lease it ends), and a
 * beginning beats another client's end.
 */
export const holdingOf = (lease: Lease): Holding => {
  const { grants, ends } = lease
  const last = grants.at(-1)
  if (!last) return { is: 'unknown' }
  const newestEnd = ends.reduce<End | undefined>(
    (most, one) => (most && WEIGHT[most.how] >= WEIGHT[one.how] ? most : one),
    undefined,
  )
  if (!newestEnd || newestEnd.cltt < last.cltt) return { is: 'active', holder: last }
  const over = (holder: Grant) => ends.filter(ending => endsLeaseOf(ending, holder))
  const open = grants.findLast(holder => over(holder).length === 0)
  if (open && newestEnd.cltt === last.cltt) return { is: 'active', holder: open }
  const holder = grants.findLast(one => over(one).length > 0)
  if (!holder) return { is: 'reassigned', holder: last, end: newestEnd }
  const end = over(holder).reduce((most, one) => (WEIGHT[one.how] > WEIGHT[most.how] ? one : most))
  return { is: 'ended', holder, end }
}

/** When the present holder's claim to its hostname at this address began, by CLTT in seconds. */
export const claimedSince = (lease: Lease): number => lease.seenAt[0] ?? 0

/** When the lease of the newest beginning runs out, in milliseconds; null when nothing began or it never does. */
export const expiryOf = (lease: Lease): number | null => {
  const last = lease.grants.at(-1)
  return last && last.validLft !== ENDLESS ? (last.cltt + last.validLft) * 1000 : null
}

/** Whether the time of a lease has run out at `now` (ms), though nobody told of its end. */
export const isOver = (lease: Lease, now: number): boolean =>
  holdingOf(lease).is === 'active' && (expiryOf(lease) ?? Infinity) <= now
