import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { VERSION } from '../../../../server/version.ts'
import { startFake } from '../../backends/rfc2136/fake-dns.ts'
import { haStatus, leaseOf as keaLeaseOf, leasedKea } from '../../control/kea-with-leases.ts'
import { upTo } from '../../reconcile/program-over-kea.ts'
import { ask, benchOf, isProblem, post, until } from '../inject.ts'
import { holdOf, leaseOf, pendingAt, recordOf, T0 } from '../stock.ts'

const lease = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)

t.test('the whole at a glance', async t => {
  const bind = await startFake((_request, nth) => (nth === 1 ? 'close' : 'silence'))
  const dead = await startFake(() => 'close')
  const server = { kind: 'rfc2136', unsigned: true, timeout: 60_000 }
  const dns = [
    { name: 'local', kind: 'embedded', port: 0 },
    { name: 'bind', servers: [bind.address], ...server },
    { name: 'dead', servers: [dead.address], ...server },
  ]
  const record = recordOf(lease, { endpoint: 'local', key: `local ${lease.name} A ${lease.address}` })
  const { app, parts } = await benchOf(t, {}, { stock: { leases: [lease], records: [record] }, more: { dns } })
  t.teardown(() => Promise.all([bind.close(), dead.close()]))
  const { store, queue, startedAt } = parts
  const laneOf = (backend: string) => queue.status().find(lane => lane.backend === backend)!
  const pending = (backend: string, labels: string[]) => store.put([], pendingAt(backend, 'lab.example.net', labels))
  // The first message gets no answer; the next one is still under way when three more names come.
  pending('bind', ['a'])
  await until(() => bind.requests.length === 2)
  pending('bind', ['b', 'c', 'd'])
  pending('dead', ['e', 'f'])
  const glance = async () => {
    for (;;) {
      await until(() => laneOf('dead').retryAt !== null)
      const lanes = queue.status()
      const { json } = await ask(app, { url: '/v1/status' })
      if (isDeepStrictEqual(lanes, queue.status())) return { json, lanes }
    }
  }
  const other = { name: 'old.lab.example.net', value: '10.1.0.21', address: '10.1.0.21', wanted: null }
  const gone = { ...other, endpoint: 'before', key: `before ${other.name} A ${other.value}`, goal: 'removed' as const }
  store.put([], [recordOf(lease, gone)])
  const { json, lanes } = await glance()
  t.match(json, {
    version: VERSION,
    ready: true,
    problem: null,
    leases: 1,
    records: { published: 1, removing: 1, conflict: 0 },
  })
  t.equal(json.records.pending, 6)
  t.equal(json.startedAt, new Date(startedAt).toISOString())
  const iso = (at: number | null) => at && new Date(at).toISOString()
  t.match(
    json.dns,
    lanes.map(({ since, lastAnswer, retryAt, ...lane }) => ({
      ...lane,
      since: iso(since),
      lastAnswer: iso(lastAnswer),
      retryAt: iso(retryAt),
    })),
  )
  const [zone, problem] = ['lab.example.net', /closed the connection without an answer/]
  t.match(json.dns, [
    { backend: 'local', zone, state: 'open', owned: 1, waiting: 0, inFlight: 0, problem: null, retryAt: null },
    { backend: 'bind', zone, state: 'unreachable', waiting: 3, inFlight: 1, problem, retryAt: null },
    {
      backend: 'dead',
      zone,
      state: 'unreachable',
      lastAnswer: null,
      waiting: 2,
      inFlight: 0,
      problem,
      retryAt: String,
    },
    { backend: 'before', zone, state: 'gone', owned: 1, problem: /no longer configured/, retryAt: null },
  ])
})

