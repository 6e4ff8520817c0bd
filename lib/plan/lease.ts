/*
 * What is known of one address: what its events prove, not what Kea last said.
 *
 * The invariant: the result depends on which events were heard, never on their order. They come late, twice, and from both
 * servers of a pair. Each has a CLTT (client last transmission time): the second in which Kea last heard the client. The
 * newest by CLTT stands, and an older event only tells how long the present holder has been here. So a lease keeps
 *
 *     grants     the newest grant; several, when clients were granted the address within one second
 *     ends       the newest end; several, when several were told with one CLTT
 *     seenAt     when the present holder was seen here: the first says since when, the others wait for late news
 *     notBefore  when somebody else, or an end, was last seen here before that: the holding began later
 *     endedAt    when the latest ends were, as a late grant may belong between two of them
 *     name       what policy calls it (plan.ts), with nameRule
 *
 * A time line. The fourth event is late: it happened before the second and the third.
 *
 *     heard            grants  ends    seenAt          notBefore  endedAt  holding
 *     grant a    1000  a 1000  none    1000            0          none     active a
 *     renewal a  1900  a 1900  none    1000 1900       0          none     active a
 *     release a  1900  a 1900  a 1900  1000 1900       0          1900     ended a
 *     grant a    1500  a 1900  a 1900  1000 1500 1900  0          1900     ended a
 *     grant b    3000  b 3000  a 1900  3000            1900       1900     active b
 */
import type { End, EndKind, Grant, Lease } from '../../schemas/model/lease.ts'
import type { EventKind, LeaseEvent } from '../../schemas/model/lease-event.ts'
import { ENDLESS } from '../../schemas/model/time.ts'
import { plainName } from '../dns/name.ts'
import { clientOf, sameMachine } from './client.ts'
import { ddnsOf, newerOf } from './ddns.ts'

/** Of two ends of one lease with one CLTT the heavier stands, as it says more: a release is no mere expiry. */
const WEIGHT: Record<EndKind, number> = {
  recovered: 0,
  expired: 1,
  deleted: 2,
  released: 3,
  moved: 4,
  declined: 5,
  abandoned: 6,
}

const END: Partial<Record<EventKind, EndKind>> = {
  expired: 'expired',
  released: 'released',
  deleted: 'deleted',
  moved: 'moved',
  declined: 'declined',
  recovered: 'recovered',
  abandoned: 'abandoned',
}

/** True when a grant goes on with the holding of another: the same machine under the same host name. */
const sameHolding = (a: Grant, b: Grant): boolean =>
  sameMachine(a.client, b.client) && plainName(a.hostname) === plainName(b.hostname)

const sameGrant = (a: Grant, b: Grant): boolean =>
  a.client.key === b.client.key && a.hostname === b.hostname && a.validLft === b.validLft

/** An end without a client (a declined lease) ends every holder's lease. */
const endsLeaseOf = (end: End, grant: Grant): boolean => end.client === null || sameMachine(end.client, grant.client)

/**
 * What an event did to what is known of its address. `begun`: a holding began. `confirmed`: it goes on. `ended`: it is over.
 * `duplicate`: this was known. `stale`: something newer is known. `no-client`: the event names nobody, so it is not used.
 */
export type Effect = 'begun' | 'confirmed' | 'ended' | 'duplicate' | 'stale' | 'no-client'

export interface Learned {
  lease: Lease
  effect: Effect
}

/** An address of which nothing was heard yet. */
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

/** How late, in seconds, an event may be heard and still find its place in `seenAt`. */
const LATEST = 600
/** How many CLTTs `seenAt` and `endedAt` keep. */
const MOST = 16

const ascending = (cltts: number[]): number[] => [...new Set(cltts)].sort((a, b) => a - b)

/** `seenAt` out of all CLTTs of a holding that are newer than `notBefore`: the oldest, and of the latest those not too old. */
const seenSince = (cltts: number[], notBefore: number): number[] => {
  const all = ascending(cltts).filter(cltt => cltt > notBefore)
  const newest = all.at(-1) ?? 0
  return all.filter((cltt, i) => i === 0 || (cltt > newest - LATEST && i >= all.length - MOST))
}

