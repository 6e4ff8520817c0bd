import type { OwnedRecord, Shape } from '../schemas/record.ts'
import type { Step } from './change.ts'
import type { Outcome } from './dns/rr.ts'
import { phaseOf, sameShape } from './phase.ts'

type Part = Partial<OwnedRecord>

/** Not in DNS, as far as an answer can say. */
const ABSENT: Part = { applied: null, sent: null, problem: null }

const changed = (record: OwnedRecord, part: Part, now: number): OwnedRecord => {
  const next = { ...record, ...part, updatedAt: now }
  next.phase = phaseOf(next)
  return next
}

const applied = (records: OwnedRecord[], step: Step, attempt: number, now: number): OwnedRecord[] => {
  const { target, gone, marker } = step
  const bare = step.bare[attempt] ?? false
  return records.flatMap(record => {
    if (record.key === target?.key) {
      const shape = { ttl: target.shape.ttl, dhcid: marker }
      return changed(
        record,
        { applied: shape, sent: null, problem: null, stopped: null, ...cleared(record, bare) },
        now,
      )
    }
    if (gone.includes(record.key)) return changed(record, ABSENT, now)
    if (record.type === 'PTR') return []
    if (bare && (record.applied || record.sent || record.origin === 'manual'))
      return changed(record, { ...ABSENT, ...cleared(record, bare) }, now)
    if (!record.applied && !record.sent) return []
    if (!record.applied || record.applied.dhcid === marker) return []
    return changed(record, { applied: { ...record.applied, dhcid: marker } }, now)
  })
}

/** Once a name was not in use, what a person had made of it is gone. */
const cleared = ({ origin }: OwnedRecord, bare: boolean): Part =>
  bare && origin === 'manual' ? { origin: 'dynamic' } : {}

const said = (kind: 'conflict' | 'protected', record: OwnedRecord, detail: string, now: number): Part => ({
  ...ABSENT,
  ...(kind === 'protected' && { origin: 'manual' }),
  stopped: kind,
  rule: kind === 'conflict' ? 'name-in-use' : 'changed-by-hand',
  reason:
    kind === 'conflict'
      ? `${record.name} is in DNS already and is not Leasehold's, so nothing was written: ${detail}`
      : `${record.name} is no longer what Leasehold wrote, so somebody changed it and it is left alone: ${detail}`,
  problem: { kind: 'conflict', detail, at: now, tries: (record.problem?.tries ?? 0) + 1 },
})

/**
 * The records that a change touches, as they are from its sending to its answer: nothing is sure of them meanwhile. Gives
 * those that differ.
 */
export const whatIsSent = (
  { target, gone }: Pick<Step, 'target' | 'gone'>,
  recordAt: (key: string) => OwnedRecord | undefined,
): OwnedRecord[] => {
  const sent: OwnedRecord[] = []
  const note = (key: string, shapeOf: (record: OwnedRecord) => Shape | null) => {
    const record = recordAt(key)
    const shape = record && shapeOf(record)
    if (shape && !sameShape(record.sent, shape)) sent.push({ ...record, sent: shape })
  }
  if (target) note(target.key, () => target.shape)
  for (const key of gone) note(key, record => record.applied)
  return sent
}

/** The record once it is known not to be in DNS. */
export const absent = (record: OwnedRecord, now: number): OwnedRecord => changed(record, ABSENT, now)

/** The record once a person has changed what Leasehold wrote; `detail` says what is there instead. */
export const takenOver = (record: OwnedRecord, detail: string, now: number): OwnedRecord =>
  changed(record, said('protected', record, detail, now), now)

const contradicted = (records: OwnedRecord[], step: Step, detail: string, now: number): OwnedRecord[] => {
  const { refused } = step
  const parties = records.filter(record => record.key === step.target?.key || step.gone.includes(record.key))
  return parties.map(record => {
    if (refused === 'gone' || (refused === 'conflict' && record.key !== step.target?.key))
      return changed(record, ABSENT, now)
    return changed(record, said(refused, record, detail, now), now)
  })
}

const troubled = (
  records: OwnedRecord[],
  step: Step,
  outcome: Outcome & { detail: string },
  now: number,
): OwnedRecord[] =>
  records
    .filter(record => record.key === step.target?.key || step.gone.includes(record.key))
    .map(record => {
      const tries = (record.problem?.tries ?? 0) + 1
      return changed(record, { problem: { kind: outcome.kind, detail: outcome.detail, at: now, tries } }, now)
    })

/**
 * What an answer means for the records of one name, as they are now: they may have been decided anew while the change
 * was under way, and the answer speaks only of what was sent. Gives the records that differ. `now` is in milliseconds.
 */
export const settle = (records: OwnedRecord[], step: Step, outcome: Outcome, now: number): OwnedRecord[] => {
  switch (outcome.kind) {
    case 'applied':
      return applied(records, step, outcome.attempt, now)
    case 'conflict':
      return contradicted(records, step, outcome.detail, now)
    default:
      return troubled(records, step, outcome, now)
  }
}
