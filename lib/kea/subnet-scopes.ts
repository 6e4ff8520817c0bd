/*
 * Makes scopes of the subnets in Kea's configuration, and finds the host reservation of a client.
 */

import type { ScopeConfig } from '../../schemas/config/leasehold.ts'
import type { Client } from '../../schemas/model/lease.ts'
import { familyOf, networkOf } from '../address.ts'
import { sentenceOf } from '../input/bad-input.ts'
import { ScopeTable } from '../plan/scope.ts'
import type { KeaConfiguration, Reservation, Subnet } from './kea-config.ts'

const canonicalSubnet = (subnet: string): string => {
  const network = networkOf(subnet)
  return typeof network === 'string' ? subnet : network.cidr
}

/** Without the keys whose value is undefined, so that such a key overrides nothing. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>

/**
 * The scope of one of Kea's subnets; a configured scope around it overrides field by field. Null when it has no domain.
 */
const scopeOf = ({ subnet, ddnsSuffix, leasehold }: Subnet, around: ScopeConfig | null): ScopeConfig | null => {
  const domain = around?.domain ?? leasehold?.domain ?? ddnsSuffix
  if (!domain) return null
  const name = around && canonicalSubnet(around.subnet) === subnet ? around.name : subnet
  return { ...defined(leasehold ?? {}), ...defined(around ?? {}), name, subnet, domain }
}

export interface KeaScopes {
  scopes: ScopeConfig[]
  /** Sentences for the log about what in Kea's configuration is wrong or missing. */
  notes: string[]
}

/**
 * The scopes of leasehold.json, and those that Kea's subnets make by their DDNS suffix and `user-context.leasehold`.
 * leasehold.json overrides Kea field by field. A subnet inside a configured scope becomes a scope of its own only when
 * its user context sets a field.
 */
export const scopesFrom = (configured: ScopeConfig[], keas: KeaConfiguration[]): KeaScopes => {
  const table = new ScopeTable(configured)
  const made = new Map(configured.map(scope => [canonicalSubnet(scope.subnet), scope]))
  const notes = keas.flatMap(({ issues }) => issues.map(sentenceOf))
  for (const subnet of keas.flatMap(kea => kea.subnets)) {
    const around = table.find(subnet.subnet.split('/')[0]!)
    const isPlain = Object.keys(defined(subnet.leasehold ?? {})).length === 0
    if (around && isPlain) continue
    const scope = scopeOf(subnet, around)
    if (scope) made.set(subnet.subnet, scope)
    else notes.push(`subnet ${subnet.subnet} of Kea has neither a DDNS suffix nor a domain, so its leases get no names`)
  }
  return { scopes: [...made.values()], notes }
}

/** Returns the reservation of a client that holds an address, or null. */
export type ReservationOf = (client: Client, address: string) => Reservation | null

/**
 * Indexes the reservations. A lookup tries the subnet of the address before the reservations for every subnet, and in
 * each the hardware address, then the client-id, then the DUID.
 */
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
