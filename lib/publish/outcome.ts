import type { OwnedRecord, Shape } from '../../schemas/model/record.ts'
import type { Outcome } from '../dns/rr.ts'
import { phaseOf, sameShape } from '../plan/record.ts'
import { reasonOf } from '../plan/rules.ts'
import type { PendingChange } from './change.ts'

type Part = Partial<OwnedRecord>

/** Not in DNS, as far as an answer can say. */
const ABSENT: Part = { applied: null, sent: null, problem: null }

const changed = (record: OwnedRecord, part: Part, now: number): OwnedRecord => {
  const next = { ...record, ...part, updatedAt: now }
  next.phase = phaseOf(next)
  return next
}

const applied = (records: OwnedRecord[], change: PendingChange, attempt: number, now: number): OwnedRecord[] => {
  const { target, removed, marker } = change
  const nameWasFree = change.nameWasFree[attempt] ?? false
  return records.flatMap(record => {
    if (record.key === target?.key) {
      const shape = { ttl: target.shape.ttl, dhcid: marker }
      return changed(
        record,
        { applied: shape, sent: null, problem: null, stopped: null, ...cleared(record, nameWasFree) },
        now,
      )
    }
    if (removed.includes(record.key)) return changed(record, ABSENT, now)
    if (record.type === 'PTR') return []
    if (nameWasFree && (record.applied || record.sent || record.origin === 'manual'))
      return changed(record, { ...ABSENT, ...cleared(record, nameWasFree) }, now)
    if (!record.applied && !record.sent) return []
    if (!record.applied || record.applied.dhcid === marker) return []
    return changed(record, { applied: { ...record.applied, dhcid: marker } }, now)
  })
}

/** Once a name was not in use, what a person had made of it is gone. */
const cleared = ({ origin }: OwnedRecord, nameWasFree: boolean): Part =>
  nameWasFree && origin === 'manual' ? { origin: 'dynamic' } : {}

/** The rule by which a record is no longer written. */
const STOPPED_BY = { conflict: 'name-in-use', protected: 'changed-by-hand' } as const

const stopped = (kind: 'conflict' | 'protected', record: OwnedRecord, detail: string, now: number): Part => ({
  ...ABSENT,
  ...(kind === 'protected' && { origin: 'manual' }),
  stopped: kind,
  rule: STOPPED_BY[kind],
  reason: reasonOf(STOPPED_BY[kind], { name: record.name, detail }),
  problem: { kind: 'conflict', detail, at: now, tries: (record.problem?.tries ?? 0) + 1 },
})

/**
 * The records that a change touches, as they are from its sending to its answer: nothing is sure of them meanwhile. Gives
 * those that differ.
 */
export const whatIsSent = (
  { target, removed }: Pick<PendingChange, 'target' | 'removed'>,
  recordAt: (key: string) => OwnedRecord | undefined,
): OwnedRecord[] => {
  const sent: OwnedRecord[] = []
  const note = (key: string, shapeOf: (record: OwnedRecord) => Shape | null) => {
    const record = recordAt(key)
    const shape = record && shapeOf(record)
    if (shape && !sameShape(record.sent, shape)) sent.push({ ...record, sent: shape })
  }
  if (target) note(target.key, () => target.shape)
  for (const key of removed) note(key, record => record.applied)
  return sent
}

/** The record once it is known not to be in DNS. */
export const notInDns = (record: OwnedRecord, now: number): OwnedRecord => changed(record, ABSENT, now)

/** The record once a person has changed what Leasehold wrote; `detail` says what is there instead. */
export const protect = (record: OwnedRecord, detail: string, now: number): OwnedRecord =>
  changed(record, stopped('protected', record, detail, now), now)

const contradicted = (records: OwnedRecord[], change: PendingChange, detail: string, now: number): OwnedRecord[] => {
  const { onConflict } = change
  const parties = records.filter(record => record.key === change.target?.key || change.removed.includes(record.key))
  return parties.map(record => {
    if (onConflict === 'gone' || (onConflict === 'conflict' && record.key !== change.target?.key))
      return changed(record, ABSENT, now)
    return changed(record, stopped(onConflict, record, detail, now), now)
  })
}

const troubled = (
  records: OwnedRecord[],
  change: PendingChange,
  outcome: Outcome & { detail: string },
  now: number,
): OwnedRecord[] =>
  records
    .filter(record => record.key === change.target?.key || change.removed.includes(record.key))
    .map(record => {
      const tries = (record.problem?.tries ?? 0) + 1
      return changed(record, { problem: { kind: outcome.kind, detail: outcome.detail, at: now, tries } }, now)
    })

/**
 * What an answer means for the records of one name, as they are now: they may have been decided anew while the change
 * was under way, and the answer speaks only of what was sent. Gives the records that differ. `now` is in milliseconds.
 */
export const applyOutcome = (
  records: OwnedRecord[],
  change: PendingChange,
  outcome: Outcome,
  now: number,
): OwnedRecord[] => {
  switch (outcome.kind) {
    case 'applied':
      return applied(records, change, outcome.attempt, now)
    case 'conflict':
      return contradicted(records, change, outcome.detail, now)
    default:
      return troubled(records, change, outcome, now)
  }
}
