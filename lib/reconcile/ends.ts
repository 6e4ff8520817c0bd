/*
 * The ends of leases that nobody told of when they happened.
 *
 * A lease can end while Leasehold is down, while a hook fails, or by a command that has no hook. Then only Kea's list shows
 * it: the lease is gone, or is listed as over. Absence proves an end only if all of these are true:
 *
 *     the answer was complete         a page that is missing hides leases that live
 *     it came from the server that    a standby of a pair may lag behind its partner
 *       serves the address
 *     all who may know answered       who did not tell of a lease cannot testify that it is gone: mayEnd
 *     nothing newer was heard         a grant that came during the listing is in no page of it
 *
 * The reconciler (server/reconcile) checks these. The functions here read the end off what is known:
 *
 *     known lease           Kea's answer                    the end
 *     active, time is over  complete, without the lease     expired    inferEnd
 *     active, time is left  complete, without the lease     deleted    inferEnd
 *     active                the lease is listed as expired  expired    reportedEnd
 *     active, over for long listed as granted, or no answer expired    overdueEnd
 *     ended already         anything                        none
 *     any, in no scope      none is needed                  abandoned  abandonedEnd
 *
 * An end found so is only proposed. Too many of them at once wait for a person (limit.ts), and by then a lease may have
 * been granted again: each proposal names the CLTT of the grant that it ends, so that it never ends another.
 */
import type { Grant, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Policy } from '../../schemas/model/policy.ts'
import type { ProposedEnd } from '../../schemas/model/reconcile.ts'
import { clientOf, sameClient } from '../plan/lease/client.ts'
import { saysSame } from '../plan/lease/ddns.ts'
import { expiryOf, holdingOf } from '../plan/lease/lease.ts'
import { canList, hasTold, type SourceId, sourceOf } from '../plan/lease/testimony.ts'
import { isAhead, orderOf } from '../plan/lease/told-time.ts'
import { overdueAt } from '../plan/scope/policy.ts'

/**
 * True when an event tells only what is known, by one who told it before: the active lease of that client, with that host
 * name and that CLTT. A lease that counts as expired, as its time has been over for long, is known as well.
 */
export const isKnown = (lease: Lease | undefined, event: LeaseEvent): boolean => {
  const last = lease?.grants.at(-1)
  if (event.kind !== 'committed' || !lease || !last || lease.grants.length > 1) return false
  const isOpen = lease.ends.every(end => orderOf(end) < orderOf(last) || end.overdue)
  const isNamed = last.hostname === event.hostname || (last.namedAt !== undefined && event.hostname === '')
  const isSame =
    last.cltt === event.cltt &&
    !last.madeUp &&
    last.client.key === clientOf(event)?.key &&
    saysSame(last.ddns, event.ddns)
  return isSame && isNamed && isOpen && hasTold(lease, sourceOf(event))
}

/** True when a listed lease is that of the client who holds its address by all that was heard. */
export const isHolders = (lease: Lease | undefined, event: LeaseEvent): boolean => {
  const client = clientOf(event)
  const holding = lease && holdingOf(lease)
  return (
    event.kind === 'committed' &&
    client !== null &&
    holding?.is === 'active' &&
    sameClient(holding.holder.client, client)
  )
}

/** True when `complete` has a source, or has the Kea whose lease file it is: Kea speaks for its file. */
const answered = (source: SourceId, complete: ReadonlySet<SourceId>): boolean =>
  complete.has(source) || complete.has(source.replace(/^lease-file /, 'control '))

/**
 * True when its absence may end a lease. `complete` are the sources that answered completely, none of them with the lease.
 * `covering` are those that may know of its address by their configuration. All of these must have answered, and among
 * those that did must be one that told of the lease. Sources that cannot list (hooks, requests) testify of no absence.
 */
export const mayEnd = (
  { toldBy = [] }: Pick<Lease, 'toldBy'>,
  complete: ReadonlySet<SourceId>,
  covering: ReadonlySet<SourceId>,
): boolean => {
  const tellers = toldBy.filter(canList)
  const all = [...covering].every(source => answered(source, complete))
  return all && (tellers.length > 0 ? tellers.some(source => answered(source, complete)) : covering.size > 0)
}

const GONE = {
  expired: 'Kea no longer has the lease, and its time is over',
  deleted: 'Kea no longer has the lease, though its time is not over: it was released or deleted',
} as const

const OVERDUE = 'the time of the lease has been over for long, and nobody told how it went on'

/** The event that Kea would have sent, had it told of this end. */
const endEvent = (lease: Lease, kind: 'expired' | 'deleted', why: string, last: Grant): LeaseEvent => {
  const { clientId, hwAddress, hwType, duid, iaid, dhcid } = last.client
  const { hostname, cltt, validLft, subnetId } = last
  const { address, family } = lease
  const type = family === 4 ? 'V4' : 'IA_NA'
  const cause = `catch-up: ${why}`
  const identity = {
    clientId,
    hwAddress,
    hwType,
    duid,
    iaid,
    ...(dhcid && { dhcid: dhcid.value, hostname: dhcid.under }),
  }
  return { source: 'control', cause, kind, family, type, address, hostname, cltt, validLft, subnetId, ...identity }
}

