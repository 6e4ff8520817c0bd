import { zoneFor, zonesOf } from '../lib/dns/zones.ts'
import { policyOf } from '../lib/policy.ts'
import type { Scope } from '../lib/scope.ts'
import type { ScopeConfig } from '../schemas/config.ts'

/** What a scope needs to know of the server that its names go to. */
export interface Target {
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
export const buildScopes = (scopes: ScopeConfig[], targets: Target[]): Scope[] => {
  const first = targets[0]!
  const zones = new Map(targets.map(one => [one, new Set(zonesAt(one.zones, scopesAt(one.name, scopes, first.name)))]))
  return scopes.map(config => {
    const target = targets.find(one => one.name === config.backend) ?? first
    return {
      name: config.name,
      subnet: config.subnet,
      domain: config.domain,
      policy: policyOf(config),
      place: name => {
        const zone = zoneFor(name, zones.get(target)!)
        return zone === null ? null : { endpoint: target.endpoint, zone }
      },
    }
  })
}
