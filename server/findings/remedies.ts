/*
 * What to do about what a DNS server says, kind by kind.
 *
 * A server that takes updates speaks in rcodes, which lib/dns/trouble.ts sorts. The others speak in sentences of their own
 * backend: for each kind a table has a word of the sentence, what kind of finding it is, and what to do; the first row whose
 * word stands in it counts. `doctor` gives the same remedies.
 */
import { type Trouble, troubleOf } from '../../lib/dns/trouble.ts'
import type { HostsConfig, UnboundConfig } from '../../schemas/config/local-dns.ts'
import type { FindingKind } from '../../schemas/model/finding.ts'
import { printControl } from '../backends/unbound/control.ts'
import type { ResolvedDns, ResolvedRfc2136 } from '../config/resolve.ts'

/** What kind of finding a problem is, and what to do about it. */
export interface Remedy {
  kind: FindingKind
  remedy: string
}

const KIND: Record<Trouble, FindingKind> = {
  clock: 'clock-skew',
  'key-unknown': 'zone-refused',
  'key-secret': 'zone-refused',
  zone: 'zone-missing',
  policy: 'zone-refused',
  url: 'server-unreachable',
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
  url: ({ servers }) => `See what answers at ${servers}.`,
  silent: ({ servers, zone }) =>
    `See that ${servers} runs and can be reached over TCP: "dig +tcp @${servers.replace(/:(\d+)$/, ' -p $1')} ${zone} SOA".`,
}

/** What to do with a server that has an HTTP API; `secret` is the key of its entry. */
const API_REMEDY: Record<'key' | 'policy' | 'zone' | 'url' | 'silent', (place: Place, secret: string) => string> = {
  key: ({ servers, backend }, secret) =>
    `Give the secret that ${servers} takes as "${secret}" of "${backend}" in dns; if it was revoked there, make a new one.`,
  policy: ({ zone, servers }) =>
    `At ${servers}, give the user of the token the rights View, Modify and Delete in the zone ${zone}.`,
  zone: ({ zone, servers, backend }) =>
    `Make ${servers} the primary of the zone ${zone}, switched on, or name the server that is in "url" of "${backend}".`,
  url: ({ servers, backend }) =>
    `See what answers at ${servers}, and put the URL of the API itself into "url" of "${backend}": a redirect is not followed.`,
  silent: ({ servers }) =>
    `See that ${servers} runs, that its API is open to this machine, and that its log shows no error.`,
}

const API_TROUBLE: Record<Trouble, keyof typeof API_REMEDY> = {
  clock: 'silent',
  'key-unknown': 'key',
  'key-secret': 'key',
  zone: 'zone',
  policy: 'policy',
  url: 'url',
  silent: 'silent',
}

const byRcode = (place: Place, problem: string): Remedy => {
  const trouble = troubleOf(problem)
  return { kind: KIND[trouble], remedy: REMEDY[trouble](place) }
}

const ofRfc2136 = ({ name, tsig, servers }: ResolvedRfc2136, zone: string, problem: string): Remedy => {
  const { name: key = 'KEY', algorithm = 'hmac-sha256' } = tsig ?? {}
  return byRcode({ backend: name, zone, key, algorithm, servers: servers.join(', ') }, problem)
}

/** At a server with an HTTP API; `secret` is the key of its entry. */
const byApi =
  (secret: string) =>
  ({ name, url }: { name: string; url: string }, zone: string, problem: string): Remedy => {
    const trouble = troubleOf(problem)
    const place = { backend: name, zone, key: '', algorithm: '', servers: url }
    return { kind: KIND[trouble], remedy: API_REMEDY[API_TROUBLE[trouble]](place, secret) }
  }

const ofOther = (backend: string, zone: string, problem: string): Remedy =>
  byRcode({ backend, zone, key: 'KEY', algorithm: 'hmac-sha256', servers: backend }, problem)

/** A word of the sentence, the kind of finding, and what to do. */
type Row<E> = readonly [RegExp, FindingKind, (entry: E, zone: string) => string]

