import type { StatusAnswer } from '../../schemas/answers.ts'
import { Phase } from '../../schemas/record.ts'
import type { Sidecar } from '../sidecar.ts'
import { VERSION } from '../version.ts'
import { activityView, runSummary } from './operation-view.ts'
import { iso } from './view.ts'

/** Records of all scopes, by phase. */
const byPhase = (counts: ReturnType<Sidecar['counts']>): Record<Phase, number> => {
  const sums = Object.fromEntries(Phase.options.map(phase => [phase, 0])) as Record<Phase, number>
  for (const { phase, count } of counts) sums[phase] += count
  return sums
}

/** The whole at a glance. `now` is in milliseconds. */
export const statusView = (sidecar: Sidecar, now: number): StatusAnswer => {
  const problem = sidecar.unready()
  const run = sidecar.lastRun()
  return {
    version: VERSION,
    startedAt: iso(sidecar.startedAt),
    uptime: Math.max(0, Math.floor((now - sidecar.startedAt) / 1000)),
    ready: problem === null,
    problem,
    ...activityView(sidecar),
    holds: [...sidecar.holds()].filter(hold => hold.state === 'open').length,
    reconcile: run && runSummary(run),
    leases: sidecar.leases.size,
    records: byPhase(sidecar.counts()),
    dns: sidecar.lanes().map(lane => ({ ...lane, retryAt: iso(lane.retryAt) })),
  }
}
