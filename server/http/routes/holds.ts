import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { shown } from '../../../lib/input/bad-input.ts'
import { clientOf } from '../../../lib/plan/lease/client.ts'
import { type EndingAnswer, HoldAnswer, HoldList } from '../../../schemas/api/operation.ts'
import { HoldId, HoldQuery } from '../../../schemas/api/queries.ts'
import type { Hold, ProposedEnd } from '../../../schemas/model/reconcile.ts'
import type { Holds } from '../../reconcile/holds.ts'
import type { Proof } from '../../reconcile/proof.ts'
import type { Store } from '../../store/store.ts'
import type { Deps } from '../deps.ts'
import { HttpError } from '../problem.ts'
import { iso } from '../views.ts'

const endingView = ({ name, why, event }: ProposedEnd): EndingAnswer => ({
  address: event.address,
  name,
  client: clientOf(event)?.key ?? null,
  kind: event.kind,
  why,
})

/** The answer for a hold, with at most `most` of the ends that it proposes. */
const holdView = (hold: Hold, most = Infinity): HoldAnswer => {
  const { id, scope, state, cause, reason, records, owned, openedAt, decidedAt } = hold
  const endings = 'endings' in hold ? hold.endings : []
  return {
    id,
    scope,
    state,
    cause,
    reason,
    records,
    owned,
    openedAt: iso(openedAt),
    decidedAt: iso(decidedAt),
    total: endings.length,
    endings: endings.slice(0, most).map(endingView),
    ...('policy' in hold && { policy: { ...hold.policy, going: hold.policy.going.slice(0, most) } }),
  }
}

type HoldsOf = Pick<Store, 'holds'>

const issues = (id: number, expected: string) => ({ issues: [{ field: 'id', expected, found: shown(id) }] })

/** The holds in `state`, or all of them where none is given; the newest first. */
const findHolds = ({ holds }: HoldsOf, state?: Hold['state']): Hold[] =>
  [...holds.values()].filter(hold => state === undefined || hold.state === state).sort((a, b) => b.id - a.id)

/** The hold with this number. @throws HttpError 404 when there is none. */
const holdOf = ({ holds }: HoldsOf, id: number): Hold => {
  const hold = holds.get(id)
  if (hold) return hold
  throw new HttpError(404, `There is no hold ${id}.`, issues(id, 'the number of a hold'))
}

/** Approves or rejects a hold and returns it as it then is. @throws HttpError 404, or 409 when it is no longer open. */
const decideHold = async (
  store: HoldsOf,
  holds: Pick<Holds, 'decide'>,
  proof: Pick<Proof, 'inUse' | 'look'>,
  id: number,
  state: 'approved' | 'rejected',
  by: string,
): Promise<Hold> => {
  const hold = holdOf(store, id)
  if (hold.state === 'open' && 'endings' in hold && state === 'approved') await proof.look()
  const decided = await holds.decide(id, state, by, endings => proof.inUse(endings))
  if (decided) return decided
  const { state: now } = holdOf(store, id)
  throw new HttpError(409, `The hold ${id} is not open any more: it is ${now}.`, issues(id, 'an open hold'))
}

/** How many proposed ends an answer has where the whole list was not asked for. */
const FIRST = 100

const DECISIONS = [
  {
    verb: 'approve',
    state: 'approved',
    operationId: 'approveHold',
    summary: 'Do what a hold proposes',
    description:
      'Ends of leases: Kea is asked again, and the ends that still are true are taken; policy decides what becomes of the names. A change of policy: it comes into force.',
  },
  {
    verb: 'reject',
    state: 'rejected',
    operationId: 'rejectHold',
    summary: 'Keep what a hold would remove',
    description: 'Its ends are not taken, and not proposed again; its policy does not come into force.',
  },
] as const

/** /v1/holds: what would remove too much at once, and a person decides on. */
export const holdRoutes =
  ({ store, holds, proof }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/holds',
      config: { role: 'read' },
      schema: {
        operationId: 'listHolds',
        tags: ['Operation'],
        summary: 'List holds',
        description:
          'What a catch-up would end, or a change of policy would remove, and a person is to decide, or has decided of late.',
        querystring: HoldQuery,
        response: { 200: HoldList },
      },
      handler: async ({ query }) => ({ items: findHolds(store, query.state).map(hold => holdView(hold, FIRST)) }),
    })
    app.route({
      method: 'GET',
      url: '/v1/holds/:id',
      config: { role: 'read', problems: [404] },
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
        config: { role: 'operate', problems: [404, 409, 503] },
        schema: { ...words, tags: ['Operation'], params: HoldId, response: { 200: HoldAnswer } },
        handler: async ({ params, caller }) =>
          holdView(await decideHold(store, holds, proof, params.id, state, caller ?? 'local'), FIRST),
      })
    }
  }
