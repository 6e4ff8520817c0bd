import type { KeaConfiguration } from '../../lib/kea/kea-config.ts'
import type { Service } from '../../schemas/model/lease-event.ts'

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

const scopeLines = (services: FoundService[]): string[] => {
  const subnets = services.flatMap(({ configuration }) => configuration.subnets)
  return [...new Map(subnets.map(one => [one.subnet, one])).values()].map(({ subnet, ddnsSuffix }) => {
    const domain = domainOf(ddnsSuffix)
    const note = domain === null ? '  // Kea has no DDNS suffix for it: name your domain' : ''
    return `    ${json({ name: subnet, subnet, domain: domain ?? 'home.arpa' })},${note}`
  })
}

const todoOf = (services: FoundService[], hasScopes: boolean): string[] => [
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
  'DNS: the file begins with the embedded server on 127.0.0.1:5353. Name your own server in "dns".',
  'Then: leasehold check-config, leasehold doctor.',
]

/** The text of leasehold.json, and what a person has to do besides. */
export const fileFrom = (services: FoundService[], access: Access): { text: string; todo: string[] } => {
  const scopes = scopeLines(services)
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
    '  // The DNS servers. A server that takes updates (RFC 2136), like BIND, in place of the embedded one:',
    '  // { "name": "bind", "kind": "rfc2136", "servers": ["192.0.2.53:53"], "zones": ["lab.example.net", "10.in-addr.arpa"],',
    '  //   "tsig": { "keyFile": "/etc/leasehold/tsig.key" } }',
    '  "dns": [{ "name": "local", "kind": "embedded", "host": "127.0.0.1", "port": 5353 }],',
    '',
    '  // Where Kea is asked, and which of its servers.',
    `  "kea": [${keaEntry(services, access)}],`,
    '',
    `  // The subnets of Kea. Its ${reserved} host reservations are read from Kea itself.`,
    ...(scopes.length === 0 ? ['  // "scopes": []'] : ['  "scopes": [', ...scopes, '  ],']),
    '}',
    '',
  ]
  return { text: lines.join('\n'), todo: todoOf(services, scopes.length > 0) }
}
