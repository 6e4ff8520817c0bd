/*
 * What the store remembers, and for how long.
 *
 * The store keeps versions and knows nothing of what they mean; these functions tell it. What is forgotten can never
 * again be told from a stranger's, so only what can do no harm goes: records that are removed, leases that ended and
 * own nothing, holds that were decided and whose ends are those of leases that have gone on since.
 */

import type { Lease } from '../../schemas/model/lease.ts'
import type { Hold } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { StateView } from '../plan/plan.ts'
import { isCurrent } from './ends.ts'

export interface Memory {
  /** `before` is in milliseconds: what changed later stays. */
  mayForgetRecord(record: OwnedRecord, before: number): boolean
  mayForgetLease(lease: Lease, before: number, known: Pick<StateView, 'recordsOf'>): boolean
  mayForgetHold(hold: Hold, before: number, known: Pick<StateView, 'lease'>): boolean
}

/** That a person took a name over is never forgotten: our marker may still be there, and invite to adopt it. */
const mayForgetRecord = (record: OwnedRecord, before: number): boolean =>
  record.phase === 'removed' && record.origin !== 'manual' && record.updatedAt < before

const mayForgetLease = (lease: Lease, before: number, known: Pick<StateView, 'recordsOf'>): boolean => {
  const ended = lease.ends.at(-1)
  if (!ended || ended.at >= before || ended.cltt < (lease.grants[0]?.cltt ?? 0)) return false
  return [...known.recordsOf(lease.address)].length === 0
}

/** A rejected hold counts as long as one of its ends could be proposed again. */
const mayForgetHold = (hold: Hold, before: number, known: Pick<StateView, 'lease'>): boolean => {
  const counts = hold.state === 'rejected' && hold.endings.some(one => isCurrent(known.lease(one.event.address), one))
  return hold.decidedAt !== null && hold.decidedAt < before && !counts
}

export const MEMORY: Memory = { mayForgetRecord, mayForgetLease, mayForgetHold }
