import { z } from 'zod'
import { IntentVerb } from './intent.ts'
import { Instant } from './time.ts'

export const RecordType = z.enum(['A', 'AAAA', 'PTR', 'CNAME'])
export type RecordType = z.infer<typeof RecordType>

export const Phase = z.enum([
  'pending',
  'published',
  'retained',
  'awaiting',
  'removing',
  'removed',
  'conflict',
  'protected',
])
export type Phase = z.infer<typeof Phase>

export const Origin = z.enum(['dynamic', 'reservation', 'manual'])
export type Origin = z.infer<typeof Origin>

/**
 * What an RR looks like in DNS besides its name, type and value: TTL in seconds, and the owner's DHCID in hex (null for PTR
 * and CNAME, and where no marker was written). `kind` is the marker that was written, where it is not the DHCID record.
 */
export const Shape = z.object({ ttl: z.int(), dhcid: z.string().nullable(), kind: z.literal('txt').optional() })
export type Shape = z.infer<typeof Shape>

export const OutcomeKind = z.enum(['applied', 'conflict', 'refused', 'unreachable'])
export type OutcomeKind = z.infer<typeof OutcomeKind>

/** What a record becomes once DNS agrees with what is wanted. */
export const Goal = z.enum(['published', 'retained', 'awaiting', 'removed', 'conflict', 'protected'])
export type Goal = z.infer<typeof Goal>

/**
 * One DNS RR that Leasehold wants or has published. The queue is the set of names whose records differ from DNS.
 *
 * - `endpoint` is the name of the entry in `dns`, and with `zone` the record's place. How it is reached may change.
 * - `scope`, `client` and `address` of a CNAME are those of its target: it is published with that, by the same node.
 * - `wanted` is what DNS should hold, `applied` what it is known to hold, and `sent` what it may hold: an update that
 *   was not answered may have added the RR, or may have taken it away.
 * - `written` is what Leasehold last wrote, or may have written, of this value at this name; null where it never did.
 * - `stopped` says why nothing is tried until the name has been looked at again.
 */
export const OwnedRecord = z.object({
  key: z.string(),
  endpoint: z.string(),
  zone: z.string(),
  name: z.string(),
  type: RecordType,
  value: z.string(),
  scope: z.string(),
  origin: Origin,
  phase: Phase,
  rule: z.string(),
  reason: z.string(),
  client: z.string(),
  address: z.string(),
  wanted: Shape.nullable(),
  applied: Shape.nullable(),
  sent: Shape.nullable(),
  written: Shape.nullable(),
  goal: Goal,
  stopped: z.enum(['conflict', 'protected']).nullable(),
  /** A PTR whose name is not ours to write: it does not wait for the name's own RR. */
  alone: z.boolean().optional(),
  dueAt: Instant.nullable(),
  problem: z.object({ kind: OutcomeKind, detail: z.string(), at: Instant, tries: z.int() }).nullable(),
  updatedAt: Instant,
})
export type OwnedRecord = z.infer<typeof OwnedRecord>

export const Verb = z.enum(['publish', 'keep', 'await', 'remove', 'conflict', 'skip', 'forget'])
export type Verb = z.infer<typeof Verb>

/** Names one RR in a decision; null parts were not known (a lease without a name). */
export const RecordRef = z.object({
  name: z.string().nullable(),
  type: RecordType.nullable(),
  value: z.string().nullable(),
})
export type RecordRef = z.infer<typeof RecordRef>

/** What was decided, under which rule (a stable id), and why, as a sentence for a person. */
export const Decision = z.object({ verb: Verb, record: RecordRef, rule: z.string(), reason: z.string() })
export type Decision = z.infer<typeof Decision>

/**
 * One decision, one outcome, or what a person meant, with its cause: a hook point, an API call, a timer, a restart. `by` is
 * the person, by the name of the token.
 */
export const AuditEntry = z.object({
  at: Instant,
  what: z.enum(['decision', 'outcome', 'intent']),
  cause: z.string(),
  verb: z.union([Verb, OutcomeKind, IntentVerb]),
  record: RecordRef,
  rule: z.string(),
  reason: z.string(),
  by: z.string().optional(),
  /** By which an entry is found, beside its record, where they are known: the key of the client, the lease's address. */
  client: z.string().optional(),
  address: z.string().optional(),
  scope: z.string().optional(),
  /** From this entry on the client holds the address (true), or nobody does (false). */
  holds: z.boolean().optional(),
})
export type AuditEntry = z.infer<typeof AuditEntry>
