import t from 'tap'
import { ask, benchOf, isProblem, post, until } from '../inject.ts'
import { leaseOf, recordOf } from '../stock.ts'

const ZONE = 'lab.example.net'
const shape = { ttl: 300, dhcid: null }
const leases = ['a', 'b', 'c', 'd', 'e', 'f'].map((label, n) => leaseOf(`10.1.0.${n + 1}`, `${label}.${ZONE}`, n + 1))
const [a, b, c, d, e, f] = leases

t.test('what is wanted and not yet applied, with what it waits for', async t => {
  const { app, parts } = await benchOf(t)
  await ask(app, { method: 'POST', url: '/v1/pause' })
  const other = { ttl: 60, dhcid: recordOf(b!).applied!.dhcid }
  parts.store.put(leases, [
    recordOf(a!),
    recordOf(b!, { wanted: other }),
    recordOf(c!, { applied: null, phase: 'pending' }),
    recordOf(d!, { wanted: null, goal: 'removed', rule: 'expired', phase: 'removing' }),
    recordOf(e!, { applied: null, stopped: 'conflict', phase: 'conflict' }),
    recordOf(f!, { wanted: null, applied: shape, stopped: 'protected', phase: 'protected' }),
  ])
  const plan = async (query = '') => (await ask(app, { url: `/v1/plan${query}` })).json
  const { items, next } = await plan()
  t.strictSame(
    items.map(({ name }: { name: string }) => name.split('.')[0]),
    ['b', 'c', 'd', 'e'],
  )
  t.equal(next, null)
  t.match(items[0], { wanted: { ttl: 60 }, applied: { ttl: 300 }, waiting: 'A person paused the writing of DNS.' })
  t.match(items[2], { phase: 'removing', rule: 'expired', reason: String, wanted: null })
  t.match(items[3], { phase: 'conflict', waiting: /somebody else's/ })

  const first = await plan('?limit=3')
  const rest = await plan(`?limit=3&cursor=${first.next}`)
  t.strictSame([...first.items, ...rest.items], items)
  isProblem(t, await ask(app, { url: '/v1/plan?cursor=x' }), 400, 'cursor')
  isProblem(t, await ask(app, { url: '/v1/plan?limit=0' }), 400, 'limit')
  isProblem(t, await ask(app, { url: '/v1/plan?scope=office' }), 400, 'scope')
})

t.test('a server that does not answer is what it waits for, and a PTR waits for its name', async t => {
  const more = {
    dns: [
      { name: 'gone', kind: 'rfc2136', servers: ['127.0.0.1:1'], unsigned: true, zones: [ZONE, '10.in-addr.arpa'] },
    ],
  }
  const { app } = await benchOf(t, {}, { more })
  const lease = { 'hw-address': '02:00:5e:10:00:01', cltt: Math.floor(Date.now() / 1000), 'valid-lft': 3600 }
  await post(app, '/v1/events', { event: 'committed', 'ip-address': '10.1.0.20', hostname: 'a', ...lease })
  const waiting = async () => {
    const { json } = await ask(app, { url: '/v1/plan' })
    return Object.fromEntries(json.items.map((one: { type: string; waiting: string }) => [one.type, one.waiting]))
  }
  await until(async () => /It is tried again\.$/.test((await waiting()).A ?? ''))
  const seen = await waiting()
  t.match(seen.A, /127\.0\.0\.1/)
  t.equal(seen.PTR, `DNS does not hold a.${ZONE} yet.`)
})
