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
 * Starts a reconcile run. With `wait`, it resolves with 200 when a run that began after the call has ended. Without, it
 * resolves at once with 202 and the run under way, which may have begun before the call.
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

/** /v1/reconcile: compare with Kea's leases and with DNS now, and what the last run found. */
export const reconcileRoutes =
  ({ reconciler }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'POST',
      url: '/v1/reconcile',
      config: { role: 'operate', problems: [503] },
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
