import { z } from 'zod'
import { Instant } from './duration.ts'

/** Who holds a lease. `key` is the identity (client-id, else hardware address; DUID + IAID for v6). */
export const Client = z.object({
  key: z.string(),
  clientId: z.string().nullable(),
  hwAddress: z.string().nullable(),
  hwType: z.int(),
  duid: z.string().nullable(),
  iaid: z.int().nullable(),
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
})
export type Beginning = z.infer<typeof Beginning>

export const EndKind = z.enum(['expired', 'deleted', 'released', 'moved', 'recovered', 'declined'])
export type EndKind = z.infer<typeof EndKind>

/** A lease ended. `client` is null where Kea no longer says whose it was (a declined lease). `at` is when we heard. */
export const Ending = z.object({
  client: z.string().nullable(),
  how: EndKind,
  cltt: z.int(),
  validLft: z.int(),
  at: Instant,
  cause: z.string(),
})
export type Ending = z.infer<typeof Ending>

/** All that is known of one address: two registers, each the newest of its kind by CLTT. */
export const Lease = z.object({
  address: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  scope: z.string(),
  begun: Beginning.nullable(),
  ended: Ending.nullable(),
  /** Oldest CLTT at which the present holder was seen under the present hostname. */
  firstCltt: z.int(),
  /** Newest CLTT at which somebody else, or another hostname, was seen here before `begun`; 0 = never. */
  otherCltt: z.int(),
  /** The name that policy gives this lease, or null with the rule that denied one. */
  name: z.string().nullable(),
  nameRule: z.string(),
})
export type Lease = z.infer<typeof Lease>
