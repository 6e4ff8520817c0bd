import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change } from '../../../lib/dns/rr.ts'
import type { Store } from '../../../server/store/store.ts'
import { event } from '../../lib/site.ts'
import { A, grant, hear, NOW, open, partsOn, phases, queueOn, quiet, release, YES, ZonesBackend } from './queue-on.ts'

t.test('a newer decision is not overwritten by the answer to an older one, and one name has one writer', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const { queue, next, unseen } = await queueOn(t, store)
  queue.enqueue(hear(store, grant))
  const first = await next()
  queue.enqueue(hear(store, release))
  await store.durable()
  await new Promise(setImmediate)
  t.equal(unseen(), 0, 'the removal waits for the answer')
  first.answer(YES)
  const second = await next()
  t.equal(second.change.name, 'red.lab.example')
  t.match(second.change.attempts[0]?.updates, [{ do: 'delete-rr', value: A }])
  second.answer(YES)
  while (phases(store).A !== 'removed') await new Promise(setImmediate)
  t.pass('it is gone in the end')
})

t.test('in a pair, a lease whose time is over is not published before Kea tells how it went on', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  let overdue = true
  const { queue, backend, next, unseen } = await queueOn(t, store, { isOverdue: () => overdue })
  queue.enqueue(hear(store, grant))
  await store.durable()
  await new Promise(setImmediate)
  t.equal(unseen(), 0)
  t.strictSame(phases(store), { A: 'pending', PTR: 'pending' })
  overdue = false
  queue.enqueue(hear(store, { ...grant, cltt: 9000, hostname: 'blue' }))
  const changed: string[] = []
  for (let n = 0; n < 4; n++) {
    const { change, answer, make } = await next()
    const updates = change.attempts.map(one => one.updates.map(update => update.do)).filter(({ length }) => length > 0)
    changed.push(`${change.name} ${updates.join(' or ')}`)
    if (change.name === 'red.lab.example') make()
    else answer(YES)
  }
  t.strictSame(
    changed.sort(),
    [
      '1.2.0.192.in-addr.arpa add',
      '1.2.0.192.in-addr.arpa delete-rr',
      'blue.lab.example add,add or add',
      'red.lab.example delete-rr,delete-rr',
    ],
    'renewed, it is; what the old name may have is looked for',
  )
  t.strictSame(backend.at('lab.example', 'red.lab.example'), [])
})

t.test("in a pair, what may be the other node's is removed when its lease has ended", async t => {
  for (const wrote of [true, false]) {
    const store = await open(join(t.testdir({}), 'store'))
    const { queue, backend, next } = await queueOn(t, store, { isOverdue: () => true })
    const [a] = hear(store, grant)
    if (wrote) {
      const [name, ttl] = [a!.name, a!.wanted!.ttl]
      const rrs = [
        { name, ttl, type: 'A' as const, value: A },
        { name, ttl, type: 'DHCID' as const, value: a!.wanted!.dhcid! },
      ]
      backend.zone('lab.example').make(rrs.map(rr => ({ do: 'add' as const, rr })))
      const ptr = { name: '1.2.0.192.in-addr.arpa', ttl, type: 'PTR' as const, value: a!.name }
      backend.zone('2.0.192.in-addr.arpa').make([{ do: 'add', rr: ptr }])
    }
    queue.enqueue(store.state.records.values())
    queue.enqueue(hear(store, event({ ...grant, kind: 'expired' })))
    for (const [name, value] of [
      ['red.lab.example', A],
      ['1.2.0.192.in-addr.arpa', 'red.lab.example'],
    ]) {
      const { change, make } = await next()
      t.equal(change.name, name)
      t.match(change.attempts.find(({ updates }) => updates.length > 0)?.updates[0], { do: 'delete-rr', value })
      make()
    }
    while (phases(store).PTR !== 'removed') await new Promise(setImmediate)
    t.strictSame(phases(store), { A: 'removed', PTR: 'removed' })
    t.strictSame(backend.at('lab.example', 'red.lab.example'), [], wrote ? 'the other wrote it' : 'it did not')
    t.strictSame(backend.at('2.0.192.in-addr.arpa', '1.2.0.192.in-addr.arpa'), [])
    await store.close()
  }
})

