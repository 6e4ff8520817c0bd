import { z } from 'zod'
import { Instant } from './time.ts'

/** What can be found to be not as it should be. `server/findings/kinds.ts` says of each how grave it is. */
export const FindingKind = z.enum([
  'two-writers',
  'zone-refused',
  'zone-missing',
  'server-unreachable',
  'backend-gone',
  'kea-unreachable',
  'kea-command-missing',
  'source-unauthorised',
  'source-malformed',
  'source-silent',
  'lease-file-unreadable',
  'clock-skew',
  'store-space',
  'store-failed',
  'hold',
  'lease-overdue',
  'bad-suffix',
  'scope-gone',
  'should-be-reserved',
  'address-leased',
  'two-names',
  'churn',
  'pinned-address-lost',
  'webhook-failing',
  'paused',
])
export type FindingKind = z.infer<typeof FindingKind>

export const Severity = z.enum(['info', 'warning', 'error'])
export type Severity = z.infer<typeof Severity>

/**
 * Something that is not as it should be. `id` is the same while its cause lasts, over a restart too: it is made of the kind
 * and of what is at fault. `remedy` says what to do, with what can be copied.
 */
export const Finding = z.object({
  id: z.string(),
  kind: FindingKind,
  severity: Severity,
  subject: z.string(),
  reason: z.string(),
  remedy: z.string(),
  since: Instant,
})
export type Finding = z.infer<typeof Finding>
