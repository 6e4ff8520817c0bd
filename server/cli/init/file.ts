import type { KeaConfiguration } from '../../../lib/kea/kea-config.ts'
import type { Service } from '../../../schemas/model/lease-event.ts'
import type { FoundDns } from './dns.ts'

/** What one DHCP server told of itself. */
export interface FoundService {
  service: Service
  version: string
  /** True when the control agent passed the questions on. */
  isAgent: boolean
  hasLeaseCommands: boolean
  writesDns: boolean
  /** Its lease file, where that is on this machine. */
  leaseFile: string | null
  configuration: KeaConfiguration
}

/** How Kea is asked, as the file will say it. */
export interface Access {
  url: string
  username: string | undefined
  passwordFile: string | undefined
}

const json = (value: unknown): string => JSON.stringify(value)

const keaEntry = (services: FoundService[], { url, username, passwordFile }: Access): string => {
  const files = services.flatMap(({ service, leaseFile }) => (leaseFile === null ? [] : [[service, leaseFile]]))
  const isAgent = services.some(one => one.isAgent)
  const parts = [
    '"name": "kea"',
    `"url": ${json(isAgent ? url : Object.fromEntries(services.map(({ service }) => [service, url])))}`,
    `"services": ${json(services.map(({ service }) => service))}`,
    ...(username === undefined ? [] : [`"username": ${json(username)}`]),
    ...(passwordFile === undefined ? [] : [`"password": { "file": ${json(passwordFile)} }`]),
    ...(files.length === 0 ? [] : [`"memfile": ${json(Object.fromEntries(files))}`]),
  ]
  return `{ ${parts.join(', ')} }`
}

/** A domain name that the configuration takes, or null. */
const domainOf = (suffix: string | null): string | null =>
  suffix !== null && /^[a-z0-9_]([\w-]*\w)?(\.\w([\w-]*\w)?)*$/.test(suffix) ? suffix : null

/** The scope of a subnet. `isNamed` is false where Kea has no DDNS suffix for it, so that a person has to name the domain. */
export interface FoundScope {
  subnet: string
  domain: string
  isNamed: boolean
}

/** One scope for each subnet of Kea. */
export const scopesOf = (services: FoundService[]): FoundScope[] => {
  const subnets = services.flatMap(({ configuration }) => configuration.subnets)
  return [...new Map(subnets.map(one => [one.subnet, one])).values()].map(({ subnet, ddnsSuffix }) => {
    const domain = domainOf(ddnsSuffix)
    return { subnet, domain: domain ?? 'home.arpa', isNamed: domain !== null }
  })
}

const scopeLine = ({ subnet, domain, isNamed }: FoundScope): string => {
  const note = isNamed ? '' : '  // Kea has no DDNS suffix for it: name your domain'
  return `    ${json({ name: subnet, subnet, domain })},${note}`
}

const EMBEDDED = [
  '  // The DNS servers. A server that takes updates (RFC 2136), like BIND, in place of the embedded one:',
  '  // { "name": "bind", "kind": "rfc2136", "servers": ["192.0.2.53:53"], "zones": ["lab.example.net", "10.in-addr.arpa"],',
  '  //   "tsig": { "keyFile": "/etc/leasehold/tsig.key" } }',
  '  "dns": [{ "name": "local", "kind": "embedded", "host": "127.0.0.1", "port": 5353 }],',
]

/** JSON on one line as a person writes it, with spaces. */
const written = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return json(value)
  const members = Object.entries(value).map(([key, one]) => `${json(key)}: ${written(one)}`)
  return `{ ${members.join(', ')} }`
}

const dnsLines = (dns: FoundDns | null): string[] => {
  if (dns === null) return EMBEDDED
  const { entry, zones } = dns
  return [
    '  // The DNS server that is written, and those of its zones that the subnets need.',
    `  "dns": [${written({ ...entry, ...(zones.length > 0 && { zones }) })}],`,
  ]
}

const dnsTodo = (dns: FoundDns | null): string[] =>
  dns?.steps ?? ['DNS: the file begins with the embedded server on 127.0.0.1:5353. For your own: init --dns, or "dns".']

const stepsOf = (services: FoundService[], dns: FoundDns | null, hasScopes: boolean): string[] => [
  ...services
    .filter(one => !one.hasLeaseCommands)
    .map(
      ({ service }) =>
        `Kea: load libdhcp_lease_cmds.so in "hooks-libraries" of ${service}, so that it can tell its leases.`,
    ),
  ...services
    .filter(one => one.writesDns)
    .map(
      ({ service }) => `Kea: set "dhcp-ddns": {"enable-updates": false} in ${service}, else two programs write DNS.`,
    ),
  ...services
    .filter(one => one.leaseFile === null)
    .map(
      ({ service }) => `The lease file of ${service} is not on this machine, so its leases are asked for on a timer.`,
    ),
  ...(hasScopes ? [] : ['Kea has no subnets yet: write "scopes" yourself.']),
  ...dnsTodo(dns),
]

/** The text of leasehold.json, and what a person has to do besides. */
export const fileFrom = (
  services: FoundService[],
  access: Access,
  dns: FoundDns | null,
): { text: string; steps: string[] } => {
  const scopes = scopesOf(services).map(scopeLine)
  const reserved = services.reduce((sum, { configuration }) => sum + configuration.reservations.length, 0)
  const versions = services.map(({ service, version }) => `${service} ${version}`.trim()).join(', ')
  const lines = [
    `// Made by "leasehold init" from Kea's configuration (${versions}). Comments and trailing commas are allowed.`,
    '{',
    '  // Leasehold listens on this machine alone. For another host it needs "tokens".',
    '  "http": { "host": "127.0.0.1", "port": 8053 },',
    '',
    '  // What Leasehold owns. Keep it on a disk that outlasts a restart, and back it up.',
    '  "store": { "path": "./data" },',
    '',
    ...dnsLines(dns),
    '',
    '  // Where Kea is asked, and which of its servers.',
    `  "kea": [${keaEntry(services, access)}],`,
    '',
    `  // The subnets of Kea. Its ${reserved} host reservations are read from Kea itself.`,
    ...(scopes.length === 0 ? ['  // "scopes": []'] : ['  "scopes": [', ...scopes, '  ],']),
    '}',
    '',
  ]
  return { text: lines.join('\n'), steps: stepsOf(services, dns, scopes.length > 0) }
}
