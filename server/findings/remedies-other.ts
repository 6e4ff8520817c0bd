/*
 * What to do about what a DNS server says that takes no updates: one table for each kind.
 *
 * A row has a word of the sentence in which its backend tells of the failure, what kind of finding that is, and what to do.
 * The first row whose word stands in the sentence counts; the last one takes all others. What is to be changed in
 * leasehold.json is named by its key:
 *
 *     the backend says                                             so
 *     192.0.2.53:8081 does not take the API key (HTTP 401)         zone-refused: give the secret ... as "apiKey" of "p" in dns
 *     192.0.2.53:8081 shows a certificate ... not to be trusted    server-unreachable: give the authority ... as "ca" of "p"
 */
import type { HostsConfig, UnboundConfig } from '../../schemas/config/local-dns.ts'
import type { FindingKind } from '../../schemas/model/finding.ts'
import { printControl } from '../backends/unbound/control.ts'
import type { ResolvedPowerDns, ResolvedTechnitium } from '../config/resolve.ts'

/** What kind of finding a problem is, and what to do about it. */
export interface Remedy {
  kind: FindingKind
  remedy: string
}

/** A word of the sentence, the kind of finding, and what to do. */
type Symptom<E> = readonly [RegExp, FindingKind, (entry: E, zone: string) => string]

type Api = Pick<ResolvedPowerDns | ResolvedTechnitium, 'name' | 'url'>

/** What any HTTP API can meet on its way. */
const ON_THE_WAY: readonly Symptom<Api>[] = [
  [
    /does not have the zone|takes no records|lost at the next transfer|switched off/,
    'zone-missing',
    ({ name, url }, zone) =>
      `Add the zone ${zone} at ${url}, as its primary and switched on, or name the server that has it so in "url" of "${name}".`,
  ],
  [
    /points somewhere else|no such API|page for people|not JSON|another form|as no such server|more than is taken|speak/,
    'server-unreachable',
    ({ name, url }) =>
      `See what answers at ${url}, and put the URL of the API itself into "url" of "${name}": a redirect is not followed.`,
  ],
  [
    /certificate/,
    'server-unreachable',
    ({ name, url }) =>
      `Give the authority of the certificate of ${url} as "ca" of "${name}" in dns, and name the server in "url" as its certificate does; renew one that has expired.`,
  ],
  [
    /in time|too often/,
    'server-unreachable',
    ({ name, url }) =>
      `See that ${url} runs and is not overloaded, or give it more time by "timeout" of "${name}" in dns.`,
  ],
  [/does not resolve/, 'server-unreachable', ({ name }) => `Mend the name of the server in "url" of "${name}" in dns.`],
  [
    /wants a password/,
    'server-unreachable',
    ({ name }) => `Let this machine pass the proxy, or name the server itself in "url" of "${name}" in dns.`,
  ],
  [
    /refuses a change|does not understand/,
    'zone-refused',
    ({ url }, zone) =>
      `See in the log of ${url} why it does not take the change, and mend what stands in ${zone} there.`,
  ],
]

const keyRow = (secret: string): Symptom<Api> => [
  /does not take the (?:API key|token|secret)|does not read the token/,
  'zone-refused',
  ({ name, url }) =>
    `Give the secret that ${url} takes as "${secret}" of "${name}" in dns; if it was revoked there, make a new one.`,
]

export const POWERDNS: readonly Symptom<Api>[] = [
  keyRow('apiKey'),
  [
    /does not allow/,
    'zone-refused',
    ({ url }) => `Let this machine in at ${url}: "webserver-allow-from" of PowerDNS, and any proxy before it.`,
  ],
  [
    /API that only reads/,
    'zone-refused',
    ({ url }) => `Let the API at ${url} write: without "api-readonly", and with the zones in a database (not "bind").`,
  ],
  ...ON_THE_WAY,
  [
    /./,
    'server-unreachable',
    ({ url }) =>
      `See that PowerDNS runs at ${url} with "api=yes", that "webserver-allow-from" has this machine, and that its log shows no error.`,
  ],
]

export const TECHNITIUM: readonly Symptom<Api>[] = [
  keyRow('token'),
  [
    /does not (?:let|allow)/,
    'zone-refused',
    ({ url }, zone) => `At ${url}, give the user of the token the rights View, Modify and Delete in the zone ${zone}.`,
  ],
  ...ON_THE_WAY,
  [
    /./,
    'server-unreachable',
    ({ url }) =>
      `See that Technitium runs at ${url}, that its web service is open to this machine, and that its log shows no error.`,
  ],
]

export const UNBOUND: readonly Symptom<UnboundConfig>[] = [
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
  [
    /did not answer within/,
    'server-unreachable',
    ({ name }) => `See that Unbound runs and is not overloaded, or give it more time by "timeout" of "${name}" in dns.`,
  ],
  [/says: error/, 'zone-refused', () => 'Update Unbound, or see in its log why it does not take the command.'],
  [
    /./,
    'server-unreachable',
    ({ control }) =>
      `See that Unbound runs, and that "control-enable: yes" and "control-interface: ${typeof control === 'string' ? control : control.host}" stand below "remote-control:" in its configuration.`,
  ],
]

export const HOSTS: readonly Symptom<HostsConfig>[] = [
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

/** The remedies of one kind, by its table. */
export const byRow =
  <E>(rows: readonly Symptom<E>[]) =>
  (entry: E, zone: string, problem: string): Remedy => {
    const [, kind, remedy] = rows.find(([word]) => word.test(problem)) ?? rows.at(-1)!
    return { kind, remedy: remedy(entry, zone) }
  }
