import { z } from 'zod'
import { LeaseEvent } from './lease-event.ts'
import { Instant } from './time.ts'

/** The end of one lease, and the CLTT by which that lease is known: when it is another by then, this end is not its own. */
export const ProposedEnd = z.object({ cltt: z.int(), name: z.string().nullable(), why: z.string(), event: LeaseEvent })
export type ProposedEnd = z.infer<typeof ProposedEnd>

/**
 * A set of endings that is too large to be true; none is acted upon until a person decides. It is withdrawn when Kea has
 * the leases after all.
 */
export const Hold = z.object({
  id: z.int().min(1),
  scope: z.string(),
  state: z.enum(['open', 'approved', 'rejected', 'withdrawn']),
  cause: z.string(),
  reason: z.string(),
  /** Records that would go, of how many that are owned in the scope. */
  records: z.int(),
  owned: z.int(),
  openedAt: Instant,
  decidedAt: Instant.nullable(),
  endings: z.array(ProposedEnd),
})
export type Hold = z.infer<typeof Hold>

/**
 * `ok`: Kea's leases, and what DNS holds of ours, are known wholly. `unknown`: some are not, so nothing was decided by
 * what was absent. `held`: what
 * would have gone is too much to be true and waits for a person. `standby`: another node serves. `off`: no Kea is
 * configured that could be asked.
 */
export const RunResult = z.enum(['ok', 'unknown', 'held', 'standby', 'off'])
export type RunResult = z.infer<typeof RunResult>

export const Listed = z.object({
  kea: z.string(),
  service: z.enum(['dhcp4', 'dhcp6']),
  leases: z.int(),
  complete: z.boolean(),
  reason: z.string().nullable(),
})
export type Listed = z.infer<typeof Listed>

/** One zone that was looked at. Where it is not `known`, nothing was decided by what it holds. */
export const Looked = z.object({
  backend: z.string(),
  zone: z.string(),
  checked: z.int(),
  known: z.boolean(),
  detail: z.string().nullable(),
})
export type Looked = z.infer<typeof Looked>

/** One catch-up with Kea, and the look into DNS after it. */
export const Run = z.object({
  cause: z.string(),
  startedAt: Instant,
  finishedAt: Instant.nullable(),
  result: RunResult.nullable(),
  listed: z.array(Listed),
  /** Leases that were not known, or known otherwise; and leases that ended. */
  begun: z.int(),
  ended: z.int(),
  /** Leases whose end waits in a hold. */
  held: z.int(),
  /** Owned records that DNS was asked for, those it did not have, and those that a person changed. */
  checked: z.int(),
  missing: z.int(),
  changed: z.int(),
  dns: z.array(Looked),
})
export type Run = z.infer<typeof Run>
