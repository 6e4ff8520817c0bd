import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { HoldAnswer, HoldList } from '../../../schemas/operation-answers.ts'
import { HoldId, HoldQuery } from '../../../schemas/queries.ts'
import { decideHold, findHolds, holdOf } from '../holds.ts'
import { holdView } from '../operation-view.ts'
import type { Parts } from '../parts.ts'

const FIRST = 100

const DECISIONS = [
  {
    verb: 'approve',
    state: 'approved',
    operationId: 'approveHold',
    summary: 'Let the leases of a hold end',
    description: 'Its ends are taken, as far as they still are true: policy decides what becomes of the names.',
  },
  {
    verb: 'reject',
    state: 'rejected',
    operationId: 'rejectHold',
    summary: 'Keep what a hold would end',
    description: 'Its ends are not taken, and not proposed again.',
  },
] as const

export const holdRoutes =
  ({ store, holds }: Parts): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/holds',
      config: { role: 'read' },
      schema: {
        operationId: 'listHolds',
        tags: ['Operation'],
        summary: 'List holds',
        description: 'What a catch-up would end and a person is to decide, or has decided of late.',
        querystring: HoldQuery,
        response: { 200: HoldList },
      },
      handler: async ({ query }) => ({ items: findHolds(store, query.state).map(hold => holdView(hold, FIRST)) }),
    })
    app.route({
      method: 'GET',
      url: '/v1/holds/:id',
      config: { role: 'read' },
      schema: {
        operationId: 'getHold',
        tags: ['Operation'],
        summary: 'A hold with all that it would end',
        params: HoldId,
        response: { 200: HoldAnswer },
      },
      handler: async ({ params }) => holdView(holdOf(store, params.id)),
    })
    for (const { verb, state, ...words } of DECISIONS) {
      app.route({
        method: 'POST',
        url: `/v1/holds/:id/${verb}`,
        config: { role: 'operate' },
        schema: { ...words, tags: ['Operation'], params: HoldId, response: { 200: HoldAnswer } },
        handler: async ({ params }) => holdView(await decideHold(store, holds, params.id, state), FIRST),
      })
    }
  }
