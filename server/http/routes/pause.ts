import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { ActivityAnswer } from '../../../schemas/api/operation.ts'
import type { Deps } from '../deps.ts'
import { activityView } from '../views.ts'

const VERBS = [
  {
    verb: 'pause',
    paused: true,
    summary: 'Stop writing DNS',
    description: 'Events are still taken and decided; DNS waits. It outlasts a restart.',
  },
  { verb: 'resume', paused: false, summary: 'Go on writing DNS', description: 'What waited is written.' },
] as const

/** POST /v1/pause and /v1/resume. The choice is on disk before the answer, so that it outlasts a restart. */
export const pauseRoutes =
  ({ store, takeover, gate }: Deps): FastifyPluginAsyncZod =>
  async app => {
    for (const { verb, paused, ...words } of VERBS) {
      app.route({
        method: 'POST',
        url: `/v1/${verb}`,
        config: { role: 'operate', problems: [503] },
        schema: { ...words, operationId: verb, tags: ['Operation'], response: { 200: ActivityAnswer } },
        handler: async () => {
          store.setPaused(paused)
          await store.durable()
          takeover.changed()
          return activityView(gate)
        },
      })
    }
  }
