/*
 * What a grant adds to what is known of an address. lease.ts says what is kept of a lease; here it is kept.
 *
 * All times are orders (told-time.ts). A grant that is newer than all others either goes on with a holding or begins one:
 * a holding is one client under one published name. A grant of the same second joins the newest ones, and whatever else
 * is older only tells since when the present holding is, or that it began later.
 *
 *     newest grant   next to be heard               what becomes of it
 *     a red 2000     a red 1000                     the holding began at 1000, unless an end or b was here after that
 *     a red 2000     b green 1500                   the holding began after 1500
 *     a red 2000     a green 2000, or b red 2000    both stand: a tie, which only Kea can settle
 *     a red 2000     a without a name 3000 (v6)     the renewal keeps the name red
 *
 * Why a v6 renewal keeps its name: a client need not send its name again, and Kea then stores none. DNS keeps the name, as
 * Kea's own D2 does.
 */
import type { Grant, Lease } from '../../../schemas/model/lease.ts'
import { sameClient } from './client.ts'
import { orderOf } from './told-time.ts'

/**
 * What an event did to what is known of its address. `begun`: a holding began. `confirmed`: it goes on. `ended`: it is over.
 * `duplicate`: this was known. `stale`: something newer is known. `no-client`: the event names nobody, so it is not used.
 */
export type Effect = 'begun' | 'confirmed' | 'ended' | 'duplicate' | 'stale' | 'no-client'

export interface Learned {
  lease: Lease
  effect: Effect
}

/** The published name of a grant, so that "red" and "red.lab.example" are one. */
export type NameOf = (grant: Pick<Grant, 'client' | 'hostname'>) => string | null

/** How many orders `seenAt` and `endedAt` keep. */
export const MOST = 16

export const ascending = (orders: number[]): number[] => [...new Set(orders)].sort((a, b) => a - b)

/** True when an order comes after a boundary; 0 is none. */
const isAfter = (order: number, boundary: number): boolean => boundary === 0 || order > boundary

/** The newest of some boundaries before an order; 0 when there is none. */
const lastBefore = (order: number, boundaries: number[]): number => {
  const before = boundaries.filter(one => one !== 0 && one < order)
  return before.length > 0 ? Math.max(...before) : 0
}

/**
 * `seenAt` out of all orders of a holding that come after `notBefore`. When they are too many, the one goes that is nearest
 * to its neighbours, so that a late boundary moves the beginning by one renewal at most.
 */
const seenSince = (orders: number[], notBefore: number): number[] => {
  const all = ascending(orders).filter(order => isAfter(order, notBefore))
  while (all.length > MOST) {
    let nearest = 1
    for (let i = 2; i < all.length - 1; i++) {
      if (all[i + 1]! - all[i - 1]! < all[nearest + 1]! - all[nearest - 1]!) nearest = i
    }
    all.splice(nearest, 1)
  }
  return all
}

/** A v6 client without a host name: it may have told the name before. */
const isNameless = ({ client, hostname }: Grant): boolean => hostname === '' && client.key.startsWith('duid:')

const sameName = (a: Grant, b: Grant, nameOf: NameOf): boolean => a.hostname === b.hostname || nameOf(a) === nameOf(b)

/** True when two grants are of one holding: the same client under the same published name. */
export const sameHolding = (a: Grant, b: Grant, nameOf: NameOf): boolean =>
  sameClient(a.client, b.client) && (isNameless(a) || isNameless(b) || sameName(a, b, nameOf))

/** Orders grants of one second, by what they say alone. A client that only its DHCID tells comes first. */
const byContent = (a: Grant, b: Grant): number => {
  const keys = (one: Grant) => [
    one.client.dhcid ? 0 : 1,
    one.hostname ? 1 : 0,
    one.validLft,
    one.client.key,
    one.hostname,
  ]
  const [x, y] = [keys(a), keys(b)]
  for (const [i, one] of x.entries()) if (one !== y[i]) return one < y[i]! ? -1 : 1
  return 0
}

const isContested = (grants: Grant[], nameOf: NameOf): boolean =>
  grants.some(one => !sameHolding(one, grants[0]!, nameOf))

