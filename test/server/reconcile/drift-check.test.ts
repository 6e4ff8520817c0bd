import t from 'tap'
import { reverseName } from '../../../lib/address.ts'
import type { Hold } from '../../../schemas/model/reconcile.ts'
import { DOMAIN, ENDPOINT } from '../../lib/site.ts'
import { quiet } from '../publish/queue-on.ts'
import { addressOf, grant, nameOf, REVERSE, release, setUp } from './drift-site.ts'

t.test('all is as it should be', async t => {
  const { make, said, asked } = await setUp(t, 12)
  t.match(await make(), {
    checked: 24,
    missing: 0,
    changed: 0,
    dns: [{ backend: ENDPOINT, checked: 12, known: true }, {}],
  })
  t.same(await said(), [])
  t.same(
    asked.map(({ names }) => names.length),
    [12, 12],
  )
})

t.test('what is missing is published again', async t => {
  const { make, drop, said, publish, dns } = await setUp(t, 12)
  const before = dns()
  drop(nameOf(3))
  drop('5.2.0.192.in-addr.arpa')
  t.match(await make(), { checked: 24, missing: 2, changed: 0 })
  t.same(await said(), ['missing 5.2.0.192.in-addr.arpa PTR', `missing ${nameOf(3)} A`])
  await publish()
  t.same(dns(), before)
  t.match(await make(), { checked: 24, missing: 0 })
})

t.test('a wiped zone is published again, however large', async t => {
  const { make, drop, publish, dns } = await setUp(t, 40)
  const before = dns()
  for (let n = 1; n <= 40; n++) drop(nameOf(n))
  t.match(await make(), { missing: 40, dns: [{ known: true }, { known: true }] })
  await publish()
  t.same(dns(), before)
})

t.test('what a person changed is let go', async t => {
  const { store, make, edit, record, said, dns } = await setUp(t, 12)
  edit(3, '192.0.2.99')
  t.match(await make(), { missing: 0, changed: 1 })
  t.same(await said(), [`changed ${nameOf(3)} A`])
  t.match(record(3), { phase: 'protected', origin: 'manual', rule: 'changed-by-hand' })
  await quiet(store)
  const left = dns().filter(line => line.startsWith(nameOf(3)))
  t.same(left, [`${nameOf(3)} A 192.0.2.99`], 'without our marker, so that nobody adopts it later')
  t.match(await make(), { changed: 0 }, 'and is not let go again')
  t.same(
    dns().filter(line => line.startsWith(nameOf(3))),
    left,
  )
})

t.test('too much that was changed is not believed', async t => {
  const { make, edit, drop, said } = await setUp(t, 12)
  for (const n of [1, 2, 3, 4]) edit(n, '192.0.2.99')
  drop(nameOf(5))
  const run = await make()
  const [forward, reverse] = run.dns
  t.match(forward, { known: false, checked: 12, detail: /4 of 12 records .* nothing is let go/ })
  t.match(reverse, { known: true })
  t.match(run, { missing: 0, changed: 0 })
  t.same(await said(), [])
})

t.test('a zone that is not known changes nothing', async t => {
  const { state, make, drop, said } = await setUp(t, 3)
  drop(nameOf(1))
  state.answer = { known: false, detail: 'bind says SERVFAIL' }
  t.match(await make(), { checked: 0, missing: 0, dns: [{ known: false, detail: 'bind says SERVFAIL' }, {}] })
  t.same(await said(), [])
})

t.test('only what stood still is judged', async t => {
  const { state, store, tell, make, drop, said, asked } = await setUp(t, 6)
  for (const n of [1, 2, 3, 4, 5]) drop(nameOf(n))
  tell(release(1))
  state.flying.add(nameOf(2))
  state.during = () => {
    tell(grant(3, 9000))
    const moved = { ...[...store.state.recordsNamed(nameOf(3))][0]! }
    store.state.putRecord(moved)
    state.flying.add(nameOf(4))
  }
  await make()
  t.notOk(asked[0]!.names.includes(nameOf(1)), 'its removal waits')
  t.notOk(asked[0]!.names.includes(nameOf(2)), 'a change is under way')
  t.ok(asked[0]!.names.includes(nameOf(3)))
  t.same(await said(), [`missing ${nameOf(5)} A`], 'nor what changed during the look')
})

