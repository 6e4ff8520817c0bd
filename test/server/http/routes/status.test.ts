import t from 'tap'
import { StoreFailed } from '../../../../server/store/store.ts'
import { VERSION } from '../../../../server/version.ts'
import { ask, benchOf, isProblem, post } from '../inject.ts'
import { fakeSidecar, holdOf, leaseOf, recordOf, runOf, T0 } from '../small-sidecar.ts'

const lease = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)
const lane = {
  backend: 'bind',
  zone: 'lab.example.net',
  waiting: 3,
  inFlight: 1,
  problem: 'no server answers',
  retryAt: T0 * 1000,
}

t.test('the whole at a glance', async t => {
  const { app } = benchOf(t, {}, fakeSidecar({ leases: [lease], records: [recordOf(lease)], lanes: [lane] }))
  const { json } = await ask(app, { url: '/v1/status' })
  t.match(json, { version: VERSION, ready: true, problem: null, leases: 1, records: { published: 1, conflict: 0 } })
  t.equal(json.startedAt, new Date(T0 * 1000).toISOString())
  t.same(json.dns, [{ ...lane, retryAt: json.startedAt }])
})

t.test('whether it writes, what waits for a person, and the last run', async t => {
  const idle = await ask(benchOf(t).app, { url: '/v1/status' })
  t.match(idle.json, { active: true, paused: false, idle: null, holds: 0, reconcile: null })
  const sidecar = fakeSidecar({ holds: [holdOf(1), holdOf(2, { state: 'rejected' })], run: runOf({ result: 'held' }) })
  const { app } = benchOf(t, {}, sidecar)
  sidecar.waits = 'This node is a standby: its Kea waits.'
  const { json } = await ask(app, { url: '/v1/status' })
  t.match(json, { active: false, paused: false, idle: sidecar.waits, holds: 1 })
  t.strictSame(json.reconcile, {
    cause: 'poll',
    startedAt: new Date(T0 * 1000).toISOString(),
    finishedAt: new Date(T0 * 1000 + 250).toISOString(),
    result: 'held',
    begun: 2,
    ended: 1,
    held: 0,
  })
})

t.test('alive and ready', async t => {
  const { app, sidecar } = benchOf(t)
  t.same((await ask(app, { url: '/healthz' })).json, { status: 'ok' })
  t.equal((await ask(app, { url: '/readyz' })).status, 200)
  sidecar.notReady = 'The store takes no commits.'
  t.equal((await ask(app, { url: '/healthz' })).status, 200, 'alive all the same')
  const unready = await ask(app, { url: '/readyz' })
  isProblem(t, unready, 503)
  t.equal(unready.json.detail, sidecar.notReady)
  t.match((await ask(app, { url: '/v1/status' })).json, { ready: false, problem: sidecar.notReady })
})

t.test('what cannot be kept is not taken', async t => {
  const { app, sidecar } = benchOf(t)
  const event = {
    event: 'expired',
    'ip-address': '10.1.0.20',
    cltt: T0,
    'valid-lft': 60,
    'hw-address': '02:00:00:00:00:01',
  }
  sidecar.fails = new StoreFailed(new Error('ENOSPC at /var/lib/secret'))
  const full = await post(app, '/v1/events', event)
  isProblem(t, full, 503)
  sidecar.fails = new Error('a bug with hunter2 in it')
  const bug = await post(app, '/v1/events', event)
  isProblem(t, bug, 500)
  t.notMatch(full.text + bug.text, /hunter2|secret|at .*\.ts/, 'nothing of the inside')
})

t.test('paths and methods that are not there', async t => {
  const { app } = benchOf(t)
  isProblem(t, await ask(app, { url: '/' }), 404)
  isProblem(t, await ask(app, { url: '/v1/nothing' }), 404)
  isProblem(t, await ask(app, { method: 'DELETE', url: '/v1/nothing' }), 404)
  const wrong = await ask(app, { method: 'DELETE', url: '/v1/names/a.b' })
  isProblem(t, wrong, 405)
  t.equal(wrong.headers.allow, 'GET, HEAD')
  t.equal((await ask(app, { url: '/v1/callouts/lease4_expire' })).headers.allow, 'POST')
  t.equal((await ask(app, { method: 'HEAD', url: '/v1/status' })).status, 200)
})

t.test('metrics', async t => {
  const { app } = benchOf(t)
  await post(app, '/v1/callouts/lease4_expire', {})
  const { status, headers, text } = await ask(app, { url: '/metrics' })
  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(text, /dhcp_ddns_callout_duration_seconds_count 1/)
})
