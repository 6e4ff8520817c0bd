import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { NameAnswer } from '../../../schemas/answers.ts'
import { Fqdn } from '../../../schemas/queries.ts'
import { HttpError } from '../http-error.ts'
import { nameView } from '../name-view.ts'
import type { Parts } from '../parts.ts'

const unknownName = (name: string): HttpError =>
  new HttpError(404, `Nothing is known of ${name}.`, {
    issues: [{ field: 'fqdn', expected: 'a name that a lease has or had', found: name }],
  })

export const nameRoutes =
  (parts: Parts): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/names/:fqdn',
      config: { role: 'read' },
      schema: {
        operationId: 'getName',
        tags: ['Names'],
        summary: 'Explain a name',
        description: 'All that is known of a name: its records, leases and policy, why it is there, and when it goes.',
        params: z.object({
          fqdn: Fqdn.describe('A forward or reverse name, in any case, with or without the last dot.'),
        }),
        response: { 200: NameAnswer },
      },
      handler: async ({ params: { fqdn } }) => {
        const known = nameView(fqdn, parts)
        if (!known) throw unknownName(fqdn)
        return known
      },
    })
  }
