import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { eventsOf, parseEnvironment, textsOnly } from '../../../lib/kea/callout.ts'
import { Accepted } from '../../../schemas/api/answers.ts'
import { CalloutBody, Point } from '../../../schemas/kea/callout.ts'
import { fitted, prefixed } from '../body.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'

const ENVIRONMENT = 'application/x-kea-environment'

const ENVIRONMENT_SCHEMA = {
  type: 'string',
  contentMediaType: ENVIRONMENT,
  description: 'NAME=value, each ended by a NUL.',
}

const Params = z.object({ point: Point.describe("Kea's name of the hook point.") })

/** Bytes of a body at most: a callout with a hundred leases has some 40 KB. */
const LIMIT = 64 << 10

/**
 * POST /v1/callouts/{point}: Kea's hook script reports an event. With `sync: true` in Kea, DHCP waits for this answer.
 */
export const calloutRoutes =
  ({ intake, metrics }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.addContentTypeParser(ENVIRONMENT, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => ({
      variables: parseEnvironment(body),
    }))
    app.route({
      method: 'POST',
      url: '/v1/callouts/:point',
      config: {
        role: 'callout',
        bodies: { [ENVIRONMENT]: ENVIRONMENT_SCHEMA },
        examples: EXAMPLES.reportCallout,
      },
      bodyLimit: LIMIT,
      schema: {
        operationId: 'reportCallout',
        tags: ['Kea'],
        summary: 'Report a hook event',
        description:
          "What Kea's run_script hook tells a script. The answer comes when the decisions are on disk; DNS is done afterwards.",
        params: Params,
        body: CalloutBody,
        response: { 202: Accepted },
      },
      validatorCompiler:
        ({ httpPart }) =>
        input => {
          if (httpPart !== 'body') return fitted(Params, input, httpPart)
          const body = textsOnly(input)
          return body ? { value: body } : fitted(CalloutBody, input, httpPart)
        },
      onResponse: (_request, reply, done) => {
        metrics.calloutTime(reply.elapsedTime / 1000)
        done()
      },
      handler: async ({ params, body }, reply) => {
        const events = prefixed('variables.', () => eventsOf(params.point, body.variables))
        const decisions = await intake.take(events)
        reply.code(202)
        return { accepted: events.length, decisions }
      },
    })
  }
