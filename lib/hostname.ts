import { domainToASCII } from 'node:url'
import type { Client } from '../schemas/lease.ts'
import type { HostnameSource, Policy } from '../schemas/policy.ts'

const MAX_NAME = 253

/** One label by the rules of a host name (lower case, a-z 0-9 and inner dashes, at most 63), or null if none is left. */
export const labelOf = (raw: string): string | null => {
  const ascii = raw.toLowerCase().replace(/[\0-\x2c\x2e\x2f\x3a-\x60\x7b-\x7f]/g, '')
  const label = (/^[\0-\x7f]*$/.test(ascii) ? ascii : domainToASCII(ascii)).replace(/^-+|-+$/g, '')
  return label.length >= 1 && label.length <= 63 ? label : null
}

const joined = (labels: (string | null)[], domain: string): string | null => {
  if (labels.length === 0 || labels.includes(null)) return null
  const name = `${labels.join('.')}.${domain}`
  return name.length <= MAX_NAME ? name : null
}

const labelsOf = (hostname: string): string[] => (hostname === '' ? [] : hostname.replace(/\.$/, '').split('.'))

const dashed = (hex: string | null): string | null => {
  const label = hex?.replaceAll(':', '-') ?? ''
  return label.length >= 1 && label.length <= 63 ? label : null
}

type Make = (hostname: string, client: Client, domain: string) => string | null

/** A qualified name keeps all its labels inside the scope's domain, and only its first one outside of it. */
const SOURCES: Record<HostnameSource, Make> = {
  fqdn: (hostname, _client, domain) => {
    const labels = labelsOf(hostname)
    const own = domain.split('.').length
    const inside = labels.slice(-own).join('.').toLowerCase() === domain
    return joined((inside ? labels.slice(0, -own) : labels.slice(0, 1)).map(labelOf), domain)
  },
  hostname: (hostname, _client, domain) =>
    hostname.toLowerCase().replace(/\.$/, '') === domain
      ? null
      : joined(labelsOf(hostname).slice(0, 1).map(labelOf), domain),
  'client-id': (_hostname, client, domain) => joined([dashed(client.clientId ?? client.duid)], domain),
  'hw-address': (_hostname, client, domain) => joined([dashed(client.hwAddress)], domain),
}

const matches = (label: string) => (pattern: string) =>
  pattern.endsWith('*') ? label.startsWith(pattern.slice(0, -1)) : label === pattern

const denied = (policy: Policy, label: string): boolean =>
  policy.deny.some(matches(label)) && !policy.allow.some(matches(label))

export type Naming = { name: string; rule: 'named' } | { name: null; rule: 'no-name' | 'name-denied' }

/**
 * The name that a scope gives a lease: the first source that yields a possible, allowed name.
 * `hostname` is what Kea stored: may be empty, in any case, with a trailing dot.
 */
export const nameOf = (hostname: string, client: Client, domain: string, policy: Policy): Naming => {
  let rule: 'no-name' | 'name-denied' = 'no-name'
  for (const source of policy.hostnameSource) {
    const name = SOURCES[source](hostname, client, domain)
    if (name === null) continue
    const fromHost = source === 'fqdn' || source === 'hostname'
    const first = name.slice(0, name.indexOf('.'))
    const asked = fromHost ? (labelsOf(hostname)[0] ?? '').toLowerCase() : first
    if (!denied(policy, first) && !denied(policy, asked)) return { name, rule: 'named' }
    rule = 'name-denied'
  }
  return { name: null, rule }
}
