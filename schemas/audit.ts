import { z } from 'zod'
import { RecordRef, Verb } from './decision.ts'
import { Instant } from './duration.ts'
import { OutcomeKind } from './record.ts'

/** One decision or one outcome, with its cause: a hook point, an API call, a timer, a restart. */
export const AuditEntry = z.object({
  at: Instant,
  what: z.enum(['decision', 'outcome']),
  cause: z.string(),
  verb: z.union([Verb, OutcomeKind]),
  record: RecordRef,
  rule: z.string(),
  reason: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>
