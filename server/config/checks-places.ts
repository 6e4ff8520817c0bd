/*
 * Checks that each record has one place only.
 *
 * A place is the name of an entry of `dns` and a zone; servers, port, key and order are only how it is reached. So two
 * entries that reach one zone are two writers that know nothing of each other: each would take what the other wrote for
 * somebody else's. They are refused, unless `view` says that one address has two copies of the zone.
 */

import { canonical } from '../../lib/address.ts'
import { parseServer, printServer } from '../../lib/dns/server-address.ts'
import type { Issue } from '../../lib/input/bad-input.ts'
import { scopesAt, zonesAt } from '../../lib/plan/scope/scope.ts'
import type { Config, DnsConfig } from '../../schemas/config/leasehold.ts'

const oneForm = (host: string, port: number): string => printServer({ host: canonical(host) ?? host, port })

/** A wrong address is another check's affair. */
const serverAt = (text: string): string[] => {
  try {
    const { host, port } = parseServer(text)
    return [oneForm(host, port)]
  } catch {
    return []
  }
}

type AddressesOf<K extends DnsConfig['kind']> = (entry: Extract<DnsConfig, { kind: K }>) => string[]

/** Where an entry's servers are reached, in one form. An embedded server on port 0 gets a port that nobody else has. */
const ADDRESSES: { [K in DnsConfig['kind']]: AddressesOf<K> } = {
  embedded: ({ host, port }) => (port === 0 ? [] : [oneForm(host, port)]),
  rfc2136: ({ servers }) => servers.flatMap(serverAt),
  unbound: ({ control }) => [typeof control === 'string' ? control : oneForm(control.host, control.port)],
  hosts: ({ path }) => [path],
  powerdns: ({ url, server }) => [`${new URL(url).origin} ${server}`],
  technitium: ({ url }) => [new URL(url).origin],
}

const addressesOf = <K extends DnsConfig['kind']>(entry: Extract<DnsConfig, { kind: K }>): string[] =>
  (ADDRESSES[entry.kind] as AddressesOf<K>)(entry)

const viewOf = (entry: DnsConfig): string | null => ('view' in entry ? (entry.view ?? null) : null)

/** Two entries for one zone of one server and view. Zones that only Kea's configuration names are not known here. */
const checkOneWriter = ({ dns, scopes }: Config): Issue[] => {
  const entries = dns.map(entry => ({
    name: entry.name,
    addresses: addressesOf(entry),
    view: viewOf(entry),
    zones: zonesAt(entry.zones ?? null, scopesAt(entry.name, scopes, dns[0]!.name)),
  }))
  return entries.flatMap((one, i) =>
    entries.slice(0, i).flatMap((other, j): Issue[] => {
      const server = one.addresses.find(address => other.addresses.includes(address))
      const zone = one.zones.find(each => other.zones.includes(each))
      if (server === undefined || zone === undefined || one.view !== other.view) return []
      const expected = `no zone of dns[${j}] ("${other.name}") at the server ${server}, or another "view"`
      return [{ field: `dns[${i}].zones`, expected, found: `${zone} in "${one.name}" too` }]
    }),
  )
}

/** A name that an entry had before is no other entry's, now or before. */
const checkFormerly = ({ dns }: Config): Issue[] => {
  const fields = dns.flatMap(({ formerly }, i) =>
    formerly.map((name, j) => ({ name, field: `dns[${i}].formerly[${j}]` })),
  )
  return fields.flatMap(({ name, field }, at): Issue[] => {
    const entry = dns.findIndex(one => one.name === name)
    const before = fields.slice(0, at).find(one => one.name === name)
    const taken = entry >= 0 ? `dns[${entry}].name` : before?.field
    return taken ? [{ field, expected: 'a name that no entry has, nor had', found: `"${name}", as ${taken}` }] : []
  })
}

export const checkPlaces = (config: Config): Issue[] => [...checkOneWriter(config), ...checkFormerly(config)]
