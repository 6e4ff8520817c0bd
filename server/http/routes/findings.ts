import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { type FindingAnswer, FindingPage, FindingQuery } from '../../../schemas/api/findings.ts'
import type { Finding } from '../../../schemas/model/finding.ts'
import type { Deps } from '../deps.ts'
import { pageOf } from '../pages.ts'
import { iso } from '../views.ts'

const findingView = (finding: Finding): FindingAnswer => ({ ...finding, since: iso(finding.since) })

/** GET /v1/findings: what is not as it should be, with its cause and its remedy. It is looked for anew each time. */
export const findingRoutes =
  ({ findings }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/findings',
      config: { role: 'read' },
      schema: {
        operationId: 'listFindings',
        tags: ['Operation'],
        summary: 'List findings',
        description: 'What is not as it should be, each with its reason and its remedy. One that is over is gone.',
        querystring: FindingQuery,
        response: { 200: FindingPage },
      },
      handler: async ({ query }) => {
        const keyOf = ({ id }: Finding) => id
        const { items, next } = await pageOf(findings.look(), { list: 'findings', keyOf }, query)
        return { items: items.map(findingView), next }
      },
    })
  }
