import t from 'tap'
import { ask, benchOf, isProblem } from '../inject.ts'
import { clientOf, leaseOf, recordOf, T0 } from '../stock.ts'

const laptop = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)
const ended = { client: clientOf(2), how: 'expired', cltt: T0, at: (T0 + 3600) * 1000 } as const
const phone = leaseOf('10.1.0.21', 'phone.lab.example.net', 2, { ends: [ended] })
const other = leaseOf('10.1.0.9', 'other.lab.example.net', 3, { scope: 'lab' })

const records = [
  recordOf(phone, { goal: 'awaiting', dueAt: (T0 + 90_000) * 1000 }),
  recordOf(laptop),
  recordOf(laptop, { type: 'PTR', name: '20.0.1.10.in-addr.arpa', value: laptop.name! }),
  recordOf(other, {
    applied: null,
    stopped: 'conflict',
    problem: { kind: 'conflict', detail: 'the name is in use', at: T0 * 1000, tries: 2 },
  }),
]
const stock = { leases: [laptop, phone, other], records }

t.test('a record is told whole', async t => {
  const { app } = await benchOf(t, {}, { stock })
  const { status, json } = await ask(app, { url: '/v1/records?name=Laptop.lab.EXAMPLE.net.' })
  t.equal(status, 200)
  t.strictSame(json, {
    items: [
      {
        name: 'laptop.lab.example.net',
        type: 'A',
        value: '10.1.0.20',
        ttl: 300,
        zone: 'lab.example.net',
        scope: 'office',
        origin: 'dynamic',
        phase: 'published',
        rule: 'lease-active',
        reason: 'id:01:02:00:5e:10:00:01 holds 10.1.0.20. It stays while the lease is renewed.',
        dueAt: null,
        client: 'id:01:02:00:5e:10:00:01',
        lease: {
          address: '10.1.0.20',
          client: 'id:01:02:00:5e:10:00:01',
          expiry: new Date((T0 + 3600) * 1000).toISOString(),
          state: 'default',
        },
        applied: { ttl: 300 },
        wanted: { ttl: 300 },
        problem: null,
        updatedAt: new Date(T0 * 1000).toISOString(),
      },
    ],
    next: null,
  })
})

t.test('a lease is told whole', async t => {
  const { app } = await benchOf(t, {}, { stock })
  const { json } = await ask(app, { url: '/v1/leases?address=10.1.0.21' })
  t.strictSame(json.items, [
    {
      address: '10.1.0.21',
      family: 4,
      scope: 'office',
      state: 'expired',
      client: 'id:01:02:00:5e:10:00:02',
      clientId: '01:02:00:5e:10:00:02',
      hwAddress: '02:00:5e:10:00:02',
      duid: null,
      iaid: null,
      hostname: 'phone',
      name: 'phone.lab.example.net',
      rule: 'named',
      phase: 'awaiting',
      cltt: new Date(T0 * 1000).toISOString(),
      expiry: new Date((T0 + 3600) * 1000).toISOString(),
      subnetId: 1,
    },
  ])
})

const found: [query: string, records: string[], leases: string[]][] = [
  ['', ['laptop', '20', 'other', 'phone'], ['laptop', 'phone', 'other']],
  ['scope=lab', ['other'], ['other']],
  ['phase=awaiting', ['phone'], ['phone']],
  ['name=20.0.1.10.in-addr.arpa', ['20'], []],
  ['address=10.1.0.20', ['laptop', '20'], ['laptop']],
  ['client=id:01:02:00:5e:10:00:01', ['laptop', '20'], ['laptop']],
  ['client=02-00-5E-10-00-01', ['laptop', '20'], ['laptop']],
  ['client=01:02:00:5e:10:00:03', ['other'], ['other']],
  ['client=nobody', [], []],
  ['address=10.1.0.20&scope=lab', [], []],
  ['name=laptop.lab.example.net&address=10.1.0.21', [], []],
  ['address=2001:db8::1', [], []],
]

t.test('filters hold together', async t => {
  const { app } = await benchOf(t, {}, { stock })
  const names = async (list: string, query: string): Promise<string[]> => {
    const { json } = await ask(app, { url: `/v1/${list}?${query}` })
    return json.items.map(({ name }: { name: string }) => name.split('.')[0]).sort()
  }
  for (const [query, ofRecords, ofLeases] of found) {
    t.same(await names('records', query), ofRecords.sort(), `records?${query}`)
    t.same(await names('leases', query), ofLeases.sort(), `leases?${query}`)
  }
})

const bad: [query: string, field: string][] = [
  ['phase=gone', 'phase'],
  ['scope=nowhere', 'scope'],
  ['address=10.1.0.300', 'address'],
  ['name=', 'name'],
  ['name=a%20b', 'name'],
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=ten', 'limit'],
  ['limit=1.5', 'limit'],
  ['cursor=nonsense', 'cursor'],
  ['cursor=%25%25', 'cursor'],
  [`cursor=${Buffer.from('people 10.1.0.20').toString('base64url')}`, 'cursor'],
  ['scope=a&scope=b', 'scope'],
  ['colour=red', 'colour'],
  ['__proto__=x', '__proto__'],
]

t.test('a wrong filter is named', async t => {
  const { app } = await benchOf(t, {}, { stock })
  for (const [query, field] of bad) {
    for (const list of ['records', 'leases']) {
      await t.test(`${list}?${query}`, async t =>
        isProblem(t, await ask(app, { url: `/v1/${list}?${query}` }), 400, field),
      )
    }
  }
})

t.test('pages hold each item once, though others come and go between them', async t => {
  const leases = Array.from({ length: 2500 }, (_, i) =>
    leaseOf(`10.1.${i >> 8}.${i & 255}`, `h${i}.lab.example.net`, 1),
  )
  const { app, parts } = await benchOf(t, {}, { stock: { leases } })
  const seen: string[] = []
  let next: string | null = ''
  for (let page = 0; next !== null; page++) {
    const { json } = await ask(app, { url: `/v1/leases?limit=100${next && `&cursor=${next}`}` })
    for (const { address } of json.items) seen.push(address)
    next = json.next
    parts.store.state.dropLease(leases[page * 7]!)
  }
  t.equal(new Set(seen).size, seen.length, 'none twice')
  t.ok(seen.length > 2450, 'none lost but those that went')
  const first = await ask(app, { url: '/v1/leases' })
  t.equal(first.json.items.length, 100, 'a hundred by default')
  isProblem(t, await ask(app, { url: `/v1/records?cursor=${first.json.next}` }), 400, 'cursor')
})

t.test('scopes with their whole policies', async t => {
  const { app } = await benchOf(t)
  const { json } = await ask(app, { url: '/v1/scopes' })
  t.match(json.items[0], {
    name: 'office',
    subnet: '10.1.0.0/16',
    policy: { profile: 'balanced', retainOnExpiry: true, grace: { expiry: 86_400 }, ttl: 300 },
  })
  t.notOk('place' in json.items[0])
})
