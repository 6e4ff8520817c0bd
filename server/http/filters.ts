import { canonical } from '../../lib/address.ts'
import { BadInput, found } from '../../lib/bad-input.ts'
import type { Client, Lease } from '../../schemas/lease.ts'
import type { ListQuery } from '../../schemas/queries.ts'
import type { OwnedRecord } from '../../schemas/record.ts'
import type { Sidecar } from '../sidecar.ts'
import { type Page, pageOf } from './page.ts'
import { forwardOf, holderOf } from './view.ts'

const plain = (client: string): string => client.toLowerCase().replaceAll('-', ':')

const bare = (key: string): string => key.replace(/^(?:id|hw|duid):/, '').replace(/\/\d+$/, '')

const isClient = (wanted: string, key: string, client: Client | null): boolean =>
  [key, bare(key), client?.clientId, client?.hwAddress, client?.duid].includes(wanted)

/** Throws BadInput when no scope has the name that is asked for. */
const checkScope = (scopes: Sidecar['scopes'], scope: string | undefined): void => {
  if (scope === undefined || scopes.some(({ name }) => name === scope)) return
  const expected = `the name of a scope (${scopes.map(({ name }) => name).join(', ')})`
  throw new BadInput([{ field: 'scope', expected, found: found(scope) }])
}

/** The fewest records, or leases, among which those of a name and an address are. */
const recordsFor = (sidecar: Sidecar, name?: string, address?: string): Iterable<OwnedRecord> => {
  if (name !== undefined) return sidecar.recordsNamed(name)
  return address === undefined ? sidecar.records.values() : sidecar.recordsOf(address)
}

const leasesFor = (sidecar: Sidecar, name?: string, address?: string): Iterable<Lease> => {
  if (address !== undefined) return [sidecar.leases.get(address) ?? []].flat()
  return name === undefined ? sidecar.leases.values() : sidecar.leasesNamed(name)
}

/** The records that a list is asked for. Throws BadInput for an unknown scope or cursor. */
export const findRecords = (sidecar: Sidecar, query: ListQuery): Page<OwnedRecord> => {
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(sidecar.scopes, scope)
  const matches = (record: OwnedRecord): boolean => {
    if (scope !== undefined && record.scope !== scope) return false
    if (phase !== undefined && record.phase !== phase) return false
    if (address !== undefined && record.address !== address) return false
    if (client === undefined) return true
    const holder = holderOf(sidecar.leases.get(record.address))
    return isClient(client, record.client, holder?.key === record.client ? holder : null)
  }
  return pageOf('records', recordsFor(sidecar, name, address), record => record.key, matches, query)
}

/** The leases that a list is asked for; `phase` is that of a lease's A or AAAA. Throws as findRecords. */
export const findLeases = (sidecar: Sidecar, query: ListQuery): Page<Lease> => {
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(sidecar.scopes, scope)
  const matches = (lease: Lease): boolean => {
    if (scope !== undefined && lease.scope !== scope) return false
    if (name !== undefined && lease.name !== name) return false
    if (phase !== undefined && forwardOf(lease, sidecar)?.phase !== phase) return false
    if (client === undefined) return true
    const holder = holderOf(lease)
    return holder !== null && isClient(client, holder.key, holder)
  }
  return pageOf('leases', leasesFor(sidecar, name, address), lease => lease.address, matches, query)
}
