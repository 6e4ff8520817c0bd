import type { FastifyBaseLogger } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { LastRun, RunAnswer } from '../../../schemas/api/operation.ts'
import { ReconcileQuery } from '../../../schemas/api/queries.ts'
import type { Run } from '../../../schemas/model/reconcile.ts'
import type { Reconciler } from '../../reconcile/reconciler.ts'
import type { Deps } from '../deps.ts'
import { runSummary } from '../views.ts'

const runView = (run: Run): RunAnswer => {
  const { listed, checked, missing, changed, dns } = run
  return { ...runSummary(run), listed, checked, missing, changed, dns }
}

const lastRunView = (run: Run | null): { run: RunAnswer | null } => ({ run: run && runView(run) })

/** Catches up, and answers 200 with the run that ended, or 202 with the one that has begun. */
const reconcile = async (
  reconciler: Pick<Reconciler, 'startAnew'>,
  wait: boolean,
  log: FastifyBaseLogger,
): Promise<{ status: 200 | 202; run: Run }> => {
  const { run, ended } = await reconciler.startAnew('asked for by the API')
  if (wait) return { status: 200, run: await ended }
  ended.catch(error => log.error({ err: error }, 'the catch-up with Kea broke off'))
  return { status: 202, run }
}

export const reconcileRoutes =
  ({ reconciler }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'POST',
      url: '/v1/reconcile',
      config: { role: 'operate' },
      schema: {
        operationId: 'startReconcile',
        tags: ['Operation'],
        summary: 'Catch up with Kea now',
        description: 'Catches up with what Kea knows; where a run is under way already, that one is answered.',
        querystring: ReconcileQuery,
        response: { 200: RunAnswer.describe('The run has ended.'), 202: RunAnswer.describe('The run is under way.') },
      },
      handler: async ({ query, log }, reply) => {
        const { status, run } = await reconcile(reconciler, query.wait === 'true', log)
        return reply.code(status).send(runView(run))
      },
    })
    app.route({
      method: 'GET',
      url: '/v1/reconcile',
      config: { role: 'read' },
      schema: {
        operationId: 'getReconcile',
        tags: ['Operation'],
        summary: 'The last catch-up with Kea',
        response: { 200: LastRun },
      },
      handler: async () => lastRunView(reconciler.last),
    })
  }
