import type { ScopeConfig } from '../../schemas/config/leasehold.ts'
import type { Client } from '../../schemas/model/lease.ts'
import { familyOf, networkOf } from '../address.ts'
import { ScopeTable } from '../plan/scope.ts'
import type { KeaConfiguration, Reservation, Subnet } from './kea-config.ts'

const canonicalSubnet = (subnet: string): string => {
  const network = networkOf(subnet)
  return typeof network === 'string' ? subnet : network.cidr
}

/** Only what was said: a key without a value overrides nothing. */
const said = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>

/** The scope of one of Kea's subnets, with what a configured scope around it says on top; null when it has no domain. */
const scopeOf = ({ subnet, ddnsSuffix, leasehold }: Subnet, around: ScopeConfig | null): ScopeConfig | null => {
  const domain = around?.domain ?? leasehold?.domain ?? ddnsSuffix
  if (!domain) return null
  const name = around && canonicalSubnet(around.subnet) === subnet ? around.name : subnet
  return { ...said(leasehold ?? {}), ...said(around ?? {}), name, subnet, domain }
}

export interface KeaScopes {
  scopes: ScopeConfig[]
  /** What a person should know, as sentences. */
  notes: string[]
}

/**
 * The scopes of a configuration together with those that Kea's subnets make: by DDNS suffix and `user-context.leasehold`,
 * with leasehold.json overriding field by field. A subnet within a configured scope becomes one of its own only where its
 * user context says something.
 */
export const scopesFrom = (configured: ScopeConfig[], keas: KeaConfiguration[]): KeaScopes => {
  const table = new ScopeTable(configured)
  const made = new Map(configured.map(scope => [canonicalSubnet(scope.subnet), scope]))
  const notes = keas.flatMap(({ issues }) =>
    issues.map(one => `${one.field}: expected ${one.expected}, got ${one.found}`),
  )
  for (const subnet of keas.flatMap(kea => kea.subnets)) {
    const around = table.find(subnet.subnet.split('/')[0]!)
    const saysNothing = Object.keys(said(subnet.leasehold ?? {})).length === 0
    if (around && saysNothing) continue
    const scope = scopeOf(subnet, around)
    if (scope) made.set(subnet.subnet, scope)
    else notes.push(`subnet ${subnet.subnet} of Kea has neither a DDNS suffix nor a domain, so its leases get no names`)
  }
  return { scopes: [...made.values()], notes }
}

/** What is reserved for a client, or null. */
export type ReservationOf = (client: Client, address: string) => Reservation | null

/** Finds the reservation of a client: in its subnet, or for all; by hardware address, client-id or DUID. */
export const reservationIndex = (keas: KeaConfiguration[]): ReservationOf => {
  const subnets = new ScopeTable(new Map(keas.flatMap(kea => kea.subnets).map(one => [one.subnet, one])).values())
  const index = new Map<string, Reservation>()
  for (const { family, reservations } of keas) {
    for (const one of reservations) {
      for (const identity of [
        one.hwAddress && `hw:${one.hwAddress}`,
        one.clientId && `id:${one.clientId}`,
        one.duid && `duid:${one.duid}`,
      ]) {
        if (identity) index.set(`${family} ${one.subnet} ${identity}`, one)
      }
    }
  }
  return (client, address) => {
    if (index.size === 0) return null
    const { hwAddress, clientId, duid } = client
    for (const subnet of [subnets.find(address)?.subnet ?? null, null]) {
      for (const identity of [`hw:${hwAddress}`, `id:${clientId}`, `duid:${duid}`]) {
        const found = index.get(`${familyOf(address)} ${subnet} ${identity}`)
        if (found) return found
      }
    }
    return null
  }
}
