/*
 * What the log and the findings say where somebody else writes the same zone of a real BIND.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { until } from '../../server/http/inject.ts'
import { loggedTo, WARN } from '../../server/log/captured.ts'
import { needs } from '../needs.ts'
import { startNamed } from '../servers/named.ts'

const ZONE = 'lab.example.net'
const skip = !needs(t, 'named', 'dig', 'nsupdate')

t.test('somebody else in the zone is told of, once a change', { skip }, async t => {
  const bind = await startNamed({ zones: [ZONE, '1.10.in-addr.arpa'] })
  t.teardown(() => bind.close())
  const path = await mkdtemp(join(tmpdir(), 'leasehold-undone-'))
  const { log, of } = loggedTo()
  const { name, algorithm, secret } = bind.key
  const program = await start(
    configOf(
      {
        http: { port: 0 },
        store: { path },
        dns: [
          {
            name: 'bind',
            kind: 'rfc2136',
            servers: [bind.address],
            zones: [ZONE, '1.10.in-addr.arpa'],
            tsig: { name, algorithm, secret },
          },
        ],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE, reverseZone: '1.10.in-addr.arpa' }],
      },
      {},
    ),
    { log },
  )
  t.teardown(async () => {
    await program.close()
    await rm(path, { recursive: true, force: true })
  })
  const send = (to: string, body: unknown) =>
    fetch(`http://127.0.0.1:${program.http.port}${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const event = (last: number, hostname: string) =>
    send('/v1/events', {
      event: 'committed',
      'ip-address': `10.1.0.${last}`,
      'hw-address': `02:00:5e:10:00:${last}`,
      cltt: Math.floor(Date.now() / 1000) - 100,
      'valid-lft': 3600,
      hostname,
    })
  const reconcile = () => send('/v1/reconcile', {})
  const published = (count: number) => until(() => of('dns.published').length >= count)

  await bind.nsupdate([`update add mine.${ZONE} 300 A 192.0.2.9`])
  await event(20, 'red')
  await event(21, 'blue')
  await event(22, 'mine')
  await published(4)
  await until(() => of('dns.conflict').length > 0)
  t.match(of('dns.conflict')[0], { level: WARN, name: `mine.${ZONE}`, rule: 'name-in-use', server: 'bind' })

  for (const times of [1, 2]) {
    await bind.nsupdate([`update delete red.${ZONE}`])
    await reconcile()
    await until(() => of('dns.undone').length >= times)
    await published(4 + times)
    t.equal(of('dns.undone').length, times)
    const writers = program.parts.findings.look().filter(({ kind }) => kind === 'two-writers')
    t.match(writers, times === 1 ? [] : [{ id: `two-writers:zone bind ${ZONE}`, reason: /red\.lab\.example\.net/ }])
    t.equal(writers.length, times - 1)
  }
  t.match(of('dns.undone')[0], { level: WARN, name: `red.${ZONE}`, value: '10.1.0.20', rule: 'missing-in-dns' })

  await bind.nsupdate([`update delete blue.${ZONE} A`, `update add blue.${ZONE} 300 A 192.0.2.10`])
  for (let i = 0; i < 2; i++) await reconcile()
  await until(() => of('dns.let-go').length > 0)
  t.match(of('dns.let-go')[0], { level: WARN, name: `blue.${ZONE}`, type: 'A', rule: 'changed-by-hand' })
  t.equal(of('dns.let-go').filter(line => line.type === 'A').length, 1, 'it is told once')

  await bind.nsupdate([`update delete mine.${ZONE}`])
  await reconcile()
  await until(() => of('dns.free-again').length > 0)
  await until(() => of('dns.published').some(line => line.name === `mine.${ZONE}`))
  t.strictSame(await bind.dig(`mine.${ZONE}`, 'A'), ['10.1.0.22'])
})
