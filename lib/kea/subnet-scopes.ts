/*
 * Makes scopes of the subnets in Kea's configuration, and finds which host reservations are in force where.
 */

import type { ReservationConfig, ScopeConfig } from '../../schemas/config/leasehold.ts'
import { familyOf, isBetween, networkOf } from '../address.ts'
import { sentenceOf, shown } from '../input/bad-input.ts'
import { fieldsIn, type PolicyLayers } from '../plan/scope/policy.ts'
import type { ReservedHost } from '../plan/scope/reservations.ts'
import { ScopeTable } from '../plan/scope/scope.ts'
import type { PlacedGroup, SilentSubnet } from '../plan/scope/scope-set.ts'
import {
  BY_DEFAULT,
  type KeaConfiguration,
  type Modes,
  type Pool,
  type Reservation,
  type Subnet,
} from './kea-config.ts'

const canonicalSubnet = (subnet: string): string => {
  const network = networkOf(subnet)
  return typeof network === 'string' ? subnet : network.cidr
}

/** Without the keys whose value is undefined, so that such a key overrides nothing. */
const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>

/** Kea takes suffixes that no name can have: ".lan", "lab..x", a label of 64 characters, "bücher.example". */
const DOMAIN = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/

/** The DDNS suffix of a subnet or pool, and a note instead where no name can have it. */
const suffixOf = (where: string, suffix: string | null, notes: string[]): string | null => {
  if (suffix === null || DOMAIN.test(suffix)) return suffix
  const expected = 'a domain name of letters, digits and dashes'
  notes.push(
    `${where} of Kea: ddns-qualifying-suffix: expected ${expected}, got ${shown(suffix)}; its leases get no names`,
  )
  return null
}

/** A pool with a domain of its own. */
export type PoolDomain = Pick<Pool, 'first' | 'last'> & { domain: string }

/**
 * A scope as it is configured. `pools`: those of Kea's pools that have a domain of their own. `layers`: who said which of
 * its policy fields, where Kea said some.
 */
export type ConfiguredScope = ScopeConfig & { pools?: PoolDomain[]; layers?: Pick<PolicyLayers, 'kea' | 'config'> }

const poolsOf = ({ pools = [], subnet }: Subnet, notes: string[]): PoolDomain[] =>
  pools.flatMap(({ first, last, ddnsSuffix }) => {
    const domain = suffixOf(`pool ${first}-${last} in subnet ${subnet}`, ddnsSuffix, notes)
    return domain === null ? [] : [{ first, last, domain }]
  })

/**
 * The scope of one of Kea's subnets; a configured scope around it overrides field by field. Null when it has no domain.
 */
const scopeOf = (subnet: Subnet, around: ScopeConfig | null, notes: string[]): ConfiguredScope | null => {
  const { subnet: cidr, leasehold } = subnet
  const given = around?.domain ?? leasehold?.domain
  const pools = given === undefined ? poolsOf(subnet, notes) : []
  const domain = given ?? suffixOf(`subnet ${cidr}`, subnet.ddnsSuffix, notes) ?? pools[0]?.domain
  if (!domain) return null
  const name = around && canonicalSubnet(around.subnet) === cidr ? around.name : cidr
  const layers = { kea: fieldsIn(leasehold ?? {}), config: fieldsIn(around ?? {}) }
  const scope = { ...defined(leasehold ?? {}), ...defined(around ?? {}), name, subnet: cidr, domain, layers }
  return pools.length > 0 ? { ...scope, pools } : scope
}

/** What of a subnet has no names, as Kea sends no DNS updates for it; null when all of it has. A pool says it for itself. */
const silentIn = ({ subnet, pools = [], ...rest }: Subnet): SilentSubnet | null => {
  const isSilent = rest.isSilent === true
  const others = pools.filter(({ sendsUpdates }) => sendsUpdates === isSilent)
  const silent = { subnet, rule: 'updates-off' as const }
  if (others.length === 0) return isSilent ? silent : null
  const isOther = (address: string) => others.some(({ first, last }) => isBetween(address, first, last))
  return { ...silent, at: address => isOther(address) !== isSilent }
}

export interface KeaScopes {
  scopes: ConfiguredScope[]
  /** Subnets, or pools of them, for which Kea is told to send no DNS updates. */
  silent: SilentSubnet[]
  /** Sentences for the log about what in Kea's configuration is wrong or missing. */
  notes: string[]
}

/**
 * The scopes of leasehold.json, and those that Kea's subnets make by their DDNS suffix and `user-context.leasehold`.
 * leasehold.json overrides Kea field by field. A subnet inside a configured scope becomes a scope of its own only when
 * its user context sets a field. What is wrong with one subnet is a note, and that subnet has no scope.
 */
