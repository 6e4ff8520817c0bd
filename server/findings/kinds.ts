import type { FindingKind, Severity } from '../../schemas/model/finding.ts'

/** How grave each kind is. `error`: names are missing or wrong. `warning`: they may become so. `info`: a person did it. */
export const SEVERITY: Record<FindingKind, Severity> = {
  'two-writers': 'warning',
  'zone-refused': 'error',
  'zone-missing': 'error',
  'server-unreachable': 'error',
  'backend-gone': 'error',
  'kea-unreachable': 'error',
  'kea-command-missing': 'error',
  'source-unauthorised': 'error',
  'source-malformed': 'warning',
  'source-silent': 'warning',
  'lease-file-unreadable': 'error',
  'clock-skew': 'error',
  'store-space': 'warning',
  'store-failed': 'error',
  hold: 'warning',
  'lease-overdue': 'warning',
  'bad-suffix': 'warning',
  'scope-gone': 'warning',
  'should-be-reserved': 'warning',
  'address-leased': 'error',
  'two-names': 'info',
  churn: 'warning',
  'pinned-address-lost': 'warning',
  'webhook-failing': 'warning',
  paused: 'info',
}

/** What a source of findings sees now. `since` is when its cause began, where the source knows that. */
export interface Found {
  kind: FindingKind
  /** What is at fault. With the kind it makes the id, unless `at` says it more stably. */
  subject: string
  at?: string
  reason: string
  remedy: string
  since?: number | null
}

/** Looks at one part of the program, and gives all that is wrong there now. It is cheap, and changes nothing. */
export type FindingSource = () => Found[]
