import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stepTowards } from '../../lib/change.ts'
import type { Change, Outcome } from '../../lib/dns/rr.ts'
import { plan } from '../../lib/plan.ts'
import { settle } from '../../lib/settle.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { OwnedRecord } from '../../schemas/record.ts'
import { Queue } from '../../server/queue.ts'
import { readLines } from '../../server/store/read-lines.ts'
import { Store } from '../../server/store/store.ts'
import { ENDPOINT, event, scopesWith } from '../lib/world.ts'

const A = '192.0.2.1'
const NOW = 1_800_000_000_000
const DAY = 86_400_000
const scopes = scopesWith({})
const grant = event({ kind: 'committed', address: A, hostname: 'red', client: '0a' })
const release = event({ kind: 'released', address: A, client: '0a' })

const open = (folder: string, now = NOW) => Store.open(folder, { now: () => now })

const hear = (store: Store, one: LeaseEvent): OwnedRecord[] => {
  const made = plan(store.estate, scopes, one, NOW)
  return store.put(made.leases, made.records)
}

/** A queue whose DNS server answers when, and what, the test says. */
const queueOn = (t: Test, store: Store) => {
  const asked: { change: Change; answer: (outcome: Outcome) => void }[] = []
  let news = Promise.withResolvers<void>()
  const queue = new Queue({
    estate: store.estate,
    servers: [
      {
        marker: 'dhcid',
        backend: {
          name: 'test',
          endpoint: ENDPOINT,
          apply: async (_zone, changes, settled) => {
            const answered = changes.map(change => {
              const { promise, resolve } = Promise.withResolvers<Outcome>()
              asked.push({ change, answer: resolve })
              return promise.then(outcome => settled(change, outcome))
            })
            news.resolve()
            await Promise.all(answered)
          },
          look: async () => ({ known: false, detail: 'not asked in this test' }),
          close: async () => {},
        },
      },
    ],
    durable: () => store.durable(),
    mayWrite: () => true,
    learnt: records => void store.put([], records),
    now: () => NOW,
    random: () => 0,
  })
  t.teardown(() => queue.close())
  return {
    queue,
    /** Changes that the server was asked for and the test has not seen. */
    unseen: () => asked.length,
    /** The next change that the server is asked for. */
    next: async () => {
      while (asked.length === 0) {
        await news.promise
        news = Promise.withResolvers()
      }
      return asked.shift()!
    },
  }
}

const YES: Outcome = { kind: 'applied', attempt: 0 }
const phases = ({ estate }: Store) =>
  Object.fromEntries([...estate.recordsOf(A)].map(({ type, phase }) => [type, phase]))

t.test('xpf 2662: a crash between the wire and the store leaves no orphan', async t => {
  const folder = join(t.testdir({}), 'store')
  const before = await open(folder)
  hear(before, grant)
  await before.durable()
  await before.close()
  const after = await open(folder)
  hear(after, release)
  t.strictSame(phases(after), { A: 'removing', PTR: 'removing' }, 'DNS may hold what was never confirmed')
  for (const name of ['red.lab.example', '1.2.0.192.in-addr.arpa']) {
    const step = stepTowards([...after.estate.recordsNamed(name)], 'dhcid')
    const removal = step?.change.attempts[0]?.updates[0]
    t.match(removal, { do: 'delete-rr', name }, `it is asked to remove ${name}`)
  }
  await after.close()
})

t.test('xpf 5571: a line without end is not read into memory', async t => {
  const file = join(t.testdir({ log: '' }), 'log')
  await truncate(file, 3 << 20)
  const all = async () => {
    for await (const _ of readLines(file, 2 << 20));
  }
  await t.rejects(all(), /log, line 1: the line is too long/)
})

t.test('xpf 2661, 2676: the PTR is refused: the A stands, and both stay owned until both are gone', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const { queue, next } = queueOn(t, store)
  queue.touch(hear(store, grant))
  ;(await next()).answer(YES)
  const ptr = await next()
  t.equal(ptr.change.name, '1.2.0.192.in-addr.arpa')
  ptr.answer({ kind: 'refused', detail: 'NOTAUTH' })
  const [record] = [...store.estate.recordsNamed(ptr.change.name)]
  while (store.estate.record(record!.key)?.problem === null) await new Promise(setImmediate)
  t.match(store.estate.record(record!.key), { phase: 'pending', problem: { kind: 'refused', detail: 'NOTAUTH' } })
  t.strictSame(phases(store), { A: 'published', PTR: 'pending' })
  queue.touch(hear(store, release))
  for (const _ of ['A', 'PTR']) (await next()).answer(YES)
  while (phases(store).PTR !== 'removed') await new Promise(setImmediate)
  t.strictSame(phases(store), { A: 'removed', PTR: 'removed' })
})

t.test('a newer decision is not overwritten by the answer to an older one, and one name has one writer', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const { queue, next, unseen } = queueOn(t, store)
  queue.touch(hear(store, grant))
  const first = await next()
  queue.touch(hear(store, release))
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

t.test('that a person took a name over is not forgotten with what is long gone', async t => {
  const folder = join(t.testdir({}), 'store')
  const before = await open(folder)
  const [mine] = hear(before, grant)
  before.put([], [{ ...mine!, applied: mine!.wanted }])
  hear(before, release)
  const step = stepTowards([before.estate.record(mine!.key)!], 'dhcid')!
  before.put([], settle([before.estate.record(mine!.key)!], step, { kind: 'conflict', detail: 'no' }, NOW))
  t.match(before.estate.record(mine!.key), { phase: 'protected', wanted: null })
  await before.close()
  const later = await open(folder, NOW + 30 * DAY)
  await later.compact()
  hear(later, { ...grant, cltt: 9000 })
  const attempts = stepTowards([...later.estate.recordsNamed('red.lab.example')], 'dhcid')!.change.attempts
  for (const { prerequisites } of attempts) t.match(prerequisites, [{ must: 'name-not-in-use' }])
  await later.close()
})
