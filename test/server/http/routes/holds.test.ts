import t from 'tap'
import { ask, benchOf, isProblem } from '../inject.ts'
import { endingOf, holdOf, leaseOf, T0 } from '../stock.ts'

const leases = Array.from({ length: 150 }, (_, i) => leaseOf(`10.1.0.${i}`, `h${i}.lab.example.net`, 1))
const stock = {
  leases,
  holds: [
    holdOf(1, { state: 'rejected', decidedAt: (T0 + 60) * 1000 }),
    holdOf(2, { endings: leases.map(endingOf) }),
    holdOf(3, { scope: 'lab', endings: [endingOf(leases[0]!)] }),
  ],
}

const idsOf = ({ items }: { items: { id: number }[] }) => items.map(({ id }) => id)

t.test('holds, the newest first, by state', async t => {
  const { app } = await benchOf(t, {}, { stock })
  const list = async (query: string) => (await ask(app, { url: `/v1/holds${query}` })).json
  t.same(idsOf(await list('')), [3, 2, 1])
  t.same(idsOf(await list('?state=open')), [3, 2])
  t.same(idsOf(await list('?state=rejected')), [1])
  t.same(idsOf(await list('?state=approved')), [])
  t.strictSame((await list('')).items[0], {
    id: 3,
    scope: 'lab',
    state: 'open',
    cause: 'poll',
    reason: '12 of the 20 records would go at once.',
    records: 12,
    owned: 20,
    openedAt: new Date(T0 * 1000).toISOString(),
    decidedAt: null,
    total: 1,
    endings: [
      {
        address: '10.1.0.0',
        name: 'h0.lab.example.net',
        client: 'id:01:02:00:5e:10:00:01',
        kind: 'deleted',
        why: 'It is gone.',
      },
    ],
  })
})

t.test('a list shows the first hundred endings, one hold all of its own', async t => {
  const { app } = await benchOf(t, {}, { stock })
  const [, second] = (await ask(app, { url: '/v1/holds' })).json.items
  t.equal(second.endings.length, 100)
  t.equal(second.total, 150)
  const { status, json } = await ask(app, { url: '/v1/holds/2' })
  t.equal(status, 200)
  t.equal(json.endings.length, 150)
  t.same(json.endings.slice(0, 100), second.endings)
})

t.test('a person decides, once', async t => {
  const { app, parts } = await benchOf(t, {}, { stock })
  const decide = (id: number, verb: string) => ask(app, { method: 'POST', url: `/v1/holds/${id}/${verb}` })
  const living = async () => {
    const { json } = await ask(app, { url: '/v1/leases?limit=1000' })
    return json.items.filter(({ state }: { state: string }) => state === 'default').length
  }
  const stampOf = (id: number) => new Date(parts.store.holds.get(id)!.decidedAt!).toISOString()
  const before = new Date().toISOString()
  const rejected = await decide(3, 'reject')
  t.match(rejected, { status: 200, json: { id: 3, state: 'rejected', decidedAt: stampOf(3) } })
  t.equal(await living(), 150, 'what was rejected goes on')
  const approved = await decide(2, 'approve')
  t.match(approved, { status: 200, json: { id: 2, state: 'approved', decidedAt: stampOf(2) } })
  t.equal(await living(), 0, 'what was approved ends')
  const stamps = [before, rejected.json.decidedAt, approved.json.decidedAt, new Date().toISOString()]
  t.same(stamps, stamps.toSorted(), 'each is told with its time')
  for (const id of [1, 2, 3]) {
    for (const verb of ['approve', 'reject']) {
      const late = await decide(id, verb)
      isProblem(t, late, 409, 'id')
      t.match(late.json.detail, `The hold ${id} is not open any more: it is ${id === 2 ? 'approved' : 'rejected'}.`)
    }
  }
  isProblem(t, await decide(4, 'approve'), 404, 'id')
  isProblem(t, await ask(app, { url: '/v1/holds/4' }), 404, 'id')
})

const BAD_IDS = ['x', '-1', '0', '1.5', '1e400', '99999999999999999999', '__proto__', 'null', '%20', '1;2']

t.test('an id that is none is named', async t => {
  const { app } = await benchOf(t, {}, { stock })
  for (const id of BAD_IDS) {
    isProblem(t, await ask(app, { url: `/v1/holds/${id}` }), 400, 'id')
    for (const verb of ['approve', 'reject']) {
      isProblem(t, await ask(app, { method: 'POST', url: `/v1/holds/${id}/${verb}` }), 400, 'id')
    }
  }
  isProblem(t, await ask(app, { url: `/v1/holds/${'9'.repeat(15)}` }), 404, 'id')
  t.same(idsOf((await ask(app, { url: '/v1/holds?state=open' })).json), [3, 2], 'nothing was decided')
})

t.test('a wrong filter is named', async t => {
  const { app } = await benchOf(t, {}, { stock })
  isProblem(t, await ask(app, { url: '/v1/holds?state=gone' }), 400, 'state')
  isProblem(t, await ask(app, { url: '/v1/holds?scope=lab' }), 400, 'scope')
})
