import type { Change, Outcome } from '../../lib/dns/rr.ts'

/**
 * A place where names are published. `apply` settles every change exactly once, in any order and as early as it is
 * known, and resolves when all are settled; it never rejects: what goes wrong is an Outcome. The queue calls it with
 * changes of one zone and distinct names, and not again for that zone before it has resolved.
 */
export interface Backend {
  readonly name: string
  /** Says which server this is without saying any secret; part of a record's key, so that a delete never goes to another server. */
  readonly endpoint: string
  apply(zone: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void): Promise<void>
  close(): Promise<void>
}
