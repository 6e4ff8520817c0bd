import { monitorEventLoopDelay } from 'node:perf_hooks'
import t, { type Test } from 'tap'
import type { Intent } from '../../../../schemas/model/intent.ts'
import type { Lease } from '../../../../schemas/model/lease.ts'
import { ask, benchOf, isProblem } from '../inject.ts'
import { clientOf, leaseOf, recordOf, T0 } from '../stock.ts'

const laptop = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)
const duid = { ...clientOf(4), key: 'duid:00:03:00:01:02:00:5e:10:00:01/1', clientId: null, hwAddress: null }
const laptop6: Lease = {
  ...leaseOf('2001:db8:1::20', 'laptop.lab.example.net', 4, { family: 6, scope: 'lab' }),
  grants: [{ ...laptop.grants[0]!, client: { ...duid, duid: '00:03:00:01:02:00:5e:10:00:01', iaid: 1 } }],
}
const ended = { client: clientOf(2), how: 'expired', cltt: T0, at: (T0 + 3600) * 1000 } as const
const phone = leaseOf('10.1.0.3', 'phone.lab.example.net', 2, { ends: [ended] })
const nas = leaseOf('10.1.0.100', 'nas.lab.example.net', 3)
const mute = leaseOf('10.1.0.9', 'mute.lab.example.net', 5)

const PTR = { type: 'PTR', name: '20.0.1.10.in-addr.arpa', value: laptop.name! } as const
const records = [
  recordOf(laptop),
  recordOf(laptop, PTR),
  recordOf(laptop6, { type: 'AAAA' }),
  recordOf(phone, { goal: 'awaiting', dueAt: (T0 + 90_000) * 1000, updatedAt: (T0 + 5) * 1000 }),
  recordOf(nas, { origin: 'reservation', updatedAt: (T0 - 5) * 1000 }),
]
const meant = { by: 'kim', at: T0 * 1000, why: null }
const intents: Intent[] = [
  { kind: 'pin', name: 'nas.lab.example.net', ...meant, until: null },
  { kind: 'pin', name: 'later.lab.example.net', ...meant, until: null },
  { kind: 'assign', client: 'hw:02:00:5e:10:00:02', ...meant, name: 'phone', scope: null },
]
const stock = { leases: [laptop, laptop6, phone, nas, mute], records }

const stocked = async (t: Test) => {
  const bench = await benchOf(t, {}, { stock })
  bench.parts.store.putIntents(intents)
  return bench
}

t.test('a name is one item, with both families in it', async t => {
  const { app } = await stocked(t)
  const { status, json } = await ask(app, { url: '/v1/names?q=laptop' })
  t.equal(status, 200)
  t.strictSame(json, {
    items: [
      {
        name: 'laptop.lab.example.net',
        phase: 'published',
        rule: 'lease-active',
        reason: 'id:01:02:00:5e:10:00:01 holds 10.1.0.20. It stays while the lease is renewed.',
        dueAt: null,
        origin: 'dynamic',
        scope: 'office',
        addresses: ['10.1.0.20', '2001:db8:1::20'],
        records: [
          { name: 'laptop.lab.example.net', type: 'A', value: '10.1.0.20', phase: 'published' },
          { name: 'laptop.lab.example.net', type: 'AAAA', value: '2001:db8:1::20', phase: 'published' },
          { ...PTR, phase: 'published' },
        ].map(({ name, type, value, phase }) => ({ name, type, value, phase })),
        client: 'id:01:02:00:5e:10:00:01',
        hostname: 'laptop',
        expiry: new Date((T0 + 3600) * 1000).toISOString(),
        intent: [],
        updatedAt: new Date(T0 * 1000).toISOString(),
      },
    ],
    next: null,
    total: 1,
  })
})

