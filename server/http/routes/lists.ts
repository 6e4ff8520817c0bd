import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { LeasePage, RecordPage, ScopeList } from '../../../schemas/api/answers.ts'
import { ListQuery } from '../../../schemas/api/queries.ts'
import type { Deps } from '../deps.ts'
import { findLeases, findRecords } from '../lists.ts'
import { leaseView, recordView, scopeView } from '../views.ts'

/** What is known and owned, in pages. */
export const listRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/records',
      config: { role: 'read' },
      schema: {
        operationId: 'listRecords',
        tags: ['Names'],
        summary: 'List DNS records',
        description: 'The DNS records that Leasehold wants or has published.',
        querystring: ListQuery,
        response: { 200: RecordPage },
      },
      handler: async ({ query }) => {
        const { items, next } = findRecords(parts, query)
        return { items: items.map(record => recordView(record, parts.store.state)), next }
      },
    })
    app.route({
      method: 'GET',
      url: '/v1/leases',
      config: { role: 'read' },
      schema: {
        operationId: 'listLeases',
        tags: ['Names'],
        summary: 'List leases',
        description:
          'What is known of the leases of all addresses. `phase` is that of the A or AAAA record of a lease.',
        querystring: ListQuery,
        response: { 200: LeasePage },
      },
      handler: async ({ query }) => {
        const { items, next } = findLeases(parts, query)
        return { items: items.map(lease => leaseView(lease, parts.store.state)), next }
      },
    })
    app.route({
      method: 'GET',
      url: '/v1/scopes',
      config: { role: 'read' },
      schema: {
        operationId: 'listScopes',
        tags: ['Policy'],
        summary: 'List scopes',
        description: 'The subnets with their policies, every field decided.',
        response: { 200: ScopeList },
      },
      handler: async () => ({ items: parts.scopes.all.map(scopeView) }),
    })
  }
