import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { InvalidInput, shown } from '../../../lib/input/bad-input.ts'
import { aliasPlaces, leadsBack, mayBeAlias } from '../../../lib/plan/intent/alias.ts'
import { isWrittenName } from '../../../lib/plan/scope/hostname.ts'
import { AliasAnswer } from '../../../schemas/api/answers.ts'
import { AliasBody, WhyBody } from '../../../schemas/api/intent.ts'
import { Fqdn } from '../../../schemas/api/queries.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'
import { HttpError } from '../problem.ts'
import { iso } from '../views.ts'
import { whoOf } from './intent.ts'
import { nameView } from './names.ts'

/** @throws InvalidInput for a name that no alias can have here, or a target to which none can lead */
const checkAlias = (name: string, target: string, { store, scopes }: Pick<Deps, 'store' | 'scopes'>): void => {
  const bad = (field: string, expected: string, found: string) =>
    new InvalidInput([{ field, expected, found: shown(found) }])
  if (!mayBeAlias(name) || aliasPlaces(name, one => scopes.placesOf(one)).length === 0)
    throw bad('fqdn', 'a name below a forward zone that Leasehold writes', name)
  if (!isWrittenName(target)) throw bad('target', 'a full name', target)
  if (target === name) throw bad('target', 'another name', target)
  if (leadsBack(name, target, store.state.intents))
    throw bad('target', `a name that does not lead back to ${name}`, target)
}

const params = z.object({ fqdn: Fqdn.describe('The name of the alias, in any case, with or without the last dot.') })

/** PUT and DELETE /v1/names/{fqdn}/alias: a name that leads to another. */
export const aliasRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    const { store, intents } = parts
    app.route({
      method: 'PUT',
      url: '/v1/names/:fqdn/alias',
      config: { role: 'operate', isForwarded: true, problems: [409], examples: EXAMPLES.aliasName! },
      schema: {
        operationId: 'aliasName',
        tags: ['Intent'],
        summary: 'Make a name an alias',
        description:
          'The name becomes a CNAME of the target while Leasehold has that in DNS. The target may be unknown yet. A second alias of the name replaces the first.',
        params,
        body: AliasBody,
        response: { 200: AliasAnswer },
      },
      handler: async request => {
        const { fqdn } = request.params
        const { target, why } = request.body
        checkAlias(fqdn, target, parts)
        const who = whoOf(request, why)
        await intents.alias(fqdn, target, who)
        const { by, at } = who
        return { ...(await nameView(fqdn, parts))!, target, by, at: iso(at), why: why ?? null }
      },
    })
    app.route({
      method: 'DELETE',
      url: '/v1/names/:fqdn/alias',
      config: { role: 'operate', isForwarded: true, problems: [404], examples: EXAMPLES.unaliasName! },
      schema: {
        operationId: 'unaliasName',
        tags: ['Intent'],
        summary: 'Take an alias back',
        description: 'The CNAME goes, if it still is as Leasehold wrote it. A lease that asked for the name gets it.',
        params,
        body: WhyBody.nullish(),
        response: { 204: z.null().describe('The name is no alias any more.') },
      },
      handler: async (request, reply) => {
        const { fqdn } = request.params
        const before = store.state.intents.alias(fqdn)
        if (!before) {
          const issue = { field: 'fqdn', expected: 'the name of an alias', found: shown(fqdn) }
          throw new HttpError(404, `${fqdn} is no alias.`, { issues: [issue] })
        }
        await intents.unalias(before, whoOf(request, request.body?.why))
        return reply.code(204).send(null)
      },
    })
  }
