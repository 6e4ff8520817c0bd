import t, { type Test } from 'tap'
import { ask, benchOf, isProblem } from '../inject.ts'
import { leaseOf, recordOf, T0 } from '../stock.ts'

const lease = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)
const name = lease.name!
const reverse = '20.0.1.10.in-addr.arpa'
const records = [recordOf(lease), recordOf(lease, { type: 'PTR', name: reverse, value: name })]
const history = [
  {
    at: T0 * 1000,
    what: 'decision' as const,
    cause: 'leases4_committed',
    verb: 'publish' as const,
    record: { name, type: 'A' as const, value: lease.address },
    rule: 'lease-active',
    reason: 'It is held.',
  },
]
const explained = async (t: Test) => {
  const bench = await benchOf(t, {}, { stock: { leases: [lease], records } })
  bench.parts.audit.add(history)
  return bench
}

t.test('a name is explained, however it is written', async t => {
  const { app } = await explained(t)
  for (const written of [name, `${name}.`, 'LapTop.Lab.example.NET']) {
    const { status, json } = await ask(app, { url: `/v1/names/${written}` })
    t.equal(status, 200, written)
    t.match(json, { name, phase: 'published', reason: /holds 10\.1\.0\.20/, dueAt: null, policy: { scope: 'office' } })
    t.same(
      json.records.map(({ type }: { type: string }) => type),
      ['A', 'PTR'],
    )
    t.match(json.leases, [{ address: '10.1.0.20', name, state: 'default' }])
    t.match(json.history, [{ at: new Date(T0 * 1000).toISOString(), verb: 'publish' }])
  }
})

t.test('a reverse name has the lease of its address', async t => {
  const { app } = await explained(t)
  const { json } = await ask(app, { url: `/v1/names/${reverse}` })
  t.match(json, { name: reverse, records: [{ type: 'PTR', value: name }], leases: [{ address: '10.1.0.20' }] })
})

const bad: [written: string, status: number, field?: string][] = [
  ['nobody.lab.example.net', 404, 'fqdn'],
  ['a'.repeat(300), 400, 'fqdn'],
  ['a%00b', 400, 'fqdn'],
  ['a%20b', 400, 'fqdn'],
  ['__proto__', 404, 'fqdn'],
  ['%zz', 400],
  ['a/b', 404],
]

t.test('what is no known name', async t => {
  const { app } = await explained(t)
  for (const [written, status, field] of bad) {
    await t.test(written, async t => isProblem(t, await ask(app, { url: `/v1/names/${written}` }), status, field))
  }
})
