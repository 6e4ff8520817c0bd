/*
 * Lists with filters and a cursor: records and leases in pages.
 *
 * A page is cut by key, not by number. So a record that comes or goes between two requests shifts no other:
 *
 *     keys a b c d e, limit 2   →   a b, next = "records b"
 *     then a goes and bb comes  →   bb c, next = "records c"
 *
 * A filter that names a name or an address is answered from the store's index. Any other filter reads all items once.
 */

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { canonical } from '../../../lib/address.ts'
import { InvalidInput, shown } from '../../../lib/input/bad-input.ts'
import { LeasePage, RecordPage } from '../../../schemas/api/answers.ts'
import { ListQuery } from '../../../schemas/api/queries.ts'
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { LiveScopes } from '../../scopes.ts'
import type { State } from '../../store/state.ts'
import type { Deps } from '../deps.ts'
import { forwardOf, holderOf, leaseView, recordView } from '../views.ts'

interface Page<T> {
  items: T[]
  /** The cursor of the next page; null on the last one. */
  next: string | null
}

interface Paging {
  limit: number
  cursor?: string
}

const encode = (list: string, key: string): string => Buffer.from(`${list} ${key}`).toString('base64url')

const decode = (list: string, cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString()
  const key = text.slice(list.length + 1)
  if (encode(list, key) === cursor) return key
  throw new InvalidInput([{ field: 'cursor', expected: `"next" of a page of ${list}`, found: shown(cursor) }])
}

const byKey = <T>(a: [string, T], b: [string, T]): number => (a[0] < b[0] ? -1 : 1)

/**
 * One page of the items that match, in the order of their keys. Reads all items once, and keeps few more of them than a
 * page holds.
 * @throws InvalidInput for a cursor of another list.
 */
export const pageOf = <T>(
  list: string,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  matches: (item: T) => boolean,
  { limit, cursor }: Paging,
): Page<T> => {
  const after = cursor === undefined ? '' : decode(list, cursor)
  let kept: [string, T][] = []
  const trim = (most: number) => {
    kept = kept.sort(byKey).slice(0, most)
  }
  for (const item of items) {
    const key = keyOf(item)
    if (key > after && matches(item)) kept.push([key, item])
    if (kept.length > 4 * limit + 1000) trim(limit + 1)
  }
  trim(limit + 1)
  const page = kept.slice(0, limit)
  return { items: page.map(([, item]) => item), next: kept.length > limit ? encode(list, page.at(-1)![0]) : null }
}

const plain = (client: string): string => client.toLowerCase().replaceAll('-', ':')

const bare = (key: string): string => key.replace(/^(?:id|hw|duid):/, '').replace(/\/\d+$/, '')

const isClient = (wanted: string, key: string, client: Client | null): boolean =>
  [key, bare(key), client?.clientId, client?.hwAddress, client?.duid].includes(wanted)

/** @throws InvalidInput when a scope is asked for that does not exist. */
const checkScope = ({ all }: LiveScopes, scope: string | undefined): void => {
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
const findRecords = ({ store, scopes }: ListDeps, query: ListQuery): Page<OwnedRecord> => {
  const { state } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(scopes, scope)
  const matches = (record: OwnedRecord): boolean => {
    if (scope !== undefined && record.scope !== scope) return false
    if (phase !== undefined && record.phase !== phase) return false
    if (address !== undefined && record.address !== address) return false
    if (client === undefined) return true
    const holder = holderOf(state.leases.get(record.address))
    return isClient(client, record.client, holder?.key === record.client ? holder : null)
  }
  return pageOf('records', recordsFor(state, name, address), record => record.key, matches, query)
}

/** The page of leases for a query. Its `phase` is that of a lease's A or AAAA record. @throws as findRecords. */
const findLeases = ({ store, scopes }: ListDeps, query: ListQuery): Page<Lease> => {
  const { state } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(scopes, scope)
  const matches = (lease: Lease): boolean => {
    if (scope !== undefined && lease.scope !== scope) return false
    if (name !== undefined && lease.name !== name) return false
    if (phase !== undefined && forwardOf(lease, state)?.phase !== phase) return false
    if (client === undefined) return true
    const holder = holderOf(lease)
    return holder !== null && isClient(client, holder.key, holder)
  }
  return pageOf('leases', leasesFor(state, name, address), lease => lease.address, matches, query)
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
        const { items, next } = findRecords(parts, query)
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
        const { items, next } = findLeases(parts, query)
        return { items: items.map(lease => leaseView(lease, parts.store.state)), next }
      },
    })
  }
