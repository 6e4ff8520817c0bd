import t from 'tap'
import { leasedKea, leaseOf } from '../../control/kea-with-leases.ts'
import { ask, benchOf, isProblem, until } from '../inject.ts'

type App = Parameters<typeof ask>[0]

const run = (app: App, query = '') => ask(app, { method: 'POST', url: `/v1/reconcile${query}` })
const last = async (app: App) => (await ask(app, { url: '/v1/reconcile' })).json

const CAUSE = 'asked for by the API'

t.test('the last run is told whole', async t => {
  const [kea, other] = [await leasedKea(t, leaseOf(1), leaseOf(2)), await leasedKea(t)]
  // It has another subnet, and so no word in what kea1 lists.
  const config = { Dhcp4: { subnet4: [{ id: 9, subnet: '10.9.0.0/24' }] } }
  other.instead = ({ command }) => {
    if (command === 'config-get') return { answer: { result: 0, arguments: config } }
    return command === 'status-get' ? { status: 500, body: '' } : undefined
  }
  const both = { pollSeconds: 0, services: ['dhcp4'] }
  const configured = [
    { name: 'kea1', url: kea.url, ...both },
    { name: 'kea2', url: other.url, ...both },
  ]
  const { app, parts } = await benchOf(t, {}, { kea, more: { kea: configured } })
  const { store, reconciler } = parts
  const isSettled = () => [...store.state.records.values()].every(({ phase }) => phase === 'published')
  await until(isSettled)
  kea.leases.delete('10.1.0.1')
  kea.grant(leaseOf(3), leaseOf(4))
  // Without a pause the two that begin may be in DNS by the time it is looked at, or not.
  store.setPaused(true)
  await run(app)
  const { startedAt, finishedAt } = reconciler.last!
  t.strictSame(await last(app), {
    run: {
      cause: CAUSE,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(finishedAt!).toISOString(),
      result: 'unknown',
      begun: 2,
      ended: 1,
      held: 0,
      listed: [
        { kea: 'kea1', service: 'dhcp4', standing: 'active', leases: 3, complete: true, reason: null },
        {
          kea: 'kea2',
          service: 'dhcp4',
          standing: 'unknown',
          leases: 0,
          complete: false,
          reason: 'kea2 (dhcp4) cannot answer (HTTP 500) [status-get]',
        },
      ],
      checked: 2,
      missing: 0,
      changed: 0,
      dns: [
        { backend: 'local', zone: 'lab.example.net', checked: 1, known: true, detail: null },
        { backend: 'local', zone: '1.10.in-addr.arpa', checked: 1, known: true, detail: null },
      ],
    },
  })
})

t.test('a run is answered when it has ended', async t => {
  const alone = await benchOf(t)
  t.match(await last(alone.app), { run: { cause: 'start', result: 'off' } })
  const kea = await leasedKea(t, leaseOf(1))
  const asked = await benchOf(t, {}, { kea })
  for (const [{ app, parts }, result] of [
    [alone, 'off'],
    [asked, 'ok'],
  ] as const) {
    for (const query of ['', '?wait=true']) {
      const before = parts.reconciler.last
      const { status, json } = await run(app, query)
      t.equal(status, 200)
      t.match(json, { cause: CAUSE, result, finishedAt: String })
      t.same(await last(app), { run: json })
      t.not(parts.reconciler.last, before, 'a run of its own')
    }
  }
})

t.test('or at once, when nobody waits', async t => {
  const kea = await leasedKea(t, leaseOf(1))
  const { app, parts } = await benchOf(t, {}, { kea })
  const { run: first } = await last(app)
  t.match(first, { cause: 'start', result: 'ok', finishedAt: String })
  const slow = Promise.withResolvers<void>()
  kea.listing = slow.promise
  const { status, json } = await run(app, '?wait=false')
  t.equal(status, 202)
  t.match(json, { cause: CAUSE, result: null, finishedAt: null })
  t.ok(json.startedAt >= first.finishedAt, 'it began after the one before had ended')
  t.match(await last(app), { run: { startedAt: json.startedAt, result: null } })

  const joined = await run(app, '?wait=false')
  t.equal(joined.status, 202, 'at once also where one is under way')
  t.match(joined.json, { cause: CAUSE, result: null, finishedAt: null, startedAt: json.startedAt })

  const [underWay, waiting] = [parts.reconciler.last, run(app)]
  t.match(await last(app), { run: { startedAt: json.startedAt, result: null } }, 'who waits does not cut it short')
  kea.grant(leaseOf(2))
  slow.resolve()
  const anew = await waiting
  t.equal(anew.status, 200)
  t.match(anew.json, { cause: CAUSE, result: 'ok', finishedAt: String })
  t.match(underWay, { result: 'ok', finishedAt: Number })
  t.not(parts.reconciler.last, underWay, 'who waits gets a run of its own')
  t.ok(anew.json.startedAt >= new Date(underWay!.finishedAt!).toISOString(), 'which began after that one')
  t.match(await last(app), { run: { result: 'ok' } })
})

t.test('a run that breaks off', async t => {
  const kea = await leasedKea(t, leaseOf(1))
  const { app, loseDisk } = await benchOf(t, {}, { kea })
  await loseDisk()
  kea.grant(leaseOf(2))
  isProblem(t, await run(app), 503)
  t.match(await last(app), { run: { cause: CAUSE, result: 'unknown', finishedAt: String } })
  t.equal((await run(app, '?wait=false')).status, 202, 'nobody waits for how it ends')
})

t.test('a wrong query is named', async t => {
  const { app } = await benchOf(t)
  const before = await last(app)
  for (const [query, field] of [
    ['?wait=maybe', 'wait'],
    ['?wait=', 'wait'],
    ['?wait=true&wait=false', 'wait'],
    ['?now=true', 'now'],
  ] as const) {
    isProblem(t, await run(app, query), 400, field)
  }
  t.strictSame(await last(app), before, 'and nothing runs')
})
