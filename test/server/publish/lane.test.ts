import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import { event } from '../../lib/site.ts'
import { hear, NOW, open, partsOn, quiet, ZonesBackend } from './queue-on.ts'

/*
 * A refusal is the lane's state. Time is the test's: it goes from one timer to the next, and what a real server would be
 * asked in an hour is counted.
 */

const ZONE = 'lab.example'
const MINUTE = 60_000
const SECOND = 1000

const grant = (n: number, hostname = `h${n}`) =>
  event({ kind: 'committed', address: `2001:db8::${n.toString(16)}`, hostname, client: '0a', cltt: 1000 + n })
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)
const refused = (fault: 'lane' | 'change'): Outcome => ({ kind: 'refused', fault, detail: 'the server says REFUSED' })
const nameOf = (n: number): string => `h${n}.${ZONE}`

/** The queue with machines 1 to `count` to be published, on the test's time. */
const setUp = async (t: Test, count: number, says: (zone: string, change: Change) => Outcome | null) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW })
  t.teardown(() => mock.timers.reset())
  const folder = join(t.testdir({}), 'store')
  const store = await open(folder)
  t.teardown(() => store.close())
  const backend = new ZonesBackend()
  backend.says = says
  const parts = await partsOn(t, store, backend, { now: () => Date.now() })
  const { queue } = parts
  store.onDecision(records => queue.enqueue(records))
  for (const n of upTo(count)) hear(store, grant(n))
  await quiet(store)
  /** Lets time pass, second by second; what begins in a second ends in it. */
  const pass = async (time: number) => {
    for (let second = 0; second < time; second += SECOND) {
      mock.timers.tick(SECOND)
      await quiet(store)
    }
  }
  const asked = (zone = ZONE) => backend.messages.filter(message => message.zone === zone)
  const lane = () => queue.status().find(({ zone }) => zone === ZONE)!
  /** The lines of the store's log, but for those that this writes so that all before them are on disk. */
  let marks = 0
  const stored = async () => {
    store.setPaused(false)
    marks++
    await store.durable()
    return (await readFile(join(folder, 'log.jsonl'), 'utf8')).split('\n').length - marks
  }
  return { ...parts, store, backend, pass, asked, lane, stored }
}

for (const fault of ['lane', 'change'] as const) {
  for (const count of [1, 20, 2000]) {
    t.test(
      `a server that refuses all of ${count} (${fault}) is asked twice a minute at most, then every five`,
      async t => {
        const { pass, asked, lane, stored, said, backend, store } = await setUp(t, count, () => refused(fault))
        const perMinute: number[] = []
        for (let minute = 0; minute < 20; minute++) {
          const before = asked().length
          await pass(MINUTE)
          perMinute.push(asked().length - before)
        }
        t.ok(asked().length > 4, 'it is tried again')
        t.ok(Math.max(...perMinute) <= 2, `${perMinute}`)
        const late = perMinute.slice(10).reduce((sum, n) => sum + n, 0)
        t.ok(late >= 2 && late <= 4, `${late} in the last ten minutes`)
        if (count > 1) {
          const probes = asked().slice(-3)
          t.ok(probes.every(({ names }) => names.length === 1))
          t.equal(new Set(probes.map(({ names }) => names[0])).size, 3, 'another change each time')
          t.match(lane(), { state: 'refused', waiting: count, problem: /REFUSED/ })
        }

        const [lines, size] = [said.length, await stored()]
        await pass(20 * MINUTE)
        t.equal(await stored(), size, 'nothing is stored again')
        t.equal(said.length, lines, 'nothing is logged again')
        t.ok(lines <= 1, `${said}`)

        backend.says = () => null
        await pass(6 * MINUTE)
        t.equal([...store.state.records.values()].filter(one => one.phase === 'published').length, 2 * count)
        t.match(lane(), { state: 'open', waiting: 0, problem: null, retryAt: null })
      },
    )
  }
}

t.test(
  'a new decision does not wake a lane that is refused, and goes out when the server takes updates again',
  async t => {
    const { pass, asked, backend, store } = await setUp(t, 20, () => refused('lane'))
    await pass(MINUTE)
    const before = asked().length
    for (const n of upTo(30)) {
      hear(store, grant(100 + n))
      await quiet(store)
    }
    t.equal(asked().length, before)
    backend.says = () => null
    await pass(6 * MINUTE)
    t.equal(backend.at(ZONE, nameOf(130)).length, 2)
  },
)

