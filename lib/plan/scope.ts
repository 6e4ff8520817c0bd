import type { ScopeConfig } from '../../schemas/config/leasehold.ts'
import type { Client } from '../../schemas/model/lease.ts'
import type { Policy } from '../../schemas/model/policy.ts'
import { type Family, familyOf, fromBytes, mask, networkOf, toBytes } from '../address.ts'
import { zoneFor, zonesOf } from '../dns/zone-names.ts'
import { policyOf } from './policy.ts'

/** Where a name is published: which server (a fingerprint without secrets) and which zone of it. */
export interface ZoneRef {
  endpoint: string
  zone: string
}

/** A subnet with its policy and the places of its names. */
export interface Scope {
  name: string
  subnet: string
  domain: string
  policy: Policy
  /** The place of a forward or reverse name, or null when no zone of the scope's backend holds it. */
  zoneOf: (name: string) => ZoneRef | null
  /** The host name that is reserved for a client (may be empty), or null when nothing is. */
  reserved?: (client: Client, address: string) => { hostname: string } | null
}

/** Finds the scope with the longest matching prefix: one look-up for each prefix length in use. */
export class ScopeTable<S extends { subnet: string }> {
  #lengths: Record<Family, number[]> = { 4: [], 6: [] }
  #scopes = new Map<string, S>()

  /** @throws when a subnet is no network or stands there twice; configuration is checked before. */
  constructor(scopes: Iterable<S>) {
    for (const scope of scopes) {
      const network = networkOf(scope.subnet)
      if (typeof network === 'string') throw new Error(network)
      const key = `${network.base}/${network.length}`
      if (this.#scopes.has(key)) throw new Error(`two scopes have the subnet ${key}`)
      this.#scopes.set(key, scope)
      const lengths = this.#lengths[network.family]
      if (!lengths.includes(network.length)) lengths.push(network.length)
      lengths.sort((a, b) => b - a)
    }
  }

  find(address: string): S | null {
    const bytes = toBytes(address)
    if (!bytes) return null
    for (const length of this.#lengths[familyOf(address)]) {
      const scope = this.#scopes.get(`${fromBytes(mask(bytes, length))}/${length}`)
      if (scope) return scope
    }
    return null
  }
}

/** What a scope needs to know of the server that its names go to. */
export interface BackendZones {
  name: string
  endpoint: string
  /** Zones named in the configuration, or null: the zones of its scopes. */
  zones: string[] | null
}

/** The scopes of one backend; the first backend serves those that name none. */
export const scopesAt = (name: string, scopes: ScopeConfig[], first: string): ScopeConfig[] =>
  scopes.filter(scope => (scope.backend ?? first) === name)

/** The zones of a backend: those in its configuration, and those that its scopes name; else those its scopes need. */
export const zonesAt = (zones: string[] | null, scopes: ScopeConfig[]): string[] => {
  if (!zones) return zonesOf(scopes)
  return [
    ...zones,
    ...scopes.flatMap(scope => [scope.forwardZone, scope.reverseZone].filter(zone => zone !== undefined)),
  ]
}

/** The scopes of a configuration, each with its whole policy and the places of its names. */
export const buildScopes = (scopes: ScopeConfig[], targets: BackendZones[]): Scope[] => {
  const first = targets[0]!
  const zones = new Map(targets.map(one => [one, new Set(zonesAt(one.zones, scopesAt(one.name, scopes, first.name)))]))
  return scopes.map(config => {
    const target = targets.find(one => one.name === config.backend) ?? first
    return {
      name: config.name,
      subnet: config.subnet,
      domain: config.domain,
      policy: policyOf(config),
      zoneOf: name => {
        const zone = zoneFor(name, zones.get(target)!)
        return zone === null ? null : { endpoint: target.endpoint, zone }
      },
    }
  })
}
