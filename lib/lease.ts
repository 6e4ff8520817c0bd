import type { Beginning, Ending, EndKind, Lease } from '../schemas/lease.ts'
import type { EventKind, LeaseEvent } from '../schemas/lease-event.ts'
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

const sameHolding = (a: Beginning, b: Beginning): boolean =>
  sameMachine(a.client, b.client) && plain(a.hostname) === plain(b.hostname)

const sameBeginning = (a: Beginning, b: Beginning): boolean =>
  a.client.key === b.client.key && a.hostname === b.hostname && a.validLft === b.validLft

const endsLeaseOf = (ending: Ending, begun: Beginning): boolean =>
  ending.client === null || sameMachine(ending.client, begun.client)

/** How an event changed what is known of its address. */
export type News = 'begun' | 'confirmed' | 'ended' | 'duplicate' | 'stale' | 'nobody'

export interface Learnt {
  lease: Lease
  news: News
}

export const unknown = (event: LeaseEvent, scope: string): Lease => ({
  address: event.address,
  family: event.family,
  scope,
  begun: [],
  ended: [],
  held: [],
  before: 0,
  ends: [],
  name: null,
  nameRule: 'no-name',
})

/** How long, in seconds, an event may be late and still find its place among the CLTTs of a holding; and how many stay. */
const LATE = 600
const MOST_HELD = 16

/** The CLTTs of a holding that are newer than `before`, ascending: the oldest says since when, the latest wait for late news. */
const heldSince = (cltts: number[], before: number): number[] => {
  const all = [...new Set(cltts)].filter(cltt => cltt > before).sort((a, b) => a - b)
  const newest = all.at(-1) ?? 0
  return all.filter((cltt, i) => i === 0 || (cltt > newest - LATE && i >= all.length - MOST_HELD))
}

/** Kea, asked after a tie was heard, knows who came last in that second. */
const settled = (lease: Lease, fresh: Beginning, askedAt: number): Learnt | null => {
  const rivals = lease.begun.length > 1 && lease.begun[0]?.cltt === fresh.cltt
  if (!rivals && lease.ended[0]?.cltt !== fresh.cltt) return null
  const same = lease.begun.some(one => sameBeginning(one, fresh))
  const begun = same ? [fresh] : lease.begun.filter(one => one.cltt !== fresh.cltt)
  const cleared = { ...lease, begun, ended: lease.ended.filter(ending => ending.at >= askedAt) }
  return same ? { lease: cleared, news: 'confirmed' } : begin(cleared, fresh, null)
}

/** An older sign of the present holding. */
const joined = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.before || lease.held.includes(cltt)) return lease
  return { ...lease, held: heldSince([...lease.held, cltt], lease.before) }
}

/** Something older than the present holding, before which it cannot have begun. */
const interrupted = (lease: Lease, cltt: number): Lease => {
  if (cltt <= lease.before) return lease
  return { ...lease, before: cltt, held: heldSince(lease.held, cltt) }
}

const begin = (lease: Lease, fresh: Beginning, askedAt: number | null): Learnt => {
  const known = askedAt === null ? null : settled(lease, fresh, askedAt)
  if (known) return known
  const last = lease.begun.at(-1)
  const { cltt } = fresh
  if (!last || cltt > last.cltt) {
    const goesOn = last !== undefined && sameHolding(last, fresh)
    const other = goesOn ? lease.before : (last?.cltt ?? lease.before)
    const before = Math.max(other, lease.ends.findLast(end => end < cltt) ?? 0)
    const held = heldSince(goesOn ? [...lease.held, cltt] : [cltt], before)
    return { lease: { ...lease, begun: [fresh], held, before }, news: goesOn ? 'confirmed' : 'begun' }
  }
  if (cltt === last.cltt) {
    const same = lease.begun.find(known => sameBeginning(known, fresh))
    if (same?.again) return { lease, news: 'duplicate' }
    if (same) {
      const begun = lease.begun.map(known => (known === same ? { ...known, again: true } : known))
      return { lease: { ...lease, begun }, news: 'duplicate' }
    }
    const others = lease.begun.filter(known => !sameMachine(known.client, fresh.client))
    const held = sameHolding(last, fresh) ? lease.held : [cltt]
    return { lease: { ...lease, begun: [...others, fresh], held }, news: 'begun' }
  }
  return { lease: sameHolding(last, fresh) ? joined(lease, cltt) : interrupted(lease, cltt), news: 'stale' }
}

