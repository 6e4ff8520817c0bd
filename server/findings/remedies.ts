/*
 * What to do about what a DNS server says, kind by kind.
 *
 * A server that takes updates speaks in rcodes, which lib/dns/trouble.ts sorts. The others speak in sentences of their own
 * backend, and have tables (remedies-other.ts). `doctor` gives the same remedies.
 */
import { type Trouble, troubleOf } from '../../lib/dns/trouble.ts'
import type { FindingKind } from '../../schemas/model/finding.ts'
import type { ResolvedDns, ResolvedRfc2136 } from '../config/resolve.ts'
import { byRow, HOSTS, POWERDNS, type Remedy, TECHNITIUM, UNBOUND } from './remedies-other.ts'

const KIND: Record<Trouble, FindingKind> = {
  clock: 'clock-skew',
  'key-unknown': 'zone-refused',
  'key-secret': 'zone-refused',
  zone: 'zone-missing',
  policy: 'zone-refused',
  silent: 'server-unreachable',
}

interface Place {
  backend: string
  zone: string
  key: string
  algorithm: string
  servers: string
}

/** What to do, with lines for BIND, as most have it; the page on DNS servers has those of others. */
const REMEDY: Record<Trouble, (place: Place) => string> = {
  clock: ({ servers }) =>
    `Set the clocks of this machine and of ${servers} right, for instance by NTP: "timedatectl set-ntp true".`,
  'key-unknown': ({ key, algorithm, servers }) =>
    `Give ${servers} the key: "key ${key} { algorithm ${algorithm}; secret \\"...\\"; };", with the secret of dns[].tsig, then "rndc reconfig". Name and algorithm must be the same on both sides.`,
  'key-secret': ({ key, servers, backend }) =>
    `The key "${key}" has another secret at ${servers}: put the one of its configuration into dns[].tsig.secret of "${backend}".`,
  zone: ({ zone, key, servers }) =>
    `Add the zone at ${servers}: "rndc addzone ${zone} '{ type primary; file \\"${zone}.db\\"; update-policy { grant ${key} zonesub ANY; }; };'". Where that server is a secondary, name its primary in dns[].servers.`,
  policy: ({ zone, key, servers }) =>
    `Let the key write at ${servers}: "update-policy { grant ${key} zonesub ANY; };" in the zone ${zone}, then "rndc reload ${zone}". If the zone is frozen: "rndc thaw ${zone}".`,
  silent: ({ servers, zone }) =>
    `See that ${servers} runs and can be reached over TCP: "dig +tcp @${servers.replace(/:(\d+)$/, ' -p $1')} ${zone} SOA".`,
}

const byRcode = (place: Place, problem: string): Remedy => {
  const trouble = troubleOf(problem)
  return { kind: KIND[trouble], remedy: REMEDY[trouble](place) }
}

const ofRfc2136 = ({ name, tsig, servers }: ResolvedRfc2136, zone: string, problem: string): Remedy => {
  const { name: key = 'KEY', algorithm = 'hmac-sha256' } = tsig ?? {}
  return byRcode({ backend: name, zone, key, algorithm, servers: servers.join(', ') }, problem)
}

const ofOther = (backend: string, zone: string, problem: string): Remedy =>
  byRcode({ backend, zone, key: 'KEY', algorithm: 'hmac-sha256', servers: backend }, problem)

type Kind = ResolvedDns['kind']
type Remedies<K extends Kind> = (entry: Extract<ResolvedDns, { kind: K }>, zone: string, problem: string) => Remedy

const REMEDIES: { [K in Kind]: Remedies<K> } = {
  embedded: ({ name }, zone, problem) => ofOther(name, zone, problem),
  rfc2136: ofRfc2136,
  powerdns: byRow(POWERDNS),
  technitium: byRow(TECHNITIUM),
  unbound: byRow(UNBOUND),
  hosts: byRow(HOSTS),
}

/** What to do about a problem of a zone at an entry of `dns`; without the entry, at a server of that name. */
export const remedyAt = <K extends Kind>(
  entry: Extract<ResolvedDns, { kind: K }> | undefined,
  { backend, zone }: { backend: string; zone: string },
  problem: string,
): Remedy => (entry ? (REMEDIES[entry.kind] as Remedies<K>)(entry, zone, problem) : ofOther(backend, zone, problem))