export const scopesFrom = (configured: ScopeConfig[], keas: KeaConfiguration[]): KeaScopes => {
  const table = new ScopeTable(configured)
  const made = new Map<string, ConfiguredScope>(configured.map(scope => [canonicalSubnet(scope.subnet), scope]))
  const silent = new Map<string, SilentSubnet>()
  const notes = keas.flatMap(({ issues }) => issues.map(sentenceOf))
  for (const subnet of keas.flatMap(kea => kea.subnets)) {
    const quiet = silentIn(subnet)
    if (quiet) silent.set(subnet.subnet, quiet)
    const around = table.find(subnet.subnet.split('/')[0]!)
    const isPlain = Object.keys(defined(subnet.leasehold ?? {})).length === 0
    if ((quiet && !quiet.at) || (around && isPlain)) continue
    const before = notes.length
    const scope = scopeOf(subnet, around, notes)
    if (scope) made.set(subnet.subnet, scope)
    else if (notes.length === before)
      notes.push(`subnet ${subnet.subnet} of Kea has neither a DDNS suffix nor a domain, so its leases get no names`)
  }
  return { scopes: [...made.values()], silent: [...silent.values()], notes }
}

/** The domain at an address of a scope, where its pool has one. */
export const domainIn =
  (pools: PoolDomain[]) =>
  (address: string): string | null =>
    pools.find(({ first, last }) => isBetween(address, first, last))?.domain ?? null

const baseOf = (subnet: string): string => subnet.split('/')[0]!

const modesIn = ({ reservations }: Subnet): Modes => reservations ?? BY_DEFAULT

const inAnyPool = (subnet: Subnet, address: string): boolean =>
  (subnet.pools ?? []).some(({ first, last }) => isBetween(address, first, last))

/** The groups of one Kea's reservations: a group for each subnet that has some, then the global ones. */
const groupsOf = ({ family, subnets, reservations, hosts: inDatabase = [] }: KeaConfiguration): PlacedGroup[] => {
  const table = new ScopeTable(new Map(subnets.map(one => [one.subnet, one])).values())
  const modesAt = (address: string): Modes | null => {
    const subnet = table.find(address)
    return subnet && modesIn(subnet)
  }
  /** With `reservations-out-of-pool` Kea does not look whether an address of a pool is reserved. */
  const mayReserve = (address: string): boolean => {
    const subnet = table.find(address)
    return !subnet || !modesIn(subnet).outOfPool || !inAnyPool(subnet, address)
  }
  const bySubnet = Map.groupBy([...reservations, ...inDatabase], ({ subnet }) => subnet)
  const own = subnets.flatMap((subnet): PlacedGroup[] => {
    const hosts = bySubnet.get(subnet.subnet)
    if (!hosts || !modesIn(subnet).inSubnet) return []
    const isInForce = (address: string) => table.find(address)?.subnet === subnet.subnet
    return [{ family, hosts, isInForce, mayReserve, places: [baseOf(subnet.subnet)] }]
  })
  const hosts = bySubnet.get(null) ?? []
  const places = subnets.filter(subnet => modesIn(subnet).global).map(({ subnet }) => baseOf(subnet))
  const isInForce = (address: string) => modesAt(address)?.global ?? false
  const inForce = (host: Reservation): Reservation => ({ ...host, addresses: host.addresses.filter(isInForce) })
  return [...own, { family, hosts: places.length > 0 ? hosts.map(inForce) : [], isInForce, mayReserve, places }]
}

const hostOf = ({ client, name = '', address }: ReservationConfig): ReservedHost => {
  const [kind, identifier] = [client.slice(0, client.indexOf(':')), client.slice(client.indexOf(':') + 1)]
  const only = (one: string) => (kind === one ? identifier : null)
  const addresses = address === undefined ? [] : [address]
  return { hwAddress: only('hw'), clientId: only('id'), duid: only('duid'), hostname: name, addresses }
}

/** The groups of leasehold.json's reservations, a scope each; a scope that is not there has none. */
const configuredGroups = (written: readonly ReservationConfig[], scopes: ScopeConfig[]): PlacedGroup[] =>
  scopes.flatMap((scope): PlacedGroup[] => {
    const hosts = written.filter(one => one.scope === scope.name).map(hostOf)
    if (hosts.length === 0) return []
    const table = new ScopeTable([scope])
    const isInForce = (address: string) => table.find(address) !== null
    const base = baseOf(scope.subnet)
    return [{ family: familyOf(base), hosts, isInForce, mayReserve: isInForce, places: [base] }]
  })

/** All reservations in force: those of leasehold.json, then Kea's, as Kea looks for them in each of its subnets. */
export const reservationsIn = (
  written: readonly ReservationConfig[],
  scopes: ScopeConfig[],
  keas: KeaConfiguration[],
): PlacedGroup[] => [...configuredGroups(written, scopes), ...keas.flatMap(groupsOf)]
