import type { Test } from 'tap'
import type { StaticRecord } from '../../../schemas/config/leasehold.ts'
import type { Backend, Capabilities } from '../../../server/backends/backend.ts'
import { openEmbedded } from '../../../server/backends/embedded/embedded.ts'
import { openPowerDns } from '../../../server/backends/powerdns/powerdns.ts'
import { openTechnitium } from '../../../server/backends/technitium/technitium.ts'
import { FakeTechnitium, startFakeTechnitium } from '../../server/backends/technitium/fake-technitium.ts'
import type { UpdateServerOptions } from './dns-process.ts'
import { startPowerDns } from './powerdns.ts'
import type { ContractServer, Kind } from './update-servers.ts'

/*
 * The servers of the contract that are no RFC 2136 servers of somebody else's: the embedded one, and those with an API of
 * their own. What each cannot do is excluded by its capabilities, or by what such a server is, here, with the reason.
 */

export const quiet = { info: () => {}, warn: () => {}, error: () => {} }

export const closing = (t: Test, backend: Backend): Backend => {
  t.teardown(() => backend.close())
  return backend
}

/** The sentences of lib/dns/zone/compare.ts, which are those of the embedded server too. */
export const SENTENCES = { inUse: /is in use/, isThere: /; .* already has A/, differs: /expected 10\.0\.0\.1/ }

type Line = { name: string; type: string; value: string }

/** The lines of a zone as records; names that are not whole are in the zone. */
const recordsOf = (zone: string, lines: string[]): Line[] =>
  lines.map(line => {
    const [owner, , type, ...rest] = line.split(' ') as [string, string, string, ...string[]]
    const whole = (name: string) => (name.endsWith('.') ? name.slice(0, -1) : `${name}.${zone}`)
    const value = type === 'A' ? rest[0]! : type === 'MX' ? `${rest[0]} ${whole(rest[1]!)}` : whole(rest[0]!)
    return { name: `${owner}.${zone}`, type, value }
  })

const startOwn = async ({ zones, lines }: UpdateServerOptions): Promise<ContractServer> => {
  const records = zones.flatMap(zone => recordsOf(zone, lines(zone))).map(one => ({ ...one, ttl: 300 }) as StaticRecord)
  const config = { name: 'dns', kind: 'embedded' as const, formerly: [], host: '127.0.0.1', port: 0, zones }
  const server = await openEmbedded({ ...config, records, secondaries: [] }, zones)
  return { open: () => server, wrong: () => [], close: server.close }
}

const PLACE = { name: 'dns', formerly: [], marker: 'dhcid' as const, timeout: 10_000 }

const startPowerDnsApi = async (options: UpdateServerOptions): Promise<ContractServer> => {
  const { api, close } = await startPowerDns(options)
  const open = (t: Test, apiKey: string) => {
    const entry = { ...PLACE, kind: 'powerdns' as const, url: api.url, apiKey, server: 'localhost' }
    return closing(t, openPowerDns(entry, { log: quiet }))
  }
  return { open: t => open(t, api.key), wrong: t => [['key', open(t, 'another')]], close }
}

const startTechnitium = async ({ zones, lines }: UpdateServerOptions): Promise<ContractServer> => {
  const fake = new FakeTechnitium()
  for (const zone of zones) {
    fake.zone(zone)
    for (const { name, type, value } of recordsOf(zone, lines(zone))) fake.put(name, type, value)
  }
  const { url, close } = await startFakeTechnitium(fake)
  const open = (t: Test, token: string) => {
    const entry = { ...PLACE, kind: 'technitium' as const, url, token }
    return closing(t, openTechnitium(entry, { log: quiet }))
  }
  return { open: t => open(t, fake.token), wrong: t => [['token', open(t, 'another')]], close }
}

/** Cases that ask for something a server may not have: which capability it is, or why such a server has none of it. */
const NEEDS: Record<string, (capabilities: Capabilities) => string | null> = {
  'a free name is published with its DHCID, and both are read': ({ markers }) =>
    markers.includes('dhcid') ? null : 'it holds no DHCID',
  'a PTR is added, replaced and deleted': ({ ptr }) => (ptr ? null : 'it makes PTRs from the addresses by itself'),
  'a reserved name is refused for itself': ({ prerequisites }) =>
    prerequisites ? null : 'its API has no policy for single names',
}

export const byCapability = (what: string, capabilities: Capabilities): string | null =>
  NEEDS[what]?.(capabilities) ?? null

const OWN: Record<string, string> = {
  'a wrong secret, or a key that is not known': 'it is in this process, and takes no key',
  'a reserved name is refused for itself': 'what is reserved there is a record of the configuration, and a conflict',
}

export const OTHER_KINDS: Record<string, Kind> = {
  embedded: {
    programs: [],
    start: startOwn,
    signing: ['none'],
    wrongKey: null,
    noZone: { kind: 'refused', fault: 'lane', detail: /has no zone/ },
    // A person's name there is a record of the configuration.
    says: { ...SENTENCES, inUse: /is a record of dns/, isThere: /is a record of dns/, wrongKey: /./ },
    together: false,
    cannot: what => OWN[what] ?? null,
  },
  'PowerDNS by its API': {
    programs: ['pdns_server', 'pdnsutil'],
    start: startPowerDnsApi,
    signing: ['none', 'signed'],
    wrongKey: { kind: 'refused', fault: 'lane', detail: /does not take the API key \(HTTP 401\)/ },
    noZone: { kind: 'refused', fault: 'lane', detail: /does not have the zone/ },
    says: { ...SENTENCES, wrongKey: /does not take the API key/ },
    together: false,
    cannot: byCapability,
  },
  'Technitium (a fake at the wire)': {
    programs: [],
    start: startTechnitium,
    signing: ['none'],
    wrongKey: { kind: 'refused', fault: 'lane', detail: /does not take the token/ },
    noZone: { kind: 'refused', fault: 'lane', detail: /does not have the zone/ },
    says: { ...SENTENCES, wrongKey: /does not take the token/ },
    together: false,
    cannot: byCapability,
  },
}