t.test('an alias that a lost answer may have made is ours; the same CNAME without one is somebody else’s', async t => {
  const [name, target, kind] = ['www.lab.example', 'red.lab.example', 'conflict'] as const
  for (const [lost, phase] of [
    [{ perhapsMade: true }, 'published'],
    [{}, 'conflict'],
  ] as const) {
    const store = await open(join(t.testdir({}), phase))
    t.teardown(() => store.close())
    store.putIntents([{ kind: 'alias', name, target, by: 'ann', at: NOW, why: null }])
    const { queue, next, backend } = await queueOn(t, store)
    queue.enqueue(hear(store, grant))
    const first = await next()
    t.equal(first.change.name, target, 'an alias waits for its target')
    first.make()
    const both = [await next(), await next()]
    const alias = both.find(({ change }) => change.name === name)!
    backend.zone('lab.example').make(alias.change.attempts[0]!.updates)
    alias.answer({ kind, alone: true, detail: 'the name is in use', ...lost })
    both.find(one => one !== alias)!.make()
    const record = () => store.state.record(`test ${name} CNAME ${target}`)!
    while (record().phase === 'pending') await new Promise(setImmediate)
    t.equal(record().phase, phase)
  }
})

t.test('what a server took in and makes late, after a name was found gone, is found and taken away', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const backend = new ZonesBackend()
  const { queue } = await partsOn(t, store, backend)
  const zone = backend.zone('lab.example')
  const unmade: Change[] = []
  backend.says = (_zone, change) => {
    if (change.name !== 'red.lab.example' || unmade.length > 0) return null
    unmade.push(change)
    return { kind: 'unreachable', fault: 'lane', detail: 'did not answer' }
  }
  queue.enqueue(hear(store, grant))
  while (unmade.length === 0) await new Promise(setImmediate)
  queue.enqueue(hear(store, release))
  while (phases(store).A !== 'removed') await new Promise(done => setTimeout(done, 5))
  t.same(backend.at('lab.example', 'red.lab.example'), [], 'nothing is there yet')
  t.equal(queue.status()[0]!.waiting, 1, 'and it is not over')
  zone.make(unmade[0]!.attempts[0]!.updates)
  while (backend.at('lab.example', 'red.lab.example').length > 0) await new Promise(done => setTimeout(done, 20))
  t.equal(phases(store).A, 'removed')
})

/** A run whose first message of the name is not answered. `makeLate` has the server make it. */
const unanswered = async (t: Test, folder: string) => {
  const backend = new ZonesBackend()
  const unmade: Change[] = []
  let isDown = true
  backend.says = (_zone, change) => {
    if (change.name !== 'red.lab.example' || (unmade.length > 0 && !isDown)) return null
    unmade.push(change)
    return { kind: 'unreachable', fault: 'lane', detail: 'did not answer' }
  }
  const store = await open(folder)
  const { queue } = await partsOn(t, store, backend)
  queue.enqueue(hear(store, grant))
  while (unmade.length === 0) await new Promise(setImmediate)
  const makeLate = () => backend.zone('lab.example').make(unmade[0]!.attempts[0]!.updates)
  /** From now on the server answers. */
  const wake = () => {
    isDown = false
  }
  const end = () => queue.close().then(() => store.close())
  return { backend, store, queue, makeLate, wake, end }
}

const isRemoved = async (store: Store) => {
  while (phases(store).A !== 'removed') await new Promise(done => setTimeout(done, 5))
}

const isGone = async (backend: ZonesBackend) => {
  while (backend.at('lab.example', 'red.lab.example').length > 0) await new Promise(done => setTimeout(done, 20))
}

t.test('what is decided while a change is sent again is done at once, and not with the late reading', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const { queue, backend, next } = await queueOn(t, store)
  queue.enqueue(hear(store, grant))
  ;(await next()).answer({ kind: 'unreachable', fault: 'lane', detail: 'did not answer' })
  const again = await next()
  queue.enqueue(hear(store, release))
  again.make()
  const removal = await next()
  t.match(removal.change.attempts[0]?.updates, [{ do: 'delete-rr', value: A }])
  t.same(backend.reads, [])
  removal.make()
  await isRemoved(store)
})

