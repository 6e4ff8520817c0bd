import { canonical } from '../../lib/address.ts'
import { InvalidInput, shown } from '../../lib/input/bad-input.ts'
import type { ListQuery } from '../../schemas/api/queries.ts'
import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { LiveScopes } from '../scopes.ts'
import type { State } from '../store/state.ts'
import type { Deps } from './deps.ts'
import { forwardOf, holderOf } from './views.ts'

interface Page<T> {
  items: T[]
  /** The cursor of the next page, or null on the last one. */
  next: string | null
}

export interface Paging {
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
 * One page of a list in the order of its keys, so that what comes and goes between two pages moves nothing else. Reads
 * all items once and sorts no more of them than a page holds. Throws InvalidInput for a cursor of another list.
 */
const pageOf = <T>(
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

/** Throws InvalidInput when no scope has the name that is asked for. */
const checkScope = ({ all }: LiveScopes, scope: string | undefined): void => {
  if (scope === undefined || all.some(({ name }) => name === scope)) return
  const expected = `the name of a scope (${all.map(({ name }) => name).join(', ')})`
  throw new InvalidInput([{ field: 'scope', expected, found: shown(scope) }])
}

type Listed = Pick<Deps, 'store' | 'scopes'>

/** The fewest records, or leases, among which those of a name and an address are. */
const recordsFor = (state: State, name?: string, address?: string): Iterable<OwnedRecord> => {
  if (name !== undefined) return state.recordsNamed(name)
  return address === undefined ? state.records.values() : state.recordsOf(address)
}

const leasesFor = (state: State, name?: string, address?: string): Iterable<Lease> => {
  if (address !== undefined) return [state.lease(address) ?? []].flat()
  return name === undefined ? state.leases.values() : state.leasesNamed(name)
}

/** The records that a list is asked for. Throws InvalidInput for an unknown scope or cursor. */
export const findRecords = ({ store, scopes }: Listed, query: ListQuery): Page<OwnedRecord> => {
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

/** The leases that a list is asked for; `phase` is that of a lease's A or AAAA. Throws as findRecords. */
export const findLeases = ({ store, scopes }: Listed, query: ListQuery): Page<Lease> => {
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
