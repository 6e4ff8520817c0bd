import { z } from 'zod'
import { LeaseEvent, Service } from './lease-event.ts'
import { PolicyPatch } from './policy.ts'
import { Decision } from './record.ts'
import { Instant } from './time.ts'

/** The end of one lease, not yet made. It is only made if the lease still has this CLTT (seconds since the epoch). */
export const ProposedEnd = z.object({ cltt: z.int(), name: z.string().nullable(), why: z.string(), event: LeaseEvent })
export type ProposedEnd = z.infer<typeof ProposedEnd>

/** What each hold is: a proposal for one scope that would remove too much at once. Nothing of it is done until a person approves. */
const PROPOSAL = {
  id: z.int().min(1),
  scope: z.string(),
  state: z.enum(['open', 'approved', 'rejected', 'withdrawn']),
  cause: z.string(),
  reason: z.string(),
  /** How many records would go, and how many Leasehold owns in the scope. */
  records: z.int(),
  owned: z.int(),
  openedAt: Instant,
  decidedAt: Instant.nullable(),
}

/** Ends of leases that are too many to be true. The hold is withdrawn when Kea lists the leases again. */
export const EndingsHold = z.object({ ...PROPOSAL, endings: z.array(ProposedEnd) })
export type EndingsHold = z.infer<typeof EndingsHold>

/**
 * A change of policy that would remove many records. `going` are the first of the decisions by which they would go. The hold
 * is withdrawn when somebody says something else of one of its fields.
 */
export const PolicyHold = z.object({
  ...PROPOSAL,
  policy: z.object({ fields: PolicyPatch, by: z.string(), going: z.array(Decision) }),
})
export type PolicyHold = z.infer<typeof PolicyHold>

export const Hold = z.union([EndingsHold, PolicyHold])
export type Hold = z.infer<typeof Hold>

export const HoldState = EndingsHold.shape.state
export type HoldState = z.infer<typeof HoldState>

/** Those of the holds that wait for a person. */
export const openHolds = (holds: Iterable<Hold>): Hold[] => [...holds].filter(({ state }) => state === 'open')

/** Those of the holds that are about ends of leases. */
export const ofEndings = (holds: Iterable<Hold>): EndingsHold[] => [...holds].filter(hold => 'endings' in hold)

/**
 * `ok`: every Kea that serves listed all its leases, and every zone was read. `unknown`: some answer was missing, so nothing
 * was concluded from what was absent there. `held`: the ends were too many to be true and wait for a person. `standby`: another
 * node serves. `off`: no Kea with a control channel is configured.
 */
export const RunResult = z.enum(['ok', 'unknown', 'held', 'standby', 'off'])
export type RunResult = z.infer<typeof RunResult>

/** One service of one Kea. `standing`: whether it serves clients. What is absent counts only where it is complete. */
export const Listed = z.object({
  kea: z.string(),
  service: Service,
  standing: z.enum(['active', 'standby', 'unknown']),
  leases: z.int(),
  complete: z.boolean(),
  reason: z.string().nullable(),
})
export type Listed = z.infer<typeof Listed>

/** One zone that was read. When it could not be (`known` is false), nothing was concluded and `detail` says why. */
export const ReadZone = z.object({
  backend: z.string(),
  zone: z.string(),
  checked: z.int(),
  known: z.boolean(),
  detail: z.string().nullable(),
  /** Why it is not known what points to names there: the server does not give the zone away as a whole. */
  noRoles: z.string().optional(),
})
export type ReadZone = z.infer<typeof ReadZone>

/** One reconcile with Kea, and the reading of DNS after it. */
export const Run = z.object({
  cause: z.string(),
  startedAt: Instant,
  finishedAt: Instant.nullable(),
  result: RunResult.nullable(),
  listed: z.array(Listed),
  /** Leases that were new or had changed, and leases that ended. */
  begun: z.int(),
  ended: z.int(),
  /** Leases whose end waits in a hold. */
  held: z.int(),
  /** Owned records that DNS was asked for, those that it did not have, and those that a person changed. */
  checked: z.int(),
  missing: z.int(),
  changed: z.int(),
  dns: z.array(ReadZone),
})
export type Run = z.infer<typeof Run>