/** Takes the host name from a nameless renewal again, when the holding turns out to be another than that of the name. */
const withoutKeptName = (grants: Grant[], boundary: number): Grant[] =>
  grants.some(({ namedAt }) => namedAt !== undefined && namedAt <= boundary)
    ? grants.map(({ namedAt: _, ...grant }) => ({ ...grant, hostname: '' }))
    : grants

/** Takes an older event of somebody else, or an older end: the present holding began after it. */
export const beganAfter = (lease: Lease, order: number): Lease => {
  if (!isAfter(order, lease.notBefore)) return lease
  const grants = withoutKeptName(lease.grants, order)
  return { ...lease, grants, notBefore: order, seenAt: seenSince(lease.seenAt, order) }
}

/** Takes an older event of the present holder: the holding began earlier than we thought. */
const beganEarlier = (lease: Lease, last: Grant, fresh: Grant, nameOf: NameOf): Lease => {
  const order = orderOf(fresh)
  if (!isAfter(order, lease.notBefore)) return lease
  const named = namedBy(lease, last, fresh, nameOf)
  if (named === lease && lease.seenAt.includes(order)) return lease
  return { ...named, seenAt: seenSince([...lease.seenAt, order], named.notBefore) }
}

/** Gives a nameless renewal the host name that a late event tells. A name told before that was of another holding. */
const namedBy = (lease: Lease, last: Grant, fresh: Grant, nameOf: NameOf): Lease => {
  const { namedAt } = last
  const canTake = fresh.hostname !== '' && (isNameless(last) || (namedAt !== undefined && orderOf(fresh) > namedAt))
  if (!canTake) return lease
  const grants = lease.grants.map(one =>
    one === last ? { ...one, hostname: fresh.hostname, namedAt: orderOf(fresh) } : one,
  )
  const isOther = namedAt !== undefined && !sameName(last, fresh, nameOf)
  return { ...lease, grants, notBefore: isOther ? namedAt : lease.notBefore }
}

/** Takes a grant that is newer than all others: the holding goes on, or another begins. */
const addNewest = (lease: Lease, last: Grant | undefined, fresh: Grant, nameOf: NameOf): Learned => {
  const order = orderOf(fresh)
  const isSameClient = last !== undefined && !isContested(lease.grants, nameOf) && sameClient(last.client, fresh.client)
  const goesOn = isSameClient && sameHolding(last, fresh, nameOf)
  const before = !last || goesOn ? lease.notBefore : isSameClient ? (last.namedAt ?? orderOf(last)) : orderOf(last)
  const notBefore = lastBefore(order, [before, lease.notBefore, ...lease.endedAt])
  const seenAt = seenSince(isSameClient ? [...lease.seenAt, order] : [order], notBefore)
  const namedAt = goesOn && last.hostname !== '' ? (last.namedAt ?? orderOf(last)) : null
  const keepsName = namedAt !== null && isNameless(fresh) && isAfter(namedAt, notBefore)
  const grant = keepsName ? { ...fresh, hostname: last!.hostname, namedAt } : fresh
  return { lease: { ...lease, grants: [grant], seenAt, notBefore }, effect: goesOn ? 'confirmed' : 'begun' }
}

/** Takes a grant of the second in which the newest is: the same once more, or that of a rival or under another name. */
const addOfSameSecond = (lease: Lease, fresh: Grant, nameOf: NameOf): Learned => {
  const order = orderOf(fresh)
  const same = lease.grants.find(known => sameHolding(known, fresh, nameOf))
  if (same) {
    const isNews = byContent(same, fresh) < 0 && !(same.namedAt !== undefined && fresh.hostname === '')
    const { validLft, client } = same
    const isAgain = validLft === fresh.validLft && client.key === fresh.client.key
    const repeated = isAgain ? { repeated: true } : {}
    if (!isNews && (!isAgain || same.repeated)) return { lease, effect: 'duplicate' }
    const merged = { ...(isNews ? fresh : same), ...repeated }
    const grants = lease.grants.map(known => (known === same ? merged : known)).sort(byContent)
    return { lease: { ...lease, grants }, effect: isNews && !isAgain ? 'confirmed' : 'duplicate' }
  }
  // Nobody can be said to have been here before a second in which several were.
  const grants = [...lease.grants, fresh].sort(byContent).slice(-MOST)
  return { lease: { ...lease, grants, seenAt: [order], notBefore: order - 1 }, effect: 'begun' }
}

