import { z } from 'zod'

/** Kea's lease states under the names that its hooks give them, in the order of the numbers that its commands give them. */
export const LeaseState = z.enum(['default', 'declined', 'expired-reclaimed', 'released', 'registered'])
export type LeaseState = z.infer<typeof LeaseState>