t.test('whether it writes, what waits for a person, and the last run', async t => {
  const alone = await benchOf(t)
  await until(() => alone.parts.reconciler.last?.result === 'off')
  const idle = await ask(alone.app, { url: '/v1/status' })
  const looked = { cause: 'start', result: 'off', begun: 0, ended: 0 }
  t.match(idle.json, { active: true, paused: false, idle: null, holds: 0, reconcile: looked })
  const kea = await leasedKea(t, ...upTo(12).map(n => keaLeaseOf(n)))
  let told = haStatus('hot-standby', 'server1')
  kea.instead = ({ command }) => (command === 'status-get' ? { answer: { result: 0, arguments: told } } : undefined)
  const { app, parts } = await benchOf(t, {}, { kea, ha: true, stock: { holds: [holdOf(1, { state: 'rejected' })] } })
  await until(() => parts.gate.isOpen())
  for (const n of upTo(10)) kea.leases.delete(`10.1.0.${n}`)
  kea.grant(keaLeaseOf(13), keaLeaseOf(14))
  t.equal((await ask(app, { method: 'POST', url: '/v1/reconcile' })).status, 200)
  const { startedAt, finishedAt } = parts.reconciler.last!
  told = haStatus('waiting')
  await until(() => !parts.gate.isActive())
  const { json } = await ask(app, { url: '/v1/status' })
  const waits =
    'This node is a standby: its Kea kea1 (dhcp4) waits for its partner (waiting) as primary and serves nobody.'
  t.match(json, { active: false, paused: false, idle: waits, holds: 1 })
  t.strictSame(json.reconcile, {
    cause: 'asked for by the API',
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt!).toISOString(),
    result: 'held',
    begun: 2,
    ended: 0,
    held: 10,
  })
})

t.test('alive and ready', async t => {
  const { app, parts, loseDisk } = await benchOf(t)
  t.same((await ask(app, { url: '/healthz' })).json, { status: 'ok' })
  t.equal((await ask(app, { url: '/readyz' })).status, 200)
  await loseDisk()
  const problem = parts.store.failure?.message
  t.match(problem, /^the store takes no more commits: the store's folder was removed/)
  t.equal((await ask(app, { url: '/healthz' })).status, 200, 'alive all the same')
  const unready = await ask(app, { url: '/readyz' })
  isProblem(t, unready, 503)
  t.equal(unready.json.detail, problem)
  t.match((await ask(app, { url: '/v1/status' })).json, { ready: false, problem })
})

t.test('what cannot be kept is not taken', async t => {
  const event = {
    event: 'expired',
    'ip-address': '10.1.0.20',
    cltt: T0,
    'valid-lft': 60,
    'hw-address': '02:00:00:00:00:01',
  }
  const { app, parts, loseDisk } = await benchOf(t, {}, { stock: { leases: [lease] } })
  await loseDisk()
  const full = await post(app, '/v1/events', event)
  isProblem(t, full, 503)
  t.equal(parts.store.state.lease('10.1.0.20'), lease)
  t.notMatch(full.text, /ENOSPC|at .*\.ts/, 'nothing of the inside')
})

t.test('a mistake of this program is a 500 that says nothing of the inside', async t => {
  const { app, parts } = await benchOf(t)
  const broken = {
    valueOf: () => {
      throw new Error('a bug with hunter2 in it')
    },
  }
  parts.store.put([lease], [recordOf(lease, { updatedAt: broken as never })])
  const bug = await ask(app, { url: '/v1/records' })
  isProblem(t, bug, 500)
  t.notMatch(bug.text, /hunter2|at .*\.ts/)
})

t.test('paths and methods that are not there', async t => {
  const { app } = await benchOf(t)
  isProblem(t, await ask(app, { url: '/v1/nothing' }), 404)
  isProblem(t, await ask(app, { method: 'DELETE', url: '/v1/nothing' }), 404)
  const wrong = await ask(app, { method: 'DELETE', url: '/v1/names/a.b' })
  isProblem(t, wrong, 405)
  t.equal(wrong.headers.allow, 'GET, HEAD')
  t.equal((await ask(app, { url: '/v1/callouts/lease4_expire' })).headers.allow, 'POST')
  t.equal((await ask(app, { method: 'HEAD', url: '/v1/status' })).status, 200)
})

t.test('metrics', async t => {
  const { app } = await benchOf(t)
  await post(app, '/v1/callouts/lease4_expire', {})
  const { status, headers, text } = await ask(app, { url: '/metrics' })
  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(text, /dhcp_ddns_callout_duration_seconds_count 1/)
})
