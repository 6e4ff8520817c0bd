/*
 * Set-ups as people get them wrong, and who says so: the log, `doctor`, /v1/status and /v1/findings, each in words by which
 * the cause is found. Nothing of it is silent.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { needs } from '../../real/needs.ts'
import { startNamed } from '../../real/servers/named.ts'
import { command } from '../cli/spawned.ts'
import { until } from '../http/inject.ts'
import { WARN } from '../log/captured.ts'
import { type Place, placeOf, SECRET } from './set-ups.ts'
import { watched, ZONE, ZONES } from './watched.ts'
import { ROWS, type Row } from './wrong-setups.ts'

const BASE = {
  dns: [{ name: 'local', kind: 'embedded', port: 0 }],
  scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE, reverseZone: ZONES[1] }],
}

/** What doctor says of this configuration that is wrong. */
const doctor = async (folder: string, settings: object): Promise<string> => {
  const file = join(folder, 'leasehold.json')
  const http = { port: 0 }
  await writeFile(file, JSON.stringify({ ...BASE, store: { path: join(folder, 'data') }, http, ...settings }))
  const { out } = await command(['doctor', '--json', '--config', file])
  const { checks } = JSON.parse(out) as { checks: { ok: boolean; subject: string; text: string; remedy: string }[] }
  return checks
    .filter(({ ok }) => !ok)
    .map(({ subject, text, remedy }) => `${subject}: ${text} -> ${remedy}`)
    .join('\n')
}

const play = async (t: Test, place: Place, row: Row): Promise<void> => {
  const settings = await row.settings(place)
  if (row.doctor) t.match(await doctor(place.folder, settings), row.doctor, 'doctor')
  const program = await watched(t, settings)
  const who = 'http' in settings ? { authorization: `Bearer ${SECRET}` } : {}
  const began = performance.now()
  await (row.act ?? (({ event }) => event('10.1.0.20', 'red')))(program, place)
  const found = await program.finding(row.finding, who)
  t.comment(`${row.what}: told after ${((performance.now() - began) / 1000).toFixed(1)} s`)
  t.match(found, { reason: row.reason, remedy: row.remedy }, 'finding')
  const logged = () =>
    program.of('finding.opened').find(line => line.kind === row.finding && row.reason.test(line.reason))
  await until(logged)
  t.ok(logged()!.level >= WARN && row.remedy.test(logged()!.remedy), 'log')
  const [part, text] = row.status
  const told = async () => JSON.stringify((await program.status(who))[part])
  await until(async () => text.test(await told()))
  t.match(await told(), text, 'status')
}

t.test('each of these is told of in every place', async t => {
  if (!needs(t, 'named', 'dig')) return
  const named = await startNamed({
    zones: ZONES,
    keys: { leasehold: 'hmac-sha256', reader: 'hmac-sha256' },
    policy: ['grant leasehold zonesub ANY;'],
  })
  t.teardown(named.close)
  for (const row of ROWS)
    await t.test(row.what, async t => {
      const folder = await mkdtemp(join(tmpdir(), 'leasehold-wrong-'))
      t.teardown(() => rm(folder, { recursive: true, force: true }))
      await play(t, placeOf(t, folder, named), row)
    })
})

t.test('what keeps it from starting is said with its place', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-wrong-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'file'), '')
  const first = await watched(t)
  const { port } = first.program.http
  const token = (secret: object) => ({ http: { port: 0, tokens: [{ name: 'kea', role: 'callout', secret }] } })
  const rows: [what: string, settings: object, says: RegExp][] = [
    ['its port is taken', { http: { port } }, new RegExp(`127\\.0\\.0\\.1.*${port}.*EADDRINUSE|EADDRINUSE.*${port}`)],
    ['its folder cannot be', { store: { path: join(folder, 'file', 'data') } }, /file\/data/],
    ['its store is another program’s', { store: { path: first.path } }, new RegExp(`${process.pid}`)],
    ['a secret is in no file', token({ file: join(folder, 'none') }), /http\.tokens\[0\]\.secret.*none/],
    ['a secret is in no variable', token({ env: 'NO_SUCH' }), /http\.tokens\[0\]\.secret.*NO_SUCH/],
    ['a key is written another way', { kea: [{ name: 'k', service: ['dhcp4'] }] }, /"services"|kea\[0\]\.service/],
  ]
  for (const [what, settings, says] of rows) {
    const running = (async () => start(configOf({ ...BASE, store: { path: join(folder, 'data') }, ...settings }, {})))()
    const error = await running.then(
      () => new Error('it started'),
      (fault: Error) => fault,
    )
    t.match(error.message, says, what)
  }
})
