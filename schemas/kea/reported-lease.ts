import { z } from 'zod'
import { UINT32_MAX } from '../model/time.ts'

/** Kea's lease states by the names of its hooks. The order is that of the numbers 0 to 4 in its lease commands. */
export const LeaseState = z.enum(['default', 'declined', 'expired-reclaimed', 'released', 'registered'])
export type LeaseState = z.infer<typeof LeaseState>

const Uint32 = z.int().min(0).max(UINT32_MAX)

export const ReportedEvent = z.enum(['committed', 'renewed', 'released', 'declined', 'expired', 'recovered', 'deleted'])
export type ReportedEvent = z.infer<typeof ReportedEvent>

/**
 * A lease event in the keys of Kea's lease commands: a lease as lease4-get-page or lease6-get-page lists it, and an
 * `event`. Other keys are ignored, because Kea adds some with every version.
 */
export const ReportedLease = z.object({
  event: ReportedEvent,
  'ip-address': z.string(),
  /** Seconds since the epoch. */
  cltt: Uint32,
  /** Seconds; 4294967295 never ends. */
  'valid-lft': Uint32,
  hostname: z.string().optional(),
  'subnet-id': Uint32.optional(),
  'hw-address': z.string().optional(),
  'hw-type': Uint32.optional(),
  'client-id': z.string().optional(),
  duid: z.string().optional(),
  iaid: Uint32.optional(),
  state: z
    .union([z.int().min(0).max(4), LeaseState], { error: 'expected 0 to 4, or a name of a lease state' })
    .optional(),
  type: z.enum(['V4', 'IA_NA', 'IA_PD']).optional(),
  'prefix-len': z.int().min(1).max(128).optional(),
})
export type ReportedLease = z.infer<typeof ReportedLease>

const MOST = 10_000

/** The body of POST /v1/events: one lease event, or 1 to 10000. */
export const ReportedLeases = z.union([ReportedLease, z.array(ReportedLease).min(1).max(MOST)], {
  error: `expected a lease event, or an array of 1 to ${MOST}`,
})
export type ReportedLeases = z.infer<typeof ReportedLeases>