/**
 * The end of a lease that a complete and trusted answer no longer contains. Null when the lease is not active. Its kind
 * is `expired` when its time is over at `now` (ms), else `deleted`, as only a command or a release takes it away earlier.
 */
export const inferEnd = (lease: Lease, now: number): ProposedEnd | null => {
  const holding = holdingOf(lease)
  if (holding.is !== 'active') return null
  const expiry = expiryOf(lease)
  const kind = expiry !== null && expiry <= now ? 'expired' : 'deleted'
  const { cltt } = holding.holder
  const why = GONE[kind]
  const doubt = { inferred: true, ...(holding.holder.madeUp && { madeUp: true }) }
  return { cltt, name: lease.name, why, event: { ...endEvent(lease, kind, why, holding.holder), ...doubt } }
}

/**
 * The end of an active lease whose time is over for as long as its scope's policy waits; null before that. It is for leases
 * of which Kea cannot be asked, and for those that Kea lists as granted all the same, as it does not reclaim them. What
 * was heard before `since` (ms), when we began to listen, gets all of that time again: a renewal may have been missed.
 */
export const overdueEnd = (lease: Lease, policy: Policy, now: number, since = 0): ProposedEnd | null => {
  const holding = holdingOf(lease)
  if (holding.is !== 'active') return null
  const [due, expiry] = [overdueAt(holding.holder, policy), expiryOf(lease) ?? Infinity]
  const missed = (holding.holder.at ?? 0) < since ? Math.max(0, since - expiry) : 0
  if (due + missed > now) return null
  const { holder } = holding
  const event = endEvent(lease, 'expired', OVERDUE, holder)
  const doubt = { overdue: true, ...(holder.madeUp && { madeUp: true }) }
  return { cltt: holder.cltt, name: lease.name, why: OVERDUE, event: { ...event, ...doubt } }
}

/** True when Kea tells of an older lease than a grant. A grant with a doubtful time is never newer than one without. */
const isOlder = ({ cltt }: LeaseEvent, holder: Grant): boolean => {
  const isDoubtful = holder.madeUp || (holder.ahead && !isAhead(cltt, holder.at ?? 0))
  return !isDoubtful && cltt < holder.cltt
}

/** The end of an active lease that Kea lists as over. Null when the event ends nothing, or an older lease than the known. */
export const reportedEnd = (lease: Lease | undefined, event: LeaseEvent): ProposedEnd | null => {
  if (!lease || event.kind === 'committed') return null
  const holding = holdingOf(lease)
  if (holding.is !== 'active' || isOlder(event, holding.holder)) return null
  return { cltt: holding.holder.cltt, name: lease.name, why: `Kea has the lease as ${event.kind}`, event }
}

const NO_SCOPE = 'its scope is gone'

/**
 * The end of a lease that is in no scope any more, though names of it are still wanted. Also of one that has ended, whose
 * names the scope's policy kept.
 */
export const abandonedEnd = (lease: Lease): ProposedEnd | null => {
  const holding = holdingOf(lease)
  if (holding.is === 'unknown' || (holding.is === 'ended' && holding.end.how === 'abandoned')) return null
  const { holder } = holding
  const newest = holding.is === 'active' || orderOf(holding.end) < orderOf(holder) ? holder : holding.end
  // The lease itself may be living: should its scope come back, the next word of it counts.
  const doubt = { ...(newest.madeUp && { madeUp: true }), ...(holding.is === 'active' && { inferred: true }) }
  const event = { ...endEvent(lease, 'deleted', NO_SCOPE, holder), kind: 'abandoned' as const, cause: NO_SCOPE }
  return { cltt: holder.cltt, name: lease.name, why: NO_SCOPE, event: { ...event, cltt: newest.cltt, ...doubt } }
}

/** True when a proposed end is still that of the newest grant. A renewal or another client's grant makes it false. */
export const isCurrent = (lease: Lease | undefined, { cltt }: ProposedEnd): boolean =>
  lease?.grants.at(-1)?.cltt === cltt

/** True when a proposed end could still be made: it is current, and the lease has not ended by another way. */
export const isPending = (lease: Lease | undefined, end: ProposedEnd): boolean =>
  lease !== undefined && isCurrent(lease, end) && (isActive(lease) || (isAbandonment(end) && !isAbandoned(lease)))

const isActive = (lease: Lease): boolean => holdingOf(lease).is === 'active'

const isAbandoned = ({ ends }: Lease): boolean => ends.some(({ how }) => how === 'abandoned')

/** True for the end of a lease whose scope is gone. */
export const isAbandonment = ({ event }: ProposedEnd): boolean => event.kind === 'abandoned'
