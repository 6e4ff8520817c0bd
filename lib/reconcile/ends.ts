/*
 * The ends of leases that nobody told of when they happened.
 *
 * A lease can end while Leasehold is down, while a hook fails, or by a command that has no hook. Then only Kea's list shows
 * it: the lease is gone, or is listed as over. Absence proves an end only if all of these are true:
 *
 *     the answer was complete         a page that is missing hides leases that live
 *     it came from the server that    a standby of a pair may lag behind its partner
 *       serves the address
 *     nothing newer was heard         a grant that came during the listing is in no page of it
 *
 * The reconciler (server/reconcile) checks these three. The functions here read the end off what is known:
 *
 *     known lease           Kea's answer                    the end
 *     active, time is over  complete, without the lease     expired    inferEnd
 *     active, time is left  complete, without the lease     deleted    inferEnd
 *     active                the lease is listed as expired  expired    reportedEnd
 *     ended already         anything                        none
 *     any, in no scope      none is needed                  abandoned  abandonedEnd
 *
 * An end found so is only proposed. Too many of them at once wait for a person (limit.ts), and by then a lease may have
 * been granted again: each proposal names the CLTT of the grant that it ends, so that it never ends another.
 */
import type { Grant, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { ProposedEnd } from '../../schemas/model/reconcile.ts'
import { clientOf } from '../plan/client.ts'
import { saysSame } from '../plan/ddns.ts'
import { expiryOf, holdingOf } from '../plan/lease.ts'

/** True when an event tells only what is known: the active lease of that client, with that host name and that CLTT. */
export const isKnown = (lease: Lease | undefined, event: LeaseEvent): boolean => {
  const last = lease?.grants.at(-1)
  return (
    event.kind === 'committed' &&
    last !== undefined &&
    lease?.grants.length === 1 &&
    last.cltt === event.cltt &&
    last.hostname === event.hostname &&
    last.client.key === clientOf(event)?.key &&
    saysSame(last.ddns, event.ddns) &&
    (lease.ends[0]?.cltt ?? -1) < event.cltt
  )
}

const GONE = {
  expired: 'Kea no longer has the lease, and its time is over',
  deleted: 'Kea no longer has the lease, though its time is not over: it was released or deleted',
} as const

/** The event that Kea would have sent, had it told of this end. */
const endEvent = (lease: Lease, kind: 'expired' | 'deleted', last: Grant): LeaseEvent => {
  const { clientId, hwAddress, hwType, duid, iaid } = last.client
  const { hostname, cltt, validLft, subnetId } = last
  const { address, family } = lease
  const type = family === 4 ? 'V4' : 'IA_NA'
  const cause = `catch-up: ${GONE[kind]}`
  const identity = { clientId, hwAddress, hwType, duid, iaid }
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
  return { cltt, name: lease.name, why: GONE[kind], event: endEvent(lease, kind, holding.holder) }
}

/** The end of an active lease that Kea lists as over. Null when the event ends nothing, or an older lease than the known. */
export const reportedEnd = (lease: Lease | undefined, event: LeaseEvent): ProposedEnd | null => {
  if (!lease || event.kind === 'committed') return null
  const holding = holdingOf(lease)
  if (holding.is !== 'active' || event.cltt < holding.holder.cltt) return null
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
  const cltt = holding.is === 'active' ? holder.cltt : Math.max(holder.cltt, holding.end.cltt)
  const event = { ...endEvent(lease, 'deleted', holder), kind: 'abandoned' as const, cause: NO_SCOPE, cltt }
  return { cltt: holder.cltt, name: lease.name, why: NO_SCOPE, event }
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
