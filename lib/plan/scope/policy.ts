/*
 * The policy of a scope: its profile, overridden field by field, and what it says of each record and each end.
 *
 *     profile       expired: A       expired: PTR   released: A    released: PTR
 *     conservative  for good         for good       for good       7 days
 *     balanced      for good         1 day          at once        at once
 *     aggressive    at once          at once        at once        at once
 *
 * The fields stand in layers: Kea's user-context, leasehold.json over it, what was set by the API over both. So a field that
 * a lower layer sets stays, when a higher layer sets only the profile:
 *
 *     layer     profile        ttl   retainOnExpiry
 *     kea       conservative   600
 *     config                         true
 *     api       aggressive
 *     policy    aggressive     600   true, the rest as aggressive has it
 *     from      api            kea   config
 */
import type { EndKind } from '../../../schemas/model/lease.ts'
import {
  type Policy,
  PolicyFields,
  type PolicyOrigin,
  type PolicyPatch,
  type Profile,
} from '../../../schemas/model/policy.ts'
import { ENDLESS } from '../../../schemas/model/time.ts'
import type { Family } from '../../address.ts'

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

/** What programs say that have no host name. */
const PLACEHOLDERS = ['none', 'null', 'nil', 'unknown', 'undefined', 'noname', 'no-name', 'hostname', 'localdomain']

/** Labels that no DHCP client may take. A trailing star stands for any ending. */
export const DENIED = ['wpad', 'isatap', 'localhost', '_*', ...PLACEHOLDERS]

/** The fields that are the same in each profile. */
const DEFAULTS: Omit<Policy, keyof ProfileFields | 'profile' | 'addresses'> = {
  ttl: 300,
  hostnameSource: ['fqdn', 'hostname'],
  conflictPolicy: 'replace-owned',
  ptrConflict: 'keep',
  forward: true,
  deny: [],
  allow: [],
  overdueAfter: 'lease-time',
  infrastructureAfter: 30 * DAY,
  publishReservations: false,
}

/** A machine has one IPv4 address at a time, but often several IPv6 addresses that are all meant. */
const ADDRESSES = { 4: 'one', 6: 'all' } as const satisfies Record<Family, Policy['addresses']>

const FIELDS = Object.keys(PolicyFields.shape) as (keyof Policy)[]

/** What each layer says of a scope. The later of these overrides the earlier, field by field. */
export interface PolicyLayers {
  kea?: PolicyFields
  config?: PolicyFields
  api?: PolicyFields
}
const LAYERS = ['kea', 'config', 'api'] as const satisfies (keyof PolicyLayers)[]

/** The policy fields that are set among those of a scope. */
export const fieldsIn = (scope: PolicyFields): PolicyFields =>
  Object.fromEntries(FIELDS.flatMap(field => (scope[field] === undefined ? [] : [[field, scope[field]]])))

/** The fields that the layers set together. */
export const mergedFields = (layers: PolicyLayers): PolicyFields =>
  Object.assign({}, ...LAYERS.map(layer => fieldsIn(layers[layer] ?? {})))

/** Where each field of the effective policy comes from. */
export const originsOf = (layers: PolicyLayers): Record<keyof Policy, PolicyOrigin> => {
  const originOf = (field: keyof Policy): PolicyOrigin =>
    LAYERS.findLast(layer => layers[layer]?.[field] !== undefined) ??
    (field in PROFILES.balanced ? 'profile' : 'default')
  return Object.fromEntries(FIELDS.map(field => [field, originOf(field)])) as Record<keyof Policy, PolicyOrigin>
}

/** Fields with a change made to them: null takes a field out. */
export const patched = (fields: PolicyFields, patch: PolicyPatch): PolicyFields => {
  const merged: PolicyPatch = { ...fields, ...patch }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined))
}

const lower = (labels: string[]): string[] => labels.map(label => label.toLowerCase())

/** The whole policy of a scope: each field as the scope says, else as its profile says, else the default of its family. */
export const policyOf = (fields: PolicyFields, family: Family = 4): Policy => {
  const profile = fields.profile ?? 'balanced'
  const base: Policy = { profile, ...PROFILES[profile], ...DEFAULTS, addresses: ADDRESSES[family] }
  const policy = Object.fromEntries(FIELDS.map(field => [field, fields[field] ?? base[field]])) as unknown as Policy
  return { ...policy, deny: [...DENIED, ...lower(policy.deny)], allow: lower(policy.allow) }
}

/**
 * The policy of a reserved lease: it is infrastructure, so its records stay when it expires, and when it is released. In an
 * aggressive scope a release takes them away, as for any lease.
 */
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

/** The TTL in seconds of a record whose lease lasts `validLft` seconds: as given, or a percentage within its bounds. */
export const ttlOf = (policy: Policy, validLft: number): number => {
  if (typeof policy.ttl === 'number') return policy.ttl
  const { percent, min, max } = policy.ttl
  return Math.max(1, Math.min(max, Math.max(min, Math.round((validLft * percent) / 100))))
}

/**
 * When (ms) a lease that nobody renewed, and of whose end nobody told, counts as expired: one lease time after its own
 * time is over, or what the scope says. Infinity for a lease without an end.
 */
export const overdueAt = ({ cltt, validLft }: { cltt: number; validLft: number }, { overdueAfter }: Policy): number =>
  validLft === ENDLESS ? Infinity : (cltt + validLft + (overdueAfter === 'lease-time' ? validLft : overdueAfter)) * 1000

/** How long (ms) Kea may take to reclaim a lease that is over, before we take it that Kea does not. */
export const RECLAIM_MS = 60_000

/** A and AAAA are `forward`. Policy can keep a PTR for another time than the name that it points at. */
export type Kind = 'forward' | 'ptr'

/** What becomes of a record once its lease has ended: kept for good, kept for `grace` seconds, or removed at once. */
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

/**
 * The retention of a record by how its lease ended. Deleted counts as released, as somebody meant it. A client that moved
 * has its name elsewhere, and a declined address is another machine's: both go at once. So does what no scope keeps.
 */
export const RETENTION: Record<EndKind, (policy: Policy, kind: Kind) => RetentionRule> = {
  expired: afterExpiry,
  released: afterRelease,
  deleted: afterRelease,
  moved: atOnce,
  declined: atOnce,
  recovered: atOnce,
  abandoned: atOnce,
}
