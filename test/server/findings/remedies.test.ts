import t from 'tap'
import type { HostsConfig, UnboundConfig } from '../../../schemas/config/local-dns.ts'
import type { ResolvedPowerDns, ResolvedTechnitium } from '../../../server/config/resolve.ts'
import { remedyAt } from '../../../server/findings/remedies.ts'

const UNBOUND: UnboundConfig = { name: 'u', formerly: [], kind: 'unbound', control: '/run/unbound.ctl', timeout: 2000 }
const HOSTS: HostsConfig = {
  name: 'h',
  formerly: [],
  kind: 'hosts',
  path: '/etc/h',
  write: 'rename',
  check: '127.0.0.1',
}

const P: ResolvedPowerDns = {
  name: 'p',
  formerly: [],
  kind: 'powerdns',
  url: 'http://dns:8081',
  apiKey: 'secret',
  server: 'localhost',
  marker: 'dhcid',
  timeout: 5000,
}
const T: ResolvedTechnitium = {
  name: 't',
  formerly: [],
  kind: 'technitium',
  url: 'https://dns:53443',
  token: 'secret',
  marker: 'dhcid',
  timeout: 5000,
}

/** What the backends say, the kind of the finding, and a word of what to do. */
for (const [entry, problem, kind, remedy] of [
  [P, 'dns:8081 does not take the API key (HTTP 401)', 'zone-refused', /as "apiKey" of "p" in dns; if it was revoked/],
  [T, 'dns:5380 does not take the token', 'zone-refused', /as "token" of "t" in dns; if it was revoked/],
  [T, 'dns:5380 does not read the token', 'zone-refused', /as "token" of "t"/],
  [T, 'dns:5380 does not let the user of the token do this: Access ...', 'zone-refused', /View, Modify and Delete/],
  [P, 'dns:8081 does not allow this (HTTP 403)', 'zone-refused', /"webserver-allow-from"/],
  [P, 'dns:8081 has an API that only reads (HTTP 405)', 'zone-refused', /"api-readonly"/],
  [P, 'dns:8081 does not have the zone (HTTP 404)', 'zone-missing', /Add the zone lab\.example at http.*"url" of "p"/],
  [P, 'dns:8081 has lab.example as Slave: ... is lost at the next transfer', 'zone-missing', /"url" of "p"/],
  [T, 'dns:5380 has the zone lab.example switched off, so ...', 'zone-missing', /switched on/],
  [
    T,
    'dns:5380 points somewhere else, which is not followed, ... (HTTP 307)',
    'server-unreachable',
    /"url" of "t": a re/,
  ],
  [
    P,
    'dns:8081 answers with a page for people, as a proxy before ...',
    'server-unreachable',
    /"url" of "p": a redirect/,
  ],
  [P, 'dns:8081 does not speak HTTP', 'server-unreachable', /"url" of "p"/],
  [T, 'dns:53443 shows a certificate that is not to be trusted', 'server-unreachable', /as "ca" of "t" in dns/],
  [T, 'dns:53443 shows a certificate for another name', 'server-unreachable', /"url" as its certificate does/],
  [P, 'dns:8081 did not answer in time', 'server-unreachable', /runs.*by "timeout" of "p"/],
  [P, 'dns:8081 is asked too often (HTTP 429)', 'server-unreachable', /not overloaded/],
  [T, 'dns:5380 has a name that does not resolve', 'server-unreachable', /"url" of "t"/],
  [P, 'dns:8081 stands behind a proxy that wants a password (HTTP 407)', 'server-unreachable', /pass the proxy/],
  [P, 'dns:8081 refuses a change (HTTP 422): RRset ...', 'zone-refused', /log of http:\/\/dns:8081/],
  [P, 'dns:8081 failed (HTTP 500): database is locked', 'server-unreachable', /"api=yes".*its log shows no error/],
  [P, 'dns:8081 refuses connections', 'server-unreachable', /See that PowerDNS runs at http:\/\/dns:8081/],
  [
    T,
    'dns:5380 closed the connection before its answer ...',
    'server-unreachable',
    /Technitium runs.*web service is open/,
  ],
  [UNBOUND, '/run/unbound.ctl has no local-zone for lab.example', 'zone-missing', /"local-zone: lab\.example\. transp/],
  [UNBOUND, '/run/unbound.ctl hides what is in lab.example: its ...', 'zone-refused', /type that shows its data/],
  [UNBOUND, '/run/unbound.ctl has a socket that this program may not use', 'zone-refused', /group of that socket/],
  [UNBOUND, '/run/unbound.ctl says: no view with name: lan', 'zone-refused', /Mend "view" of "u"/],
  [UNBOUND, '127.0.0.1:8953 shows a certificate that is not to be trusted', 'zone-refused', /unbound-control-setup/],
  [UNBOUND, '127.0.0.1:8953 does not take the certificate of "control.cert"', 'zone-refused', /unbound-control-setup/],
  [UNBOUND, '127.0.0.1:8953 cannot be asked, as /k cannot be read (EACCES)', 'zone-refused', /readable by Leasehold/],
  [UNBOUND, '/run/unbound.ctl says: error unknown command', 'zone-refused', /Update Unbound/],
  [UNBOUND, '/run/unbound.ctl has no socket there', 'server-unreachable', /control-interface: \/run\/unbound\.ctl/],
  [
    UNBOUND,
    '/run/unbound.ctl did not answer within 2 s',
    'server-unreachable',
    /See that Unbound runs.*"timeout" of "u"/,
  ],
  [HOSTS, '/etc/h is in a folder that does not exist (ENOENT)', 'zone-refused', /Make the folder of \/etc\/h/],
  [
    HOSTS,
    '/etc/h is a file, or in a folder, that this program may not write (EACCES)',
    'zone-refused',
    /user the folder/,
  ],
  [HOSTS, '/etc/h is on a file system that is mounted read-only (EROFS)', 'zone-refused', /can be written/],
  [HOSTS, '/etc/h is mounted by itself, so that ... (EBUSY)', 'zone-refused', /"write": "in-place" for "h"/],
  [HOSTS, '/etc/h is a folder (EISDIR)', 'zone-refused', /Mend "path" of "h"/],
  [HOSTS, '/etc/h is on a disk that is full (ENOSPC)', 'server-unreachable', /Make room on the disk/],
  [
    HOSTS,
    'the reload failed: the pid file /p cannot be read (ENOENT)',
    'server-unreachable',
    /"reload.pidFile" of "h"/,
  ],
  [HOSTS, 'the reload failed: /p is older than the process that ...', 'server-unreachable', /"reload.pidFile" of "h"/],
  [HOSTS, 'the reload failed: pihole ended with 1', 'server-unreachable', /Run "reload.command" of "h" by hand/],
  [HOSTS, 'the server at 127.0.0.1 does not answer by the file', 'server-unreachable', /addn-hosts=\/etc\/h/],
  [HOSTS, '/etc/h could not be written (EIO)', 'server-unreachable', /See what keeps Leasehold/],
] as const)
  t.test(`${entry.kind}: ${problem}`, async t => {
    t.match(remedyAt(entry, { backend: entry.name, zone: 'lab.example' }, problem), { kind, remedy })
  })
