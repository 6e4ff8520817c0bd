/*
 * What the schema cannot say: that keys of the configuration fit each other. Each check returns issues; an empty list
 * is good. CHECKS of load.ts, KEA_CHECKS and SCOPE_CHECKS list them.
 */

import { isIPv4 } from 'node:net'
import { canonical, networkOf } from '../../lib/address.ts'
import { classlessRange, isClassless, reverseZonesOf, zoneFor } from '../../lib/dns/zone/zone-names.ts'
import type { Issue } from '../../lib/input/bad-input.ts'
import { ScopeTable } from '../../lib/plan/scope/scope.ts'
import type { KeaConfig } from '../../schemas/config/kea.ts'
import type { Config, DnsConfig, ReservationConfig, ScopeConfig } from '../../schemas/config/leasehold.ts'

/**
 * An issue for each item whose key an earlier item has. `place` gives the path of an item's key. `shown` gives the key
 * as the message shows it, so that a secret can be hidden. An item whose key is null is left out.
 */
export const duplicates = <T>(
  items: readonly T[],
  keyOf: (item: T) => string | null,
  place: (index: number) => string,
  shown: (key: string) => string = key => `"${key}"`,
): Issue[] => {
  const first = new Map<string, number>()
  return items.flatMap((item, i) => {
    const key = keyOf(item)
    const before = key === null ? undefined : first.get(key)
    if (key !== null && before === undefined) first.set(key, i)
    if (before === undefined) return []
    return [{ field: place(i), expected: `another than ${place(before)}`, found: `${shown(key!)} again` }]
  })
}

/** True for an address that only this machine has: 127.0.0.0/8, ::1, or localhost. */
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return (isIPv4(bare) && bare.startsWith('127.')) || canonical(bare) === '::1' || bare === 'localhost'
}

export const checkHttp = ({ http }: Config): Issue[] => [
  ...duplicates(
    http.tokens,
    token => token.name,
    i => `http.tokens[${i}].name`,
  ),
  ...(http.tokens.length > 0 || isLoopback(http.host)
    ? []
    : [
        {
          field: 'http.tokens',
          expected: `at least one token, as http.host (${http.host}) is not loopback`,
          found: 'none',
        },
      ]),
]

const POSTGRES_URL = 'a URL like "postgres://leasehold@db.example.net/leasehold"'

/** The URL itself is not shown: somebody may have written a password into it. */
export const checkStore = ({ store }: Config): Issue[] => {
  if (store.kind !== 'postgres') return []
  const field = 'store.url'
  const url = URL.canParse(store.url) ? new URL(store.url) : null
  if (!url || !/^postgres(ql)?:$/.test(url.protocol))
    return [{ field, expected: POSTGRES_URL, found: 'something else' }]
  if (url.password) return [{ field, expected: 'a URL without a password (use "store.password")', found: 'one' }]
  return []
}

type KeaCheck = (kea: KeaConfig, at: string) => Issue[]

const urlsOf = ({ url }: KeaConfig): [string, string][] =>
  typeof url === 'string' ? [['url', url]] : Object.entries(url ?? {}).map(([service, one]) => [`url.${service}`, one])

const checkUrls: KeaCheck = (kea, at) =>
  urlsOf(kea).flatMap(([key, url]) => {
    const parsed = URL.canParse(url) ? new URL(url) : null
    if (!parsed) return [{ field: `${at}.${key}`, expected: 'a URL', found: 'something else' }]
    if (!parsed.username && !parsed.password) return []
    return [
      { field: `${at}.${key}`, expected: 'a URL without a user name (use "username" and "password")', found: 'one' },
    ]
  })

const checkServices: KeaCheck = ({ url, services, memfile }, at) => {
  if (url === undefined)
    return memfile ? [] : [{ field: `${at}.url`, expected: 'a URL, as there is no memfile', found: 'nothing' }]
  return typeof url === 'string'
    ? []
    : services
        .filter(service => url[service] === undefined)
        .map(service => ({
          field: `${at}.url.${service}`,
          expected: 'a URL, as it is among the services',
          found: 'nothing',
        }))
}

const checkPairs: KeaCheck = ({ username, password, cert, key }, at) => [
  ...(password !== undefined && username === undefined
    ? [{ field: `${at}.username`, expected: 'a text, as there is a password', found: 'nothing' }]
    : []),
  ...((cert === undefined) !== (key === undefined)
    ? [
        {
          field: `${at}.${cert === undefined ? 'cert' : 'key'}`,
          expected: 'a file, as cert and key go together',
          found: 'nothing',
        },
      ]
    : []),
]

const KEA_CHECKS = [checkUrls, checkServices, checkPairs]

export const checkKea = ({ kea }: Config): Issue[] => [
  ...duplicates(
    kea,
    one => one.name,
    i => `kea[${i}].name`,
  ),
  ...kea.flatMap((one, i) => KEA_CHECKS.flatMap(check => check(one, `kea[${i}]`))),
]

