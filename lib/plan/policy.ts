import type { EndKind } from '../../schemas/model/lease.ts'
import { type Policy, PolicyFields, type Profile } from '../../schemas/model/policy.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** The fields that a profile decides. */
type ProfileFields = Pick<
  Policy,
  'retainOnExpiry' | 'retainOnRelease' | 'retainPtrOnExpiry' | 'retainPtrOnRelease' | 'grace'
>

export const PROFILES: Record<Profile, ProfileFields> = {
  conservative: {
    retainOnExpiry: true,
    retainOnRelease: true,
    retainPtrOnExpiry: true,
    retainPtrOnRelease: false,
    grace: { expiry: 7 * DAY, release: 7 * DAY },
  },
  balanced: {
    retainOnExpiry: true,
    retainOnRelease: false,
    retainPtrOnExpiry: false,
    retainPtrOnRelease: false,
    grace: { expiry: DAY, release: 0 },
  },
  aggressive: {
    retainOnExpiry: false,
    retainOnRelease: false,
    retainPtrOnExpiry: false,
    retainPtrOnRelease: false,
    grace: { expiry: 0, release: 0 },
  },
}

/** Labels that a DHCP client must not be able to take; a trailing star stands for any ending. */
export const DENIED = ['wpad', 'isatap', 'localhost', '_*']

/** The fields that are the same in each profile. */
const DEFAULTS: Omit<Policy, keyof ProfileFields | 'profile'> = {
  ttl: 300,
  hostnameSource: ['fqdn', 'hostname'],
  conflictPolicy: 'replace-owned',
  deny: [],
  allow: [],
}

const FIELDS = Object.keys(PolicyFields.shape) as (keyof Policy)[]

const lower = (labels: string[]): string[] => labels.map(label => label.toLowerCase())

/** The whole policy of a scope: each field as the scope says, else as its profile says, else the default. */
export const policyOf = (fields: PolicyFields): Policy => {
  const profile = fields.profile ?? 'balanced'
  const base: Policy = { profile, ...PROFILES[profile], ...DEFAULTS }
  const policy = Object.fromEntries(FIELDS.map(field => [field, fields[field] ?? base[field]])) as unknown as Policy
  return { ...policy, deny: [...DENIED, ...lower(policy.deny)], allow: lower(policy.allow) }
}

/** Infrastructure: kept whatever happens to its lease, but for an aggressive scope, where it goes when it is given back. */
export const reservedPolicy = (policy: Policy): Policy => {
  const onRelease = policy.profile !== 'aggressive'
  return {
    ...policy,
    retainOnExpiry: true,
    retainPtrOnExpiry: true,
    retainOnRelease: onRelease,
    retainPtrOnRelease: onRelease,
    ttl: DAY,
  }
}

/** TTL in seconds of a record whose lease lasts `validLft` seconds (0xffffffff = for ever). */
export const ttlOf = (policy: Policy, validLft: number): number => {
  if (typeof policy.ttl === 'number') return policy.ttl
  const { percent, min, max } = policy.ttl
  return Math.max(1, Math.min(max, Math.max(min, Math.round((validLft * percent) / 100))))
}

export type Kind = 'forward' | 'ptr'

/** What becomes of a record when its lease has ended: kept for good, kept until `grace` seconds have passed, or gone. */
export type RetentionRule = { keep: 'for-good' } | { keep: 'for'; grace: number } | { keep: 'no' }

const afterExpiry = (policy: Policy, kind: Kind): RetentionRule =>
  (kind === 'ptr' ? policy.retainPtrOnExpiry : policy.retainOnExpiry)
    ? { keep: 'for-good' }
    : { keep: 'for', grace: policy.grace.expiry }

const afterRelease = (policy: Policy, kind: Kind): RetentionRule =>
  (kind === 'ptr' ? policy.retainPtrOnRelease : policy.retainOnRelease)
    ? { keep: 'for-good' }
    : { keep: 'for', grace: policy.grace.release }

const atOnce = (): RetentionRule => ({ keep: 'no' })

/** How a lease ended decides what is asked; a declined or abandoned address is not a matter of retention. */
export const RETENTION: Record<EndKind, (policy: Policy, kind: Kind) => RetentionRule> = {
  expired: afterExpiry,
  released: afterRelease,
  deleted: afterRelease,
  moved: atOnce,
  declined: atOnce,
  recovered: atOnce,
}
