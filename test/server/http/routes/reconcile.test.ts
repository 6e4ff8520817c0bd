import t from 'tap'
import { StoreFailed } from '../../../../server/store/store.ts'
import { ask, benchOf, isProblem } from '../inject.ts'
import { fakeSidecar, runOf, T0 } from '../small-sidecar.ts'

const run = (app: Parameters<typeof ask>[0], query = '') => ask(app, { method: 'POST', url: `/v1/reconcile${query}` })
const last = async (app: Parameters<typeof ask>[0]) => (await ask(app, { url: '/v1/reconcile' })).json

t.test('the last run is told whole', async t => {
  const { app } = benchOf(t, {}, fakeSidecar({ run: runOf({ result: 'unknown' }) }))
  t.strictSame(await last(app), {
    run: {
      cause: 'poll',
      startedAt: new Date(T0 * 1000).toISOString(),
      finishedAt: new Date(T0 * 1000 + 250).toISOString(),
      result: 'unknown',
      begun: 2,
      ended: 1,
      held: 0,
      listed: [{ kea: 'kea1', service: 'dhcp4', leases: 3, complete: true, reason: null }],
      checked: 0,
      missing: 0,
      changed: 0,
      dns: [{ backend: 'bind', zone: 'lab.example.net', checked: 4, known: true, detail: null }],
    },
  })
})

t.test('a run is answered when it has ended', async t => {
  const { app } = benchOf(t)
  t.strictSame(await last(app), { run: null })
  for (const query of ['', '?wait=true']) {
    const { status, json } = await run(app, query)
    t.equal(status, 200)
    t.match(json, { cause: 'asked for by the API', result: 'ok', finishedAt: String })
    t.same(await last(app), { run: json })
  }
})

t.test('or at once, when nobody waits', async t => {
  const { app, sidecar } = benchOf(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  sidecar.runs = promise
  const { status, json } = await run(app, '?wait=false')
  t.equal(status, 202)
  t.match(json, { cause: 'asked for by the API', result: null, finishedAt: null })
  t.match(await last(app), { run: { result: null } })
  resolve()
  await new Promise(setImmediate)
  t.match(await last(app), { run: { result: 'ok' } })
})

t.test('a run that breaks off', async t => {
  const { app, sidecar } = benchOf(t)
  sidecar.fails = new StoreFailed(new Error('ENOSPC'))
  isProblem(t, await run(app), 503)
  t.equal((await run(app, '?wait=false')).status, 202, 'nobody waits for how it ends')
})

t.test('a wrong query is named', async t => {
  const { app } = benchOf(t)
  for (const [query, field] of [
    ['?wait=maybe', 'wait'],
    ['?wait=', 'wait'],
    ['?wait=true&wait=false', 'wait'],
    ['?now=true', 'now'],
  ] as const) {
    isProblem(t, await run(app, query), 400, field)
  }
  t.strictSame(await last(app), { run: null }, 'and nothing runs')
})