/** Takes an older event of the present holder: the holding began earlier than we thought. */
const beganEarlier = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.notBefore || lease.seenAt.includes(cltt)) return lease
  return { ...lease, seenAt: seenSince([...lease.seenAt, cltt], lease.notBefore) }
}

/** Takes an older event of somebody else, or an older end: the present holding began after it. */
const beganAfter = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.notBefore) return lease
  return { ...lease, notBefore: cltt, seenAt: seenSince(lease.seenAt, cltt) }
}

/**
 * Settles a tie by Kea's answer: it knows who came last in that second. Null when there is no tie with the grant that Kea
 * tells. Ends that were heard after Kea was asked (at `askedAt`, ms) stay.
 */
const settledByKea = (lease: Lease, fresh: Grant, askedAt: number): Learned | null => {
  const isTie = lease.grants.length > 1 && lease.grants[0]?.cltt === fresh.cltt
  if (!isTie && lease.ends[0]?.cltt !== fresh.cltt) return null
  const isKnown = lease.grants.some(one => sameGrant(one, fresh))
  const grants = isKnown ? [fresh] : lease.grants.filter(one => one.cltt !== fresh.cltt)
  const settled = { ...lease, grants, ends: lease.ends.filter(end => end.at >= askedAt) }
  return isKnown ? { lease: settled, effect: 'confirmed' } : addGrant(settled, fresh)
}

/** Takes a grant that is newer than all others: the holding goes on, or another begins. */
const addNewest = (lease: Lease, last: Grant | undefined, fresh: Grant): Learned => {
  const { cltt } = fresh
  const goesOn = last !== undefined && sameHolding(last, fresh)
  const others = goesOn ? lease.notBefore : (last?.cltt ?? lease.notBefore)
  const notBefore = Math.max(others, lease.endedAt.findLast(end => end < cltt) ?? 0)
  const seenAt = seenSince(goesOn ? [...lease.seenAt, cltt] : [cltt], notBefore)
  return { lease: { ...lease, grants: [fresh], seenAt, notBefore }, effect: goesOn ? 'confirmed' : 'begun' }
}

/** Takes a grant of the second in which the newest is: the same once more, or that of a rival. */
const addOfSameSecond = (lease: Lease, last: Grant, fresh: Grant): Learned => {
  const same = lease.grants.find(known => sameGrant(known, fresh))
  if (same?.repeated) return { lease, effect: 'duplicate' }
  if (same) {
    const grants = lease.grants.map(known => (known === same ? { ...known, repeated: true } : known))
    return { lease: { ...lease, grants }, effect: 'duplicate' }
  }
  const rivals = lease.grants.filter(known => !sameMachine(known.client, fresh.client))
  const seenAt = sameHolding(last, fresh) ? lease.seenAt : [fresh.cltt]
  return { lease: { ...lease, grants: [...rivals, fresh], seenAt }, effect: 'begun' }
}

const addGrant = (lease: Lease, fresh: Grant): Learned => {
  const last = lease.grants.at(-1)
  const { cltt } = fresh
  if (!last || cltt > last.cltt) return addNewest(lease, last, fresh)
  if (cltt === last.cltt) return addOfSameSecond(lease, last, fresh)
  return { lease: sameHolding(last, fresh) ? beganEarlier(lease, cltt) : beganAfter(lease, cltt), effect: 'stale' }
}

const addEnd = (known: Lease, fresh: End): Learned => {
  const { cltt } = fresh
  const endedAt = ascending([...known.endedAt, cltt]).slice(-MOST)
  const lease = known.endedAt.includes(cltt) ? known : { ...known, endedAt }
  if (cltt < (lease.grants[0]?.cltt ?? 0)) return { lease: beganAfter(lease, cltt), effect: 'stale' }
  if (cltt < (lease.ends[0]?.cltt ?? 0)) return { lease, effect: 'stale' }
  const ofSameSecond = lease.ends.filter(one => one.cltt === cltt)
  const same = ofSameSecond.find(({ client }) =>
    client && fresh.client ? sameMachine(client, fresh.client) : client === fresh.client,
  )
  if (same && WEIGHT[same.how] >= WEIGHT[fresh.how]) return { lease, effect: 'duplicate' }
  const at = same ? Math.min(same.at, fresh.at) : fresh.at
  return { lease: { ...lease, ends: [...ofSameSecond.filter(one => one !== same), { ...fresh, at }] }, effect: 'ended' }
}

