import { z } from 'zod'
import { Instant } from './time.ts'

/**
 * Who holds a lease. `key` is the identity (client-id, else hardware address; DUID + IAID for v6; else a DHCID, of which
 * `under` is the name that it was made for).
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

/** What a committed event proves: the lease began, or goes on. */
export const Grant = z.object({
  client: Client,
  hostname: z.string(),
  cltt: z.int(),
  validLft: z.int(),
  subnetId: z.int().nullable(),
  /** It was heard more than once: told twice, or granted again within one second. */
  repeated: z.boolean().optional(),
})
export type Grant = z.infer<typeof Grant>

export const EndKind = z.enum(['expired', 'deleted', 'released', 'moved', 'recovered', 'declined'])
export type EndKind = z.infer<typeof EndKind>

/** The end of a lease. `client` is null when Kea no longer says whose it was (a declined lease). `at` is when it was heard. */
export const End = z.object({
  client: Client.nullable(),
  how: EndKind,
  cltt: z.int(),
  at: Instant,
})
export type End = z.infer<typeof End>

/**
 * All that is known of one address: the newest grant and the newest end by CLTT. Each is a list, as CLTT counts whole
 * seconds: two clients can be granted an address within one. The head of lib/plan/lease.ts draws a time line of all this.
 */
export const Lease = z.object({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  scope: z.string(),
  grants: z.array(Grant),
  ends: z.array(End),
  /** CLTTs at which the present holder was seen here under its host name: the oldest since `notBefore`, and the latest few. */
  seenAt: z.array(z.int()),
  /** The newest older CLTT at which another client, another host name or an end was seen here; 0 when none was. */
  notBefore: z.int(),
  /** CLTTs of the latest ends, ascending, also of those that no longer count: a late grant may belong between two. */
  endedAt: z.array(z.int()),
  /** The name that policy gives this lease, or null and the rule by which it has none. */
  name: z.string().nullable(),
  nameRule: z.string(),
})
export type Lease = z.infer<typeof Lease>
