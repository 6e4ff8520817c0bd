import { z } from 'zod'

/**
 * How Kea's D2 would settle a conflict over a name. An older Kea sends the boolean
 * `use-conflict-resolution` instead: true means the first of these, false the second.
 */
export const ConflictMode = z.enum([
  'check-with-dhcid',
  'no-check-with-dhcid',
  'check-exists-with-dhcid',
  'no-check-without-dhcid',
])
export type ConflictMode = z.infer<typeof ConflictMode>

/** One name change request (NCR), as Kea's DHCP servers send it to D2. */
export const Ncr = z.object({
  change: z.enum(['add', 'remove']),
  forward: z.boolean(),
  reverse: z.boolean(),
  /** Lower case, without the trailing dot. */
  fqdn: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  address: z.string(),
  /** The client's DHCID (RFC 4701) under `fqdn`, in lower case hex. */
  dhcid: z.string(),
  /** Seconds. The TTL that D2 would give the records, which is not the lifetime of the lease. */
  ttl: z.int(),
  /** CLTT of the lease in seconds since the epoch; null when the request does not tell it. */
  cltt: z.int().nullable(),
  conflictMode: ConflictMode,
})
export type Ncr = z.infer<typeof Ncr>
