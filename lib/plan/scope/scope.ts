/*
 * A scope: a subnet, the policy of its leases, and where their names are published.
 *
 *     address ──► longest prefix ──► scope ──► policy
 *                                      └─────► zoneOf(name) ──► server and zone, or null
 */
import type { ScopeConfig } from '../../../schemas/config/leasehold.ts'
import type { Client } from '../../../schemas/model/lease.ts'
import type { Policy, PolicyFields } from '../../../schemas/model/policy.ts'
import { type Family, familyOf, networkOf, prefixOf, reverseName, toBytes } from '../../address.ts'
import {
  classlessHolds,
  classlessName,
  isClassless,
  isReverse,
  reverseZonesOf,
  zoneFor,
  zonesOf,
} from '../../dns/zone/zone-names.ts'
import type { Refusal } from './hostname.ts'
import { fieldsIn, mergedFields, type PolicyLayers, policyOf } from './policy.ts'

/** Where a name is published: which server (by the name of its entry in `dns`), and which of its zones. */
export interface ZoneRef {
  endpoint: string
  zone: string
}

/** A subnet with its policy, and the zones in which its names are published. */
export interface Scope {
  name: string
  subnet: string
  domain: string
  policy: Policy
  /** Who said which of its fields. */
  layers?: PolicyLayers
  /** The server and zone of a forward or reverse name; null when no zone of the scope's backend holds it. */
  zoneOf: (name: string) => ZoneRef | null
  /** The name of an address' PTR, where it can be another than its reverse name: in a zone of RFC 2317. */
  ptrNameOf?: (address: string) => string
  /** Reverse zones of the subnet that no zone of the backend holds: the addresses there get no PTR. */
  ptrless?: string[]
  /** The server makes the PTRs of addresses by itself, so that none is published. */
  derivesPtr?: boolean
  /** All addresses of a client were asked for, those too that it made itself and registered (RFC 9686). */
  takesRegistered?: boolean
  /** What is reserved for a client: a host name, which may be empty. Null when nothing is reserved. */
  reserved?: (client: Client, address: string) => { hostname: string } | null
  /** Why a client at an address may not have a name in the scope's domain, where that name is another's. */
  refuses?: (name: string, client: Client, address: string) => Refusal | null
  /** The domain of another scope, by its name; undefined where there is none of that name. */
  domainOfScope?: (name: string) => string | undefined
  /** The domain at an address, where its pool has one of its own. */
  domainOf?: (address: string) => string | null
}

/** Finds the scope of an address: the one with the longest matching prefix, by one look-up for each prefix length in use. */
export class ScopeTable<S extends { subnet: string }> {
  /** The scopes of each prefix length by what their addresses have in common, the longest prefix first. */
  #lengths: Record<Family, { length: number; scopes: Map<number | string, S> }[]> = { 4: [], 6: [] }
  /** What was found last: a decision asks for one address again and again. */
  #last: { address: string; scope: S | null } = { address: '', scope: null }

  /** @throws when a subnet is no network, or is given twice. The configuration is checked before, so this is a fault. */
  constructor(scopes: Iterable<S>) {
    for (const scope of scopes) {
      const network = networkOf(scope.subnet)
      if (typeof network === 'string') throw new Error(network)
      const { cidr, base, family, length } = network
      const lengths = this.#lengths[family]
      const known = lengths.find(one => one.length === length) ?? { length, scopes: new Map() }
      const prefix = prefixOf(toBytes(base)!, length)
      if (known.scopes.has(prefix)) throw new Error(`two scopes have the subnet ${cidr}`)
      if (known.scopes.size === 0) lengths.push(known)
      known.scopes.set(prefix, scope)
      lengths.sort((a, b) => b.length - a.length)
    }
  }

  find(address: string): S | null {
    if (this.#last.address !== address) this.#last = { address, scope: this.#look(address) }
    return this.#last.scope
  }

  #look(address: string): S | null {
    const lengths = this.#lengths[familyOf(address)]
    const bytes = lengths.length > 0 ? toBytes(address) : null
    if (!bytes) return null
    for (const { length, scopes } of lengths) {
      const scope = scopes.get(prefixOf(bytes, length))
      if (scope) return scope
    }
    return null
  }
}

