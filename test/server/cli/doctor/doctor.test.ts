import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { needs } from '../../../real/needs.ts'
import { startNamed } from '../../../real/servers/named.ts'
import { startPowerDns } from '../../../real/servers/powerdns.ts'
import { FakeTechnitium, startFakeTechnitium } from '../../backends/technitium/fake-technitium.ts'
import { startFake } from '../../control/fake-kea.ts'
import { command } from '../spawned.ts'

const OFFICE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' }
const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'
const COMMANDS = ['config-get', 'dhcp-enable', 'lease4-get-page', 'list-commands', 'version-get']

const folderOf = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A DHCP server that answers `config` and knows `commands`. */
const kea = (t: Test, config: object = {}, commands = COMMANDS) =>
  startFake(t, ({ command }) => {
    const answers: Record<string, object> = {
      'list-commands': { arguments: commands },
      'version-get': { text: '3.0.1' },
      'config-get': { arguments: { Dhcp4: { subnet4: [{ id: 1, subnet: OFFICE.subnet }], ...config } } },
    }
    return answers[command] && { answer: { result: 0, ...answers[command] } }
  })

/** Runs the doctor; gives its exit code, and what is wrong as `subject: text -> remedy`. */
const doctor = async (t: Test, config: object) => {
  const folder = folderOf(t)
  const file = join(folder, 'leasehold.json')
  const base = {
    http: { port: 0 },
    store: { path: join(folder, 'data') },
    dns: [{ name: 'local', kind: 'embedded', port: 0 }],
    scopes: [OFFICE],
  }
  writeFileSync(file, JSON.stringify({ ...base, ...config }))
  const { code, out } = await command(['doctor', '--json', '--config', file])
  const { ok, checks } = JSON.parse(out) as {
    ok: boolean
    checks: { ok: boolean; subject: string; text: string; remedy: string }[]
  }
  t.equal(code, ok ? 0 : 1)
  const wrong = checks.filter(one => !one.ok).map(({ subject, text, remedy }) => `${subject}: ${text} -> ${remedy}`)
  return { ok, wrong, checks }
}

t.test('Kea: what is wrong is told with its remedy', async t => {
  const folder = folderOf(t)
  const [leases, other] = [join(folder, 'kea-leases4.csv'), join(folder, 'other.csv')]
  writeFileSync(leases, `${HEADER}\n`)
  writeFileSync(other, 'hello\n')
  const good = await kea(t)
  const entry = (more: object) => ({ kea: [{ name: 'kea1', url: good.url, services: ['dhcp4'], ...more }] })
  t.match(await doctor(t, entry({ memfile: { dhcp4: leases } })), { ok: true, wrong: [] })

  const secret = await startFake(t, () => ({ status: 401, body: '' }))
  const bare = await kea(
    t,
    {},
    COMMANDS.filter(name => name !== 'lease4-get-page'),
  )
  const d2 = await kea(t, { 'dhcp-ddns': { 'enable-updates': true, 'server-port': 53_001 } })
  const elsewhere = await kea(t, { 'lease-database': { type: 'memfile', name: '/var/lib/kea/a.csv' } })
  const rows: [config: object, wrong: RegExp][] = [
    [entry({ url: 'http://127.0.0.1:1' }), /kea1 dhcp4: .*refuses connections.* -> start Kea/],
    [entry({ url: secret.url }), /wants another user name or password.* -> give "username"/],
    [entry({ url: bare.url }), /has no lease4-get-page.* -> load the hook library libdhcp_lease_cmds/],
    [entry({ url: d2.url }), /two programs write DNS -> set "dhcp-ddns": \{"enable-updates": false\}/],
    [entry({ services: ['dhcp4', 'dhcp6'] }), /is not dhcp6.* -> mend the "url" of this service/],
    [entry({ memfile: { dhcp4: join(folder, 'none.csv') } }), /lease file: .*ENOENT -> mend the path/],
    [entry({ memfile: { dhcp4: other } }), /lease file: .*cannot be read/],
    [
      entry({ url: elsewhere.url, memfile: { dhcp4: leases } }),
      /not the file of this Kea -> Kea writes \/var\/lib\/kea\/a\.csv/,
    ],
  ]
  for (const [config, expected] of rows) {
    const { ok, wrong } = await doctor(t, config)
    t.equal(ok, false)
    t.match(wrong.join('\n'), expected)
  }
  t.match(await doctor(t, { ...entry({ url: d2.url }), ncr: { port: 53_001 } }), { wrong: [] }, 'its target is ours')
})

t.test('this machine: a port that is taken, a folder that cannot be, a secret for all to read', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const folder = folderOf(t)
  writeFileSync(join(folder, 'token'), 'hunter2')
  chmodSync(join(folder, 'token'), 0o644)
  const secret = { file: join(folder, 'token') }
  const { wrong } = await doctor(t, { http: { port, tokens: [{ name: 'a', role: 'read', secret }] } })
  t.match(wrong.join('\n'), /http: .*EADDRINUSE.* -> end the program that has it/)
  t.match(wrong.join('\n'), /mode 0644/)
  t.notMatch(wrong.join('\n'), 'hunter2')
  const under = { store: { path: join(folder, 'token', 'data') } }
  t.match((await doctor(t, under)).wrong.join('\n'), /store .*-> /)
})