const found: [query: string, names: string[]][] = [
  ['', ['laptop', 'later', 'mute', 'nas', 'phone']],
  ['sort=-name', ['phone', 'nas', 'mute', 'later', 'laptop']],
  ['sort=address', ['phone', 'mute', 'laptop', 'nas', 'later']],
  ['sort=-updatedAt', ['mute', 'later', 'phone', 'laptop', 'nas']],
  ['sort=need', ['phone', 'laptop', 'later', 'mute', 'nas']],
  ['sort=updatedAt', ['nas', 'laptop', 'phone', 'later', 'mute']],
  ['phase=awaiting', ['phone']],
  ['origin=reservation', ['nas']],
  ['scope=lab', ['laptop']],
  ['scope=office', ['laptop', 'mute', 'nas', 'phone']],
  ['intent=pin', ['later', 'nas']],
  ['intent=assign', ['phone']],
  ['intent=alias', []],
  ['q=10.1.0.1', ['nas']],
  ['q=02-00-5E-10-00-02', ['phone']],
  ['q=0200.5e10.0001', ['laptop']],
  ['q=2001:DB8:1:0::20', ['laptop']],
  ['q=20.0.1.10.in-addr.arpa', []],
  ['q=lab.example.net&phase=published&sort=-name', ['nas', 'laptop']],
]

t.test('filters hold together, and a sort orders what is left', async t => {
  const { app } = await stocked(t)
  for (const [query, names] of found) {
    const { json } = await ask(app, { url: `/v1/names?${query}` })
    const labels = json.items.map(({ name }: { name: string }) => name.split('.')[0])
    t.strictSame(labels, names, `names?${query}`)
    t.equal(json.total, names.length)
  }
})

t.test('what is meant of a name, or of its client, stands in its item', async t => {
  const { app } = await stocked(t)
  const { json } = await ask(app, { url: '/v1/names' })
  const intent = Object.fromEntries(json.items.map((one: { name: string; intent: string[] }) => [one.name, one.intent]))
  t.match(intent, { 'nas.lab.example.net': ['pin'], 'phone.lab.example.net': ['assign'] })
  t.match(json.items[1], { name: 'later.lab.example.net', phase: null, records: [], scope: null, client: null })
})

const bad: [query: string, field: string][] = [
  ['q=', 'q'],
  ['q=%20', 'q'],
  ['q=a%00b', 'q'],
  [`q=${'a'.repeat(256)}`, 'q'],
  ['sort=colour', 'sort'],
  ['sort=--name', 'sort'],
  ['phase=gone', 'phase'],
  ['origin=heaven', 'origin'],
  ['intent=policy', 'intent'],
  ['scope=nowhere', 'scope'],
  ['limit=0', 'limit'],
  ['cursor=nonsense', 'cursor'],
  ['name=a', 'name'],
  ['__proto__=x', '__proto__'],
]

t.test('a wrong filter is named', async t => {
  const { app } = await stocked(t)
  for (const [query, field] of bad) {
    await t.test(query, async t => isProblem(t, await ask(app, { url: `/v1/names?${query}` }), 400, field))
  }
  const { json } = await ask(app, { url: '/v1/names?limit=1' })
  isProblem(t, await ask(app, { url: `/v1/names?sort=-name&cursor=${json.next}` }), 400, 'cursor')
})

t.test('the pages of 50,000 names hold each once in any order, and hold nobody up', async t => {
  const leases = Array.from({ length: 50_000 }, (_, i) =>
    leaseOf(`10.1.${i >> 8}.${i & 255}`, `h${(i * 7919) % 50_000}.lab.example.net`, i % 97),
  )
  const { app, parts } = await benchOf(t)
  for (let i = 0; i < leases.length; i += 500) {
    const some = leases.slice(i, i + 500)
    for (const lease of some) parts.store.state.putLease(lease)
    for (const lease of some) parts.store.state.putRecord(recordOf(lease, { key: lease.address }))
  }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  for (const sort of ['name', '-address']) {
    const seen = new Set<string>()
    let next: string | null = ''
    let pages = 0
    for (; next !== null && pages < 3; pages++) {
      delay.reset()
      delay.enable()
      const began = performance.now()
      const { json } = await ask(app, { url: `/v1/names?q=lab&limit=1000&sort=${sort}${next && `&cursor=${next}`}` })
      delay.disable()
      t.comment(`${sort}: ${Math.round(performance.now() - began)} ms, longest turn ${Math.round(delay.max / 1e6)} ms`)
      t.equal(json.total, 50_000)
      for (const { name } of json.items) seen.add(name)
      next = json.next
    }
    t.equal(seen.size, pages * 1000)
  }
})