t.test('what is made late is found though something else was decided of the name meanwhile', async t => {
  const { backend, store, queue, makeLate, wake, end } = await unanswered(t, join(t.testdir({}), 'store'))
  t.teardown(end)
  wake()
  queue.enqueue(hear(store, release))
  await isRemoved(store)
  queue.enqueue(hear(store, { ...grant, cltt: 2000, hostname: 'blue' }))
  queue.enqueue([...store.state.records.values()].filter(({ name }) => name === 'red.lab.example'))
  await quiet(store)
  makeLate()
  await isGone(backend)
  t.pass('it is gone')
})

t.test('what a server makes late is found though the program was ended before it looked once more', async t => {
  const folder = join(t.testdir({}), 'store')
  const first = await unanswered(t, folder)
  first.wake()
  first.queue.enqueue(hear(first.store, release))
  await isRemoved(first.store)
  await first.end()

  const store = await open(folder)
  t.teardown(() => store.close())
  const { queue } = await partsOn(t, store, first.backend)
  await queue.takeUp()
  await quiet(store)
  first.makeLate()
  await isGone(first.backend)
  t.equal(phases(store).A, 'removed')
})

t.test('and though the program was ended before it had any answer', async t => {
  const folder = join(t.testdir({}), 'store')
  const first = await unanswered(t, folder)
  await quiet(first.store)
  await first.end()

  first.wake()
  const store = await open(folder)
  t.teardown(() => store.close())
  const { queue } = await partsOn(t, store, first.backend)
  hear(store, release)
  await queue.takeUp()
  await isRemoved(store)
  first.makeLate()
  await isGone(first.backend)
  t.equal(phases(store).A, 'removed')
})

t.test('a server that was left between the RRs of a name is led on from there, and nobody else is blamed', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const backend = new ZonesBackend()
  backend.capabilities = { ...backend.capabilities, atomic: false }
  const { queue } = await partsOn(t, store, backend)
  const zone = backend.zone('lab.example')
  let left = 0
  backend.says = (_zone, { name, attempts }) => {
    if (name !== 'red.lab.example' || left++ > 0) return null
    zone.make(attempts[0]!.updates.slice(0, 1))
    return { kind: 'unreachable', fault: 'change', detail: 'the connection broke between A and DHCID' }
  }
  queue.enqueue(hear(store, grant))
  while (phases(store).PTR !== 'published') await new Promise(done => setTimeout(done, 5))
  t.same(phases(store), { A: 'published', PTR: 'published' })
  t.match(backend.at('lab.example', 'red.lab.example'), [`A ${A}`, /^DHCID /])
  backend.says = (_zone, { name, attempts: [first] }) => {
    if (name !== 'red.lab.example' || left++ > 2) return null
    zone.make(first!.updates.slice(0, 1))
    return { kind: 'unreachable', fault: 'change', detail: 'again' }
  }
  queue.enqueue(hear(store, release))
  while (phases(store).A !== 'removed') await new Promise(done => setTimeout(done, 5))
  t.same(backend.at('lab.example', 'red.lab.example'), [], 'nor is a marker left over')
})

t.test('a server that answers at once leaves a turn to others between its messages', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const backend = new ZonesBackend()
  backend.capabilities = { ...backend.capabilities, batch: 1 }
  const { queue } = await partsOn(t, store, backend)
  const grants = Array.from({ length: 30 }, (_, n) => {
    const client = (n + 16).toString(16)
    return event({ kind: 'committed', address: `192.0.2.${n + 1}`, hostname: `host${n}`, client, cltt: 1000 })
  })
  queue.enqueue(grants.flatMap(one => hear(store, one)))
  await store.durable()
  const inTurns: number[] = []
  while (backend.messages.length < 60) {
    const before = backend.messages.length
    await new Promise(setImmediate)
    inTurns.push(backend.messages.length - before)
  }
  t.ok(Math.max(...inTurns) <= 2, 'one of each zone')
})
