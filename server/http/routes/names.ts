import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pinInForce } from '../../../lib/plan/intent.ts'
import { assignedName } from '../../../lib/plan/naming.ts'
import { type HistoryEntry, NameAnswer, type RecordAnswer } from '../../../schemas/api/answers.ts'
import type { IntentAnswer } from '../../../schemas/api/intent.ts'
import { Fqdn } from '../../../schemas/api/queries.ts'
import type { Intent, PolicyIntent } from '../../../schemas/model/intent.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { AuditEntry, OwnedRecord, Phase } from '../../../schemas/model/record.ts'
import type { State } from '../../store/state.ts'
import type { Deps } from '../deps.ts'
import { HttpError } from '../problem.ts'
import { foreignViews, holderOf, iso, leaseView, recordView } from '../views.ts'

/** Audit entries in an answer at most. */
const HISTORY = 100

/**
 * Phases in the order in which a record speaks for its name: the first that any record is in gives the answer's phase.
 */
const NEAREST: readonly Phase[] = [
  'published',
  'retained',
  'awaiting',
  'pending',
  'protected',
  'conflict',
  'removing',
  'removed',
]

const rank = (record: OwnedRecord): number => NEAREST.indexOf(record.phase) + (record.type === 'PTR' ? 100 : 0)

const leasesOf = (name: string, records: OwnedRecord[], state: State): Lease[] => {
  const holding = records.flatMap(record => state.leases.get(record.address) ?? [])
  return [...new Set([...state.leasesNamed(name), ...holding])]
}

const pointersTo = (name: string, addresses: Iterable<string>, state: State): OwnedRecord[] =>
  [...addresses].flatMap(address =>
    [...state.recordsOf(address)].filter(record => record.type === 'PTR' && record.value === name),
  )

const historyView = (entry: AuditEntry): HistoryEntry => ({ ...entry, at: iso(entry.at) })

const shownIntent = ({ kind, by, at, why, ...more }: Exclude<Intent, PolicyIntent>): IntentAnswer => ({
  kind,
  by,
  at: iso(at),
  why,
  until: 'until' in more ? iso(more.until) : null,
})

/** What people meant of a name, and is in force: of the name itself, and of the clients that have it by an assignment. */
const intentView = (
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
  const own = [pinInForce(intents, name, Date.now()), intents.promotion(name), ...new Set(assigned)]
  return own.flatMap(intent => (intent ? shownIntent(intent) : []))
}

type Named = Pick<Deps, 'store' | 'scopes' | 'audit' | 'queue'>

/** What others have at the names of these records, each once. */
const foreignAt = (records: OwnedRecord[]): RecordAnswer[] => {
  const own = new Set(
    records.filter(({ stopped }) => !stopped).map(({ name, type, value }) => `${name} ${type} ${value}`),
  )
  const all = records.flatMap(foreignViews).map(one => [`${one.name} ${one.type} ${one.value}`, one] as const)
  return [...new Map(all.filter(([key]) => !own.has(key))).values()]
}

/** The answer for a forward or reverse name (lower case, no trailing dot), or null when nothing is known of it. */
export const nameView = async (name: string, { store, scopes, audit, queue }: Named): Promise<NameAnswer | null> => {
  const { state } = store
  const own = [...state.recordsNamed(name)]
  const leases = leasesOf(name, own, state)
  const records = [
    ...new Set([
      ...own,
      ...pointersTo(
        name,
        leases.map(lease => lease.address),
        state,
      ),
    ]),
  ]
  const history = await audit.of(name, HISTORY)
  const intent = intentView(name, leases, { store, scopes })
  if (records.length + leases.length + history.length + intent.length === 0) return null
  const [first] = records.toSorted((a, b) => rank(a) - rank(b) || b.updatedAt - a.updatedAt)
  const scopeName = first?.scope ?? leases[0]?.scope
  const scope = scopes.all.find(one => one.name === scopeName)
  return {
    name,
    phase: first?.phase ?? null,
    reason: first?.reason ?? null,
    dueAt: iso(first?.dueAt ?? null),
    records: [...records.map(record => recordView(record, state, queue)), ...foreignAt(records)],
    leases: leases.map(lease => leaseView(lease, state)),
    policy: scope ? { scope: scope.name, ...scope.policy } : null,
    intent,
    history: history.map(historyView),
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
