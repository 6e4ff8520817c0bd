import { z } from 'zod'
import { AuditEntry } from '../model/record.ts'
import { HistoryEntry } from './answers.ts'
import { Fqdn, ListQuery } from './queries.ts'

/** A moment as a person writes it: ISO 8601 with its offset, or a day (its beginning in UTC). Output: milliseconds. */
const Moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'expected a time in ISO 8601, like "2026-11-21T09:00:00Z" (in a URL the + of an offset is %2B)',
  })
  .transform(text => Date.parse(text))
  .refine(at => at >= 0, { error: 'expected a time after 1970' })

export const AuditQuery = z.strictObject({
  name: Fqdn.optional().describe('A DNS name, the whole of it: an entry of a PTR is found by either of its names.'),
  address: ListQuery.shape.address,
  client: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('A client as answers name it, or a MAC alone in any spelling.'),
  scope: z.string().min(1).max(100).optional().describe('The name of a scope.'),
  rule: z.string().min(1).max(100).optional().describe('The id of a rule.'),
  verb: AuditEntry.shape.verb.optional(),
  since: Moment.optional().describe('Only entries from this time on.'),
  until: Moment.optional().describe('Only entries up to this time.'),
  at: Moment.optional().describe(
    'With `address`: the one entry by which the address was held at this time, if it was.',
  ),
  limit: ListQuery.shape.limit,
  cursor: z
    .string()
    .regex(/^\d{1,16}$/, { error: 'expected "next" of a page of the audit log' })
    .transform(Number)
    .refine(Number.isSafeInteger, { error: 'expected "next" of a page of the audit log' })
    .optional()
    .describe('`next` of the page before.'),
})
export type AuditQuery = z.infer<typeof AuditQuery>

export const AuditAnswer = z
  .object({
    items: z.array(HistoryEntry).describe('Newest first.'),
    next: z.string().nullable().describe('`cursor` of the next page, which may be empty; null on the last one.'),
  })
  .describe('One page of the audit log.')
  .meta({ id: 'AuditPage' })
