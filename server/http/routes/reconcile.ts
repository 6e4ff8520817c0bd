import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { LastRun, RunAnswer } from '../../../schemas/operation-answers.ts'
import { ReconcileQuery } from '../../../schemas/queries.ts'
import { lastRunView, runView } from '../operation-view.ts'
import type { Parts } from '../parts.ts'
import { reconcile } from '../reconcile.ts'

export const reconcileRoutes =
  ({ reconciler }: Parts): FastifyPluginAsyncZod =>
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
