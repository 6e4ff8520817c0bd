import type { HeldEnding, Hold } from '../schemas/hold.ts'
import type { Beginning, Lease } from '../schemas/lease.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'
import { clientOf } from './client.ts'
import { expiryOf, standing } from './lease.ts'
import { type Known, plan, type Scopes } from './plan.ts'

/** Whether Kea only repeats what is known: the living lease of the same client with the same CLTT. */
export const isKnown = (lease: Lease | undefined, event: LeaseEvent): boolean => {
  const last = lease?.begun.at(-1)
  return (
    event.kind === 'committed' &&
    last !== undefined &&
    lease?.begun.length === 1 &&
    last.cltt === event.cltt &&
    last.hostname === event.hostname &&
    last.client.key === clientOf(event)?.key &&
    (lease.ended[0]?.cltt ?? -1) < event.cltt
  )
}

const GONE = {
  expired: 'Kea no longer has the lease, and its time is over',
  deleted: 'Kea no longer has the lease, though its time is not over: it was released or deleted',
} as const

const endingEvent = (lease: Lease, kind: 'expired' | 'deleted', last: Beginning): LeaseEvent => {
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
export const goneSince = (lease: Lease, now: number): HeldEnding | null => {
  const stands = standing(lease)
  if (stands.is !== 'alive') return null
  const expiry = expiryOf(lease)
  const kind = expiry !== null && expiry <= now ? 'expired' : 'deleted'
  const { cltt } = stands.holder
  return { cltt, name: lease.name, why: GONE[kind], event: endingEvent(lease, kind, stands.holder) }
}

/** The end of a living lease that Kea tells of; null when it ends nothing that is known. */
export const toldEnding = (lease: Lease | undefined, event: LeaseEvent): HeldEnding | null => {
  if (!lease || event.kind === 'committed') return null
  const stands = standing(lease)
  if (stands.is !== 'alive' || event.cltt < stands.holder.cltt) return null
  return { cltt: stands.holder.cltt, name: lease.name, why: `Kea has the lease as ${event.kind}`, event }
}

/** Whether an ending still is that of the lease as it is known. */
export const isCurrent = (lease: Lease | undefined, { cltt }: HeldEnding): boolean => lease?.begun.at(-1)?.cltt === cltt

/** Whether an ending could still be made. */
export const isPending = (lease: Lease | undefined, ending: HeldEnding): boolean =>
  lease !== undefined && isCurrent(lease, ending) && standing(lease).is === 'alive'

/** From when on a set of removals is too large to be true. */
export interface Limits {
  /** Per cent of the records owned in a scope. */
  percent: number
  /** Scopes with fewer records are never held. */
  atLeast: number
}

/** What a run would end in one scope, and what that would take away. */
export interface Sweep {
  scope: string
  endings: HeldEnding[]
  records: number
  owned: number
  held: boolean
}

/** How many records of an event's address would no longer be published as they are: gone, or on their way. */
const losses = (known: Known, scopes: Scopes, event: LeaseEvent, now: number): number =>
  plan(known, scopes, event, now).records.filter(
    next => known.record(next.key)?.wanted && (!next.wanted || next.goal === 'awaiting'),
  ).length

/** Weighs endings scope by scope; a hold that is open, or was rejected, already answers for its endings. */
export const weigh = (
  known: Known,
  scopes: Scopes,
  endings: HeldEnding[],
  owned: (scope: string) => number,
  holds: Iterable<Hold>,
  limits: Limits,
  now: number,
): Sweep[] => {
  const answered = new Set<string>()
  for (const { state, endings } of holds) {
    if (state === 'rejected') for (const { event, cltt } of endings) answered.add(`${event.address} ${cltt}`)
  }
  const sweeps = new Map<string, Sweep>()
  for (const ending of endings) {
    const { event, cltt } = ending
    const scope = scopes.find(event.address)?.name
    if (!scope || answered.has(`${event.address} ${cltt}`) || !isCurrent(known.lease(event.address), ending)) continue
    const sweep = sweeps.get(scope) ?? { scope, endings: [], records: 0, owned: owned(scope), held: false }
    sweep.endings.push(ending)
    sweep.records += losses(known, scopes, event, now)
    sweeps.set(scope, sweep)
  }
  for (const sweep of sweeps.values()) {
    sweep.held = sweep.owned >= limits.atLeast && sweep.records * 100 > limits.percent * sweep.owned
  }
  return [...sweeps.values()]
}
