import type { StatusAnswer } from '../../schemas/answers.ts'
import { Phase } from '../../schemas/record.ts'
import type { Estate } from '../store/estate.ts'
import { VERSION } from '../version.ts'
import { activityView, runSummary } from './operation-view.ts'
import type { Parts } from './parts.ts'
import { iso } from './view.ts'

/** Records of all scopes, by phase. */
const byPhase = (counts: ReturnType<Estate['counts']>): Record<Phase, number> => {
  const sums = Object.fromEntries(Phase.options.map(phase => [phase, 0])) as Record<Phase, number>
  for (const { phase, count } of counts) sums[phase] += count
  return sums
}

/** The whole at a glance. `now` is in milliseconds. */
export const statusView = ({ store, gate, queue, reconciler, startedAt }: Parts, now: number): StatusAnswer => {
  const problem = store.failure?.message ?? null
  const run = reconciler.last
  return {
    version: VERSION,
    startedAt: iso(startedAt),
    uptime: Math.max(0, Math.floor((now - startedAt) / 1000)),
    ready: problem === null,
    problem,
    ...activityView(gate),
    holds: [...store.holds.values()].filter(hold => hold.state === 'open').length,
    reconcile: run && runSummary(run),
    leases: store.estate.leases.size,
    records: byPhase(store.estate.counts()),
    dns: queue.status().map(lane => ({ ...lane, retryAt: iso(lane.retryAt) })),
  }
}
