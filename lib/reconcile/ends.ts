import type { Grant, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { ProposedEnd } from '../../schemas/model/reconcile.ts'
import { clientOf } from '../plan/client.ts'
import { expiryOf, holdingOf } from '../plan/lease.ts'

/** Whether Kea only repeats what is known: the living lease of the same client with the same CLTT. */
export const isKnown = (lease: Lease | undefined, event: LeaseEvent): boolean => {
  const last = lease?.grants.at(-1)
  return (
    event.kind === 'committed' &&
    last !== undefined &&
    lease?.grants.length === 1 &&
    last.cltt === event.cltt &&
    last.hostname === event.hostname &&
    last.client.key === clientOf(event)?.key &&
    (lease.ends[0]?.cltt ?? -1) < event.cltt
  )
}

const GONE = {
  expired: 'Kea no longer has the lease, and its time is over',
  deleted: 'Kea no longer has the lease, though its time is not over: it was released or deleted',
} as const

const endingEvent = (lease: Lease, kind: 'expired' | 'deleted', last: Grant): LeaseEvent => {
  const { clientId, hwAddress, hwType, duid, iaid } = last.client
  const { hostname, cltt, validLft, subnetId } = last
  const { address, family } = lease
  const type = family === 4 ? 'V4' : 'IA_NA'
  const cause = `catch-up: ${GONE[kind]}`
  const identity = { clientId, hwAddress, hwType, duid, iaid }
  return { source: 'control', cause, kind, family, type, address, hostname, cltt, validLft, subnetId, ...identity }
}

/**
 * What became of a lease that is gone from a complete and trusted answer: by its last known state it expired, or was
 * released or deleted by command. Null when it had ended already. `now` is in milliseconds.
 */
export const inferEnd = (lease: Lease, now: number): ProposedEnd | null => {
  const stands = holdingOf(lease)
  if (stands.is !== 'active') return null
  const expiry = expiryOf(lease)
  const kind = expiry !== null && expiry <= now ? 'expired' : 'deleted'
  const { cltt } = stands.holder
  return { cltt, name: lease.name, why: GONE[kind], event: endingEvent(lease, kind, stands.holder) }
}

/** The end of a living lease that Kea tells of; null when it ends nothing that is known. */
export const reportedEnd = (lease: Lease | undefined, event: LeaseEvent): ProposedEnd | null => {
  if (!lease || event.kind === 'committed') return null
  const stands = holdingOf(lease)
  if (stands.is !== 'active' || event.cltt < stands.holder.cltt) return null
  return { cltt: stands.holder.cltt, name: lease.name, why: `Kea has the lease as ${event.kind}`, event }
}

/** Whether an ending still is that of the lease as it is known. */
export const isCurrent = (lease: Lease | undefined, { cltt }: ProposedEnd): boolean =>
  lease?.grants.at(-1)?.cltt === cltt

/** Whether an ending could still be made. */
export const isPending = (lease: Lease | undefined, ending: ProposedEnd): boolean =>
  lease !== undefined && isCurrent(lease, ending) && holdingOf(lease).is === 'active'
