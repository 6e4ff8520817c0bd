/*
 * Records and leases in pages.
 *
 * A filter that names a name or an address is answered from the store's index. Any other filter reads all items once.
 */

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { canonical } from '../../../lib/address.ts'
import { InvalidInput, shown } from '../../../lib/input/bad-input.ts'
import { searchFor } from '../../../lib/input/search.ts'
import { LeasePage, RecordPage } from '../../../schemas/api/answers.ts'
import { ListQuery } from '../../../schemas/api/queries.ts'
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { LiveScopes } from '../../scopes.ts'
import type { State } from '../../store/state.ts'
import type { Deps } from '../deps.ts'
import { type Page, pageOf } from '../pages.ts'
import { forwardOf, holderOf, leaseView, recordView } from '../views.ts'

const plain = (client: string): string => client.toLowerCase().replaceAll('-', ':')

const bare = (key: string): string => key.replace(/^(?:id|hw|duid):/, '').replace(/\/\d+$/, '')

const isClient = (wanted: string, key: string, client: Client | null): boolean =>
  [key, bare(key), client?.clientId, client?.hwAddress, client?.duid].includes(wanted)

/** @throws InvalidInput when a scope is asked for that does not exist. */
export const checkScope = ({ all }: LiveScopes, scope: string | undefined): void => {
  if (scope === undefined || all.some(({ name }) => name === scope)) return
  const expected = `the name of a scope (${all.map(({ name }) => name).join(', ')})`
  throw new InvalidInput([{ field: 'scope', expected, found: shown(scope) }])
}

type ListDeps = Pick<Deps, 'store' | 'scopes'>

/**
 * The smallest set of records that the store's indexes give for these filters. `leasesFor` does the same for leases.
 */
const recordsFor = (state: State, name?: string, address?: string): Iterable<OwnedRecord> => {
  if (name !== undefined) return state.recordsNamed(name)
  return address === undefined ? state.records.values() : state.recordsOf(address)
}

const leasesFor = (state: State, name?: string, address?: string): Iterable<Lease> => {
  if (address !== undefined) return [state.lease(address) ?? []].flat()
  return name === undefined ? state.leases.values() : state.leasesNamed(name)
}

/** The page of records for a query. @throws InvalidInput for an unknown scope or cursor. */
const findRecords = ({ store, scopes }: ListDeps, query: ListQuery): Promise<Page<OwnedRecord>> => {
  const { state } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  const search = query.q === undefined ? null : searchFor(query.q)
  checkScope(scopes, scope)
  const matches = (record: OwnedRecord): boolean => {
    if (scope !== undefined && record.scope !== scope) return false
    if (phase !== undefined && record.phase !== phase) return false
    if (address !== undefined && record.address !== address) return false
    if (client === undefined && search === null) return true
    const holder = holderOf(state.leases.get(record.address))
    const whose = holder?.key === record.client ? holder : null
    if (client !== undefined && !isClient(client, record.client, whose)) return false
    return search === null || search([record.name, record.value, record.address, record.client, whose?.hwAddress ?? ''])
  }
  const keyOf = ({ key }: OwnedRecord) => key
  return pageOf(recordsFor(state, name, address), { list: 'records', keyOf, matches }, query)
}

/** The page of leases for a query. Its `phase` is that of a lease's A or AAAA record. @throws as findRecords. */
const findLeases = ({ store, scopes }: ListDeps, query: ListQuery): Promise<Page<Lease>> => {
  const { state } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  const search = query.q === undefined ? null : searchFor(query.q)
  checkScope(scopes, scope)
  const matches = (lease: Lease): boolean => {
    if (scope !== undefined && lease.scope !== scope) return false
    if (name !== undefined && lease.name !== name) return false
    if (phase !== undefined && forwardOf(lease, state)?.phase !== phase) return false
    if (client === undefined && search === null) return true
    const holder = holderOf(lease)
    if (client !== undefined && !(holder !== null && isClient(client, holder.key, holder))) return false
    return search === null || search([lease.name ?? '', lease.address, holder?.key ?? '', holder?.hwAddress ?? ''])
  }
  const keyOf = (lease: Lease) => lease.address
  return pageOf(leasesFor(state, name, address), { list: 'leases', keyOf, matches }, query)
}

/** GET /v1/records and /v1/leases. */
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
        const { items, next } = await findRecords(parts, query)
        return { items: items.map(record => recordView(record, parts.store.state, parts.queue)), next }
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
        const { items, next } = await findLeases(parts, query)
        return { items: items.map(lease => leaseView(lease, parts.store.state)), next }
      },
    })
  }
