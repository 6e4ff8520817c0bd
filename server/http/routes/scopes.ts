import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { shown } from '../../../lib/input/bad-input.ts'
import { originsOf } from '../../../lib/plan/scope/policy.ts'
import type { Scope } from '../../../lib/plan/scope/scope.ts'
import { HeldScope, PolicyPreview, ScopeAnswer, ScopeList } from '../../../schemas/api/answers.ts'
import { PolicyPatch } from '../../../schemas/model/policy.ts'
import type { LiveScopes } from '../../scopes.ts'
import type { Deps } from '../deps.ts'
import { EXAMPLES } from '../examples.ts'
import { HttpError } from '../problem.ts'

const ScopeName = z.object({
  name: z.string().min(1).max(100).describe("The name of a scope; of a subnet of Kea's, the subnet with its / as %2F."),
})

const scopeView = ({ name, subnet, domain, policy, layers = {} }: Scope): ScopeAnswer => ({
  name,
  subnet,
  domain,
  policy,
  from: originsOf(layers),
})

/** The scope of this name. @throws HttpError 404 when there is none. */
const scopeNamed = ({ all }: LiveScopes, name: string): Scope => {
  const scope = all.find(one => one.name === name)
  if (scope) return scope
  const expected = `the name of a scope (${all.map(one => one.name).join(', ')})`
  throw new HttpError(404, `There is no scope ${shown(name)}.`, {
    issues: [{ field: 'name', expected, found: shown(name) }],
  })
}

/** /v1/scopes: the policies in force, and their changes while the program runs. */
export const scopeRoutes =
  ({ scopes, policies }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/scopes',
      config: { role: 'read' },
      schema: {
        operationId: 'listScopes',
        tags: ['Policy'],
        summary: 'List scopes',
        description: 'The subnets with their policies, every field decided, and where each comes from.',
        response: { 200: ScopeList },
      },
      handler: async () => ({ items: scopes.all.map(scopeView) }),
    })
    app.route({
      method: 'PATCH',
      url: '/v1/scopes/:name',
      config: { role: 'operate', problems: [404], examples: EXAMPLES.setPolicy },
      schema: {
        operationId: 'setPolicy',
        tags: ['Policy'],
        summary: 'Change the policy of a scope',
        description:
          'Sets policy fields over those of the configuration; null takes back what was set. It acts at once on the names that are there, and outlasts a restart. A change that would remove too many records at once is answered 202: it waits in a hold, and the old policy stays in force.',
        params: ScopeName,
        body: PolicyPatch,
        response: { 200: ScopeAnswer, 202: HeldScope },
      },
      handler: async ({ params: { name }, body, caller }, reply) => {
        scopeNamed(scopes, name)
        const hold = await policies.set(name, body, caller ?? 'local')
        const view = scopeView(scopeNamed(scopes, name))
        return hold ? reply.code(202).send({ ...view, hold: hold.id }) : view
      },
    })
    app.route({
      method: 'POST',
      url: '/v1/scopes/:name/preview',
      config: { role: 'read', problems: [404], examples: EXAMPLES.setPolicy },
      schema: {
        operationId: 'previewPolicy',
        tags: ['Policy'],
        summary: 'Try a change of policy',
        description: 'What a PATCH of the scope with this body would do. Nothing changes.',
        params: ScopeName,
        body: PolicyPatch,
        response: { 200: PolicyPreview },
      },
      handler: async ({ params: { name }, body }) => {
        scopeNamed(scopes, name)
        const { counts, changes, more, held } = await policies.preview(name, body)
        return { counts, changes, more, held }
      },
    })
  }
