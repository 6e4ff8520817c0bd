import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { leasedKea, leaseOf } from '../control/kea-with-leases.ts'
import { watched } from './watched.ts'

const run = promisify(execFile)

t.test('hold: too much would go; it goes when a person has decided, and its id stays over a restart', async t => {
  const kea = await leasedKea(t, ...Array.from({ length: 12 }, (_, i) => leaseOf(20 + i)))
  const settings = { kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }] }
  const first = await watched(t, settings)
  while (first.of('dns.published').length < 24) await new Promise(done => setTimeout(done, 20))
  kea.leases.clear()
  await first.send('POST', '/v1/reconcile')
  const found = await first.finding('hold')
  t.match(found, { id: 'hold:1', severity: 'warning', reason: /would go at once/, remedy: /\/v1\/holds\/1\/approve/ })
  t.match(
    first.of('finding.opened').find(line => line.kind === 'hold'),
    { level: 40 },
  )
  await first.program.close()
  const second = await watched(t, settings, first.path)
  t.same(await second.finding('hold'), found, 'the same, since the same time')
  const [, path] = /8053(\S+\/approve)"/.exec(found.remedy)!
  t.equal((await second.send('POST', path!)).status, 200, 'what the remedy says')
  await second.gone('hold')
})

t.test('paused: a person did it, and its remedy ends it', async t => {
  const { send, finding, gone } = await watched(t)
  await send('POST', '/v1/pause')
  const { remedy } = await finding('paused')
  const [, path] = /8053(\S+)"/.exec(remedy)!
  await send('POST', path!)
  await gone('paused')
})

t.test('scope-gone: so much is owned in a scope that is no more that a hold keeps it; back with it', async t => {
  const first = await watched(t)
  for (let n = 20; n < 32; n++) await first.event(`10.1.0.${n}`, `host${n}`)
  while (first.of('dns.published').length < 24) await new Promise(done => setTimeout(done, 10))
  await first.program.close()
  const scopes = [{ name: 'other', subnet: '10.2.0.0/16', domain: 'lab.example.net' }]
  const second = await watched(t, { scopes }, first.path)
  t.match(await second.finding('scope-gone'), { subject: 'office', remedy: /^Put the scope "office" back/ })
  await second.program.close()
  const third = await watched(t, {}, first.path)
  t.notOk((await third.findings()).some(({ kind }) => kind === 'scope-gone'))
})

t.test('bad-suffix: a subnet of Kea has no domain; gone when it has', async t => {
  const kea = await leasedKea(t)
  let suffix: object = {}
  kea.instead = ({ command }) => {
    const subnet4 = [{ id: 1, subnet: '192.0.2.0/24', ...suffix }]
    return command === 'config-get' ? { answer: { result: 0, arguments: { Dhcp4: { subnet4 } } } } : undefined
  }
  const settings = { kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }] }
  const { finding, gone, send } = await watched(t, settings)
  t.match(await finding('bad-suffix'), { subject: '192.0.2.0/24', remedy: /"ddns-qualifying-suffix"/ })
  suffix = { 'ddns-qualifying-suffix': 'lab.example.net' }
  await send('POST', '/v1/reconcile')
  await gone('bad-suffix')
})

t.test('store-space: a disk on its last 5 per cent; gone when there is room', async t => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-small-'))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path])
  t.teardown(async () => {
    await run('umount', ['-l', path])
    await rm(path, { recursive: true, force: true })
  })
  const { finding, findings, gone, status } = await watched(t, {}, path)
  t.strictSame(await findings(), [])
  await writeFile(join(path, 'ballast'), Buffer.alloc(7.7 * (1 << 20)))
  t.match(await finding('store-space'), { subject: path, reason: /0 MiB left/, remedy: new RegExp(`df -h ${path}`) })
  t.match((await status()).store, { path, holder: `process ${process.pid}`, roomPercent: Number })
  t.ok((await status()).store.size! > 7 * (1 << 20))
  await rm(join(path, 'ballast'))
  await gone('store-space')
})

t.test('store-failed: nothing can be written any more', async t => {
  const { program, path, finding, event } = await watched(t)
  await rename(path, `${path}.away`)
  t.teardown(() => rename(`${path}.away`, path))
  while (!program.parts.store.failure) await new Promise(done => setTimeout(done, 20))
  t.equal((await event('10.1.0.20', 'red')).status, 503)
  t.match(await finding('store-failed'), { severity: 'error', subject: path, remedy: new RegExp(`df -h ${path}`) })
})
