import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../../server/config/load.ts'
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
