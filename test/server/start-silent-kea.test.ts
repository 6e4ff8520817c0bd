import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { configOf } from '../../server/config/load.ts'
import { start } from '../../server/start.ts'
import { type Reaction, server, startFake } from './control/fake-kea.ts'

const STATUS = { pid: 1, 'dhcp-state': { 'globally-disabled': false } }
const CONFIG = {
  Dhcp4: { subnet4: [{ id: 1, subnet: '10.2.0.0/24', 'ddns-qualifying-suffix': 'kea.example.net' }] },
}

/** A Kea that takes commands and does not answer until it is told to. */
const silentKea = async (t: Test) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const answers: Record<string, unknown> = {
    'config-get': { result: 0, arguments: CONFIG },
    'status-get': { result: 0, arguments: STATUS },
    'lease4-get-page': { result: 3, arguments: { count: 0, leases: [] } },
  }
  const react = server('Dhcp4', ({ command }) => (command in answers ? { answer: answers[command] } : undefined))
  const { url, commands } = await startFake(t, command => async response => {
    await promise
    const { answer } = react(command) as { answer: unknown } & Reaction
    response.writeHead(200).end(JSON.stringify([answer]))
  })
  return { url, commands, speak: resolve }
}

const program = async (t: Test, kea: object[], keaFile?: string) => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-'))
  if (keaFile !== undefined) await writeFile(join(path, 'kea.json'), keaFile)
  const running = await start(
    configOf(
      {
        http: { port: 0 },
        log: { level: 'silent' },
        store: { path },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' }],
        kea,
      },
      {},
    ),
  )
  t.teardown(async () => {
    await running.close()
    await rm(path, { recursive: true, force: true })
  })
  const url = `http://${running.http.host}:${running.http.port}`
  const grant = (address: string) =>
    fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        event: 'committed',
        'ip-address': address,
        'hw-address': '02:00:5e:10:00:01',
        hostname: `h${address.split('.').join('-')}`,
        cltt: 1_700_000_000,
        'valid-lft': 4_000_000_000 % 2 ** 31,
        'subnet-id': 1,
        state: 0,
      }),
    })
  return { ...running, url, grant }
}

t.test('a Kea that is silent delays neither the start nor HTTP', async t => {
  const kea = await silentKea(t)
  const { url, grant } = await program(t, [
    { name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, timeout: 600_000 },
  ])
  t.equal((await fetch(`${url}/healthz`)).status, 200)
  const ready = await fetch(`${url}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { detail: /kea1 \(dhcp4\) has not answered yet/ })
  t.equal((await grant('10.1.0.1')).status, 202, 'an event in a known scope is taken')

  const early = await grant('10.2.0.1')
  t.equal(early.status, 503, 'one that may be in a subnet of Kea is not skipped')
  t.ok(early.headers.get('retry-after'))
  t.match(await early.json(), { detail: /Kea has not told its subnets yet/ })

  const waiting = grant('10.2.0.2')
  await sleep(50)
  kea.speak()
  const taken = await waiting
  t.equal(taken.status, 202, 'one that waits when Kea speaks is taken')
  t.match(await taken.json(), { decisions: [{ verb: 'publish' }, { verb: 'publish' }] })
  t.equal((await grant('10.2.0.1')).status, 202, 'and one that comes again')
  t.match(await (await grant('10.3.0.1')).json(), { decisions: [{ verb: 'skip', rule: 'out-of-scope' }] })
  while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(5)
})

t.test('what comes early and does not come again is kept', async t => {
  const kea = await silentKea(t)
  const { parts } = await program(t, [
    { name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, timeout: 600_000 },
  ])
  const event = {
    source: 'ncr',
    cause: 'NCR add',
    kind: 'committed',
    family: 4,
    type: 'V4',
    address: '10.2.0.9',
    hostname: 'red',
    cltt: Math.floor(Date.now() / 1000),
    validLft: 3600,
    subnetId: 1,
    clientId: null,
    hwAddress: '02:00:5e:10:00:09',
    hwType: 1,
    duid: null,
    iaid: null,
  } as const
  await parts.intake.hear([event])
  t.notOk(parts.store.state.lease(event.address))
  kea.speak()
  while (!parts.store.state.lease(event.address)) await sleep(5)
  t.equal(parts.store.state.lease(event.address)?.name, 'red.kea.example.net')
})

const KEPT = (key: string): string =>
  JSON.stringify([
    [
      key,
      {
        family: 4,
        subnets: [{ subnet: '10.9.0.0/24', ddnsSuffix: 'old.example.net', leasehold: {} }],
        reservations: [],
        hash: null,
        issues: [],
      },
    ],
  ])

t.test('what was kept of Kea is in force for Keas that the configuration names, if it can be read', async t => {
  const nobody = { name: 'kea1', url: 'http://127.0.0.1:1', services: ['dhcp4'], pollSeconds: 0 }
  const subnetsWith = async (keaFile: string) =>
    (await program(t, [nobody], keaFile)).parts.scopes.all.map(({ subnet }) => subnet)
  t.same(await subnetsWith(KEPT('kea1 dhcp4')), ['10.1.0.0/16', '10.9.0.0/24'])
  for (const [what, keaFile] of [
    ['an entry that was renamed', KEPT('oldkea dhcp4')],
    ['a service that is no longer asked', KEPT('kea1 dhcp6')],
    ['nothing', ''],
    ['a torn file', KEPT('kea1 dhcp4').slice(0, 90)],
    ['null', 'null'],
    ['no list', '{}'],
    ['an entry of nothing', '[["kea1 dhcp4", null]]'],
    ['an entry of another form', '[["kea1 dhcp4", {"family": 4}]]'],
    ['a subnet of another form', KEPT('kea1 dhcp4').replace('10.9.0.0/24', 'x')],
    ['a subnet that is none', KEPT('kea1 dhcp4').replace(/\{"subnet".*?\{\}\}/, 'null')],
  ] as const) {
    t.same(await subnetsWith(keaFile), ['10.1.0.0/16'], what)
  }
})
