import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readLines } from '../../../server/store/json/lines.ts'
import { A, grant, hear, NOW, open, partsOn, phases, queueOn, quiet, release, YES, ZonesBackend } from './queue-on.ts'

const DAY = 86_400_000

t.test('xpf 2662: a crash between the wire and the store leaves no orphan', async t => {
  const folder = join(t.testdir({}), 'store')
  const before = await open(folder)
  hear(before, grant)
  await before.durable()
  await before.close()
  const after = await open(folder)
  t.teardown(() => after.close())
  let isOpen = false
  const { queue, next } = await queueOn(t, after, { isOpen: () => isOpen })
  await queue.takeUp()
  queue.enqueue(hear(after, release))
  isOpen = true
  queue.opened(null)
  t.strictSame(phases(after), { A: 'removing', PTR: 'removing' }, 'DNS may hold what was never confirmed')
  for (const name of ['red.lab.example', '1.2.0.192.in-addr.arpa']) {
    const { change, make } = await next()
    t.equal(change.name, name)
    const removal = change.attempts.find(({ updates }) => updates.length > 0)
    t.match(removal?.updates[0], { do: 'delete-rr', name }, `it is asked to remove ${name}`)
    make()
  }
})

t.test('xpf 5571: a line without end is not read into memory', async t => {
  const file = join(t.testdir({ log: '' }), 'log')
  await truncate(file, 3 << 20)
  const all = async () => {
    for await (const _ of readLines(file, 2 << 20));
  }
  await t.rejects(all(), /log, line 1: the line is too long/)
})

t.test('xpf 2661, 2676: the PTR is refused: the A stands, and is owned until it is gone', async t => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const { queue, next, unseen } = await queueOn(t, store)
  queue.enqueue(hear(store, grant))
  ;(await next()).answer(YES)
  const ptr = await next()
  t.equal(ptr.change.name, '1.2.0.192.in-addr.arpa')
  ptr.answer({ kind: 'refused', fault: 'change', detail: 'NOTAUTH' })
  const [record] = [...store.state.recordsNamed(ptr.change.name)]
  while (store.state.record(record!.key)?.problem === null) await new Promise(setImmediate)
  t.match(store.state.record(record!.key), { phase: 'pending', problem: { kind: 'refused', detail: 'NOTAUTH' } })
  t.strictSame(phases(store), { A: 'published', PTR: 'pending' })
  queue.enqueue(hear(store, release))
  t.equal(phases(store).A, 'removing')
  const { change, answer } = await next()
  t.equal(change.name, 'red.lab.example')
  answer(YES)
  while (phases(store).A !== 'removed') await new Promise(setImmediate)
  t.equal(unseen(), 0, 'what was refused was not made, so nothing is to be removed')
  t.strictSame(phases(store), { A: 'removed', PTR: 'removed' })
})

t.test('that a person took a name over is not forgotten with what is long gone', async t => {
  const folder = join(t.testdir({}), 'store')
  const before = await open(folder)
  const backend = new ZonesBackend()
  const { queue } = await partsOn(t, before, backend)
  queue.enqueue(hear(before, grant))
  await quiet(before)
  const [name, ttl] = ['red.lab.example', 60]
  backend.zone('lab.example').make([
    { do: 'delete-rrset', name, type: 'A' },
    { do: 'add', rr: { name, type: 'A', ttl, value: '192.0.2.9' } },
  ])
  // The marker is to be taken away, and the server no longer answers: so it is still there when the client comes again.
  backend.says = (_zone, { attempts }) =>
    attempts.every(({ updates }) => updates.every(one => one.do === 'delete-rr' && one.type === 'DHCID'))
      ? { kind: 'unreachable', fault: 'lane', detail: 'no answer' }
      : null
  queue.enqueue(hear(before, release))
  await quiet(before)
  t.match(before.state.record(`test ${name} A ${A}`), { phase: 'protected', wanted: null })
  t.match(backend.at('lab.example', name), ['A 192.0.2.9', /^DHCID /])
  await queue.close()
  await before.close()

  const later = await open(folder, NOW + 30 * DAY)
  t.teardown(() => later.close())
  await later.compact()
  backend.says = () => null
  const parts = await partsOn(t, later, backend)
  await parts.queue.takeUp()
  parts.queue.enqueue(hear(later, { ...grant, cltt: 9000 }))
  await quiet(later)
  t.strictSame(backend.at('lab.example', name), ['A 192.0.2.9'], 'and our marker invites nobody any more')
})
