/*
 * A server that was stopped makes what it took in when it runs again: long after the program gave the message up, or was
 * killed. Each name of which a message may be made yet is read late, however often the program is killed meanwhile.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change } from '../../../lib/dns/rr.ts'
import { event } from '../../lib/site.ts'
import { grant, hear, NOW, open, partsOn, quiet, release, ZonesBackend } from './queue-on.ts'

const ZONE = 'lab.example'
const RED = `red.${ZONE}`
const REVERSE = '2.0.192.in-addr.arpa'
const PTR = `1.${REVERSE}`
const other = (n: number) =>
  event({ kind: 'committed', address: `192.0.2.${n}`, hostname: `host${n}`, client: `f${n}`, cltt: 1000 })

/** Runs of the program one after the other, at one server that does not answer the first message of red. */
const runsOf = async (t: Test) => {
  const root = t.testdir({})
  const backend = new ZonesBackend()
  const held: Change[] = []
  let isStopped = true
  backend.says = (_zone, change) => {
    if (change.name !== RED || !isStopped) return null
    held.push(change)
    return { kind: 'unreachable', fault: 'lane', detail: 'did not answer' }
  }
  const ends: (() => Promise<void>)[] = []
  t.teardown(async () => {
    for (const end of ends) await end()
  })
  let runs = 0
  const path = () => join(root, String(runs))
  /** The next run, from the files as the last one left them. */
  const run = async (now = NOW, isOpen = () => true, clock = () => now) => {
    const store = await open(path(), now)
    const parts = await partsOn(t, store, backend, { now: clock, isOpen })
    await parts.queue.takeUp()
    store.onDecision(records => parts.queue.enqueue(records))
    const end = async () => {
      await parts.queue.close()
      await store.close()
    }
    ends.push(end)
    const phaseOf = (name: string) => store.state.recordsAt(backend.name, name)[0]?.phase
    const is = async (phase: string, name = RED) => {
      while (phaseOf(name) !== phase) await new Promise(done => setTimeout(done, 5))
      // What was answered is written a little later.
      await new Promise(done => setTimeout(done, 250))
      await store.durable()
    }
    const hearOf = (one: typeof grant) => hear(store, one)
    return { ...parts, store, is, hear: hearOf, end }
  }
  type Run = Awaited<ReturnType<typeof run>>
  /** Kills a run: the next one has the files as they are now, and what this one does later is not seen. */
  const kill = async ({ queue, store }: Run) => {
    const from = path()
    runs++
    await cp(from, path(), { recursive: true })
    await queue.close()
    await store.close()
    ends.pop()
  }
  return {
    backend,
    run,
    kill,
    held,
    /** A run whose message of red the server has, and does not answer. */
    underWay: async (): Promise<Run> => {
      const first = await run()
      first.hear(grant)
      while (held.length === 0) await quiet(first.store)
      return first
    },
    /** From now on the server answers. */
    wake: () => {
      isStopped = false
    },
    makeLate: () => backend.zone(ZONE).make(held[0]!.attempts[0]!.updates),
  }
}

/** So long in milliseconds that each late reading was made. */
const READ = 4500
const isGone = async (t: Test, backend: ZonesBackend, zone = ZONE, name = RED) => {
  const until = Date.now() + READ
  while (backend.at(zone, name).length > 0 && Date.now() < until) await new Promise(done => setTimeout(done, 20))
  t.same(backend.at(zone, name), [], 'it is gone')
}

t.test('what was under way at a kill, and is made after all was settled, is found', async t => {
  const { backend, run, kill, held, wake, makeLate, underWay } = await runsOf(t)
  const never = Promise.withResolvers<void>()
  backend.apply = async (_zone, changes) => {
    held.push(...changes)
    await never.promise
  }
  const first = await underWay()
  const killed = kill(first)
  never.resolve()
  await killed
  backend.apply = ZonesBackend.prototype.apply
  wake()
  const second = await run(NOW + 60_000)
  second.hear(release)
  await second.is('removed')
  makeLate()
  await isGone(t, backend)
})

