import type { Issue } from '../../lib/bad-input.ts'
import { reverseZonesOf, zoneFor } from '../../lib/dns/zones.ts'
import { networkOf } from '../../lib/scope.ts'
import type { Config, DnsConfig, ScopeConfig } from '../../schemas/config.ts'
import { duplicates } from './duplicates.ts'

const isWithin = (name: string, zone: string): boolean => zoneFor(name, [zone]) !== null

const checkBackend = ({ backend }: ScopeConfig, at: string, dns: DnsConfig[]): Issue[] => {
  if (backend === undefined || dns.some(({ name }) => name === backend)) return []
  const names = dns.map(({ name }) => `"${name}"`).join(' or ')
  return [{ field: `${at}.backend`, expected: `the name of an entry of dns (${names})`, found: `"${backend}"` }]
}

const checkDomain = ({ domain, backend, forwardZone }: ScopeConfig, at: string, dns: DnsConfig[]): Issue[] => {
  const zones = dns.find(({ name }, i) => (backend === undefined ? i === 0 : name === backend))?.zones
  if (!zones || forwardZone !== undefined || zoneFor(domain, zones) !== null) return []
  const expected = `a domain within the zones of its backend (${zones.join(', ')})`
  return [{ field: `${at}.domain`, expected, found: `"${domain}"` }]
}

const checkForwardZone = ({ domain, forwardZone }: ScopeConfig, at: string): Issue[] =>
  forwardZone === undefined || isWithin(domain, forwardZone)
    ? []
    : [{ field: `${at}.forwardZone`, expected: `${domain} or a zone above it`, found: `"${forwardZone}"` }]

const checkReverseZone = ({ subnet, reverseZone }: ScopeConfig, at: string): Issue[] => {
  if (reverseZone === undefined || typeof networkOf(subnet) === 'string') return []
  const [first, ...more] = reverseZonesOf(subnet) as [string, ...string[]]
  if ([first, ...more].some(zone => isWithin(zone, reverseZone) || isWithin(reverseZone, zone))) return []
  return [{ field: `${at}.reverseZone`, expected: `a zone for ${subnet}, like ${first}`, found: `"${reverseZone}"` }]
}

const checkSubnet = ({ subnet }: ScopeConfig, at: string): Issue[] => {
  const network = networkOf(subnet)
  if (typeof network !== 'string') return []
  return [{ field: `${at}.subnet`, expected: 'a network', found: `"${subnet}": ${network}` }]
}

const checkTtl = ({ ttl }: ScopeConfig, at: string): Issue[] =>
  typeof ttl !== 'object' || ttl.max >= ttl.min
    ? []
    : [{ field: `${at}.ttl.max`, expected: `at least ttl.min (${ttl.min})`, found: `${ttl.max}` }]

const CHECKS = [checkBackend, checkDomain, checkForwardZone, checkReverseZone, checkSubnet, checkTtl]

const subnetKey = ({ subnet }: ScopeConfig): string | null => {
  const network = networkOf(subnet)
  return typeof network === 'string' ? null : `${network.base}/${network.length}`
}

export const checkScopes = ({ scopes, dns }: Config): Issue[] => [
  ...duplicates(
    scopes,
    scope => scope.name,
    i => `scopes[${i}].name`,
  ),
  ...duplicates(scopes, subnetKey, i => `scopes[${i}].subnet`),
  ...scopes.flatMap((scope, i) => CHECKS.flatMap(check => check(scope, `scopes[${i}]`, dns))),
]
