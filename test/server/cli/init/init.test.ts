import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../../../server/config/load.ts'
import { needs } from '../../../real/needs.ts'
import { startDnsmasq } from '../../../real/servers/dnsmasq.ts'
import { startNamed } from '../../../real/servers/named.ts'
import { startPowerDns } from '../../../real/servers/powerdns.ts'
import { startUnbound } from '../../../real/servers/unbound.ts'
import { FakeTechnitium, startFakeTechnitium } from '../../backends/technitium/fake-technitium.ts'
import { startFake } from '../../control/fake-kea.ts'
import { command } from '../spawned.ts'

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
    [['--key-file', keyFile], { code: 2, err: /--key-file: expected --dns beside it/ }],
  ]
  for (const [words, ended] of rows) t.match(await init(kea, 'never.json', ...words), ended, words.join(' '))
  t.throws(() => statSync(join(folder, 'never.json')), { code: 'ENOENT' })
})

const OFFICE = { '10.1.0.0/16': 'lab.example.net' }
const ZONES = ['lab.example.net', '10.in-addr.arpa']

/** `init` for a Kea with one subnet, and what `doctor` then says of DNS. */
const initWith = async (t: Test, folder: string, words: string[]) => {
  const file = join(folder, `made-${Math.random()}.json`)
  const made = await command(['init', '--from-kea', (await keaWith(t, OFFICE)).url, '--output', file, ...words])
  t.equal(made.code, 0, made.err)
  const { out, err } = await command(['doctor', '--json', '--config', file])
  t.equal(err, '')
  const { checks } = JSON.parse(out) as { checks: { ok: boolean; subject: string; text: string }[] }
  const ofDns = checks.filter(({ subject }) => /^(dns|scope) /.test(subject))
  const steps = made.out.split('\n').filter(line => line.startsWith('- DNS'))
  return { entry: loadConfig({ file, env: {} }).dns[0]!, steps, ofDns, refused: ofDns.filter(({ ok }) => !ok) }
}

/** What is wrong ends with its code and a sentence, and no file is written. */
const neverMade = async (t: Test, folder: string, rows: [words: string[], ended: { code: number; err: RegExp }][]) => {
  const file = join(folder, 'never.json')
  const { url } = await keaWith(t, OFFICE)
  for (const [words, ended] of rows)
    t.match(await command(['init', '--from-kea', url, '--output', file, ...words]), ended, words.join(' '))
  t.throws(() => statSync(file), { code: 'ENOENT' })
}

t.test('with --dns-kind powerdns its API lists the zones that it writes itself', async t => {
  if (!needs(t, 'pdns_server', 'pdnsutil')) return
  const folder = folderOf(t)
  const { api, close } = await startPowerDns({ zones: ZONES, shut: [], signing: 'none', lines: () => [], reserved: '' })
  t.teardown(close)
  const key = join(folder, 'pdns.key')
  writeFileSync(key, `${api.key}\n`)
  const kind = ['--dns-kind', 'powerdns']
  const made = await initWith(t, folder, ['--dns', api.url, ...kind, '--key-file', key])
  t.match(made.entry, { kind: 'powerdns', url: api.url, zones: ZONES, apiKey: api.key })
  t.same(made.steps, [])
  t.same(made.refused, [])
  t.equal(made.ofDns.length, 2)

  await fetch(`${api.url}/api/v1/servers/localhost/zones/10.in-addr.arpa.`, {
    method: 'PUT',
    headers: { 'x-api-key': api.key },
    body: JSON.stringify({ kind: 'Slave' }),
  })
  const copied = await initWith(t, folder, ['--dns', api.url, ...kind, '--key-file', key])
  t.same(copied.entry.zones, ['lab.example.net'])
  t.match(copied.steps, [/no zone of .* holds 1\.10\.in-addr\.arpa/])

  const wrong = join(folder, 'wrong.key')
  writeFileSync(wrong, 'another')
  await neverMade(t, folder, [
    [['--dns', api.url, ...kind, '--key-file', wrong], { code: 77, err: /does not take the API key/ }],
    [['--dns', 'http://127.0.0.1:1', ...kind, '--key-file', key], { code: 69, err: /refuses connections/ }],
    [['--dns', '127.0.0.1:8081', ...kind, '--key-file', key], { code: 78, err: /dns\[0\]\.url/ }],
    [['--dns', api.url, ...kind, '--key-file', `${key}.none`], { code: 78, err: /apiKey\.file: .*ENOENT/ }],
    [['--dns', api.url, ...kind], { code: 2, err: /--key-file: expected a file with the secret/ }],
    [['--dns', api.url], { code: 2, err: /--dns-kind: expected one of powerdns, technitium, unbound, hosts/ }],
    [['--dns-kind', 'powerdns'], { code: 2, err: /--dns-kind: expected --dns beside it/ }],
    [['--dns', api.url, '--dns-kind', 'bind'], { code: 2, err: /Allowed choices are rfc2136, powerdns/ }],
  ])
})