t.test('a name that was sent during the look is left alone', async t => {
  const { store, state, make, drop, record, said } = await setUp(t, 2)
  drop(nameOf(1))
  state.during = () => store.state.putRecord({ ...record(1), sent: record(1).wanted })
  await make()
  t.same(await said(), [])
})

t.test('what a standby, or a paused node, finds', async t => {
  const { state, make, drop, said, asked } = await setUp(t, 2)
  drop(nameOf(1))
  state.active = false
  t.match(await make(), { dns: [], checked: 0 })
  t.equal(asked.length, 0, 'a standby looks at nothing')
  state.active = true
  state.paused = true
  t.match(await make(), { missing: 1, dns: [{ known: true, detail: /paused/ }, { detail: null }] })
  t.same(await said(), [], 'a paused node tells, and changes nothing')
  state.paused = false
  state.during = () => {
    state.active = false
  }
  await make()
  t.same(await said(), [], 'nor one that became a standby during the look')
})

t.test('a lease whose end waits for a person is not published again', async t => {
  const { state, make, drop, said } = await setUp(t, 2)
  drop(nameOf(1))
  const held = { event: grant(1), cltt: 1000, name: nameOf(1), why: 'gone' }
  state.holds = [{ id: 1, state: 'open', endings: [held] } as unknown as Hold]
  await make()
  t.same(await said(), [])
  state.holds[0]!.state = 'rejected'
  await make()
  t.same(await said(), [`missing ${nameOf(1)} A`])
})

t.test('in a pair, a lease whose end may only not be told yet is not published again', async t => {
  const { state, make, drop, said } = await setUp(t, 2)
  drop(nameOf(1))
  state.overdue.add(addressOf(1))
  await make()
  t.same(await said(), [])
  state.overdue.clear()
  await make()
  t.same(await said(), [`missing ${nameOf(1)} A`])
})

t.test('a name that somebody else had, or changed, is published again by the run that finds it free', async t => {
  const { backend, make, drop, edit, record, tell, publish, dns } = await setUp(t, 12)
  const before = dns()
  edit(3, '192.0.2.99')
  await make()
  await publish()
  const other = { name: 'h40.lab.example', type: 'A' as const, ttl: 60, value: '192.0.2.98' }
  backend.zone(DOMAIN).make([{ do: 'add', rr: other }])
  tell(grant(40))
  await publish()
  t.equal(record(3).phase, 'protected')
  t.equal(record(40).phase, 'conflict')
  drop(nameOf(3))
  drop(nameOf(40))
  await make()
  await publish()
  t.equal(record(3).phase, 'published')
  t.equal(record(40).phase, 'published')
  t.same(
    dns().filter(line => !/h40|^40\./.test(line)),
    before,
  )
  t.ok(backend.at(REVERSE, reverseName(addressOf(40))).includes(`PTR ${nameOf(40)}`))
})

t.test(
  'an old copy of the zone lets nothing go: values of ours are mended, also those of names long removed',
  async t => {
    const { backend, make, tell, publish, dns, record } = await setUp(t, 12)
    const old = backend.zone(DOMAIN).rrsAt(nameOf(1))
    tell(release(1))
    await publish()
    t.equal(record(1).phase, 'removed')
    backend.zone(DOMAIN).make(old.map(rr => ({ do: 'add' as const, rr })))
    backend.zone(DOMAIN).make([{ do: 'delete-rrset', name: nameOf(2), type: 'A' }])
    backend.zone(DOMAIN).make([{ do: 'add', rr: { name: nameOf(2), type: 'A', ttl: 60, value: '192.0.2.77' } }])
    backend.isOldCopy = true
    await make()
    await publish()
    backend.isOldCopy = false
    await make()
    await publish()
    t.same(
      dns().filter(line => line.startsWith(nameOf(1))),
      [],
      'what was removed before is removed again',
    )
    t.same(
      dns().filter(line => line.startsWith(nameOf(2)) && !line.includes('DHCID')),
      [`${nameOf(2)} A ${addressOf(2)}`],
      'one value under our own marker is replaced',
    )
    t.equal(record(2).phase, 'published')
  },
)

t.test('records of a server that is gone are not known', async t => {
  const { store, make, record } = await setUp(t, 1)
  store.state.putRecord({ ...record(1), key: 'other', endpoint: 'gone' })
  t.match((await make()).dns.at(-1), { backend: 'gone', known: false, detail: /no longer configured/ })
})
