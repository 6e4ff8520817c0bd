import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { InvalidInput, shown } from '../../../lib/input/bad-input.ts'
import { reservedNameIn } from '../../../lib/plan/scope/naming.ts'
import type { Scope } from '../../../lib/plan/scope/scope.ts'
import { AssignBody, AssignmentAnswer, ClientId, WhyBody } from '../../../schemas/api/intent.ts'
import type { Assignment, Intent } from '../../../schemas/model/intent.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'
import { HttpError } from '../problem.ts'
import { iso } from '../views.ts'
import { whoOf } from './intent.ts'

const assignmentView = ({ client, name, scope, by, at, why }: Assignment): AssignmentAnswer => ({
  client,
  name,
  scope,
  by,
  at: iso(at),
  why,
})

const assignmentAt = (intents: ReadonlyMap<string, Intent>, client: string): Assignment | undefined =>
  intents.get(`assign ${client}`) as Assignment | undefined

/** True for a name that a scope can give as it was written: a label, or a full name in a zone of the scope. */
const isGivenIn = (scope: Scope, name: string): boolean => {
  const made = reservedNameIn(scope, name, scope.subnet.split('/')[0]!)
  return (
    made !== null &&
    scope.zoneOf(made)?.zone !== made &&
    (name.includes('.') ? made === name : made.startsWith(`${name}.`))
  )
}

/** @throws InvalidInput when there is no such scope, or no scope that is meant can give the name */
const checkAssignment = ({ name, scope }: AssignBody, all: readonly Scope[]): void => {
  const meant = scope === undefined ? all : all.filter(one => one.name === scope)
  if (meant.length === 0)
    throw new InvalidInput([{ field: 'scope', expected: 'the name of a scope', found: shown(scope) }])
  const expected = 'a label (letters, digits and dashes), or a full name in a zone of the scope'
  if (!meant.some(one => isGivenIn(one, name)))
    throw new InvalidInput([{ field: 'name', expected, found: shown(name) }])
}

const params = z.object({ client: ClientId.describe('`hw:` hardware address, `id:` client-id, or `duid:` DUID.') })

/** PUT and DELETE /v1/clients/{client}/name: the name that a client has, whatever it says. */
export const clientRoutes =
  ({ store, scopes, intents }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'PUT',
      url: '/v1/clients/:client/name',
      config: { role: 'operate', isForwarded: true, examples: EXAMPLES.assignName! },
      schema: {
        operationId: 'assignName',
        tags: ['Intent'],
        summary: 'Give a client its name',
        description:
          "The client's leases have this name, whatever the client says. It holds at once for its leases, and waits where it has none.",
        params,
        body: AssignBody,
        response: { 200: AssignmentAnswer },
      },
      handler: async request => {
        const { name, scope = null, why } = request.body
        const { client } = request.params
        checkAssignment(request.body, scopes.all)
        await intents.assign(client, name, scope, whoOf(request, why))
        return assignmentView(assignmentAt(store.intents, client)!)
      },
    })
    app.route({
      method: 'DELETE',
      url: '/v1/clients/:client/name',
      config: { role: 'operate', isForwarded: true, problems: [404], examples: EXAMPLES.unassignName! },
      schema: {
        operationId: 'unassignName',
        tags: ['Intent'],
        summary: "Take back a client's name",
        description: 'Its leases are called again as its reservation or the client itself says.',
        params,
        body: WhyBody.nullish(),
        response: { 204: z.null().describe('The client has no given name any more.') },
      },
      handler: async (request, reply) => {
        const { client } = request.params
        const before = assignmentAt(store.intents, client)
        if (!before) {
          const issue = { field: 'client', expected: 'a client that was given a name', found: shown(client) }
          throw new HttpError(404, `No name was given to ${client}.`, { issues: [issue] })
        }
        await intents.unassign(before, whoOf(request, request.body?.why))
        return reply.code(204).send(null)
      },
    })
  }