t.test('a PTR that was under way at a kill, and is made after it was let go, is known to be ours', async t => {
  const { backend, run, kill, held, wake, underWay } = await runsOf(t)
  wake()
  const never = Promise.withResolvers<void>()
  backend.apply = async (zone, changes, settle) => {
    if (zone === ZONE) return ZonesBackend.prototype.apply.call(backend, zone, changes, settle)
    held.push(...changes)
    await never.promise
  }
  const first = await underWay()
  await first.is('published')
  const killed = kill(first)
  never.resolve()
  await killed
  backend.apply = ZonesBackend.prototype.apply
  let isOpen = false
  const second = await run(NOW + 60_000, () => isOpen)
  second.hear(release)
  isOpen = true
  second.queue.goOn()
  await second.is('removed', PTR)
  backend.zone(REVERSE).make(held[0]!.attempts[0]!.updates)
  t.same(backend.at(REVERSE, PTR), [`PTR ${RED}`])
  await isGone(t, backend, REVERSE, PTR)
})

t.test('what was not answered before one kill is read late after another', async t => {
  const { backend, run, kill, wake, makeLate, underWay } = await runsOf(t)
  const first = await underWay()
  wake()
  first.hear(release)
  await first.is('removed')
  await kill(first)
  const second = await run(NOW + 60_000)
  second.hear(other(7))
  await second.is('published', `host7.${ZONE}`)
  await kill(second)
  const third = await run(NOW + 61_000)
  third.hear(other(8))
  await third.is('published', `host8.${ZONE}`)
  makeLate()
  await isGone(t, backend)
})

t.test('and so is what was under way at the first of two kills', async t => {
  const { backend, run, kill, wake, makeLate, underWay } = await runsOf(t)
  const first = await underWay()
  await kill(first)
  wake()
  const second = await run(NOW + 60_000)
  second.hear(release)
  await second.is('removed')
  second.hear({ ...other(7), cltt: 2000 })
  await kill(second)
  const third = await run(NOW + 120_000)
  third.hear(other(8))
  await third.is('published', `host8.${ZONE}`)
  makeLate()
  await isGone(t, backend)
})

t.test('what could not be read late is read after a kill, however long ago it was settled', async t => {
  const { backend, run, kill, wake, makeLate, underWay } = await runsOf(t)
  const first = await underWay()
  wake()
  first.hear(release)
  await first.is('removed')
  backend.shows = () => ({ known: false, detail: 'it lets nobody read' })
  while (backend.reads.length === 0) await new Promise(done => setTimeout(done, 20))
  await kill(first)
  const second = await run(NOW + 60_000)
  second.hear(other(7))
  await second.is('published', `host7.${ZONE}`)
  await kill(second)
  backend.shows = () => null
  await run(NOW + 120_000)
  makeLate()
  await isGone(t, backend)
})

t.test(
  'a name that was read late is not read again by the next run, nor is one whose every message was answered',
  async t => {
    const { backend, run, kill, held, wake } = await runsOf(t)
    const first = await run()
    first.hear(grant)
    while (held.length === 0) await quiet(first.store)
    wake()
    await first.is('published')
    first.hear(other(7))
    await first.is('published', `host7.${ZONE}`)
    while (backend.reads.length === 0) await new Promise(done => setTimeout(done, 20))
    await first.is('published')
    t.same(backend.reads, [{ zone: ZONE, names: [RED] }])
    t.equal(first.store.state.known({ endpoint: backend.name, name: RED }), undefined)
    await kill(first)
    await run(NOW + 1000)
    await new Promise(done => setTimeout(done, READ))
    t.equal(backend.reads.length, 1)
  },
)

t.test('names that are to be read late are read together', async t => {
  const { backend, run, kill, wake } = await runsOf(t)
  wake()
  const first = await run(NOW, () => false)
  for (let n = 1; n <= 100; n++) first.hear(other(n))
  await first.store.durable()
  await kill(first)
  const second = await run(NOW + 60_000, () => true, Date.now)
  await second.is('published', `host100.${ZONE}`)
  await new Promise(done => setTimeout(done, READ))
  const ofZone = backend.reads.filter(({ zone }) => zone === ZONE)
  t.equal(new Set(ofZone.flatMap(({ names }) => names)).size, 100)
  t.ok(ofZone.length <= 10, `${ofZone.length} readings`)
})
