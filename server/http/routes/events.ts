import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { eventsOfReported } from '../../../lib/kea/lease-commands.ts'
import { Accepted } from '../../../schemas/api/answers.ts'
import { ReportedLeases } from '../../../schemas/kea/reported-lease.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'

/** Bytes of a body at most: 10,000 leases with all their fields fit. */
const LIMIT = 16 << 20

/** POST /v1/events: whoever is not Kea's hook reports lease events, one or many. */
export const eventRoutes =
  ({ intake }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'POST',
      url: '/v1/events',
      config: { role: 'callout', examples: EXAMPLES.reportEvents },
      bodyLimit: LIMIT,
      schema: {
        operationId: 'reportEvents',
        tags: ['Kea'],
        summary: 'Report lease events',
        description:
          "One lease event or up to 10,000 in the field names of Kea's lease commands. All are taken, or none.",
        body: ReportedLeases,
        response: { 202: Accepted },
      },
      handler: async ({ body }, reply) => {
        const events = eventsOfReported(body)
        const decisions = await intake.take(events)
        return reply.code(202).send({ accepted: events.length, decisions })
      },
    })
  }