/** The DNS server that a scope's names go to, as far as a scope must know it. */
export interface BackendZones {
  name: string
  endpoint: string
  /** The zones that the configuration names; null when the zones of its scopes are meant. */
  zones: string[] | null
  /** It makes the PTRs of addresses by itself: its reverse zones are not written. */
  derivesPtr?: boolean
}

/** The domains that pools of a scope have of their own. */
export interface PoolDomains {
  pools?: { domain: string }[]
}

/** The scopes whose names go to one backend. `first` serves the scopes that name no backend. */
export const scopesAt = <S extends ScopeConfig>(name: string, scopes: S[], first: string): S[] =>
  scopes.filter(scope => (scope.backend ?? first) === name)

/**
 * The zones of a backend: those that its configuration names, and those that its scopes name. When its configuration
 * names none, these are the zones that its scopes need.
 */
export const zonesAt = (zones: string[] | null, scopes: (ScopeConfig & PoolDomains)[]): string[] => {
  const ofPools = scopes.flatMap(({ pools = [] }) => pools.map(({ domain }) => domain))
  if (!zones) return [...new Set([...zonesOf(scopes), ...ofPools])]
  return [
    ...zones,
    ...scopes.flatMap(scope => [scope.forwardZone, scope.reverseZone].filter(zone => zone !== undefined)),
  ]
}

/** The name that an address' PTR has among these zones: in one of RFC 2317 that is named, or that has the address. */
const ptrNameAmong = (zones: Set<string>, named: string | undefined): ((address: string) => string) => {
  const classless = [...zones].filter(isClassless)
  if (named !== undefined && isClassless(named)) return address => classlessName(address, named)
  return address => {
    const zone = classless.find(one => classlessHolds(one, address))
    return zone === undefined ? reverseName(address) : classlessName(address, zone)
  }
}

/** Reverse zones of a subnet that no zone holds, not even in part. */
const ptrlessAmong = (zones: Set<string>, subnet: string): string[] =>
  reverseZonesOf(subnet).filter(
    reverse => zoneFor(reverse, zones) === null && ![...zones].some(zone => zone.endsWith(`.${reverse}`)),
  )

/** A scope as it is configured, with what buildScopes needs to know of it besides. */
type ScopeSource = ScopeConfig & PoolDomains & { layers?: PolicyLayers }

/**
 * The scopes of a configuration, each with its whole policy and with the zones of its names. `setFields` gives the policy
 * fields that were set for a scope by the API.
 */
export const buildScopes = (
  scopes: ScopeSource[],
  targets: BackendZones[],
  setFields: (scope: string) => PolicyFields = () => ({}),
): Scope[] => {
  const first = targets[0]!
  const zonesOfTarget = (one: BackendZones) =>
    zonesAt(one.zones, scopesAt(one.name, scopes, first.name)).filter(zone => !one.derivesPtr || !isReverse(zone))
  const zones = new Map(targets.map(one => [one, new Set(zonesOfTarget(one))]))
  return scopes.map(config => {
    const target = targets.find(one => one.name === config.backend) ?? first
    const own = zones.get(target)!
    const layers = { ...(config.layers ?? { config: fieldsIn(config) }), api: setFields(config.name) }
    const fields = mergedFields(layers)
    return {
      name: config.name,
      subnet: config.subnet,
      domain: config.domain,
      policy: policyOf(fields, familyOf(config.subnet.split('/')[0]!)),
      layers,
      takesRegistered: fields.addresses === 'all',
      ...(target.derivesPtr ? { derivesPtr: true } : { ptrless: ptrlessAmong(own, config.subnet) }),
      ptrNameOf: ptrNameAmong(own, config.reverseZone),
      zoneOf: name => {
        const zone = zoneFor(name, own)
        return zone === null ? null : { endpoint: target.endpoint, zone }
      },
    }
  })
}