/** What of DNS is the client's own to write holds for the whole holding: the newest word stands, whenever it was heard. */
const withDdns = (learned: Learned, before: Lease, fresh: Grant): Learned => {
  const { grants } = learned.lease
  const last = grants.at(-1)!
  const words = [last, fresh, ...before.grants].filter(one => sameHolding(one, last)).map(one => one.ddns)
  const ddns = words.reduce(newerOf)
  if (ddns === last.ddns) return learned
  return { ...learned, lease: { ...learned.lease, grants: [...grants.slice(0, -1), { ...last, ddns }] } }
}

/**
 * Adds one event to what is known of its address. `now` is in milliseconds. `askedAt` (ms) is when Kea was asked, for an
 * event that is its answer: such an event settles a tie with what was heard before. A hint (renewed) is not for here.
 */
export const learn = (lease: Lease, event: LeaseEvent, now: number, askedAt: number | null = null): Learned => {
  const client = clientOf(event)
  const { cltt, validLft, hostname, subnetId } = event
  const how = END[event.kind]
  if (how) return addEnd(lease, { client, how, cltt, at: now })
  if (!client) return { lease, effect: 'no-client' }
  const ddns = ddnsOf(event)
  const fresh = { client, hostname, cltt, validLft, subnetId, ...(ddns && { ddns }) }
  const settled = askedAt === null ? null : settledByKea(lease, fresh, askedAt)
  return withDdns(settled ?? addGrant(lease, fresh), lease, fresh)
}

/**
 * True when, after an event of that kind, only Kea can say who holds the address: more than a grant and its end fell into
 * one second of CLTT. Example: a grant, the same grant again and a release, all of one second, in an unknown order.
 */
export const isTied = ({ grants, ends }: Lease, kind: EventKind): boolean => {
  const last = grants.at(-1)
  if (!last || (kind !== 'committed' && !last.repeated)) return false
  return grants.length > 1 || ends[0]?.cltt === last.cltt
}

/**
 * Who holds an address, or held it last. `unknown`: no grant was heard. `ended`: the holder's lease is over. `reassigned`:
 * somebody else's lease came after the holder's, and is over too.
 */
export type Holding =
  | { is: 'unknown' }
  | { is: 'active'; holder: Grant }
  | { is: 'ended'; holder: Grant; end: End }
  | { is: 'reassigned'; holder: Grant; end: End }

const heaviest = (ends: End[]): End | undefined =>
  ends.reduce<End | undefined>((most, one) => (most && WEIGHT[most.how] >= WEIGHT[one.how] ? most : one), undefined)

/**
 * Reads the holding off a lease. Where a grant and an end have one CLTT, the end beats a grant of its own client, as a
 * release carries the CLTT of the lease that it ends. A grant beats the end of another client's lease.
 */
export const holdingOf = ({ grants, ends }: Lease): Holding => {
  const last = grants.at(-1)
  if (!last) return { is: 'unknown' }
  const newestEnd = heaviest(ends)
  if (!newestEnd || newestEnd.cltt < last.cltt) return { is: 'active', holder: last }
  const endsOf = (holder: Grant) => ends.filter(end => endsLeaseOf(end, holder))
  const open = grants.findLast(holder => endsOf(holder).length === 0)
  if (open && newestEnd.cltt === last.cltt) return { is: 'active', holder: open }
  const holder = grants.findLast(one => endsOf(one).length > 0)
  if (!holder) return { is: 'reassigned', holder: last, end: newestEnd }
  return { is: 'ended', holder, end: heaviest(endsOf(holder))! }
}

/** The CLTT (seconds) from which on the present holder has had its host name at this address. */
export const claimedSince = (lease: Lease): number => lease.seenAt[0] ?? 0

/** The lifetime of a lease that never runs out. */

/** When the newest grant runs out, in milliseconds; null when there is none, or when it never does. */
export const expiryOf = (lease: Lease): number | null => {
  const last = lease.grants.at(-1)
  return last && last.validLft !== ENDLESS ? (last.cltt + last.validLft) * 1000 : null
}

/** True when the lease has run out at `now` (ms) and nobody told of its end yet. */
export const isOver = (lease: Lease, now: number): boolean =>
  holdingOf(lease).is === 'active' && (expiryOf(lease) ?? Infinity) <= now
