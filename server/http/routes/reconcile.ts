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

const CAUSE = 'asked for by the API'

/**
 * Catches up. Who waits gets 200 and a run that began after the call, when it has ended. Who does not wait gets 202 at
 * once and the run under way: the one that was already, or else a new one.
 */
const reconcile = async (
  reconciler: Pick<Reconciler, 'start' | 'runAnew'>,
  wait: boolean,
  log: FastifyBaseLogger,
): Promise<{ status: 200 | 202; run: Run }> => {
  if (wait) return { status: 200, run: await reconciler.runAnew(CAUSE) }
  const { run, ended } = reconciler.start(CAUSE)
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
        description:
          'Catches up with what Kea knows. The answer is a run that began after the call; with `wait=false`, where a run is under way already, that one.',
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
