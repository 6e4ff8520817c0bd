/*
 * What the schema cannot say of the entries of `dns`: that keys fit each other, kind by kind.
 */
import { isIP } from 'node:net'
import { parseServer } from '../../lib/dns/server-address.ts'
import { staticRR, valueOfType } from '../../lib/dns/zone/static-record.ts'
import { isReverse } from '../../lib/dns/zone/zone-names.ts'
import { type Issue, shown } from '../../lib/input/bad-input.ts'
import type { Config, DnsConfig, EmbeddedConfig, Rfc2136Config } from '../../schemas/config/leasehold.ts'
import type { HostsConfig } from '../../schemas/config/local-dns.ts'
import { duplicates, isLoopback } from './checks.ts'

const isServer = (text: string): boolean => {
  const port = Number(/:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1] ?? 53)
  return port >= 1 && port <= 65_535 && isIP(parseServer(text).host) > 0
}

/** True when all servers are on loopback. Updates then stay on this machine and need no signature. */
export const isLocal = ({ servers }: Rfc2136Config): boolean =>
  servers.every(server => isServer(server) && isLoopback(parseServer(server).host))

const checkRfc2136 = (dns: Rfc2136Config, at: string): Issue[] => {
  const wrong = dns.servers.flatMap((server, j) =>
    isServer(server)
      ? []
      : [{ field: `${at}.servers[${j}]`, expected: 'an IP address and a port from 1 to 65535', found: shown(server) }],
  )
  if (dns.tsig || dns.unsigned || wrong.length > 0 || isLocal(dns)) return wrong
  const expected = 'a TSIG key, or "unsigned": true beside it: whoever stands between could forge updates'
  return [{ field: `${at}.tsig`, expected, found: 'nothing' }]
}

const checkRecords = ({ records }: EmbeddedConfig, at: string): Issue[] =>
  records.flatMap((record, j) => {
    if (typeof staticRR(record) !== 'string') return []
    const expected = `a value that fits its type (the value of ${record.type} must be ${valueOfType(record.type)})`
    return [{ field: `${at}.records[${j}].value`, expected, found: shown(record.value) }]
  })

const checkSecondaries = ({ secondaries }: EmbeddedConfig, at: string): Issue[] => [
  ...secondaries.flatMap(({ address }, j) =>
    isServer(address)
      ? []
      : [
          {
            field: `${at}.secondaries[${j}].address`,
            expected: 'an IP address and a port from 1 to 65535',
            found: shown(address),
          },
        ],
  ),
  ...duplicates(
    secondaries,
    ({ address }) => address,
    j => `${at}.secondaries[${j}].address`,
  ),
]

const checkEmbedded = (dns: EmbeddedConfig, at: string): Issue[] => [
  ...checkRecords(dns, at),
  ...checkSecondaries(dns, at),
]

/** A hosts file has names with addresses, and nothing else. */
const checkHosts = ({ check, zones = [] }: HostsConfig, at: string): Issue[] => [
  ...(check === undefined || isServer(check)
    ? []
    : [{ field: `${at}.check`, expected: 'an IP address and a port from 1 to 65535', found: shown(check) }]),
  ...(zones.length === 0 || zones.some(zone => !isReverse(zone))
    ? []
    : [
        {
          field: `${at}.zones`,
          expected: 'a zone of names, as the server makes the PTRs by itself',
          found: zones.join(', '),
        },
      ]),
]

/** Whatever stands in the URL beside the place could be shown with it. */
const checkUrl = ({ url }: { url: string }, at: string): Issue[] => {
  const { username, password, search, hash } = new URL(url)
  if (!username && !password && !search && !hash) return []
  const expected = 'a URL without a user name, a query or a fragment'
  return [{ field: `${at}.url`, expected, found: 'one' }]
}

type DnsCheck<K extends DnsConfig['kind']> = (dns: Extract<DnsConfig, { kind: K }>, at: string) => Issue[]

/** What the keys of each kind demand of each other. */
const DNS_CHECKS: { [K in DnsConfig['kind']]: DnsCheck<K> } = {
  embedded: checkEmbedded,
  rfc2136: checkRfc2136,
  unbound: () => [],
  hosts: checkHosts,
  powerdns: checkUrl,
  technitium: checkUrl,
}

const checkOne = <K extends DnsConfig['kind']>(dns: Extract<DnsConfig, { kind: K }>, at: string): Issue[] =>
  (DNS_CHECKS[dns.kind] as DnsCheck<K>)(dns, at)

export const checkDns = ({ dns }: Config): Issue[] => [
  ...duplicates(
    dns,
    one => one.name,
    i => `dns[${i}].name`,
  ),
  ...dns.flatMap((one, i) => checkOne(one, `dns[${i}]`)),
]