const isWebUrl = (url: string): boolean => /^https?:$/.test(URL.parse(url)?.protocol ?? '')

/** The URL itself is not shown: its path can be a secret. */
export const checkWebhooks = ({ webhooks }: Config): Issue[] =>
  webhooks.flatMap(({ url }, i) => {
    const field = `webhooks[${i}].url`
    if (!isWebUrl(url)) return [{ field, expected: 'an http or https URL', found: 'something else' }]
    const { username, password } = new URL(url)
    return username || password ? [{ field, expected: 'a URL without a user name', found: 'one' }] : []
  })

const isWithin = (name: string, zone: string): boolean => zoneFor(name, [zone]) !== null

const checkBackend = ({ backend }: ScopeConfig, at: string, dns: DnsConfig[]): Issue[] => {
  if (backend === undefined || dns.some(({ name }) => name === backend)) return []
  const names = dns.map(({ name }) => `"${name}"`).join(' or ')
  return [{ field: `${at}.backend`, expected: `the name of an entry of dns (${names})`, found: `"${backend}"` }]
}

const checkDomain = ({ domain, backend, forward, forwardZone }: ScopeConfig, at: string, dns: DnsConfig[]): Issue[] => {
  if (forward === false) return []
  const zones = dns.find(({ name }, i) => (backend === undefined ? i === 0 : name === backend))?.zones
  if (!zones || forwardZone !== undefined || zoneFor(domain, zones) !== null) return []
  const expected = `a domain within the zones of its backend (${zones.join(', ')})`
  return [{ field: `${at}.domain`, expected, found: `"${domain}"` }]
}

const checkForwardZone = ({ domain, forwardZone }: ScopeConfig, at: string): Issue[] =>
  forwardZone === undefined || isWithin(domain, forwardZone)
    ? []
    : [{ field: `${at}.forwardZone`, expected: `${domain} or a zone above it`, found: `"${forwardZone}"` }]

/** A zone of RFC 2317 must have all addresses of the subnet, as far as its label says which it has. */
const checkClassless = (subnet: string, reverseZone: string, at: string, parent: string): Issue[] => {
  const network = networkOf(subnet)
  if (typeof network === 'string') return []
  const first = Number(network.base.split('.').at(-1))
  const last = first + 2 ** (32 - network.length) - 1
  const [from, to] = classlessRange(reverseZone) ?? [0, 255]
  if (network.family === 4 && network.length >= 24 && isWithin(reverseZone, parent) && from <= first && last <= to)
    return []
  const expected = `a zone that has all addresses of ${subnet}, like ${parent}`
  return [{ field: `${at}.reverseZone`, expected, found: `"${reverseZone}"` }]
}

const checkReverseZone = ({ subnet, reverseZone }: ScopeConfig, at: string): Issue[] => {
  if (reverseZone === undefined || typeof networkOf(subnet) === 'string') return []
  const [first, ...more] = reverseZonesOf(subnet) as [string, ...string[]]
  if (isClassless(reverseZone)) return checkClassless(subnet, reverseZone, at, first)
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

/** Scopes that Kea makes have their subnet as their name; which there are is known only once Kea has answered. */
const checkReservation = ({ scope, address }: ReservationConfig, at: string, scopes: ScopeConfig[]): Issue[] => {
  const own = scopes.find(({ name }) => name === scope)
  const subnet = own?.subnet ?? scope
  const network = networkOf(subnet)
  if (!own && (scopes.length > 0 || typeof network === 'string')) {
    const names = scopes.map(({ name }) => `"${name}"`).join(' or ') || "one of Kea's subnets"
    return [{ field: `${at}.scope`, expected: `the name of a scope (${names})`, found: `"${scope}"` }]
  }
  if (address === undefined || typeof network === 'string') return []
  if (new ScopeTable([{ subnet: network.cidr }]).find(address)) return []
  return [{ field: `${at}.address`, expected: `an address in ${subnet}`, found: `"${address}"` }]
}

export const checkReservations = ({ reservations, scopes }: Config): Issue[] => [
  ...duplicates(
    reservations,
    ({ scope, client }) => `${client}" of scope "${scope}`,
    i => `reservations[${i}].client`,
  ),
  ...reservations.flatMap((one, i) => checkReservation(one, `reservations[${i}]`, scopes)),
]

const SCOPE_CHECKS = [checkBackend, checkDomain, checkForwardZone, checkReverseZone, checkSubnet, checkTtl]

const subnetKey = ({ subnet }: ScopeConfig): string | null => {
  const network = networkOf(subnet)
  return typeof network === 'string' ? null : network.cidr
}

export const checkScopes = ({ scopes, dns }: Config): Issue[] => [
  ...duplicates(
    scopes,
    scope => scope.name,
    i => `scopes[${i}].name`,
  ),
  ...duplicates(scopes, subnetKey, i => `scopes[${i}].subnet`),
  ...scopes.flatMap((scope, i) => SCOPE_CHECKS.flatMap(check => check(scope, `scopes[${i}]`, dns))),
]
