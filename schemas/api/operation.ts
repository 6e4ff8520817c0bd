import { z } from 'zod'
import { EventKind } from '../model/lease-event.ts'
import { EndingsHold, Listed, ReadZone, Run } from '../model/reconcile.ts'
import { Decision, PolicyChange, Time } from './parts.ts'

const Count = z.int().min(0)

const RunResultAnswer = Run.shape.result.describe(
  "null while it runs. `ok`: Kea's leases, and what DNS holds of ours, are known wholly. `unknown`: some are not, so nothing was decided by what was absent. `held`: too much would have gone, and waits for a person. `standby`: another node serves. `off`: no Kea is configured that could be asked.",
)

export const RunSummary = z
  .object({
    cause: z.string(),
    startedAt: Time,
    finishedAt: Time.nullable(),
    result: RunResultAnswer,
    begun: Count.describe('Leases that were not known, or known otherwise.'),
    ended: Count.describe('Leases that ended.'),
    held: Count.describe('Leases whose end waits in a hold.'),
  })
  .describe('One catch-up with Kea, in short.')
  .meta({ id: 'RunSummary' })
export type RunSummary = z.infer<typeof RunSummary>

export const RunAnswer = RunSummary.extend({
  listed: z
    .array(Listed)
    .describe('Each Kea that was asked; where `complete` is false, `reason` says why nothing was removed.'),
  checked: Count.describe('Owned records that DNS was asked for.'),
  missing: Count.describe('Records that DNS did not have.'),
  changed: Count.describe('Records that a person changed.'),
  dns: z
    .array(ReadZone)
    .describe('Each zone that was looked at; where it is not `known`, `detail` says why nothing was decided by it.'),
})
  .describe('One catch-up with Kea, and the look into DNS after it.')
  .meta({ id: 'Run' })
export type RunAnswer = z.infer<typeof RunAnswer>

export const LastRun = z
  .object({ run: RunAnswer.nullable() })
  .describe('The last run, which may still be under way; null when there was none.')
  .meta({ id: 'LastRun' })

export const EndingAnswer = z
  .object({
    address: z.string(),
    name: z.string().nullable(),
    client: z.string().nullable(),
    kind: EventKind.describe('How the lease would end.'),
    why: z.string(),
  })
  .describe('The end of one lease, which waits.')
  .meta({ id: 'Ending' })
export type EndingAnswer = z.infer<typeof EndingAnswer>

export const HoldAnswer = EndingsHold.pick({ id: true, scope: true, state: true, cause: true, reason: true })
  .extend({
    records: Count.describe('Records that would go.'),
    owned: Count.describe('Records that are owned in the scope.'),
    openedAt: Time,
    decidedAt: Time.nullable(),
    total: Count.describe('Leases whose end waits.'),
    endings: z.array(EndingAnswer).describe('Their ends; in a list of holds the first 100.'),
    policy: z
      .object({
        fields: PolicyChange.describe('What would be set; null resets a field.'),
        by: z.string().describe('Who set it.'),
        going: z.array(Decision).describe('What would go: the first 1,000; in a list of holds the first 100.'),
      })
      .optional()
      .describe('The change of policy that waits, where it is not ends of leases.'),
  })
  .describe('What would remove too many records at once: ends of leases, or a change of policy. It waits for a person.')
  .meta({ id: 'Hold' })
export type HoldAnswer = z.infer<typeof HoldAnswer>

export const HoldList = z
  .object({ items: z.array(HoldAnswer) })
  .describe('Holds, the newest first.')
  .meta({ id: 'HoldList' })

export const ActivityAnswer = z
  .object({
    paused: z.boolean().describe('A person stopped the writing of DNS; events are taken all the same.'),
    active: z.boolean().describe('The Kea of this node serves.'),
    idle: z.string().nullable().describe('Why this node does not write DNS now; null when it does.'),
  })
  .describe('Whether this node writes DNS.')
  .meta({ id: 'Activity' })
export type ActivityAnswer = z.infer<typeof ActivityAnswer>
