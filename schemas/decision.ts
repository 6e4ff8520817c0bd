import { z } from 'zod'

export const Verb = z.enum(['publish', 'keep', 'await', 'remove', 'conflict', 'skip', 'forget'])
export type Verb = z.infer<typeof Verb>

/** Names one RR in a decision; null parts were not known (a lease without a name). */
export const RecordRef = z.object({
  name: z.string().nullable(),
  type: z.enum(['A', 'AAAA', 'PTR']).nullable(),
  value: z.string().nullable(),
})
export type RecordRef = z.infer<typeof RecordRef>

/** What was decided, under which rule (a stable id), and why, as a sentence for a person. */
export const Decision = z.object({ verb: Verb, record: RecordRef, rule: z.string(), reason: z.string() })
export type Decision = z.infer<typeof Decision>
