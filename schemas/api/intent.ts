import { z } from 'zod'
import { Decision, Time } from './parts.ts'
import { Fqdn } from './queries.ts'

/** The longest reason that a person may give, in characters. */
const LONGEST_WHY = 1000

const Why = z.string().min(1).max(LONGEST_WHY).describe('Why, for whoever reads it later.')

/** A time in a body: ISO 8601 with its offset. Output: milliseconds since the epoch. */
const At = z.iso
  .datetime({ offset: true, error: 'expected a time in ISO 8601 ("2026-12-24T18:00:00Z")' })
  .transform(text => Date.parse(text))

export const WhyBody = z.strictObject({ why: Why.optional() })
export type WhyBody = z.infer<typeof WhyBody>

export const PinBody = z.strictObject({
  why: Why.optional(),
  until: At.optional().describe('When the pin ends, in the future; it has no end where this is left out.'),
})
export type PinBody = z.infer<typeof PinBody>

const SPELLING = /^(hw|id|duid):((?:[0-9a-f]{2}[:-]?)*[0-9a-f]{2})(?:\/\d+)?$/i
/** Bytes of each identifier at most (RFC 2132 §9.14, RFC 8415 §11.1). */
const MOST_BYTES: Record<string, number> = { hw: 20, id: 255, duid: 130 }

const normal = (text: string): string => {
  const [, kind = '', hex = ''] = SPELLING.exec(text) ?? []
  const bytes = hex.toLowerCase().replace(/[:-]/g, '').match(/../g) ?? []
  return `${kind.toLowerCase()}:${bytes.join(':')}`
}

/** A client as a person names it, in any spelling of its bytes. Output: lower case, with colons, without an IAID. */
export const ClientId = z
  .string()
  .max(800)
  .regex(SPELLING, {
    error: 'expected a client: "hw:" and a hardware address, "id:" and a client-id, or "duid:" and a DUID',
  })
  .transform(normal)
  .refine(client => client.split(':').length - 1 <= MOST_BYTES[client.split(':')[0]!]!, {
    error: 'expected at most 20 bytes of "hw:", 255 of "id:" or 130 of "duid:"',
  })

export const AssignBody = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(254)
    .transform(name => name.toLowerCase().replace(/\.$/, ''))
    .describe('A label, to which the domain of the scope is added, or a full name in a zone of the scope.'),
  scope: z.string().min(1).max(100).optional().describe('The name of a scope; in all where it is left out.'),
  why: Why.optional(),
})
export type AssignBody = z.infer<typeof AssignBody>

export const AliasBody = z.strictObject({
  target: Fqdn.describe('The name to which it leads, in any case, with or without the last dot.'),
  why: Why.optional(),
})
export type AliasBody = z.infer<typeof AliasBody>

export const AssignmentAnswer = z
  .object({
    client: z.string(),
    name: z.string(),
    scope: z.string().nullable().describe('The scope in which it holds; null for all.'),
    by: z.string(),
    at: Time,
    why: z.string().nullable(),
  })
  .describe('The name that a client has, whatever it says itself.')
  .meta({ id: 'Assignment' })
export type AssignmentAnswer = z.infer<typeof AssignmentAnswer>

export const IntentAnswer = z
  .object({
    kind: z.enum(['pin', 'promote', 'assign', 'alias']),
    by: z.string().describe('Who meant it: the name of the token, else `local`.'),
    at: Time,
    why: z.string().nullable(),
    until: Time.nullable().describe('When it ends; null when it has no end.'),
    target: z.string().optional().describe('Where an alias leads.'),
  })
  .describe('What a person meant of the name.')
  .meta({ id: 'Intent' })
export type IntentAnswer = z.infer<typeof IntentAnswer>

export const ForwardedAnswer = z
  .object({
    accepted: z.literal(1),
    decisions: z.array(Decision).max(0).describe('Empty: the Leasehold that leads decides.'),
  })
  .describe(
    'This Leasehold is a standby. What was asked is kept, and the one that leads does it in its turn. What it refuses then is in its log.',
  )
  .meta({ id: 'Forwarded' })
export type ForwardedAnswer = z.infer<typeof ForwardedAnswer>
