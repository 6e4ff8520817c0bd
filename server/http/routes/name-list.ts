/*
 * GET /v1/names: one item a name, both families in it.
 *
 * All names are read once, a slice a turn, and only those of the page become items. So a list costs some microseconds a
 * name, holds nobody up, and needs no index that would have to be kept.
 */

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { toBytes } from '../../../lib/address.ts'
import { searchFor } from '../../../lib/input/search.ts'
import { macOf } from '../../../lib/plan/lease/identity.ts'
import { expiryOf } from '../../../lib/plan/lease/lease.ts'
import { type NameItem, NamePage, NameQuery, type Sort, type SortedBy } from '../../../schemas/api/names.ts'
import type { IntentKind } from '../../../schemas/model/intent.ts'
import type { Phase } from '../../../schemas/model/record.ts'
import { slices } from '../../slices.ts'
import type { Deps } from '../deps.ts'
import { factsOf, leaseOf, type NameFacts } from '../name-facts.ts'
import { type Page, pageOf } from '../pages.ts'
import { holderOf, iso, recordView } from '../views.ts'
import { checkScope } from './lists.ts'
import { intentView } from './names.ts'

type Parts = Pick<Deps, 'store' | 'scopes' | 'queue'>

const isLive = ({ phase }: { phase: string }): boolean => phase !== 'removed' && phase !== 'removing'

/** The addresses that a name has; of one that is gone those that it had. */
const addressesOf = ({ records, leases }: NameFacts): string[] => {
  const living = records.filter(isLive)
  const from = living.length > 0 ? living : records.length > 0 ? records : leases
  return [...new Set(from.map(({ address }) => address))]
}

const clientOf = (facts: NameFacts): string | null => {
  const lease = leaseOf(facts)
  return facts.speaker?.client ?? holderOf(lease)?.key ?? null
}

/** Texts by which a person finds a name. */
const textsOf = function* ({ name, records, leases }: NameFacts): Generator<string> {
  yield name
  for (const { address, client } of records) {
    yield address
    yield client
  }
  for (const lease of leases) {
    yield lease.address
    const holder = holderOf(lease)
    if (holder) yield holder.key
    yield (holder && macOf(holder)) ?? ''
  }
}

/** What people meant of a name, and of the clients that hold its leases. */
const intentOf = ({ name, leases }: NameFacts, parts: Parts): IntentKind[] =>
  parts.store.intents.size === 0 ? [] : [...new Set(intentView(name, leases, parts).map(({ kind }) => kind))]

/** A number as a text that sorts as it does; what is not known comes last. */
const sortable = (at: number | null | undefined): string => (at == null ? '~' : String(at).padStart(16, '0'))

const sortableAddress = (address: string | undefined): string => {
  if (address === undefined) return '~'
  const bytes = toBytes(address)!
  return `${bytes.length === 4 ? 4 : 6}${Buffer.from(bytes).toString('hex')}`
}

const expiryIn = (facts: NameFacts): number | null => {
  const lease = leaseOf(facts)
  return lease ? expiryOf(lease) : null
}

const scopeIn = (facts: NameFacts): string | null => facts.speaker?.scope ?? facts.leases[0]?.scope ?? null

/** The phases that want a person, the most urgent first. All others come after them. */
const NEEDS: Partial<Record<Phase, string>> = { conflict: '0', protected: '1', awaiting: '2' }

const needOf = ({ speaker }: NameFacts): string => {
  const need = speaker && NEEDS[speaker.phase]
  return need === undefined ? '~' : `${need}${sortable(speaker?.dueAt)}`
}

const SORT_KEY: Record<SortedBy, (facts: NameFacts) => string> = {
  name: () => '',
  need: needOf,
  phase: ({ speaker }) => speaker?.phase ?? '~',
  scope: facts => scopeIn(facts) ?? '~',
  client: facts => clientOf(facts) ?? '~',
  address: facts => sortableAddress(addressesOf(facts)[0]),
  updatedAt: ({ speaker }) => sortable(speaker?.updatedAt),
  dueAt: ({ speaker }) => sortable(speaker?.dueAt),
  expiry: facts => sortable(expiryIn(facts)),
}

/** The key by which a name has its place. Names with the same value are ordered by name. */
const keyFor = (sort: Sort) => {
  const partOf = SORT_KEY[sort.replace('-', '') as SortedBy]
  return (facts: NameFacts): string => `${partOf(facts)} ${facts.name}`
}

const itemOf = (facts: NameFacts, intent: IntentKind[], { store: { state }, queue }: Parts): NameItem => {
  const { name, records, speaker } = facts
  const said = speaker && recordView(speaker, state, queue)
  return {
    name,
    phase: said?.phase ?? null,
    rule: said?.rule ?? null,
    reason: said?.reason ?? null,
    dueAt: said?.dueAt ?? null,
    origin: said?.origin ?? null,
    scope: scopeIn(facts),
    addresses: addressesOf(facts),
    records: records.map(({ name, type, value, phase }) => ({ name, type, value, phase })),
    client: clientOf(facts),
    hostname: leaseOf(facts)?.grants.at(-1)?.hostname || null,
    expiry: iso(expiryIn(facts)),
    intent,
    updatedAt: iso(speaker?.updatedAt ?? null),
  }
}

/** All names of which something is known: of leases, of records, and of what people meant. */
const allNames = function* ({ store }: Parts): Generator<NameFacts> {
  const { state } = store
  for (const name of state.names()) yield factsOf(name, state)
  for (const intent of store.intents.values()) {
    if (intent.kind === 'policy' || intent.kind === 'assign') continue
    const facts = factsOf(intent.name, state)
    if (facts.records.length + facts.leases.length === 0) yield facts
  }
}

/** Items that are made before others have their turn: each has its reason to be written. */
const AT_ONCE = 100

/** The page of names for a query. @throws InvalidInput for an unknown scope or cursor. */
const findNames = async (parts: Parts, query: NameQuery): Promise<Page<NameItem>> => {
  const { scope, phase, origin, intent, sort } = query
  checkScope(parts.scopes, scope)
  const search = query.q === undefined ? null : searchFor(query.q)
  const matches = (facts: NameFacts): boolean => {
    const { speaker, records, leases } = facts
    if (phase !== undefined && speaker?.phase !== phase) return false
    if (origin !== undefined && speaker?.origin !== origin) return false
    if (scope !== undefined && ![...records, ...leases].some(one => one.scope === scope)) return false
    if (intent !== undefined && !intentOf(facts, parts).includes(intent)) return false
    return search === null || search(textsOf(facts))
  }
  const listing = { list: `names by ${sort}`, keyOf: keyFor(sort), matches, descending: sort.startsWith('-') }
  const { items: found, ...page } = await pageOf(allNames(parts), listing, query)
  const items: NameItem[] = []
  for await (const slice of slices(found, AT_ONCE))
    for (const facts of slice) items.push(itemOf(facts, intentOf(facts, parts), parts))
  return { items, ...page }
}

export const nameListRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/names',
      config: { role: 'read' },
      schema: {
        operationId: 'listNames',
        tags: ['Names'],
        summary: 'List names',
        description:
          'One item a name, both families in it: its phase, the reason, its addresses and client, and what people meant of it.',
        querystring: NameQuery,
        response: { 200: NamePage },
      },
      handler: ({ query }) => findNames(parts, query),
    })
  }
