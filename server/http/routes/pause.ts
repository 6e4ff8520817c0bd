import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { entryOfWord } from '../../../lib/plan/explain/audit-entries.ts'
import { ActivityAnswer } from '../../../schemas/api/operation.ts'
import type { Deps } from '../deps.ts'
import { activityView } from '../views.ts'

const VERBS = [
  {
    verb: 'pause',
    paused: true,
    summary: 'Stop writing DNS',
    description: 'Events are still taken and decided; DNS waits. It outlasts a restart.',
    reason: 'The writing of DNS was paused.',
  },
  {
    verb: 'resume',
    paused: false,
    summary: 'Go on writing DNS',
    description: 'What waited is written.',
    reason: 'The writing of DNS goes on.',
  },
] as const

/** POST /v1/pause and /v1/resume. The choice is on disk before the answer, so that it outlasts a restart. */
export const pauseRoutes =
  ({ store, takeover, gate, audit }: Deps): FastifyPluginAsyncZod =>
  async app => {
    for (const { verb, paused, reason, ...words } of VERBS) {
      app.route({
        method: 'POST',
        url: `/v1/${verb}`,
        config: { role: 'operate', problems: [503] },
        schema: { ...words, operationId: verb, tags: ['Operation'], response: { 200: ActivityAnswer } },
        handler: async ({ caller }) => {
          store.setPaused(paused)
          await store.durable()
          audit.add([entryOfWord({ at: Date.now(), by: caller ?? 'local', call: `POST /v1/${verb}`, verb, reason })])
          takeover.changed()
          return activityView(gate)
        },
      })
    }
  }