const UNBOUND: readonly Row<UnboundConfig>[] = [
  [
    /has no local-zone/,
    'zone-missing',
    (_, zone) => `Add it to Unbound's configuration, "local-zone: ${zone}. transparent", and reload Unbound.`,
  ],
  [
    /hides what is in/,
    'zone-refused',
    (_, zone) => `Give the local-zone a type that shows its data: "local-zone: ${zone}. transparent", or "static".`,
  ],
  [
    /may not use/,
    'zone-refused',
    ({ control }) => `Let Leasehold's user use ${printControl(control)}: add it to the group of that socket.`,
  ],
  [
    /no view with name/,
    'zone-refused',
    ({ name }) => `Mend "view" of "${name}" in dns, or add that view to Unbound's configuration.`,
  ],
  [
    /certificate|TLS|cannot be read/,
    'zone-refused',
    ({ name }) =>
      `Give "${name}" the files of unbound-control-setup in "control": "ca" is unbound_server.pem, "cert" and "key" are unbound_control.pem and unbound_control.key, readable by Leasehold.`,
  ],
  [/says: error/, 'zone-refused', () => 'Update Unbound, or see in its log why it does not take the command.'],
  [
    /./,
    'server-unreachable',
    ({ control }) =>
      `See that Unbound runs, and that "control-enable: yes" and "control-interface: ${typeof control === 'string' ? control : control.host}" stand below "remote-control:" in its configuration.`,
  ],
]

const HOSTS: readonly Row<HostsConfig>[] = [
  [/folder that does not exist/, 'zone-refused', ({ path }) => `Make the folder of ${path}, or mount it.`],
  [
    /may not write/,
    'zone-refused',
    ({ path }) => `Give Leasehold's user the folder of ${path}, or the right to write there.`,
  ],
  [/read-only/, 'zone-refused', ({ path }) => `Mount the folder of ${path} so that it can be written.`],
  [
    /mounted by itself/,
    'zone-refused',
    ({ name }) => `Mount the folder and not the file, or set "write": "in-place" for "${name}" in dns.`,
  ],
  [/is a folder|larger than/, 'zone-refused', ({ name }) => `Mend "path" of "${name}" in dns: it names a hosts file.`],
  [/full|quota/, 'server-unreachable', ({ path }) => `Make room on the disk of ${path}.`],
  [
    /pid file|process of|process id|older than the process/,
    'server-unreachable',
    ({ name }) =>
      `See that the server runs, and that "reload.pidFile" of "${name}" is its pid file and Leasehold may signal it. Where it runs in a container use "command".`,
  ],
  [
    /reload failed/,
    'server-unreachable',
    ({ name }) => `Run "reload.command" of "${name}" by hand as Leasehold's user, and mend what it says.`,
  ],
  [
    /does not answer by the file|did not answer when/,
    'server-unreachable',
    ({ path, check }) =>
      `See that the server at ${check} reads ${path} (dnsmasq: addn-hosts=${path}), and that "reload" tells it of changes.`,
  ],
  [/./, 'server-unreachable', ({ path }) => `See what keeps Leasehold from writing ${path}.`],
]

const byRow =
  <E>(rows: readonly Row<E>[]) =>
  (entry: E, zone: string, problem: string): Remedy => {
    const [, kind, remedy] = rows.find(([word]) => word.test(problem)) ?? rows.at(-1)!
    return { kind, remedy: remedy(entry, zone) }
  }

type Kind = ResolvedDns['kind']
type Remedies<K extends Kind> = (entry: Extract<ResolvedDns, { kind: K }>, zone: string, problem: string) => Remedy

const REMEDIES: { [K in Kind]: Remedies<K> } = {
  embedded: ({ name }, zone, problem) => ofOther(name, zone, problem),
  rfc2136: ofRfc2136,
  powerdns: byApi('apiKey'),
  technitium: byApi('token'),
  unbound: byRow(UNBOUND),
  hosts: byRow(HOSTS),
}

/** What to do about a problem of a zone at an entry of `dns`; without the entry, at a server of that name. */
export const remedyAt = <K extends Kind>(
  entry: Extract<ResolvedDns, { kind: K }> | undefined,
  { backend, zone }: { backend: string; zone: string },
  problem: string,
): Remedy => (entry ? (REMEDIES[entry.kind] as Remedies<K>)(entry, zone, problem) : ofOther(backend, zone, problem))
