import { clientOf } from '../../lib/client.ts'
import type { HeldEnding, Hold } from '../../schemas/hold.ts'
import type {
  ActivityAnswer,
  EndingAnswer,
  HoldAnswer,
  RunAnswer,
  RunSummary,
} from '../../schemas/operation-answers.ts'
import type { Run } from '../../schemas/run.ts'
import type { Gate } from '../gate.ts'
import { iso } from './view.ts'

export const activityView = (gate: Gate): ActivityAnswer => ({
  paused: gate.isPaused(),
  active: gate.isActive(),
  idle: gate.why(),
})

export const runSummary = ({ cause, startedAt, finishedAt, result, begun, ended, held }: Run): RunSummary => ({
  cause,
  startedAt: iso(startedAt),
  finishedAt: iso(finishedAt),
  result,
  begun,
  ended,
  held,
})

export const runView = (run: Run): RunAnswer => {
  const { listed, checked, missing, changed, dns } = run
  return { ...runSummary(run), listed, checked, missing, changed, dns }
}

export const lastRunView = (run: Run | null): { run: RunAnswer | null } => ({ run: run && runView(run) })

const endingView = ({ name, why, event }: HeldEnding): EndingAnswer => ({
  address: event.address,
  name,
  client: clientOf(event)?.key ?? null,
  kind: event.kind,
  why,
})

/** A hold with the first `most` of its endings. */
export const holdView = (hold: Hold, most = Infinity): HoldAnswer => {
  const { id, scope, state, cause, reason, records, owned, openedAt, decidedAt, endings } = hold
  return {
    id,
    scope,
    state,
    cause,
    reason,
    records,
    owned,
    openedAt: iso(openedAt),
    decidedAt: iso(decidedAt),
    total: endings.length,
    endings: endings.slice(0, most).map(endingView),
  }
}
