import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { explain } from '../../../lib/plan/explain/explain.ts'
import { possibleActions } from '../../../lib/plan/intent/actions.ts'
import { pinInForce } from '../../../lib/plan/intent/intent.ts'
import { assignedName } from '../../../lib/plan/scope/naming.ts'
import { NameAnswer } from '../../../schemas/api/answers.ts'
import type { IntentAnswer } from '../../../schemas/api/intent.ts'
import { Fqdn } from '../../../schemas/api/queries.ts'
import type { Intent, PolicyIntent } from '../../../schemas/model/intent.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { Deps } from '../deps.ts'
import { foreignView } from '../foreign-view.ts'
import { factsOf } from '../name-facts.ts'
import { HttpError } from '../problem.ts'
import { entryView, holderOf, iso, leaseView, recordView } from '../views.ts'

/** Audit entries in an answer at most. */
const HISTORY = 100

const shownIntent = ({ kind, by, at, why, ...more }: Exclude<Intent, PolicyIntent>): IntentAnswer => ({
  kind,
  by,
  at: iso(at),
  why,
  until: 'until' in more ? iso(more.until) : null,
  ...('target' in more && { target: more.target }),
})

/** What people meant of a name, and is in force: of the name itself, and of the clients that have it by an assignment. */
export const intentView = (
  name: string,
  leases: Lease[],
  { store, scopes }: Pick<Deps, 'store' | 'scopes'>,
): IntentAnswer[] => {
  const { intents } = store.state
  const assigned = leases.flatMap(lease => {
    const [client, scope] = [holderOf(lease), scopes.find(lease.address)]
    const isSo = client && scope && assignedName(scope, client, lease.address, intents) === name
    return isSo ? intents.assignmentOf(client, scope.name)! : []
  })
  const own = [
    pinInForce(intents, name, Date.now()),
    intents.promotion(name),
    intents.alias(name),
    ...new Set(assigned),
  ]
  return own.flatMap(intent => (intent ? shownIntent(intent) : []))
}

type Named = Pick<Deps, 'store' | 'scopes' | 'audit' | 'queue' | 'backends'>

/** The answer for a forward or reverse name (lower case, no trailing dot), or null when nothing is known of it. */
export const nameView = async (name: string, parts: Named): Promise<NameAnswer | null> => {
  const { store, scopes, audit, queue, backends } = parts
  const { state } = store
  const facts = factsOf(name, state)
  const { records, leases, speaker } = facts
  const history = await audit.of(name, HISTORY)
  const intent = intentView(name, leases, { store, scopes })
  if (records.length + leases.length + history.length + intent.length === 0) return null
  const scopeName = speaker?.scope ?? leases[0]?.scope
  const scope = scopes.all.find(one => one.name === scopeName)
  const shown = records.map(record => recordView(record, state, queue))
  const asShown = records.map((record, i) => ({ ...record, rule: shown[i]!.rule, reason: shown[i]!.reason }))
  const theirs = foreignView(records, state)
  const foreign = theirs.map(({ rule, reason }) => ({ rule, says: reason }))
  // What a person made of our own record is told there, by its problem: it is one record, not two.
  const isTaken = (type: string) => records.some(record => record.type === type && record.stopped === 'protected')
  const pointers = state.pointersTo(name)
  const now = Date.now()
  return {
    name,
    phase: speaker?.phase ?? null,
    reason: speaker?.reason ?? null,
    dueAt: iso(speaker?.dueAt ?? null),
    records: [...shown, ...theirs.filter(({ type }) => !isTaken(type))],
    leases: leases.map(lease => leaseView(lease, state)),
    policy: scope ? { scope: scope.name, ...scope.policy } : null,
    intent,
    explain: explain({ ...facts, records: asShown, foreign, intents: state.intents, pointers, now }),
    actions: possibleActions({ known: state, scopes, hasServer: at => backends.includes(at), name, now }),
    history: history.map(entryView),
  }
}

export const unknownName = (name: string): HttpError =>
  new HttpError(404, `Nothing is known of ${name}.`, {
    issues: [{ field: 'fqdn', expected: 'a name that a lease has or had', found: name }],
  })

/** GET /v1/names/{fqdn}: everything about one name, with the reason why it is in DNS or not. */
export const nameRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/names/:fqdn',
      config: { role: 'read', problems: [404] },
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
        const known = await nameView(fqdn, parts)
        if (!known) throw unknownName(fqdn)
        return known
      },
    })
  }