/** Adds a grant to what is known of its address. */
export const addGrant = (lease: Lease, fresh: Grant, nameOf: NameOf): Learned => {
  const last = lease.grants.at(-1)
  const order = orderOf(fresh)
  if (!last || order > orderOf(last)) return addNewest(lease, last, fresh, nameOf)
  if (order === orderOf(last)) return addOfSameSecond(lease, fresh, nameOf)
  const gaveName = last.namedAt !== undefined && order > last.namedAt && sameClient(last.client, fresh.client)
  const isSame = !isContested(lease.grants, nameOf) && (gaveName || sameHolding(last, fresh, nameOf))
  return { lease: isSame ? beganEarlier(lease, last, fresh, nameOf) : beganAfter(lease, order), effect: 'stale' }
}

/**
 * Takes a grant whose request had no time, where nobody is known to hold the address by a told one. It is the newest that
 * was heard, and ends that were known by then do not end it.
 */
export const addUntimed = (lease: Lease, fresh: Grant, nameOf: NameOf): Learned => {
  const last = lease.grants.at(-1)
  const order = orderOf(fresh)
  const goesOn = last?.madeUp === true && sameHolding(last, fresh, nameOf)
  const newestEnd = lease.ends[0]
  const grant = newestEnd ? { ...fresh, overEnd: orderOf(newestEnd) } : fresh
  const seenAt = goesOn ? seenSince([...lease.seenAt, order], lease.notBefore) : [order]
  const notBefore = goesOn ? lease.notBefore : order - 1
  return { lease: { ...lease, grants: [grant], seenAt, notBefore }, effect: goesOn ? 'confirmed' : 'begun' }
}

/**
 * Takes the grant that Kea told when it was asked at `askedAt` (ms). It replaces all that was heard before that, even
 * what has a newer CLTT: Kea no longer has it.
 */
export const replacedByKea = (lease: Lease, fresh: Grant, askedAt: number, nameOf: NameOf): Learned => {
  const order = orderOf(fresh)
  const isLater = ({ at = 0 }: { at?: number | undefined }) => at >= askedAt
  const [grants, ends] = [lease.grants.filter(isLater), lease.ends.filter(isLater)]
  const old = lease.grants.filter(one => !isLater(one))
  const same = old.find(one => orderOf(one) === order && sameHolding(one, fresh, nameOf))
  const last = same ?? old.at(-1)
  const isSame = last !== undefined && (last === same || !isContested(old, nameOf)) && sameHolding(last, fresh, nameOf)
  const isKnown = same !== undefined && old.length === 1 && grants.length === 0 && lease.ends.length === ends.length
  if (isKnown && byContent(same, fresh) === 0) return { lease, effect: 'duplicate' }
  const other = last && !isSame ? orderOf(last) : 0
  const notBefore = lastBefore(order, [lease.notBefore, other, ...lease.endedAt])
  const seenAt = seenSince(isSame ? [...lease.seenAt.filter(one => one <= order), order] : [order], notBefore)
  const namedAt = last && (last.namedAt ?? orderOf(last))
  const keepsName =
    isSame && isNameless(fresh) && last.hostname !== '' && (last === same || isAfter(namedAt!, notBefore))
  const kept = keepsName ? { hostname: last.hostname, namedAt: namedAt! } : {}
  const endedAt = lease.endedAt.filter(one => one < order || ends.some(end => orderOf(end) === one))
  const base = { ...lease, grants: [{ ...fresh, ...kept }], ends, endedAt, seenAt, notBefore }
  const settled: Learned = { lease: base, effect: isSame ? 'confirmed' : 'begun' }
  return grants.reduce((known, later) => ({ ...addGrant(known.lease, later, nameOf), effect: known.effect }), settled)
}