t.test('with --dns-kind technitium its API lists the zones that take records', async t => {
  const folder = folderOf(t)
  const fake = new FakeTechnitium()
  for (const zone of ZONES) fake.zone(zone)
  const { url, close } = await startFakeTechnitium(fake)
  t.teardown(close)
  const key = join(folder, 'token')
  writeFileSync(key, fake.token)
  const words = ['--dns', url, '--dns-kind', 'technitium', '--key-file', key]
  const made = await initWith(t, folder, words)
  t.match(made.entry, { kind: 'technitium', url, zones: ZONES, token: fake.token })
  t.same(made.steps, [])
  t.same(made.refused, [])
  t.equal(made.ofDns.length, 2)

  fake.zone('10.in-addr.arpa').disabled = true
  const partly = await initWith(t, folder, words)
  t.same(partly.entry.zones, ['lab.example.net'])
  t.match(partly.steps, [/no zone of .* holds 1\.10\.in-addr\.arpa/])

  fake.token = 'revoked'
  await neverMade(t, folder, [
    [words, { code: 77, err: /does not take the token/ }],
    [[...words, '--pid-file', '/p'], { code: 2, err: /--pid-file: expected none/ }],
  ])
})

t.test('with --dns-kind unbound its local zones are listed, and those that hide what is in them are told', async t => {
  if (!needs(t, 'unbound')) return
  const folder = folderOf(t)
  const server = await startUnbound({ server: ['local-zone: "lab.example.net." transparent'] })
  t.teardown(server.close)
  const words = ['--dns', server.control, '--dns-kind', 'unbound']
  const made = await initWith(t, folder, words)
  t.match(made.entry, { kind: 'unbound', control: server.control })
  t.same(made.steps, [])
  t.same(made.refused, [])
  t.ok(made.ofDns.length >= 3, 'the server and its zones')

  await server.configure(['local-zone: "lab.example.net." always_nxdomain'])
  await server.command('reload')
  const hidden = await initWith(t, folder, words)
  t.match(hidden.steps, [/hides what is in lab\.example\.net.*Give the local-zone a type/])
  t.match(hidden.refused, [{ text: /hides what is in lab\.example\.net/ }])
  await neverMade(t, folder, [
    [['--dns', join(folder, 'none'), '--dns-kind', 'unbound'], { code: 69, err: /has no socket there/ }],
    [['--dns', '127.0.0.1:8953', '--dns-kind', 'unbound'], { code: 78, err: /expected the path of a socket/ }],
    [[...words, '--key-file', '/k'], { code: 2, err: /--key-file: expected none, as unbound takes no key/ }],
  ])
})

t.test('with --dns-kind hosts the file is looked at, and how its server is told', async t => {
  if (!needs(t, 'dnsmasq')) return
  const folder = folderOf(t)
  const server = await startDnsmasq({ zones: ZONES })
  t.teardown(server.close)
  const words = ['--dns', server.path, '--dns-kind', 'hosts']
  const made = await initWith(t, folder, [...words, '--pid-file', server.pidFile])
  const { pidFile } = server
  t.match(made.entry, { kind: 'hosts', path: server.path, reload: { pidFile, signal: 'SIGHUP' } })
  t.same(made.steps, [])
  t.same(made.refused, [])
  t.match(made.ofDns[1], { text: /process \d+ would be signalled/ })
  const watched = await initWith(t, folder, words)
  t.match(watched.steps, [/must watch it; else say in "reload"/])
  t.same(watched.refused, [])
  await neverMade(t, folder, [
    [['--dns', join(folder, 'no', 'hosts'), '--dns-kind', 'hosts'], { code: 77, err: /folder that does not exist/ }],
    [[...words, '--pid-file', join(folder, 'no.pid')], { code: 69, err: /no\.pid cannot be read \(ENOENT\)/ }],
  ])
})
