import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { nextChange } from '../../../lib/publish/change.ts'
import { applyOutcome } from '../../../lib/publish/outcome.ts'
import { readLines } from '../../../server/store/lines.ts'
import { grant, hear, NOW, open, phases, queueOn, release, YES } from './queue-on.ts'

const DAY = 86_400_000

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
    const step = nextChange([...after.state.recordsNamed(name)], 'dhcid')
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
  queue.enqueue(hear(store, grant))
  ;(await next()).answer(YES)
  const ptr = await next()
  t.equal(ptr.change.name, '1.2.0.192.in-addr.arpa')
  ptr.answer({ kind: 'refused', detail: 'NOTAUTH' })
  const [record] = [...store.state.recordsNamed(ptr.change.name)]
  while (store.state.record(record!.key)?.problem === null) await new Promise(setImmediate)
  t.match(store.state.record(record!.key), { phase: 'pending', problem: { kind: 'refused', detail: 'NOTAUTH' } })
  t.strictSame(phases(store), { A: 'published', PTR: 'pending' })
  queue.enqueue(hear(store, release))
  for (const _ of ['A', 'PTR']) (await next()).answer(YES)
  while (phases(store).PTR !== 'removed') await new Promise(setImmediate)
  t.strictSame(phases(store), { A: 'removed', PTR: 'removed' })
})

t.test('that a person took a name over is not forgotten with what is long gone', async t => {
  const folder = join(t.testdir({}), 'store')
  const before = await open(folder)
  const [mine] = hear(before, grant)
  before.put([], [{ ...mine!, applied: mine!.wanted }])
  hear(before, release)
  const step = nextChange([before.state.record(mine!.key)!], 'dhcid')!
  before.put([], applyOutcome([before.state.record(mine!.key)!], step, { kind: 'conflict', detail: 'no' }, NOW))
  t.match(before.state.record(mine!.key), { phase: 'protected', wanted: null })
  await before.close()
  const later = await open(folder, NOW + 30 * DAY)
  await later.compact()
  hear(later, { ...grant, cltt: 9000 })
  const attempts = nextChange([...later.state.recordsNamed('red.lab.example')], 'dhcid')!.change.attempts
  for (const { prerequisites } of attempts) t.match(prerequisites, [{ must: 'name-not-in-use' }])
  await later.close()
})
