import { z } from 'zod'
import { Duration } from './time.ts'

export const Profile = z.enum(['conservative', 'balanced', 'aggressive'])
export type Profile = z.infer<typeof Profile>

export const ConflictPolicy = z.enum(['replace-owned', 'skip-existing', 'strict-fail'])
export type ConflictPolicy = z.infer<typeof ConflictPolicy>

/** Which of one client's living addresses its name has: the newest, or all of them. */
export const Addresses = z.enum(['one', 'all'])
export type Addresses = z.infer<typeof Addresses>

/** What becomes of a PTR of somebody else, without a DHCID, at an address that is leased. */
export const PtrConflict = z.enum(['keep', 'replace'])
export type PtrConflict = z.infer<typeof PtrConflict>

export const HostnameSource = z.enum(['fqdn', 'hostname', 'client-id', 'hw-address'])
export type HostnameSource = z.infer<typeof HostnameSource>

/**
 * How long a record stays after its lease has ended: one span for expiry and release, or one for each. Output: seconds.
 */
export const Grace = z.union(
  [Duration.transform(s => ({ expiry: s, release: s })), z.strictObject({ expiry: Duration, release: Duration })],
  { error: 'expected a duration of at most 3650d ("24h"), or {"expiry": "24h", "release": 0}' },
)
export type Grace = z.infer<typeof Grace>

/** A TTL in seconds, or a percentage of the lease's lifetime between `min` and `max` (seconds). */
export const Ttl = z.union(
  [
    Duration.pipe(z.int().min(1).max(2_147_483_647)),
    z.strictObject({
      percent: z.number().gt(0).max(100),
      min: Duration.default(60),
      max: Duration.default(86_400),
    }),
  ],
  { error: 'expected a duration from 1 second to 3650d, or {"percent": 33, "min": 60, "max": 3600}' },
)
export type Ttl = z.infer<typeof Ttl>

/**
 * How long after its time a lease that nobody renewed counts as expired, where no Kea can be asked: seconds, or as long
 * as the lease itself.
 */
export const OverdueAfter = z.union([Duration, z.literal('lease-time')], {
  error: 'expected a duration ("24h"), or "lease-time"',
})
export type OverdueAfter = z.infer<typeof OverdueAfter>

/**
 * The policy fields: what a person may say about the names of one scope. Each field overrides the profile's. This is
 * the one list of them: leasehold.json, Kea's user-context, the whole policy and the API's answer all follow from it.
 */
export const PolicyFields = z.strictObject({
  profile: Profile.optional(),
  retainOnExpiry: z.boolean().optional(),
  retainOnRelease: z.boolean().optional(),
  retainPtrOnExpiry: z.boolean().optional(),
  retainPtrOnRelease: z.boolean().optional(),
  grace: Grace.optional(),
  ttl: Ttl.optional(),
  hostnameSource: z.array(HostnameSource).min(1).optional(),
  conflictPolicy: ConflictPolicy.optional(),
  addresses: Addresses.optional(),
  ptrConflict: PtrConflict.optional(),
  /** False: PTRs only. The names at which they point are somebody else's to write. */
  forward: z.boolean().optional(),
  deny: z.array(z.string().min(1).max(63)).optional(),
  allow: z.array(z.string().min(1).max(63)).optional(),
  overdueAfter: OverdueAfter.optional(),
  publishReservations: z.boolean().optional(),
  /** Seconds for which a name must be held without a break to be kept as infrastructure is; 0 for never. */
  infrastructureAfter: Duration.optional(),
})
export type PolicyFields = z.infer<typeof PolicyFields>

/** A policy with every field decided. `policyOf` (lib/plan/scope/policy.ts) makes it. */
export type Policy = Required<PolicyFields>

/** Who said a field of an effective policy. `profile`: it follows from the profile, whoever chose that. */
export const PolicyOrigin = z.enum(['default', 'profile', 'kea', 'config', 'api'])
export type PolicyOrigin = z.infer<typeof PolicyOrigin>

const { shape } = PolicyFields

/** A change of policy fields: null takes back what was said before, and a field that is left out stays as it is. */
export const PolicyPatch = z.strictObject(
  Object.fromEntries(Object.entries(shape).map(([field, one]) => [field, one.nullable()])) as {
    [F in keyof typeof shape]: z.ZodNullable<(typeof shape)[F]>
  },
)
export type PolicyPatch = z.infer<typeof PolicyPatch>
