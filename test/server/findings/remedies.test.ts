import t from 'tap'
import type { HostsConfig, UnboundConfig } from '../../../schemas/config/local-dns.ts'
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

/** What the backends say, the kind of the finding, and a word of what to do. */
for (const [entry, problem, kind, remedy] of [
  [UNBOUND, '/run/unbound.ctl has no local-zone for lab.example', 'zone-missing', /"local-zone: lab\.example\. transp/],
  [UNBOUND, '/run/unbound.ctl hides what is in lab.example: its ...', 'zone-refused', /type that shows its data/],
  [UNBOUND, '/run/unbound.ctl has a socket that this program may not use', 'zone-refused', /group of that socket/],
  [UNBOUND, '/run/unbound.ctl says: no view with name: lan', 'zone-refused', /Mend "view" of "u"/],
  [UNBOUND, '127.0.0.1:8953 shows a certificate that is not to be trusted', 'zone-refused', /unbound-control-setup/],
  [UNBOUND, '127.0.0.1:8953 does not take the certificate of "control.cert"', 'zone-refused', /unbound-control-setup/],
  [UNBOUND, '127.0.0.1:8953 cannot be asked, as /k cannot be read (EACCES)', 'zone-refused', /readable by Leasehold/],
  [UNBOUND, '/run/unbound.ctl says: error unknown command', 'zone-refused', /Update Unbound/],
  [UNBOUND, '/run/unbound.ctl has no socket there', 'server-unreachable', /control-interface: \/run\/unbound\.ctl/],
  [UNBOUND, '/run/unbound.ctl did not answer within 2 s', 'server-unreachable', /See that Unbound runs/],
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
