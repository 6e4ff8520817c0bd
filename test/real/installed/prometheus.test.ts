/*
 * A real Prometheus scrapes a running Leasehold with the rules of ops/, and each alert fires for its own cause.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { header, startFake } from '../../server/backends/rfc2136/fake-dns.ts'
import { leasedKea } from '../../server/control/kea-with-leases.ts'
import { holdOf } from '../../server/http/stock.ts'
import { needs, whereIs } from '../needs.ts'
import { freePort } from '../servers/named.ts'

const OPS = new URL('../../../ops/', import.meta.url).pathname
const run = promisify(execFile)
const skip = !needs(t, 'prometheus', 'promtool')

t.test('promtool takes the rules, and each fires for its series and is quiet while all is well', { skip }, async t => {
  const promtool = whereIs('promtool')!
  t.match((await run(promtool, ['check', 'rules', join(OPS, 'alerts.yml')])).stdout, /SUCCESS: 12 rules found/)
  t.match((await run(promtool, ['test', 'rules', join(OPS, 'alerts.test.yml')])).stdout, /SUCCESS/)
})

/** The names of the metrics in a text, without the ends of histograms. */
const metricsIn = (text: string): Set<string> => new Set(text.match(/\b(?:dhcp_ddns|nodejs|process)_\w+/g))

/** A program with all the troubles that the rules tell of, and the metrics as Prometheus would get them. */
const troubled = async (t: Test) => {
  const refusing = await startFake(request => ({ answer: header(request, 5) }))
  const dead = await startFake(() => 'close')
  const kea = await leasedKea(t)
  const path = await mkdtemp(join(tmpdir(), 'leasehold-prometheus-'))
  const rfc2136 = { kind: 'rfc2136', unsigned: true }
  const program = await start(
    configOf(
      {
        http: {
          port: 0,
          tokens: [
            { name: 'kea', role: 'callout', secret: 'hook-secret' },
            { name: 'prometheus', role: 'read', secret: 'scrape-secret' },
          ],
        },
        log: { level: 'silent' },
        store: { path },
        dns: [
          { name: 'refusing', servers: [refusing.address], zones: ['a.example', '1.10.in-addr.arpa'], ...rfc2136 },
          { name: 'dead', servers: [dead.address], zones: ['b.example', '2.10.in-addr.arpa'], ...rfc2136 },
        ],
        scopes: [
          { name: 'a', subnet: '10.1.0.0/16', domain: 'a.example', backend: 'refusing' },
          { name: 'b', subnet: '10.2.0.0/16', domain: 'b.example', backend: 'dead' },
        ],
        kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, timeout: 1000 }],
      },
      {},
    ),
  )
  let isClosed = false
  const close = async () => {
    if (!isClosed) await program.close()
    isClosed = true
  }
  t.teardown(async () => {
    await close()
    await Promise.all([refusing.close(), dead.close()])
    await rm(path, { recursive: true, force: true })
  })
  return { program, kea, path, close }
}

const prometheusOf = async (t: Test, target: number) => {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  const port = await freePort()
  // As in ops/, but at once: without the times for which a state must last, and with a listing overdue after a second.
  const rules = (await readFile(join(OPS, 'alerts.yml'), 'utf8')).replace(/^ +for: .*\n/gm, '').replace('> 1800', '> 1')
  await writeFile(join(folder, 'alerts.yml'), rules)
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['alerts.yml'],
      scrape_configs: [
        {
          job_name: 'leasehold',
          authorization: { credentials: 'scrape-secret' },
          static_configs: [{ targets: [`127.0.0.1:${target}`] }],
        },
      ],
    }),
  )
  const child = spawn(
    whereIs('prometheus')!,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  const get = async <T>(path: string): Promise<T | null> =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      async answer => ((await answer.json()) as { data: T }).data,
      () => null,
    )
  return {
    get,
    firing: async (): Promise<Set<string>> => {
      const answer = await get<{ alerts: { state: string; labels: { alertname: string } }[] }>('/api/v1/alerts')
      return new Set(answer?.alerts.filter(one => one.state === 'firing').map(one => one.labels.alertname))
    },
  }
}

t.test('a real Prometheus scrapes it, and fires each alert for its cause', { skip }, async t => {
  const { program, kea, path, close } = await troubled(t)
  const { port } = program.http
  const send = (to: string, secret: string, body: unknown) =>
    fetch(`http://127.0.0.1:${port}${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify(body),
    })
  const prometheus = await prometheusOf(t, port)
  while ((await prometheus.firing()).size === 0) await sleep(200)
  t.ok((await prometheus.firing()).has('LeaseholdListingOverdue'), 'Kea had listed all at the start')

  const event = (address: string) => ({
    event: 'committed',
    'ip-address': address,
    'hw-address': `02:00:5e:10:00:${address.split('.').at(-1)}`,
    cltt: Math.floor(Date.now() / 1000),
    'valid-lft': 3600,
    hostname: `h${address.split('.').at(-1)}`,
  })
  for (const address of ['10.1.0.20', '10.1.0.21', '10.2.0.22', '10.2.0.23'])
    await send('/v1/events', 'hook-secret', event(address))
  program.parts.store.putHold(holdOf(1))
  kea.instead = () => response => void response.destroy()
  const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700), 1000)
  const wrong = ['LeaseholdSourceRefused', 'LeaseholdRunsFail']
  const expected = [
    'LeaseholdNamesWait',
    'LeaseholdZoneRefused',
    'LeaseholdBackendDown',
    'LeaseholdKeaDown',
    'LeaseholdListingOverdue',
    'LeaseholdHold',
    'LeaseholdFinding',
    'LeaseholdSlow',
    ...wrong,
  ]
  for (const seen = new Set<string>(); !expected.every(name => seen.has(name)); ) {
    // Failing goes on until Prometheus has seen it grow.
    if (!wrong.every(name => seen.has(name))) {
      await send('/v1/events', 'wrong-secret', event('10.1.0.30'))
      await program.parts.reconciler.runAnew('test')
    }
    for (const name of await prometheus.firing()) seen.add(name)
    await sleep(300)
  }
  clearInterval(busy)
  t.pass(`fired: ${expected.join(', ')}`)

  const away = `${path}.away`
  await rename(path, away)
  t.teardown(() => rm(away, { recursive: true, force: true }))
  while (!(await prometheus.firing()).has('LeaseholdStoreFull')) await sleep(200)
  t.pass('fired: LeaseholdStoreFull')
  await close()
  while (!(await prometheus.firing()).has('LeaseholdDown')) await sleep(200)
  t.pass('fired: LeaseholdDown')
})

t.test('rules and dashboard name only metrics that there are', async t => {
  const { program } = await troubled(t)
  const text = await program.parts.metrics.scrape(program.parts)
  const known = metricsIn(text)
  const dashboard = await readFile(join(OPS, 'grafana-dashboard.json'), 'utf8')
  t.ok(JSON.parse(dashboard).panels.length > 10)
  const named = metricsIn(dashboard + (await readFile(join(OPS, 'alerts.yml'), 'utf8')))
  t.strictSame(
    [...named].filter(name => !known.has(name)),
    [],
  )
  t.ok(named.size > 15)
})
