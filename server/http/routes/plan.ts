import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { isApplied } from '../../../lib/plan/record.ts'
import { awaitsTarget, targetsOf } from '../../../lib/publish/change.ts'
import { type PlanItem, PlanPage } from '../../../schemas/api/answers.ts'
import { PlanQuery } from '../../../schemas/api/queries.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { Deps } from '../deps.ts'
import { pageOf } from '../pages.ts'
import { recordView } from '../views.ts'

type Planned = Pick<Deps, 'store' | 'queue' | 'gate'>

/** True when DNS does not hold what is wanted, or may hold what is not. What a person took over is left as it is. */
const isDue = (record: OwnedRecord): boolean => {
  const { wanted, applied, sent, stopped } = record
  if (stopped === 'protected') return false
  return wanted ? stopped !== null || !isApplied(record) : applied !== null || sent !== null
}

/** What a record waits for. The first that is true is said. */
const waitingFor = (record: OwnedRecord, { store, queue, gate }: Planned): string => {
  const { stopped, problem, name } = record
  if (stopped) return "The name is somebody else's in DNS. It is looked at again by each run."
  const closed = gate.why()
  if (closed !== null) return closed
  if (!gate.isOpen(record)) return 'Another node serves its address.'
  const trouble = problem ?? queue.problemOf(record)
  if (trouble) return `${trouble.detail}. It is tried again.`
  if (gate.awaitsKea(record)) return 'Kea has yet to tell how its lease went on.'
  if (awaitsTarget(record, targetsOf(record, store.state))) return `DNS does not hold ${record.value} yet.`
  return queue.isInFlight(record) ? `The DNS server has yet to answer for ${name}.` : 'It is sent next.'
}

/** GET /v1/plan: what is wanted and not yet applied, and why not. */
export const planRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    const itemView = (record: OwnedRecord): PlanItem => ({
      ...recordView(record, parts.store.state, parts.queue),
      waiting: waitingFor(record, parts),
    })
    app.route({
      method: 'GET',
      url: '/v1/plan',
      config: { role: 'read' },
      schema: {
        operationId: 'listPlan',
        tags: ['Names'],
        summary: 'List what is to be done',
        description:
          'What is wanted and not yet applied: records that DNS is to get, change or lose, and what they wait for.',
        querystring: PlanQuery,
        response: { 200: PlanPage },
      },
      handler: async ({ query }) => {
        const { records } = parts.store.state
        const keyOf = ({ key }: OwnedRecord) => key
        const { items, next } = await pageOf(records.values(), { list: 'plan', keyOf, matches: isDue }, query)
        return { items: items.map(itemView), next }
      },
    })
  }
