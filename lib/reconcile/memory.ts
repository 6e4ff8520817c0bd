/*
 * What the store may forget, and what it must not take for certain after a crash.
 *
 * The store keeps versions and knows nothing of what they mean; these functions tell it. What is forgotten can never again
 * be told from a stranger's, so only what can do no harm goes. `before` (ms) leaves what changed later in any case:
 *
 *     kept item                      may be forgotten
 *     a record that is removed       yes, but for one that a person took over: its marker may still be in DNS
 *     a record of a pinned name      no: what the name lost is shown until a person decides
 *     a record in any other phase    no
 *     a lease that is active         no
 *     a lease that ended             once no record of its address is kept
 *     a hold that waits              no
 *     a hold that was approved       yes: its ends were made
 *     a hold that was rejected       once each of its leases was granted again, so that no end could be proposed again;
 *                                    of a policy yes
 *
 * A crash leaves no note of what was under way. So each record that is not confirmed as it is wanted counts as sent.
 */
import type { Lease } from '../../schemas/model/lease.ts'
import type { Hold, ProposedEnd } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { StateView } from '../plan/derive.ts'
import { isTakenOver, subjectOf } from '../plan/record.ts'
import { isCurrent } from './ends.ts'

export interface Memory {
  /** `before` is in milliseconds: what changed later stays. */
  mayForgetRecord(record: OwnedRecord, before: number, known: Pick<StateView, 'intents'>): boolean
  mayForgetLease(lease: Lease, before: number, known: Pick<StateView, 'recordsOf'>): boolean
  mayForgetHold(hold: Hold, before: number, known: Pick<StateView, 'lease'>): boolean
}

/** That a person took a name over is never forgotten: our marker may still be there, and invite to adopt it. */
const mayForgetRecord = (record: OwnedRecord, before: number, known: Pick<StateView, 'intents'>): boolean =>
  record.phase === 'removed' &&
  !isTakenOver(record) &&
  record.updatedAt < before &&
  known.intents.pin(subjectOf(record)) === undefined

/** A lease with a grant newer than its end is active, so it stays. */
const mayForgetLease = (lease: Lease, before: number, known: Pick<StateView, 'recordsOf'>): boolean => {
  const end = lease.ends.at(-1)
  if (!end || end.at >= before || end.cltt < (lease.grants[0]?.cltt ?? 0)) return false
  return [...known.recordsOf(lease.address)].length === 0
}

/** A rejected hold stays while one of its ends could be proposed again, as it is what prevents that. */
const mayForgetHold = (hold: Hold, before: number, known: Pick<StateView, 'lease'>): boolean => {
  const isCurrentEnd = (one: ProposedEnd) => isCurrent(known.lease(one.event.address), one)
  const stillPrevents = hold.state === 'rejected' && 'endings' in hold && hold.endings.some(isCurrentEnd)
  return hold.decidedAt !== null && hold.decidedAt < before && !stillPrevents
}

export const MEMORY: Memory = { mayForgetRecord, mayForgetLease, mayForgetHold }
