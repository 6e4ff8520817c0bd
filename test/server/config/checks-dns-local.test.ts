import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

type Entry = { name: string } & Record<string, unknown>

const UNBOUND: Entry = { name: 'u', kind: 'unbound', control: '/run/unbound.ctl' }
const TLS = { ca: 'server.pem', cert: 'control.pem', key: 'control.key' }
const HOSTS: Entry = { name: 'h', kind: 'hosts', path: '/etc/hosts.d/leasehold' }
const SCOPE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' }
const read = (...dns: Entry[]) =>
  configOf({ dns, scopes: [SCOPE, { ...SCOPE, name: 'lab', subnet: '10.2.0.0/16', backend: dns.at(-1)!.name }] }, {})
    .dns

t.test('an Unbound by its socket, or by a port with TLS', async t => {
  t.match(read(UNBOUND), [{ control: '/run/unbound.ctl', timeout: 2000 }])
  t.match(read({ ...UNBOUND, control: TLS, view: 'lan' }), [
    { control: { host: '127.0.0.1', port: 8953, ...TLS }, view: 'lan' },
  ])
})

t.test('a hosts file with each way of a reload', async t => {
  t.match(read(HOSTS), [{ write: 'rename' }])
  for (const reload of [
    { pidFile: '/run/d.pid' },
    { pidFile: '/run/d.pid', signal: 'SIGUSR1' },
    { command: ['a', ''] },
  ])
    t.match(read({ ...HOSTS, write: 'in-place', reload, check: '127.0.0.1:53' }), [{ reload }])
})

const reload = (one: object) => ({ ...HOSTS, reload: one })

for (const [what, dns, fault] of [
  ['no control', [{ ...UNBOUND, control: undefined }], /dns\[0\]\.control: expected the path of a socket/],
  ['a relative socket', [{ ...UNBOUND, control: 'unbound.ctl' }], /dns\[0\]\.control: expected the path of a socket/],
  [
    'a port without a key',
    [{ ...UNBOUND, control: { ...TLS, key: undefined } }],
    /dns\[0\]\.control\.key: expected a text/,
  ],
  ['a view of two words', [{ ...UNBOUND, view: 'a b' }], /dns\[0\]\.view: expected the name of a view/],
  ['a marker, which it has not', [{ ...UNBOUND, marker: 'txt' }], /dns\[0\]\.marker: expected no such key/],
  ['no path', [{ ...HOSTS, path: '' }], /dns\[0\]\.path: expected at least 1 characters/],
  ['another way to write', [{ ...HOSTS, write: 'append' }], /dns\[0\]\.write: expected "rename" or "in-place"/],
  ['no way of a reload', [reload({})], /dns\[0\]\.reload\.command: expected either "pidFile" or "command"/],
  ['two ways of a reload', [reload({ pidFile: 'a', command: ['b'] })], /reload\.command: expected either/],
  ['a signal to nobody', [reload({ command: ['b'], signal: 'SIGHUP' })], /reload\.signal: expected nothing/],
  ['a deadly signal', [reload({ pidFile: 'a', signal: 'SIGKILL' })], /reload\.signal: expected "SIGHUP" or "SIGUSR1"/],
  ['a command for a shell', [reload({ command: 'pihole reloaddns' })], /reload\.command: expected a list/],
  [
    'a check without a port that is one',
    [{ ...HOSTS, check: '127.0.0.1:0' }],
    /dns\[0\]\.check: expected an IP address/,
  ],
  ['only reverse zones', [{ ...HOSTS, zones: ['10.in-addr.arpa'] }], /dns\[0\]\.zones: expected a zone of names/],
  [
    'two entries for one socket',
    [UNBOUND, { ...UNBOUND, name: 'v' }],
    /dns\[1\]\.zones: .* at the server \/run\/unbound\.ctl/,
  ],
  ['two entries for one file', [HOSTS, { ...HOSTS, name: 'i' }], /dns\[1\]\.zones: .* at the server \/etc\/hosts\.d/],
] as const)
  t.test(`refused: ${what}`, async t => t.throws(() => read(...dns), fault))

t.test('two views of one Unbound are two places', async t => {
  t.equal(read({ ...UNBOUND, view: 'lan' }, { ...UNBOUND, name: 'v', view: 'guests' }).length, 2)
})
