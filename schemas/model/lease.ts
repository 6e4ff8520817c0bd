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

/** A lease began or was confirmed: what a committed event proves. */
export const Grant = z.object({
  client: Client,
  hostname: z.string(),
  cltt: z.int(),
  validLft: z.int(),
  subnetId: z.int().nullable(),
  cause: z.string(),
  /** It was heard more than once: told twice, or granted anew within the second. */
  repeated: z.boolean().optional(),
})
export type Grant = z.infer<typeof Grant>

export const EndKind = z.enum(['expired', 'deleted', 'released', 'moved', 'recovered', 'declined'])
export type EndKind = z.infer<typeof EndKind>

/** A lease ended. `client` is null where Kea no longer says whose it was (a declined lease). `at` is when we heard. */
export const End = z.object({
  client: Client.nullable(),
  how: EndKind,
  cltt: z.int(),
  at: Instant,
  cause: z.string(),
})
export type End = z.infer<typeof End>

/**
 * All that is known of one address, as two registers: the newest beginnings and the newest endings by CLTT. Each holds
 * a list because CLTT has whole seconds: two clients can begin within one.
 */
export const Lease = z.object({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  scope: z.string(),
  grants: z.array(Grant),
  ends: z.array(End),
  /** CLTTs at which the present holder was seen here under its hostname since `notBefore`: the oldest, and the latest few. */
  seenAt: z.array(z.int()),
  /** Newest CLTT, older than those, at which somebody else or another hostname was seen here, or an end; 0 = never. */
  notBefore: z.int(),
  /** CLTTs of the latest endings, ascending, whether or not they still count: a late beginning may belong between two. */
  endedAt: z.array(z.int()),
  /** The name that policy gives this lease, or null and the rule by which it has none. */
  name: z.string().nullable(),
  nameRule: z.string(),
})
export type Lease = z.infer<typeof Lease>
