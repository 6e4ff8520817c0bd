import { z } from 'zod'

/** Kea's two DHCP servers, under the names that its commands give them: dhcp4 leases IPv4, dhcp6 leases IPv6. */
export const Service = z.enum(['dhcp4', 'dhcp6'])
export type Service = z.infer<typeof Service>

/**
 * What a lease event proves. `renewed` is only a hint and publishes nothing by itself: Kea 2.2 reports a renewal for a
 * mere DHCPDISCOVER. The `committed` event that follows is the proof. `abandoned` is Leasehold's own: the scope of the
 * lease is gone.
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
  'abandoned',
])
export type EventKind = z.infer<typeof EventKind>

export const EventSource = z.enum(['hook', 'events', 'control', 'ncr', 'lease-file'])
export type EventSource = z.infer<typeof EventSource>

export const LeaseType = z.enum(['V4', 'IA_NA', 'IA_PD'])
export type LeaseType = z.infer<typeof LeaseType>

/**
 * One thing that happened to one lease, in one form for v4 and v6 and for every source.
 * Identifiers in hex are lower case with colons. An address is in its canonical text form (RFC 5952 for v6).
 */
export const LeaseEvent = z.object({
  source: EventSource,
  /** The hook point, command or file that reported it. It stands in the audit log. */
  cause: z.string(),
  kind: EventKind,
  family: z.union([z.literal(4), z.literal(6)]),
  type: LeaseType,
  address: z.string(),
  /** As Kea stored it. It may be empty, or end with a dot when it is fully qualified. */
  hostname: z.string(),
  /** Client last transmission time (CLTT), seconds since the epoch. It orders the events of one address. */
  cltt: z.int(),
  /** Seconds; 4294967295 never ends. */
  validLft: z.int(),
  subnetId: z.int().nullable(),
  clientId: z.string().nullable(),
  hwAddress: z.string().nullable(),
  hwType: z.int(),
  duid: z.string().nullable(),
  iaid: z.int().nullable(),
  /** The client made the address itself and registered it (RFC 9686). */
  registered: z.literal(true).optional(),
  /** In hex. All that a name change request says of the client; it is valid only under the event's hostname. */
  dhcid: z.string().nullable().optional(),
  /** The Kea that told it, by its name in the configuration, where that is known. */
  from: z.string().optional(),
  /** Of what is read in a listing or a file: when (ms) that was begun. It is told later, and may be over by then. */
  asOf: z.int().optional(),
  /** The request had no time, so `cltt` is that of our clock. */
  madeUp: z.boolean().optional(),
  /** An end that nobody told: the lease is absent from a complete answer. */
  inferred: z.boolean().optional(),
  /** An end of which it is known that it happened, but not how. */
  guessed: z.boolean().optional(),
  /** An end of a lease whose time has been over for long. */
  overdue: z.boolean().optional(),
  /** Whether Kea is to write the client's A or AAAA, and its PTR. Left out by feeds that do not tell: both then. */
  ddns: z.object({ forward: z.boolean(), reverse: z.boolean() }).optional(),
})
export type LeaseEvent = z.infer<typeof LeaseEvent>
