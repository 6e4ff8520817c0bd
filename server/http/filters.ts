import { canonical } from '../../lib/address.ts'
import { BadInput, found } from '../../lib/bad-input.ts'
import type { Client, Lease } from '../../schemas/lease.ts'
import type { ListQuery } from '../../schemas/queries.ts'
import type { OwnedRecord } from '../../schemas/record.ts'
import type { LiveScopes } from '../live-scopes.ts'
import type { Estate } from '../store/estate.ts'
import { type Page, pageOf } from './page.ts'
import type { Parts } from './parts.ts'
import { forwardOf, holderOf } from './view.ts'

const plain = (client: string): string => client.toLowerCase().replaceAll('-', ':')

const bare = (key: string): string => key.replace(/^(?:id|hw|duid):/, '').replace(/\/\d+$/, '')

const isClient = (wanted: string, key: string, client: Client | null): boolean =>
  [key, bare(key), client?.clientId, client?.hwAddress, client?.duid].includes(wanted)

/** Throws BadInput when no scope has the name that is asked for. */
const checkScope = ({ all }: LiveScopes, scope: string | undefined): void => {
  if (scope === undefined || all.some(({ name }) => name === scope)) return
  const expected = `the name of a scope (${all.map(({ name }) => name).join(', ')})`
  throw new BadInput([{ field: 'scope', expected, found: found(scope) }])
}

type Listed = Pick<Parts, 'store' | 'scopes'>

/** The fewest records, or leases, among which those of a name and an address are. */
const recordsFor = (estate: Estate, name?: string, address?: string): Iterable<OwnedRecord> => {
  if (name !== undefined) return estate.recordsNamed(name)
  return address === undefined ? estate.records.values() : estate.recordsOf(address)
}

const leasesFor = (estate: Estate, name?: string, address?: string): Iterable<Lease> => {
  if (address !== undefined) return [estate.lease(address) ?? []].flat()
  return name === undefined ? estate.leases.values() : estate.leasesNamed(name)
}

/** The records that a list is asked for. Throws BadInput for an unknown scope or cursor. */
export const findRecords = ({ store, scopes }: Listed, query: ListQuery): Page<OwnedRecord> => {
  const { estate } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(scopes, scope)
  const matches = (record: OwnedRecord): boolean => {
    if (scope !== undefined && record.scope !== scope) return false
    if (phase !== undefined && record.phase !== phase) return false
    if (address !== undefined && record.address !== address) return false
    if (client === undefined) return true
    const holder = holderOf(estate.leases.get(record.address))
    return isClient(client, record.client, holder?.key === record.client ? holder : null)
  }
  return pageOf('records', recordsFor(estate, name, address), record => record.key, matches, query)
}

/** The leases that a list is asked for; `phase` is that of a lease's A or AAAA. Throws as findRecords. */
export const findLeases = ({ store, scopes }: Listed, query: ListQuery): Page<Lease> => {
  const { estate } = store
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(scopes, scope)
  const matches = (lease: Lease): boolean => {
    if (scope !== undefined && lease.scope !== scope) return false
    if (name !== undefined && lease.name !== name) return false
    if (phase !== undefined && forwardOf(lease, estate)?.phase !== phase) return false
    if (client === undefined) return true
    const holder = holderOf(lease)
    return holder !== null && isClient(client, holder.key, holder)
  }
  return pageOf('leases', leasesFor(estate, name, address), lease => lease.address, matches, query)
}
