/*
 * What is known of one address: what its events prove, not what Kea last said.
 *
 * The invariant: the result depends on which events were heard, never on their order. They come late, twice, and from both
 * servers of a pair. Each has a CLTT (client last transmission time): the second in which Kea last heard the client. The
 * newest by CLTT stands, and an older event only tells how long the present holder has been here. So a lease keeps
 *
 *     grants     the newest grant; several, when clients were granted the address within one second
 *     ends       the newest end; several, when several were told with one CLTT
 *     toldBy     who told of the present holder, as only these can testify that it is gone (testimony.ts)
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
 *
 * Three things are stronger than CLTT. Kea's answer replaces all that was heard before Kea was asked. An end that was
 * only inferred, as the lease was absent from an answer, yields to any later word that the lease is there; what was read
 * in a listing or a file before the end was inferred is no later word, whenever it is told. And a time that is doubtful
 * (told-time.ts) yields to one that is not.
 */
import type { End, EndKind, Grant, Lease } from '../../../schemas/model/lease.ts'
import type { EventKind, LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { ENDLESS } from '../../../schemas/model/time.ts'
import { plainName } from '../../dns/message/name.ts'
import { clientOf, sameMachine } from './client.ts'
import { ddnsOf, newerOf } from './ddns.ts'
import {
  addGrant,
  addUntimed,
  ascending,
  beganAfter,
  type Learned,
  MOST,
  type NameOf,
  replacedByKea,
  sameHolding,
} from './grants.ts'
import { sourceOf, withTeller } from './testimony.ts'
import { isAhead, orderOf } from './told-time.ts'

export type { Effect, Learned } from './grants.ts'

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

/** An end that says how the lease ended is heavier than one that guesses it, and that than one that was inferred. */
const weightOf = ({ how, inferred, guessed }: End): number => WEIGHT[how] + (inferred ? 0 : guessed ? 10 : 20)

const END: Partial<Record<EventKind, EndKind>> = {
  expired: 'expired',
  released: 'released',
  deleted: 'deleted',
  moved: 'moved',
  declined: 'declined',
  recovered: 'recovered',
  abandoned: 'abandoned',
}

/** An end without a client (a declined lease) ends every holder's lease. */
const endsLeaseOf = (end: End, grant: Grant): boolean => end.client === null || sameMachine(end.client, grant.client)

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

/** An end of a lease whose own time is known to be ahead is ahead as well, so that it is compared among its like. */
const withKindOf = (fresh: End, { grants, ends }: Lease): End => {
  const like = [...grants, ...ends].find(one => one.cltt === fresh.cltt && one.client?.key === fresh.client?.key)
  return like?.ahead && !fresh.ahead ? { ...fresh, ahead: true } : fresh
}

const addEnd = (known: Lease, told: End): Learned => {
  const fresh = withKindOf(told, known)
  const order = orderOf(fresh)
  const last = known.grants.at(-1)
  // Neither has a time: an end of the lease is all that can be meant.
  if (fresh.madeUp && last?.madeUp) return { lease: { ...known, ends: [fresh] }, effect: 'ended' }
  const endedAt = ascending([...known.endedAt, order]).slice(-MOST)
  const lease = known.endedAt.includes(order) ? known : { ...known, endedAt }
  if (last && order < orderOf(last)) return { lease: beganAfter(lease, order), effect: 'stale' }
  const newest = lease.ends[0]
  if (newest && order < orderOf(newest)) return { lease, effect: 'stale' }
  const ofSameSecond = newest && orderOf(newest) === order ? lease.ends : []
  const same = ofSameSecond.find(({ client }) => client?.key === fresh.client?.key)
  if (same && weightOf(same) >= weightOf(fresh)) return { lease, effect: 'duplicate' }
  const at = same ? Math.min(same.at, fresh.at) : fresh.at
  return { lease: { ...lease, ends: [...ofSameSecond.filter(one => one !== same), { ...fresh, at }] }, effect: 'ended' }
}

/** Adds an end that is read off what is known: of several clients of one second none has the address any more. */
const addEndOfAll = (lease: Lease, fresh: End): Learned =>
  lease.grants.reduce<Learned>((known, { client }) => addEnd(known.lease, { ...fresh, client }), addEnd(lease, fresh))

/**
 * What is known without the ends that were only inferred of this machine's lease by the time (ms) `asOf`: somebody says
 * that it was there then.
 */
const withoutInferred = (lease: Lease, grant: Grant, asOf: number): Lease => {
  const ends = lease.ends.filter(end => !(end.inferred && end.at <= asOf && endsLeaseOf(end, grant)))
  if (ends.length === lease.ends.length) return lease
  const gone = new Set(lease.ends.filter(end => !ends.includes(end)).map(orderOf))
  return { ...lease, ends, endedAt: lease.endedAt.filter(order => !gone.has(order)) }
}

/** Takes a grant by the kind of its time, and by whether Kea was asked for it. */
const takeGrant = (lease: Lease, grant: Grant, askedAt: number | null, nameOf: NameOf): Learned => {
  if (askedAt !== null) return replacedByKea(lease, grant, askedAt, nameOf)
  const last = lease.grants.at(-1)
  const isTold = last !== undefined && !last.madeUp && holdingOf(lease).is === 'active'
  if (grant.madeUp) return isTold ? { lease, effect: 'stale' } : addUntimed(lease, grant, nameOf)
  return addGrant(lease, grant, nameOf)
}

const plainNameOf: NameOf = ({ hostname }) => plainName(hostname)

/** What of DNS is the client's own to write holds for the whole holding: the newest word stands, whenever it was heard. */
const withDdns = (learned: Learned, before: Lease, fresh: Grant, nameOf: NameOf): Learned => {
  const { grants } = learned.lease
  const last = grants.at(-1)
  if (!last) return learned
  const words = [last, fresh, ...before.grants].filter(one => sameHolding(one, last, nameOf)).map(one => one.ddns)
  const ddns = words.reduce(newerOf)
  if (ddns === last.ddns) return learned
  return { ...learned, lease: { ...learned.lease, grants: [...grants.slice(0, -1), { ...last, ddns }] } }
}

/** Takes a grant, and notes who told it. Another holder begins with this teller alone. */
const learnGrant = (known: Lease, event: LeaseEvent, grant: Grant, askedAt: number | null, nameOf: NameOf): Learned => {
  const open = withoutInferred(known, grant, askedAt ?? event.asOf ?? Infinity)
  const { lease, effect: made } = withDdns(takeGrant(open, grant, askedAt, nameOf), known, grant, nameOf)
  const holder = lease.grants.at(-1)
  const isHolders = holder !== undefined && sameMachine(holder.client, grant.client)
  const toldBy = isHolders ? withTeller(made === 'begun' ? [] : lease.toldBy, sourceOf(event)) : lease.toldBy
  const effect = made === 'duplicate' && open !== known ? 'confirmed' : made
  return { lease: toldBy === lease.toldBy ? lease : { ...lease, toldBy: toldBy! }, effect }
}

/**
 * Adds one event to what is known of its address. `now` is in milliseconds. `askedAt` (ms) is when Kea was asked, for an
 * event that is its answer: it replaces what was heard before. `nameOf` gives the published name of a grant. A hint
 * (renewed) is not for here.
 */
export const learn = (
  lease: Lease,
  event: LeaseEvent,
  now: number,
  askedAt: number | null = null,
  nameOf: NameOf = plainNameOf,
): Learned => {
  const client = clientOf(event)
  const { cltt, validLft, hostname, subnetId, registered, madeUp, inferred, guessed, overdue } = event
  const time = { cltt, at: now, ...(madeUp ? { madeUp } : isAhead(cltt, now) ? { ahead: true } : {}) }
  const how = END[event.kind]
  if (how) {
    const doubts = { ...(inferred && { inferred }), ...(guessed && { guessed }), ...(overdue && { overdue }) }
    const end = { client, how, ...time, ...doubts }
    return inferred || overdue ? addEndOfAll(lease, end) : addEnd(lease, end)
  }
  if (!client) return { lease, effect: 'no-client' }
  const ddns = ddnsOf(event)
  const said = { ...(registered && { registered }), ...(ddns && { ddns }) }
  return learnGrant(lease, event, { client, hostname, validLft, subnetId, ...said, ...time }, askedAt, nameOf)
}

/**
 * True when, after an event of that kind, only Kea can say who holds the address: more than a grant and its end fell into
 * one second of CLTT. Example: a grant, the same grant again and a release, all of one second, in an unknown order.
 */
export const isTied = ({ grants, ends }: Lease, kind: EventKind): boolean => {
  const last = grants.at(-1)
  if (!last || (kind !== 'committed' && !last.repeated)) return false
  return grants.length > 1 || (ends[0] !== undefined && orderOf(ends[0]) === orderOf(last))
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

/** The heaviest end. Of equal ones the client's key decides, so that it is not the one that was heard last. */
const heaviest = (ends: End[]): End | undefined =>
  ends.length < 2
    ? ends[0]
    : ends.toSorted((a, b) => weightOf(b) - weightOf(a) || ((a.client?.key ?? '') < (b.client?.key ?? '') ? -1 : 1))[0]

/** Whether an end is that of a lease whose time was made up: it is its holder's, and was not known before the lease was. */
const endsUntimed = (end: End, holder: Grant): boolean =>
  endsLeaseOf(end, holder) && (end.madeUp === true || orderOf(end) > (holder.overEnd ?? -Infinity))

/**
 * Reads the holding off a lease. Where a grant and an end have one CLTT, the end beats a grant of its own client, as a
 * release carries the CLTT of the lease that it ends. A grant beats the end of another client's lease.
 */
export const holdingOf = ({ grants, ends }: Lease): Holding => {
  const last = grants.at(-1)
  if (!last) return { is: 'unknown' }
  if (last.madeUp) {
    const end = heaviest(ends.filter(one => endsUntimed(one, last)))
    return end ? { is: 'ended', holder: last, end } : { is: 'active', holder: last }
  }
  const newestEnd = heaviest(ends)
  if (!newestEnd || orderOf(newestEnd) < orderOf(last)) return { is: 'active', holder: last }
  const endsOf = (holder: Grant) => ends.filter(end => endsLeaseOf(end, holder))
  const open = grants.findLast(holder => endsOf(holder).length === 0)
  if (open && orderOf(newestEnd) === orderOf(last)) return { is: 'active', holder: open }
  const holder = grants.findLast(one => endsOf(one).length > 0)
  if (!holder) return { is: 'reassigned', holder: last, end: newestEnd }
  return { is: 'ended', holder, end: heaviest(endsOf(holder))! }
}

/**
 * The order (told-time.ts) from which on the present holder has had its host name at this address: a CLTT in seconds, or a
 * negative number when no time but a doubtful one is known.
 */
export const claimedSince = (lease: Lease): number => lease.seenAt.find(order => order >= 0) ?? lease.seenAt[0] ?? 0

/** When the newest grant runs out, in milliseconds; null when there is none, or when it never does. */
export const expiryOf = (lease: Lease): number | null => {
  const last = lease.grants.at(-1)
  return last && last.validLft !== ENDLESS ? (last.cltt + last.validLft) * 1000 : null
}

/** True when the lease has run out at `now` (ms) and nobody told of its end yet. */
export const isOver = (lease: Lease, now: number): boolean =>
  holdingOf(lease).is === 'active' && (expiryOf(lease) ?? Infinity) <= now
