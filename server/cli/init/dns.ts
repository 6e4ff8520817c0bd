/*
 * `leasehold init --dns SERVER`: which zones does the DNS server have for the subnets of Kea?
 *
 *     needed                    asked: SOA of it        the server says            the file gets
 *     lab.example.net           lab.example.net         its SOA                    lab.example.net
 *     1.10.in-addr.arpa         1.10.in-addr.arpa       none; SOA of 10.in-addr…   10.in-addr.arpa
 *     2.10.in-addr.arpa         2.10.in-addr.arpa       nothing of its own         nothing: it is printed as missing
 *
 * Only an answer with authority counts, as a resolver knows the zones of others too. `--dns-kind` says what else may be there:
 *
 *     kind         --dns                      --key-file          asked
 *     rfc2136      192.0.2.53:53              of tsig-keygen      as above
 *     powerdns     http://192.0.2.53:8081     the API key         the list of its zones, of those that it writes itself
 *     technitium   http://192.0.2.53:5380     the API token       the same
 *     unbound      /run/unbound.ctl           none                its local zones; whether they show what is in them
 *     hosts        /etc/hosts.d/leasehold     none                whether the file can be written; it has no zones
 *
 * Nothing is written there.
 */

import { resolve } from 'node:path'
import { localZonesIn } from '../../../lib/dns/local-data.ts'
import { encodeQuery, type Message } from '../../../lib/dns/message/message.ts'
import { TYPE } from '../../../lib/dns/message/numbers.ts'
import { tsigKey } from '../../../lib/dns/message/tsig.ts'
import { updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import { parseServer } from '../../../lib/dns/server-address.ts'
import { zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import { openHostsFile } from '../../backends/hosts/file.ts'
import { processOf } from '../../backends/hosts/reload.ts'
import { openPowerDnsApi } from '../../backends/powerdns/api.ts'
import { ServerFailure } from '../../backends/read-before-write.ts'
import { exchange, noReplyOf } from '../../backends/rfc2136/exchange.ts'
import { openDnsConnection } from '../../backends/rfc2136/tcp-link.ts'
import { openTechnitiumApi } from '../../backends/technitium/api.ts'
import { openControl } from '../../backends/unbound/control.ts'
import { commandsOf, zoneProblem } from '../../backends/unbound/unbound.ts'
import { configOf } from '../../config/load.ts'
import type { ResolvedDns } from '../../config/resolve.ts'
import { remedyAt } from '../../findings/remedies.ts'
import { mayWrite } from '../doctor/local-dns.ts'
import { CommandFailed, EXIT } from '../terminal.ts'

/** What the command line says of the DNS server. */
export interface DnsOptions {
  /** Where it is: an address, a URL, or a path. */
  dns: string
  dnsKind?: string
  keyFile?: string
  pidFile?: string
}

/** A DNS server that takes names, and what it has of the zones that are needed. */
export interface FoundDns {
  /** Its entry in `dns`, without its zones. Files are absolute, so that they are found from any folder. */
  entry: { name: string; kind: string }
  zones: string[]
  /** What a person has to do there, as sentences. */
  steps: string[]
}

type DnsKind = Exclude<ResolvedDns['kind'], 'embedded'>

/** Which option says the secret of a kind, and which other it may have. */
const TAKES: Record<DnsKind, { key: 'optional' | 'needed' | null; pidFile: boolean }> = {
  rfc2136: { key: 'optional', pidFile: false },
  powerdns: { key: 'needed', pidFile: false },
  technitium: { key: 'needed', pidFile: false },
  unbound: { key: null, pidFile: false },
  hosts: { key: null, pidFile: true },
}

const misused = (text: string): CommandFailed => new CommandFailed(text, EXIT.use)

/** The kind that was asked for. What does not go with it is a CommandFailed. */
const kindOf = ({ dns, dnsKind, keyFile, pidFile }: DnsOptions): DnsKind => {
  if (dnsKind === undefined && /^(https?:|\/)/.test(dns))
    throw misused(`--dns-kind: expected one of ${Object.keys(TAKES).slice(1).join(', ')} beside --dns ${dns}`)
  const kind = (dnsKind ?? 'rfc2136') as DnsKind
  const takes = TAKES[kind]
  if (takes.key === 'needed' && keyFile === undefined)
    throw misused(`--key-file: expected a file with the secret of the API of ${kind}`)
  if (takes.key === null && keyFile !== undefined) throw misused(`--key-file: expected none, as ${kind} takes no key`)
  if (!takes.pidFile && pidFile !== undefined) throw misused('--pid-file: expected none, except for --dns-kind hosts')
  return kind
}

/** The entry as the configuration will understand it. What is wrong with an address or a key is a ConfigError. */
const resolved = <K extends DnsKind>(entry: { kind: K }): Extract<ResolvedDns, { kind: K }> =>
  configOf({ dns: [entry] }, {}, '--dns').dns[0] as Extract<ResolvedDns, { kind: K }>

/** The zone of this server that holds a name, by its answer to a query for the SOA there; null when it has none. */
const holderIn = ({ authoritative, answers, authorities }: Message, name: string): string | null => {
  const zones = [...answers, ...authorities].filter(({ type }) => type === TYPE.SOA).map(one => one.name)
  return authoritative ? zoneFor(name, zones) : null
}

/** Sorts the needed names by the zone that holds each. */
const sorted = (server: string, holders: readonly (readonly [name: string, zone: string | null])[]) => ({
  zones: [...new Set(holders.flatMap(([, zone]) => zone ?? []))],
  steps: holders
    .filter(([, zone]) => zone === null)
    .map(([name]) => `DNS: no zone of ${server} holds ${name}: add the zone there, and to "zones" in the file.`),
})

type Finder = (options: DnsOptions, names: readonly string[]) => Promise<FoundDns>

const secretOf = ({ keyFile = '' }: DnsOptions) => ({ file: resolve(keyFile) })

/** Asks for the SOA at each name. A server that does not know the key is a CommandFailed. */
const findByQueries: Finder = async ({ dns: address, keyFile }, names) => {
  const tsig = keyFile === undefined ? {} : { tsig: { keyFile: resolve(keyFile) } }
  const entry = { name: 'primary', kind: 'rfc2136' as const, servers: [address], ...tsig }
  const { servers, tsig: key, timeout } = resolved(entry)
  const server = servers[0]!
  const link = openDnsConnection(parseServer(server), timeout)
  const asked = { key: key ? tsigKey(key) : null, seconds: () => Math.floor(Date.now() / 1000) }
  const holders: [string, string | null][] = []
  try {
    for (const name of names) {
      const { message, tsig } = await exchange(link, asked, encodeQuery(link.nextId(), name, 'SOA'))
      const { text } = updateAnswerOf(server, { rcode: message.rcode, tsig })
      if (tsig && tsig.kind !== 'good') throw new CommandFailed(`--dns: ${text}`, EXIT.forbidden)
      holders.push([name, holderIn(message, name)])
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error
    throw new CommandFailed(`--dns: ${server} ${noReplyOf(error).noReply}`, EXIT.unreachable)
  } finally {
    link.close()
  }
  return { entry, ...sorted(server, holders) }
}

/** Sorts the needed names by the zones that an API lists. */
const sortedByList = async (
  api: { server: string; zones(): Promise<string[]>; close(): Promise<void> },
  names: readonly string[],
) => {
  try {
    const zones = new Set(await api.zones())
    return sorted(
      api.server,
      names.map(name => [name, zoneFor(name, zones)]),
    )
  } finally {
    await api.close()
  }
}

const findAtPowerDns: Finder = async (options, names) => {
  const entry = { name: 'primary', kind: 'powerdns' as const, url: options.dns, apiKey: secretOf(options) }
  return { entry, ...(await sortedByList(openPowerDnsApi(resolved(entry)), names)) }
}

const findAtTechnitium: Finder = async (options, names) => {
  const entry = { name: 'primary', kind: 'technitium' as const, url: options.dns, token: secretOf(options) }
  return { entry, ...(await sortedByList(openTechnitiumApi(resolved(entry)), names)) }
}

const findAtUnbound: Finder = async ({ dns: control }, names) => {
  const entry = { name: 'primary', kind: 'unbound' as const, control }
  const config = resolved(entry)
  const channel = openControl(config.control, config.timeout)
  const local = localZonesIn(await channel.list(commandsOf(config.view).zones))
  const steps = names.flatMap(zone => {
    const problem = zoneProblem(local, zone)
    if (problem === null) return []
    const { remedy } = remedyAt(config, { backend: config.name, zone }, problem)
    return [`DNS: ${channel.place} ${problem}. ${remedy}`]
  })
  return { entry, zones: [], steps }
}

const findHostsFile: Finder = async ({ dns, pidFile }) => {
  const path = resolve(dns)
  const reload = pidFile === undefined ? {} : { reload: { pidFile: resolve(pidFile), signal: 'SIGHUP' } }
  const entry = { name: 'primary', kind: 'hosts' as const, path, ...reload }
  const config = resolved(entry)
  await openHostsFile(config).read()
  await mayWrite(config)
  if (config.reload?.pidFile !== undefined) await processOf(config.reload.pidFile)
  const steps = `DNS: the server that reads ${path} must watch it; else say in "reload" of the file how it is told.`
  return { entry, zones: [], steps: pidFile === undefined ? [steps] : [] }
}

const FINDERS: Record<DnsKind, Finder> = {
  rfc2136: findByQueries,
  powerdns: findAtPowerDns,
  technitium: findAtTechnitium,
  unbound: findAtUnbound,
  hosts: findHostsFile,
}

/** Asks the server for each name. One that cannot be asked, or does not know the key, is a CommandFailed. */
export const findZones = async (options: DnsOptions, names: readonly string[]): Promise<FoundDns> => {
  try {
    return await FINDERS[kindOf(options)](options, names)
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error
    throw new CommandFailed(`--dns: ${error.message}`, error.kind === 'refused' ? EXIT.forbidden : EXIT.unreachable)
  }
}
