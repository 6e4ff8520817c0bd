import { writeFile } from 'node:fs/promises'
import type { Capabilities } from '../../../server/backends/backend.ts'
import { openHosts } from '../../../server/backends/hosts/hosts.ts'
import { openUnbound } from '../../../server/backends/unbound/unbound.ts'
import type { UpdateServerOptions } from './dns-process.ts'
import { startDnsmasq } from './dnsmasq.ts'
import { byCapability, closing, quiet, SENTENCES } from './other-servers.ts'
import { startUnbound } from './unbound.ts'
import type { ContractServer, Kind } from './update-servers.ts'

/*
 * The servers of the contract that are a resolver, and a file that a resolver reads. Neither has zones of its own.
 */

const startUnboundLocal = async ({ zones, lines }: UpdateServerOptions): Promise<ContractServer> => {
  const local = zones.flatMap(zone => [
    `local-zone: "${zone}." transparent`,
    ...lines(zone).map(line => `local-data: "${line.replace(/^\S+/, owner => `${owner}.${zone}. 300`)}"`),
  ])
  const { control, close } = await startUnbound({ server: local })
  const entry = { name: 'dns', kind: 'unbound' as const, control, timeout: 10_000 }
  return { open: t => closing(t, openUnbound(entry, { log: quiet })), wrong: () => [], close }
}

/** A person's lines of the file: the addresses of `lines`. */
const addressesIn = (zone: string, lines: string[]): string[] =>
  lines.flatMap(line => {
    const [owner, , type, value] = line.split(' ')
    return type === 'A' ? [`${value} ${owner}.${zone}`] : []
  })

const startHosts = async ({ zones, lines }: UpdateServerOptions): Promise<ContractServer> => {
  const { path, pidFile, address, close } = await startDnsmasq({ zones })
  await writeFile(path, `${zones.flatMap(zone => addressesIn(zone, lines(zone))).join('\n')}\n`)
  const reload = { pidFile, signal: 'SIGHUP' as const }
  const entry = { name: 'dns', kind: 'hosts' as const, path, write: 'rename' as const, reload, check: address }
  return { open: t => closing(t, openHosts(entry, { log: quiet })), wrong: () => [], close }
}

/** What such a server is, where no capability says it. */
const UNBOUND: Record<string, string> = {
  'a name below a cut is told from the others': 'an NS among its local data delegates nothing',
  'a wrong secret, or a key that is not known': 'its socket takes no key; its certificates have a test of their own',
  'the serial is seen soon after an update': 'local data has no serial',
}

const HOSTS: Record<string, string> = {
  ...UNBOUND,
  'a zone is read alike with AXFR and without': 'a hosts file has addresses alone',
  'what a wildcard answers is absence': 'a hosts file has no wildcard',
  'a name below a cut is told from the others': 'a hosts file delegates nothing',
  'a wrong secret, or a key that is not known': 'a file takes no key',
  'a zone that the server does not have': 'a hosts file has names of all zones',
}

const cannot = (table: Record<string, string>) => (what: string, capabilities: Capabilities) =>
  byCapability(what, capabilities) ?? table[what] ?? null

const LOCAL: Pick<Kind, 'signing' | 'wrongKey' | 'says' | 'together' | 'hasSerial'> = {
  signing: ['none'],
  wrongKey: null,
  says: { ...SENTENCES, wrongKey: /./ },
  together: false,
  hasSerial: false,
}

export const LOCAL_KINDS: Record<string, Kind> = {
  'Unbound by its control channel': {
    ...LOCAL,
    programs: ['unbound'],
    start: startUnboundLocal,
    noZone: { kind: 'refused', fault: 'lane', detail: /has no local-zone for nowhere\.example/ },
    cannot: cannot(UNBOUND),
  },
  'a hosts file with dnsmasq': {
    ...LOCAL,
    programs: ['dnsmasq'],
    start: startHosts,
    noZone: {},
    neighbour: ['AAAA', '2001:db8::9'],
    cannot: cannot(HOSTS),
  },
}
