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

/** The records that a list is asked for. Throws BadInput for an unknown scope or cursor. */
export const findRecords = (sidecar: Sidecar, query: ListQuery): Page<OwnedRecord> => {
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(sidecar.scopes, scope)
  const candidates =
    name !== undefined
      ? sidecar.recordsNamed(name)
      : address !== undefined
        ? sidecar.recordsOf(address)
        : sidecar.records.values()
  const matches = (record: OwnedRecord): boolean => {
    if (scope !== undefined && record.scope !== scope) return false
    if (phase !== undefined && record.phase !== phase) return false
    if (address !== undefined && record.address !== address) return false
    if (client === undefined) return true
    const holder = holderOf(sidecar.leases.get(record.address))
    return isClient(client, record.client, holder?.key === record.client ? holder : null)
  }
  return pageOf('records', candidates, record => record.key, matches, query)
}

/** The leases that a list is asked for; `phase` is that of a lease's A or AAAA. Throws as findRecords. */
export const findLeases = (sidecar: Sidecar, query: ListQuery): Page<Lease> => {
  const { scope, phase, name } = query
  const address = query.address && (canonical(query.address) ?? '')
  const client = query.client && plain(query.client)
  checkScope(sidecar.scopes, scope)
  const one = address === undefined ? undefined : sidecar.leases.get(address)
  const candidates =
    address !== undefined
      ? one
        ? [one]
        : []
      : name !== undefined
        ? sidecar.leasesNamed(name)
        : sidecar.leases.values()
  const matches = (lease: Lease): boolean => {
    if (scope !== undefined && lease.scope !== scope) return false
    if (name !== undefined && lease.name !== name) return false
    if (phase !== undefined && forwardOf(lease, sidecar)?.phase !== phase) return false
    if (client === undefined) return true
    const holder = holderOf(lease)
    return holder !== null && isClient(client, holder.key, holder)
  }
  return pageOf('leases', candidates, lease => lease.address, matches, query)
}
