import { z } from 'zod'
import { Instant } from './duration.ts'
import { LeaseEvent } from './lease-event.ts'

/** The end of one lease, and the CLTT by which that lease is known: when it is another by then, this end is not its own. */
export const HeldEnding = z.object({ cltt: z.int(), name: z.string().nullable(), why: z.string(), event: LeaseEvent })
export type HeldEnding = z.infer<typeof HeldEnding>

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
  endings: z.array(HeldEnding),
})
export type Hold = z.infer<typeof Hold>
