import { z } from 'zod'

/** How Kea's D2 would settle a conflict; the older `use-conflict-resolution` says the first (true) or the second (false). */
export const ConflictMode = z.enum([
  'check-with-dhcid',
  'no-check-with-dhcid',
  'check-exists-with-dhcid',
  'no-check-without-dhcid',
])
export type ConflictMode = z.infer<typeof ConflictMode>

/** One name change request, as Kea's DHCP servers send it to D2. */
export const Ncr = z.object({
  change: z.enum(['add', 'remove']),
  forward: z.boolean(),
  reverse: z.boolean(),
  /** Lower case, without the trailing dot. */
  fqdn: z.string(),
  family: z.union([z.literal(4), z.literal(6)]),
  address: z.string(),
  /** Lower case hex; of the client under `fqdn`. */
  dhcid: z.string(),
  /** Seconds: the TTL that D2 would give the records, not the lifetime of the lease. */
  ttl: z.int(),
  /** CLTT of the lease in seconds since the epoch, where the request tells it. */
  cltt: z.int().nullable(),
  conflictMode: ConflictMode,
})
export type Ncr = z.infer<typeof Ncr>
