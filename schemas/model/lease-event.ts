import { z } from 'zod'

/**
 * What a lease event proves. `renewed` is a hint and never publishes by itself: Kea 2.2 calls lease4_renew for a mere
 * DISCOVER, and the committed event follows where a lease was really granted.
 */
export const EventKind = z.enum([
  'committed',
  'renewed',
  'released',
  'declined',
  'expired',
  'recovered',
  'deleted',
  'moved',
])
export type EventKind = z.infer<typeof EventKind>

export const EventSource = z.enum(['hook', 'events', 'control', 'ncr', 'lease-file'])
export type EventSource = z.infer<typeof EventSource>

export const LeaseType = z.enum(['V4', 'IA_NA', 'IA_PD'])
export type LeaseType = z.infer<typeof LeaseType>

/**
 * One thing that happened to one lease, in one form for v4 and v6 and for every source.
 * Hex identifiers are lower case with colons; an address is in its canonical text form (RFC 5952 for v6).
 */
export const LeaseEvent = z.object({
  source: EventSource,
  /** The hook point or API call that told us, for the audit. */
  cause: z.string(),
  kind: EventKind,
  family: z.union([z.literal(4), z.literal(6)]),
  type: LeaseType,
  address: z.string(),
  /** As Kea stored it: may be empty, or end with a dot when it is fully qualified. */
  hostname: z.string(),
  /** Client last transmission time, seconds since the epoch: the fence. */
  cltt: z.int(),
  /** Seconds. */
  validLft: z.int(),
  subnetId: z.int().nullable(),
  clientId: z.string().nullable(),
  hwAddress: z.string().nullable(),
  hwType: z.int(),
  duid: z.string().nullable(),
  iaid: z.int().nullable(),
  /** All that a name change request says of the client: a DHCID in hex, which holds under the event's hostname alone. */
  dhcid: z.string().nullable().optional(),
})
export type LeaseEvent = z.infer<typeof LeaseEvent>