const end = (told: Lease, fresh: Ending): Learnt => {
  const ends = [...new Set([...told.ends, fresh.cltt])].sort((a, b) => a - b).slice(-MOST_HELD)
  const lease = told.ends.includes(fresh.cltt) ? told : { ...told, ends }
  const begun = lease.begun[0]?.cltt ?? 0
  if (fresh.cltt < begun) return { lease: interrupted(lease, fresh.cltt), news: 'stale' }
  if (fresh.cltt < (lease.ended[0]?.cltt ?? 0)) return { lease, news: 'stale' }
  const known = lease.ended.filter(one => one.cltt === fresh.cltt)
  const sameOwner = (one: Ending) =>
    one.client && fresh.client ? sameMachine(one.client, fresh.client) : one.client === fresh.client
  const before = known.find(sameOwner)
  if (before && WEIGHT[before.how] >= WEIGHT[fresh.how]) return { lease, news: 'duplicate' }
  const at = before ? Math.min(before.at, fresh.at) : fresh.at
  return { lease: { ...lease, ended: [...known.filter(one => one !== before), { ...fresh, at }] }, news: 'ended' }
}

/**
 * Adds one event to what is known of its address. The result depends on which events were heard, not on their order:
 * both registers keep the newest by CLTT, an older one only tells how long the present holder has been here.
 * `now` is in milliseconds, and so is `askedAt`: when Kea was asked, for an event that is its answer; that settles a tie
 * with what was heard before. Hints (renewed) are not for here.
 */
export const learn = (lease: Lease, event: LeaseEvent, now: number, askedAt: number | null = null): Learnt => {
  const client = clientOf(event)
  const { cltt, validLft, hostname, subnetId, cause } = event
  const how = END[event.kind]
  if (how) return end(lease, { client, how, cltt, at: now, cause })
  return client
    ? begin(lease, { client, hostname, cltt, validLft, subnetId, cause }, askedAt)
    : { lease, news: 'nobody' }
}

/**
 * Whether, after an event of that kind, only Kea can say who holds the address: one second of CLTT saw more than a
 * beginning and its end.
 */
export const isTied = ({ begun, ended }: Lease, kind: EventKind): boolean => {
  const last = begun.at(-1)
  if (!last || (kind !== 'committed' && !last.again)) return false
  return begun.length > 1 || ended[0]?.cltt === last.cltt
}

/** Who holds an address, and whether that has ended. `taken` says that somebody else's lease came and ended since. */
export type Standing =
  | { is: 'unknown' }
  | { is: 'alive'; holder: Beginning }
  | { is: 'ended'; holder: Beginning; ending: Ending }
  | { is: 'taken'; holder: Beginning; ending: Ending }

/**
 * In a tie an end beats a beginning of the same client (a release carries the CLTT of the lease it ends), and a
 * beginning beats another client's end.
 */
export const standing = (lease: Lease): Standing => {
  const { begun, ended } = lease
  const last = begun.at(-1)
  if (!last) return { is: 'unknown' }
  const newestEnd = ended.reduce<Ending | undefined>(
    (most, one) => (most && WEIGHT[most.how] >= WEIGHT[one.how] ? most : one),
    undefined,
  )
  if (!newestEnd || newestEnd.cltt < last.cltt) return { is: 'alive', holder: last }
  const over = (holder: Beginning) => ended.filter(ending => endsLeaseOf(ending, holder))
  const open = begun.findLast(holder => over(holder).length === 0)
  if (open && newestEnd.cltt === last.cltt) return { is: 'alive', holder: open }
  const holder = begun.findLast(one => over(one).length > 0)
  if (!holder) return { is: 'taken', holder: last, ending: newestEnd }
  const ending = over(holder).reduce((most, one) => (WEIGHT[one.how] > WEIGHT[most.how] ? one : most))
  return { is: 'ended', holder, ending }
}

/** When the present holder's claim to its hostname at this address began, by CLTT in seconds. */
export const claimedSince = (lease: Lease): number => lease.held[0] ?? 0

/** When the lease of the newest beginning runs out, in milliseconds; null when nothing began or it never does. */
export const expiryOf = (lease: Lease): number | null => {
  const last = lease.begun.at(-1)
  return last && last.validLft !== 0xffffffff ? (last.cltt + last.validLft) * 1000 : null
}

/** Whether the time of a lease has run out at `now` (ms), though nobody told of its end. */
export const isOver = (lease: Lease, now: number): boolean =>
  standing(lease).is === 'alive' && (expiryOf(lease) ?? Infinity) <= now