t.test('thirty clients in turn at a refused address leave one chain of retries', async t => {
  const { pass, backend, store } = await setUp(t, 0, zone => (zone === ZONE ? null : refused('lane')))
  for (const n of upTo(30)) {
    hear(
      store,
      event({ kind: 'committed', address: '2001:db8::1', hostname: `c${n}`, client: `${10 + n}`, cltt: 1000 + n }),
    )
    await pass(2 * SECOND)
  }
  const before = backend.messages.length
  await pass(10 * MINUTE)
  t.ok(backend.messages.length - before <= 20, `${backend.messages.length - before} in ten minutes`)
})

t.test('a refusal that blames one change is that name’s own, and leaves the others', async t => {
  const isBad = (change: Change) => change.name === nameOf(7)
  const { pass, asked, lane, stored, store, said } = await setUp(t, 20, (_, one) =>
    isBad(one) ? refused('change') : null,
  )
  t.equal([...store.state.records.values()].filter(one => one.phase === 'published').length, 38)
  t.match(store.state.record(`test ${nameOf(7)} AAAA 2001:db8::7`), { problem: { kind: 'refused' } })
  t.equal(lane().state, 'open')
  const [before, size] = [asked().length, await stored()]
  await pass(10 * MINUTE)
  const tries = asked().length - before
  t.ok(tries >= 2 && tries <= 20, `${tries} in ten minutes`)
  t.equal(await stored(), size, 'a refusal is stored once')
  t.equal(said.length, 0)
  hear(store, grant(50))
  await quiet(store)
  t.equal(store.state.record(`test ${nameOf(50)} AAAA 2001:db8::32`)?.phase, 'published', 'at once')
})

t.test('SERVFAIL of one name delays no other by more than one message', async t => {
  const silent: Outcome = { kind: 'unreachable', fault: 'change', detail: 'SERVFAIL' }
  const { pass, asked, store, stored } = await setUp(t, 20, (_, one) => (one.name === nameOf(7) ? silent : null))
  const isUp = (n: number) => store.state.record(`test ${nameOf(n)} AAAA 2001:db8::${n.toString(16)}`)?.phase
  t.strictSame(
    upTo(20).filter(n => isUp(n) !== 'published'),
    [7],
  )
  await pass(MINUTE)
  const size = await stored()
  for (const n of [51, 52, 53]) {
    const before = asked().length
    hear(store, grant(n))
    await quiet(store)
    t.equal(isUp(n), 'published', 'at once')
    t.ok(asked().length - before <= 2)
  }
  const grown = (await stored()) - size
  await pass(10 * MINUTE)
  t.equal((await stored()) - size, grown, 'and says it once')
})

t.test('names that cannot be read are read together, ever more seldom, and hold up no writing', async t => {
  const { pass, backend, store } = await setUp(t, 0, () => null)
  for (const n of upTo(50)) {
    const [name, ttl] = [nameOf(n), 60]
    backend.zone(ZONE).make([{ do: 'add', rr: { name, ttl, type: 'AAAA', value: '2001:db8::ffff' } }])
  }
  backend.shows = () => ({ known: false, detail: 'the server answers no questions' })
  for (const n of upTo(50)) hear(store, grant(n))
  await pass(2 * MINUTE)
  const before = backend.reads.length
  await pass(10 * MINUTE)
  t.ok(backend.reads.length - before <= 10 * 12, `${backend.reads.length - before} in ten minutes`)
  hear(store, grant(60))
  await quiet(store)
  t.equal(backend.at(ZONE, nameOf(60)).length, 2, 'another name is written')
  backend.shows = () => null
  await pass(MINUTE)
  t.equal(store.state.record(`test ${nameOf(1)} AAAA 2001:db8::1`)?.phase, 'conflict')
})

t.test('an operator wakes it at once', async t => {
  const { pass, queue, backend, store, lane } = await setUp(t, 20, () => refused('lane'))
  await pass(MINUTE)
  backend.says = () => null
  queue.goOn()
  await quiet(store)
  t.match(lane(), { state: 'open', waiting: 0 })
})
