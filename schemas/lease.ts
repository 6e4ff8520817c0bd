import { z } from 'zod'
import { Instant } from './duration.ts'

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
export const Beginning = z.object({
  client: Client,
  hostname: z.string(),
  cltt: z.int(),
  validLft: z.int(),
  subnetId: z.int().nullable(),
  cause: z.string(),
  /** It was heard more than once: told twice, or granted anew within the second. */
  again: z.boolean().optional(),
})
export type Beginning = z.infer<typeof Beginning>

export const EndKind = z.enum(['expired', 'deleted', 'released', 'moved', 'recovered', 'declined'])
export type EndKind = z.infer<typeof EndKind>

/** A lease ended. `client` is null where Kea no longer says whose it was (a declined lease). `at` is when we heard. */
export const Ending = z.object({
  client: Client.nullable(),
  how: EndKind,
  cltt: z.int(),
  at: Instant,
  cause: z.string(),
})
export type Ending = z.infer<typeof Ending>

/**
 * All that is known of one address, as two registers: the newest beginnings and the newest endings by CLTT. Each holds
 * a list because CLTT has whole seconds: two clients can begin within one.
 */
export const Lease = z.object({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  scope: z.string(),
  begun: z.array(Beginning),
  ended: z.array(Ending),
  /** CLTTs at which the present holder was seen here under its hostname since `before`: the oldest, and the latest few. */
  held: z.array(z.int()),
  /** Newest CLTT, older than those, at which somebody else or another hostname was seen here, or an end; 0 = never. */
  before: z.int(),
  /** CLTTs of the latest endings, ascending, whether or not they still count: a late beginning may belong between two. */
  ends: z.array(z.int()),
  /** The name that policy gives this lease, or null and the rule by which it has none. */
  name: z.string().nullable(),
  nameRule: z.string(),
})
export type Lease = z.infer<typeof Lease>
