import { z } from 'zod'
import { Instant } from './time.ts'

/**
 * The client that holds a lease. `key` is its identity: the client-id, else the hardware address (v4), or DUID and IAID
 * (v6). A client that only a name change request told of is known by its DHCID, which is valid `under` one name.
 */
export const Client = z.object({
  key: z.string(),
  clientId: z.string().nullable(),
  hwAddress: z.string().nullable(),
  hwType: z.int(),
  duid: z.string().nullable(),
  iaid: z.int().nullable(),
  dhcid: z.object({ value: z.string(), under: z.string() }).optional(),
})
export type Client = z.infer<typeof Client>

/** A lease began or was renewed: what a `committed` event proves. `cltt` is in seconds since the epoch. */
export const Grant = z.object({
  client: Client,
  hostname: z.string(),
  cltt: z.int(),
  validLft: z.int(),
  subnetId: z.int().nullable(),
  /** The client made the address itself and registered it (RFC 9686). */
  registered: z.literal(true).optional(),
  /** Whether Kea is to write the client's A or AAAA, and its PTR, by the event of that CLTT; left out when none told. */
  ddns: z.object({ forward: z.boolean(), reverse: z.boolean(), cltt: z.int() }).optional(),
  /** It was heard more than once: told twice, or granted again within one second. */
  repeated: z.boolean().optional(),
  /** When it was heard. Absent in what was built elsewhere: it then counts as heard before everything. */
  at: Instant.optional(),
  /** Its CLTT was more than five minutes ahead of our clock when it was heard. */
  ahead: z.boolean().optional(),
  /** The request had no time, so `cltt` is that of our clock. */
  madeUp: z.boolean().optional(),
  /** For a time that was made up: the order (lib/plan/lease/told-time.ts) of the newest end that was known by then. */
  overEnd: z.int().optional(),
  /** A renewal of a v6 client had no host name, so it keeps the one that was told at this order. */
  namedAt: z.int().optional(),
})
export type Grant = z.infer<typeof Grant>

export const EndKind = z.enum(['expired', 'deleted', 'released', 'moved', 'recovered', 'declined', 'abandoned'])
export type EndKind = z.infer<typeof EndKind>

/**
 * A lease ended. `client` is null when Kea no longer says whose it was (a declined lease). `at` is when it was
 * reported.
 */
export const End = z.object({
  client: Client.nullable(),
  how: EndKind,
  cltt: z.int(),
  at: Instant,
  /** As in a grant. */
  ahead: z.boolean().optional(),
  madeUp: z.boolean().optional(),
  /** Nobody told of it: the lease was absent from a complete answer. It yields to any later word that it is there. */
  inferred: z.boolean().optional(),
  /** That it ended is known, but not how. It yields to an end of that lease that says how. */
  guessed: z.boolean().optional(),
  /** Its time was over for so long that it counts as expired, though Kea may list it still. */
  overdue: z.boolean().optional(),
})
export type End = z.infer<typeof End>

/**
 * All that is known of one address: the newest grant and the newest end by CLTT. Each is a list, as CLTT counts whole
 * seconds: two clients can be granted an address within one. The head of lib/plan/lease/lease.ts draws a time line of all this.
 */
export const Lease = z.object({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  scope: z.string(),
  grants: z.array(Grant),
  ends: z.array(End),
  /** Who told of the present holder, as lib/plan/lease/testimony.ts writes it. */
  toldBy: z.array(z.string()).optional(),
  /**
   * When the current holder had this address under its hostname after `notBefore`: the oldest, the newest, and some
   * between. These three fields hold orders (lib/plan/lease/told-time.ts): a CLTT, or a negative number for a doubtful one.
   */
  seenAt: z.array(z.int()),
  /**
   * The newest CLTT before those at which another client or hostname was here, or the lease had ended; 0 when never.
   */
  notBefore: z.int(),
  /**
   * CLTTs of the latest ends, ascending, even of ends that a grant has replaced. A late grant may belong between two.
   */
  endedAt: z.array(z.int()),
  /** A person let go what stayed after the end with this order (lib/plan/lease/told-time.ts). */
  letGo: z.int().optional(),
  /** The name that policy gives this lease, or null; `nameRule` is the rule that decided. */
  name: z.string().nullable(),
  nameRule: z.string(),
})
export type Lease = z.infer<typeof Lease>
