import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../../server/config/load.ts'
import { startNamed } from '../../real/named.ts'
import { needs } from '../../real/needs.ts'
import { startFake } from '../control/fake-kea.ts'
import { command } from './spawned.ts'

const folderOf = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test("init writes what Kea's configuration says, and check-config takes it", async t => {
  const folder = folderOf(t)
  const leases = join(folder, 'kea-leases4.csv')
  writeFileSync(leases, '')
  const Dhcp4 = {
    'dhcp-ddns': { 'enable-updates': true },
    'lease-database': { type: 'memfile', name: leases },
    'ddns-qualifying-suffix': 'lab.example.net.',
    reservations: [{ 'hw-address': '02:00:00:00:00:01', hostname: 'nas' }],
    subnet4: [
      { id: 1, subnet: '10.1.0.0/16' },
      { id: 2, subnet: '10.2.0.0/16', 'ddns-qualifying-suffix': '' },
    ],
  }
  const kea = await startFake(t, ({ command, service }) => {
    if (service?.[0] === 'dhcp6') return { answer: { result: 1, text: 'forwarding failed' } }
    const own = ['build-report', 'config-get', 'list-commands', 'version-get']
    const answers: Record<string, object> = {
      'list-commands': { arguments: service ? ['config-get', 'dhcp-enable', 'list-commands'] : own },
      'version-get': { text: '2.6.1' },
      'config-get': { arguments: { Dhcp4 } },
    }
    return answers[command] && { answer: { result: 0, ...answers[command] } }
  })
  const file = join(folder, 'leasehold.json')
  const made = await command(['init', '--from-kea', kea.url, '--output', file])
  t.match(made, { code: 0, out: /enable-updates": false.* in dhcp4/, err: /left out: .*dhcp6/ })
  t.match(made.out, 'libdhcp_lease_cmds.so')
  t.match(loadConfig({ file, env: {} }), {
    kea: [{ url: kea.url, services: ['dhcp4'], memfile: { dhcp4: leases } }],
    scopes: [
      { subnet: '10.1.0.0/16', domain: 'lab.example.net' },
      { subnet: '10.2.0.0/16', domain: 'home.arpa' },
    ],
  })
  t.match(readFileSync(file, 'utf8'), /\/\/ Kea has no DDNS suffix for it/)
  t.equal(statSync(file).mode & 0o007, 0)

  const before = readFileSync(file, 'utf8')
  t.match(await command(['init', '--from-kea', kea.url, '--output', file]), { code: 1, err: /not written over/ })
  t.equal(readFileSync(file, 'utf8'), before)
})

t.test('a Kea that cannot be asked: nothing is written', async t => {
  const file = join(folderOf(t), 'leasehold.json')
  const closed = await startFake(t, () => ({ status: 401, body: '' }))
  const init = (url: string, ...more: string[]) => command(['init', '--from-kea', url, '--output', file, ...more])
  t.match(await init('http://127.0.0.1:1'), { code: 69, err: /refuses connections/ })
  t.match(await init(closed.url), { code: 77, err: /user name or password/ })
  t.match(await init('kea'), { code: 2, err: /expected a URL/ })
  t.match(await init(closed.url, '--password-file', `${file}.none`), { code: 2, err: /ENOENT/ })
  t.throws(() => statSync(file), { code: 'ENOENT' })
})

/** A DHCP server with these subnets, by their DDNS suffixes. */
const keaWith = (t: Test, suffixes: Record<string, string>) => {
  const subnet4 = Object.entries(suffixes).map(([subnet, suffix], i) => ({
    id: i + 1,
    subnet,
    'ddns-qualifying-suffix': suffix,
  }))
  const answers: Record<string, object> = {
    'list-commands': { arguments: ['config-get', 'dhcp-enable', 'lease4-get-page', 'list-commands', 'version-get'] },
    'version-get': { text: '2.2.0' },
    'config-get': { arguments: { Dhcp4: { subnet4 } } },
  }
  return startFake(t, ({ command }) => answers[command] && { answer: { result: 0, ...answers[command] } })
}

t.test('with --dns the server says which zones it has, and doctor is content', async t => {
  if (!needs(t, 'named')) return
  const folder = folderOf(t)
  const named = await startNamed({ zones: ['lab.example.net', '10.in-addr.arpa'] })
  t.teardown(named.close)
  const keyOf = (file: string, secret: string): string => {
    const path = join(folder, file)
    writeFileSync(path, `key "leasehold" {\n\talgorithm hmac-sha256;\n\tsecret "${secret}";\n};\n`)
    return path
  }
  const keyFile = keyOf('tsig.key', named.key.secret)
  const init = (kea: { url: string }, output: string, ...more: string[]) =>
    command(['init', '--from-kea', kea.url, '--output', join(folder, output), ...more])
  const here = ['--dns', named.address, '--key-file', keyFile]

  const office = { '10.1.0.0/16': 'lab.example.net', '10.2.0.0/16': 'lab.example.net.' }
  const kea = await keaWith(t, office)
  const made = await init(kea, 'good.json', ...here)
  t.match(made, { code: 0, err: /left out: .*dhcp6/ })
  t.notMatch(made.out, 'DNS:', 'nothing is left to do there')
  t.match(made.out, `leasehold doctor --config ${join(folder, 'good.json')}`)
  const [dns] = loadConfig({ file: join(folder, 'good.json'), env: {} }).dns
  t.match(dns, {
    kind: 'rfc2136',
    servers: [named.address],
    zones: ['lab.example.net', '10.in-addr.arpa'],
    tsig: named.key,
  })
  const { out } = await command(['doctor', '--json', '--config', join(folder, 'good.json')])
  const { checks } = JSON.parse(out) as { checks: { ok: boolean; subject: string; text: string }[] }
  const ofDns = checks.filter(({ subject }) => subject.startsWith('dns ') || subject.startsWith('scope '))
  t.equal(ofDns.length, 2)
  t.ok(ofDns.every(({ ok, text }) => ok && text.includes('takes')))

  const more = await keaWith(t, { ...office, '192.168.7.0/24': 'other.example' })
  const partly = await init(more, 'partly.json', ...here)
  t.equal(partly.code, 0)
  for (const zone of ['other.example', '7.168.192.in-addr.arpa']) {
    t.match(partly.out, `no zone of ${named.address} holds ${zone}: add the zone there`)
  }
  const bare = await init(await keaWith(t, { '192.168.7.0/24': 'other.example' }), 'bare.json', ...here)
  t.equal(bare.code, 0)
  t.strictSame(loadConfig({ file: join(folder, 'bare.json'), env: {} }).dns[0]!.zones, undefined)

  const wrong = keyOf('wrong.key', Buffer.alloc(32).toString('base64'))
  const none = keyOf('none.key', '')
  const rows: [words: string[], ended: { code: number; err: RegExp }][] = [
    [['--dns', named.address, '--key-file', wrong], { code: 77, err: /BADSIG/ }],
    [['--dns', '127.0.0.1:1', '--key-file', keyFile], { code: 69, err: /refuses connections/ }],
    [['--dns', named.address, '--key-file', none], { code: 78, err: /expected a file with one key/ }],
    [['--dns', named.address, '--key-file', `${none}.none`], { code: 78, err: /keyFile: .*ENOENT/ }],
    [['--dns', 'bind'], { code: 78, err: /expected an address and a port/ }],
    [['--dns', '192.0.2.53:53'], { code: 78, err: /tsig/ }],
    [['--key-file', keyFile], { code: 2, err: /expected --dns beside it/ }],
  ]
  for (const [words, ended] of rows) t.match(await init(kea, 'never.json', ...words), ended, words.join(' '))
  t.throws(() => statSync(join(folder, 'never.json')), { code: 'ENOENT' })
})
