/*
 * What people meant, as it is kept: one intent each, by its kind and its subject.
 *
 *     pin web.lab.example            nothing under the name goes when its lease ends
 *     promote db.lab.example         the name is infrastructure, and its clients' alone
 *     assign hw:02:..:01             that client's leases have this name
 *     alias www.lab.example          a CNAME of ours, while its target is published
 *     policy office                  fields of a scope's policy, over those of the configuration
 *
 * A second intent of one kind on one subject replaces the first. One that is taken back is gone: the audit remembers it.
 */
import { z } from 'zod'
import { PolicyFields } from './policy.ts'
import { Instant } from './time.ts'

/** Who meant it (the name of the token, else `local`), when, and why, where a reason was given. */
const Meant = { by: z.string(), at: Instant, why: z.string().nullable() }

/** `restored`: the name had gone and was brought back, and stays as if pinned. `until` ends a pin. */
export const Pin = z.object({
  kind: z.literal('pin'),
  name: z.string(),
  ...Meant,
  until: Instant.nullable(),
  restored: z.literal(true).optional(),
  /** Addresses that the name had lost by then, each as `address client`: whoever pinned it knew that. */
  lost: z.array(z.string()).optional(),
})
export type Pin = z.infer<typeof Pin>

/** `clients` are the keys of those who held the name when it was promoted: it is theirs in both families. */
export const Promotion = z.object({
  kind: z.literal('promote'),
  name: z.string(),
  ...Meant,
  clients: z.array(z.string()),
})
export type Promotion = z.infer<typeof Promotion>

/** `client` is `hw:…`, `id:…` or `duid:…`; `name` a label or a full name; without a scope it holds in all. */
export const Assignment = z.object({
  kind: z.literal('assign'),
  client: z.string(),
  ...Meant,
  name: z.string(),
  scope: z.string().nullable(),
})
export type Assignment = z.infer<typeof Assignment>

export const Alias = z.object({ kind: z.literal('alias'), name: z.string(), ...Meant, target: z.string() })
export type Alias = z.infer<typeof Alias>

/** Fields as they were asked for; a field that was reset to null is left out. */
export const PolicyIntent = z.object({
  kind: z.literal('policy'),
  scope: z.string(),
  ...Meant,
  fields: PolicyFields,
})
export type PolicyIntent = z.infer<typeof PolicyIntent>

export const Intent = z.discriminatedUnion('kind', [Pin, Promotion, Assignment, Alias, PolicyIntent])
export type Intent = z.infer<typeof Intent>
export const IntentKind = z.enum(['pin', 'promote', 'assign', 'alias', 'policy'])
export type IntentKind = Intent['kind']

/** What a person did, as the audit says it. */
export const IntentVerb = z.enum([
  'pin',
  'unpin',
  'promote',
  'demote',
  'assign',
  'unassign',
  'alias',
  'unalias',
  'release',
  'give-back',
  'restore',
  'set-policy',
  'approve',
  'reject',
  'pause',
  'resume',
])
export type IntentVerb = z.infer<typeof IntentVerb>

/** What a person can do with a name that is known. */
export const NameAction = IntentVerb.extract(['pin', 'unpin', 'promote', 'demote', 'release', 'give-back', 'restore'])
export type NameAction = z.infer<typeof NameAction>

/** The key of what was meant of a scope's policy. */
export const policyKey = (scope: string): string => `policy ${scope}`

/** The key of an intent: its kind and its subject. */
export const intentKey = (intent: Intent): string => {
  if (intent.kind === 'assign') return `assign ${intent.client}`
  return intent.kind === 'policy' ? policyKey(intent.scope) : `${intent.kind} ${intent.name}`
}
