import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { header, startFake } from '../backends/rfc2136/fake-dns.ts'
import { leasedKea, leaseOf } from '../control/kea-with-leases.ts'
import { until } from '../http/inject.ts'
import { ERROR, loggedTo, WARN } from './captured.ts'

const ZONE = 'lab.example.net'

/** The program with a log that is read; `said` waits until it has told of an event so often. */
const told = async (t: Test, settings: object = {}) => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-'))
  const { log, lines, of } = loggedTo()
  const program = await start(
    configOf(
      {
        http: { port: 0 },
        store: { path },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE, profile: 'aggressive' }],
        ...settings,
      },
      {},
    ),
    { log },
  )
  t.teardown(async () => {
    await program.close()
    await rm(path, { recursive: true, force: true })
  })
  const post = async (to: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${program.http.port}${to}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return answer.json()
  }
  let cltt = Math.floor(Date.now() / 1000) - 100
  const event = (kind: string, address: string, client: string, hostname: string) =>
    post('/v1/events', {
      event: kind,
      'ip-address': address,
      'hw-address': `02:00:5e:10:00:${client}`,
      cltt: cltt++,
      'valid-lft': 3600,
      hostname,
    })
  const said = (id: string, times = 1) => until(() => of(id).length >= times)
  return { program, lines, of, said, event, post }
}

t.test('one line a change: publish, replace, remove, each with its rule and reason', async t => {
  const { of, said, event, lines } = await told(t)
  await event('committed', '10.1.0.20', '01', 'red')
  await said('dns.published', 2)
  const [first] = of('dns.published').filter(line => line.type === 'A')
  t.match(first, {
    verb: 'publish',
    name: `red.${ZONE}`,
    value: '10.1.0.20',
    scope: 'office',
    server: 'local',
    zone: ZONE,
    rule: 'lease-active',
    reason: /holds 10\.1\.0\.20/,
    msg: /^publish red\.lab\.example\.net A 10\.1\.0\.20 at local: .*holds/,
  })
  await event('committed', '10.1.0.21', '01', 'red')
  await said('dns.replaced')
  t.match(of('dns.replaced')[0], { name: `red.${ZONE}`, type: 'A', value: '10.1.0.21', was: '10.1.0.20' })
  await event('released', '10.1.0.20', '01', 'red')
  await event('released', '10.1.0.21', '01', 'red')
  await until(() => of('dns.removed').some(line => line.type === 'A'))
  t.match(
    of('dns.removed').find(line => line.type === 'A'),
    { verb: 'remove', value: '10.1.0.21', rule: 'released', reason: /gave 10\.1\.0\.21 back/ },
  )
  t.equal(of('dns.removed').filter(line => line.type === 'A').length, 1, 'the old address went by the replacement')
  const changes = lines().map(({ event: id, name, type, value }) => [id, name, type, value].join(' '))
  t.equal(new Set(changes).size, changes.length, 'no change is told twice')
})

t.test('a renewal that changes nothing is not told', async t => {
  const { said, event, lines } = await told(t)
  await event('committed', '10.1.0.20', '01', 'red')
  await said('dns.published', 2)
  const before = lines().length
  for (let i = 0; i < 3; i++) await event('committed', '10.1.0.20', '01', 'red')
  await event('committed', '10.1.0.30', '03', 'blue')
  await said('dns.published', 4)
  t.equal(lines().length, before + 2)
})

t.test('two clients that ask for one name, and a lease without a name: once', async t => {
  const { of, said, event } = await told(t)
  await event('committed', '10.1.0.20', '01', 'red')
  await said('dns.published', 2)
  for (let i = 0; i < 3; i++) await event('committed', '10.1.0.21', '02', 'red')
  for (let i = 0; i < 3; i++) await event('committed', '10.1.0.22', '03', 'wpad')
  await said('lease.skipped')
  t.match(of('name.conflict'), [{ level: WARN, name: `red.${ZONE}`, value: '10.1.0.20', rule: 'name-taken' }])
  t.equal(of('name.conflict').length, 1)
  t.match(of('lease.skipped'), [{ value: '10.1.0.22', rule: 'name-denied', scope: 'office' }])
  t.equal(of('lease.skipped').length, 1)
})

t.test('a refusal is told once while it lasts, and its end', async t => {
  let rcode = 9
  const bind = await startFake(request => ({ answer: header(request, rcode) }))
  t.teardown(() => bind.close())
  const { of, said, event, program } = await told(t, {
    dns: [{ name: 'bind', kind: 'rfc2136', servers: [bind.address], unsigned: true, zones: [ZONE] }],
  })
  await event('committed', '10.1.0.20', '01', 'red')
  await said('server.refused')
  t.match(of('server.refused'), [{ level: WARN, backend: 'bind', zone: ZONE, msg: /NOTAUTH/ }])
  program.parts.queue.goOn()
  await until(() => bind.requests.length >= 2)
  await event('committed', '10.1.0.21', '02', 'blue')
  t.equal(of('server.refused').length, 1, 'seen again is no news')
  rcode = 0
  program.parts.queue.goOn()
  await said('dns.published', 2)
  t.equal(of('server.answers').length, 1)
})

t.test('a run says what it did in numbers', async t => {
  const kea = await leasedKea(t, leaseOf(20), leaseOf(21))
  const { of, said, post } = await told(t, {
    kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }],
  })
  await said('run.ended')
  t.match(of('run.ended')[0], { cause: 'start', result: 'ok', leases: 2, begun: 2, ended: 0, held: 0 })
  t.match(of('run.ended')[0]!.msg, /^caught up with Kea \(start\): 2 leases listed, 2 new or changed, 0 ended/)
  await said('dns.published', 4)
  kea.instead = ({ command }) =>
    command === 'lease4-get-page' ? { answer: { result: 1, text: 'no memory' } } : undefined
  await post('/v1/reconcile', {})
  t.match(of('run.failed'), [{ level: ERROR, result: 'unknown', msg: /^Kea could not be caught up with .*no memory/ }])
  t.equal(of('run.ended').length, 1, 'a failed run has not caught up')
  t.notMatch(of('run.failed')[0]!.msg, /^caught up/)
})

t.test('the first line is of the program itself, and there is none of its parts', async t => {
  const { lines } = await told(t)
  t.strictSame(
    lines()
      .map(line => line.event)
      .filter(event => event !== 'run.ended'),
    ['leasehold.ready'],
  )
  t.notMatch(
    lines()
      .map(line => line.msg)
      .join(),
    /Server listening/,
  )
})