t.test('BIND: key, zone and rights are asked for without a change', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const zones = ['lab.example', '1.10.in-addr.arpa']
  const named = await startNamed({
    zones,
    keys: { leasehold: 'hmac-sha256', reader: 'hmac-sha256' },
    policy: ['grant leasehold zonesub ANY;'],
  })
  t.teardown(() => named.close())
  const entry = (more: object = {}) => ({
    dns: [{ name: 'bind', kind: 'rfc2136', servers: [named.address], zones, tsig: named.key, ...more }],
  })
  const serials = () => Promise.all(zones.map(zone => named.serial(zone)))
  const before = await serials()
  const all = await doctor(t, entry())
  t.strictSame(all.wrong, [])
  t.match(
    all.checks.filter(({ subject }) => subject.startsWith('dns bind')),
    [{ text: /A, AAAA, DHCID/ }, { text: /PTR, DHCID/ }],
  )
  const wrongKey = { ...named.key, secret: 'aHVudGVyMmh1bnRlcjI=' }
  const rows: [config: object, wrong: RegExp][] = [
    [entry({ tsig: wrongKey }), /BADSIG.* -> give the secret/],
    [entry({ tsig: { ...named.key, name: 'nobody' } }), /BADKEY.* -> give the name/],
    [entry({ tsig: { ...named.key, algorithm: 'hmac-sha512' } }), /BADKEY.* -> give the name and the algorithm/],
    [entry({ tsig: named.keys.reader }), /REFUSED.* -> let the key update the zone/],
    [entry({ zones: [...zones, 'gone.example'] }), /gone\.example: .* -> /],
    [entry({ zones: ['lab.example'] }), /scope office: no zone of bind holds 1\.10\.in-addr\.arpa -> add the zone/],
    [entry({ servers: ['127.0.0.1:1'] }), /refuses connections -> start the server/],
  ]
  for (const [config, expected] of rows) {
    const { ok, wrong } = await doctor(t, config)
    t.equal(ok, false)
    t.match(wrong.join('\n'), expected)
    t.notMatch(wrong.join('\n'), wrongKey.secret)
  }
  t.strictSame(await serials(), before, 'no serial moved')
})

t.test('PowerDNS by its API: key, zone and kind are asked for without a change', async t => {
  if (!needs(t, 'pdns_server', 'pdnsutil')) return
  const zones = ['lab.example', '1.10.in-addr.arpa']
  const { api, close } = await startPowerDns({ zones, shut: [], signing: 'none', lines: () => [], reserved: '' })
  t.teardown(close)
  const entry = (more: object = {}) => ({
    dns: [{ name: 'p', kind: 'powerdns', url: api.url, apiKey: api.key, zones, ...more }],
  })
  const all = await doctor(t, entry())
  t.strictSame(all.wrong, [])
  t.match(
    all.checks.filter(({ subject }) => subject.startsWith('dns p')),
    zones.map(zone => ({
      subject: new RegExp(zone),
      text: /PowerDNS \d.* writes it \(Native, serial 1, not changed\)/,
    })),
  )
  const rows: [config: object, wrong: RegExp][] = [
    [entry({ apiKey: 'hunter2' }), /does not take the API key .* -> Give the secret .* as "apiKey" of "p"/],
    [
      entry({ zones: [...zones, 'gone.example'] }),
      /gone\.example: .*does not have the zone.* -> Add the zone gone\.example/,
    ],
    [entry({ url: 'http://127.0.0.1:1' }), /refuses connections -> See that PowerDNS runs/],
  ]
  for (const [config, expected] of rows) {
    const { ok, wrong } = await doctor(t, config)
    t.equal(ok, false)
    t.match(wrong.join('\n'), expected)
    t.notMatch(wrong.join('\n'), 'hunter2')
  }
})

t.test('Technitium: token, rights and zone are asked for without a change', async t => {
  const zones = ['lab.example', '1.10.in-addr.arpa']
  const fake = new FakeTechnitium()
  for (const zone of zones) fake.zone(zone)
  const { url, close } = await startFakeTechnitium(fake)
  t.teardown(close)
  const entry = (more: object = {}) => ({
    dns: [{ name: 't', kind: 'technitium', url, token: fake.token, zones, ...more }],
  })
  const before = JSON.stringify([...fake.zones])
  t.strictSame((await doctor(t, entry())).wrong, [])
  const rows: [prepare: () => void, config: object, wrong: RegExp][] = [
    [() => {}, entry({ token: 'hunter2' }), /does not take the token -> Give the secret .* as "token" of "t"/],
    [
      () => {},
      entry({ zones: [...zones, 'gone.example'] }),
      /gone\.example: .* does not have the zone.* -> Add the zone gone\.example/,
    ],
    [
      () => fake.rights.delete('Delete'),
      entry(),
      /does not let the user.* -> At http.*, give the user of the token the rights/,
    ],
  ]
  for (const [prepare, config, expected] of rows) {
    prepare()
    const { ok, wrong } = await doctor(t, config)
    t.equal(ok, false)
    t.match(wrong.join('\n'), expected)
    t.notMatch(wrong.join('\n'), 'hunter2')
  }
  t.equal(JSON.stringify([...fake.zones]), before, 'nothing was changed')
})
