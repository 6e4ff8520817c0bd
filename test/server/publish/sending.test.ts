import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { Store } from '../../../server/store/store.ts'
import { DOMAIN, event } from '../../lib/site.ts'
import { hear, open, partsOn, quiet, YES, ZonesBackend } from './queue-on.ts'

/** A DNS server that answers a message of the forward zone when the test says so; at once in the others. */
class SlowBackend extends ZonesBackend {
  readonly waiting: { changes: Change[]; answer: () => void }[] = []
  /** Hears of each message of the forward zone when it comes. */
  onMessage: (names: string[]) => void = () => {}

  override async apply(apex: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void) {
    if (apex !== DOMAIN) return super.apply(apex, changes, settle)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.waiting.push({ changes, answer: resolve })
    this.onMessage(changes.map(({ name }) => name))
    await promise
    await super.apply(apex, changes, settle)
  }
}

const setUp = async (t: Test) => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const backend = new SlowBackend()
  const circumstances = { isWritable: true }
  const { queue, said } = await partsOn(t, store, backend, { isOpen: () => circumstances.isWritable })
  t.teardown(() => {
    for (const { answer } of backend.waiting) answer()
  })
  let count = 0
  /** So many new leases, in one turn. */
  const grant = async (leases: number): Promise<void> => {
    for (const until = count + leases; count < until; count++) {
      const client = (count % 256).toString(16).padStart(2, '0')
      const subnet = count >> 8
      const one = event({ kind: 'committed', address: `192.0.2.${count % 256}`, hostname: `h${count}`, client })
      const identity = {
        clientId: `01:02:00:00:00:0${subnet}:${client}`,
        hwAddress: `02:00:00:00:0${subnet}:${client}`,
      }
      queue.enqueue(hear(store, { ...one, ...identity }))
    }
    await quiet(store)
  }
  return { store, backend, queue, grant, said, circumstances }
}

const forward = ({ state }: Store): OwnedRecord[] => [...state.records.values()].filter(({ type }) => type === 'A')
const inPhase = (store: Store, phase: string): number => forward(store).filter(one => one.phase === phase).length

t.test('the next message is made ready meanwhile, and goes out before the answer is taken in', async t => {
  const { store, backend, queue, grant } = await setUp(t)
  await grant(20)
  t.equal(backend.waiting.length, 1)
  await grant(200)
  t.equal(backend.waiting.length, 1, 'the server has one message at a time')
  t.equal(forward(store).filter(({ sent }) => sent !== null).length, 220, 'all count as perhaps there')
  const publishedThen: number[] = []
  backend.onMessage = () => publishedThen.push(inPhase(store, 'published'))
  backend.waiting[0]!.answer()
  await quiet(store)
  t.equal(backend.waiting.length, 2)
  t.strictSame(publishedThen, [0], 'nothing was taken in by then')
  t.equal(inPhase(store, 'published'), 20)
  t.equal(queue.isSent({ endpoint: backend.name, zone: DOMAIN, name: `h21.${DOMAIN}` }), true)
  backend.waiting[1]!.answer()
  await quiet(store)
  t.equal(inPhase(store, 'published'), 220)
  t.equal(backend.at(DOMAIN, `h219.${DOMAIN}`).length, 2)
})

t.test('few names are gathered for as long as the server works', async t => {
  const { store, backend, grant } = await setUp(t)
  await grant(20)
  await grant(100)
  t.equal(forward(store).filter(({ sent }) => sent !== null).length, 20)
  backend.onMessage = names => t.equal(names.length, 100)
  backend.waiting[0]!.answer()
  await quiet(store)
  t.equal(backend.waiting.length, 2)
})

t.test('a name has one writer: what is decided of one that is ready waits for its answer', async t => {
  const { store, backend, queue, grant } = await setUp(t)
  await grant(1)
  await grant(200)
  const gone = event({ kind: 'released', address: '192.0.2.7', client: '07' })
  queue.enqueue(hear(store, { ...gone, clientId: '01:02:00:00:00:00:07', hwAddress: '02:00:00:00:00:07' }))
  backend.waiting[0]!.answer()
  await quiet(store)
  backend.waiting[1]!.answer()
  await quiet(store)
  t.strictSame(
    backend.waiting[2]?.changes.map(({ name }) => name),
    [`h7.${DOMAIN}`],
  )
  backend.waiting[2]!.answer()
  await quiet(store)
  t.strictSame(backend.at(DOMAIN, `h7.${DOMAIN}`), [])
})

const REFUSALS: Outcome[] = [
  { kind: 'refused', fault: 'lane', detail: 'NOTAUTH' },
  { kind: 'unreachable', fault: 'lane', detail: 'no answer' },
]
for (const outcome of REFUSALS) {
  t.test(`what was made ready is taken back when the lane is ${outcome.kind}: no second message goes out`, async t => {
    const { store, backend, queue, grant } = await setUp(t)
    await grant(20)
    await grant(200)
    backend.says = () => outcome
    backend.waiting[0]!.answer()
    await quiet(store)
    t.equal(backend.waiting.length, 1)
    const perhaps = forward(store).filter(({ sent }) => sent !== null).length
    t.equal(perhaps, outcome.kind === 'refused' ? 0 : 20, 'nothing of what was ready counts as perhaps there')
    const lane = queue.status().find(({ zone }) => zone === DOMAIN)
    t.match(lane, { waiting: 220, inFlight: 0 })
    backend.says = () => null
    queue.goOn()
    for (let n = 0; n < 3; n++) {
      for (const { answer } of backend.waiting) answer()
      await quiet(store)
    }
    t.equal(inPhase(store, 'published'), 220, 'and all of it goes out later')
  })
}

t.test('one that is refused alone is taken in before the next goes out, in the order of the answers', async t => {
  const { store, backend, grant } = await setUp(t)
  await grant(3)
  await grant(200)
  const refused: Outcome = { kind: 'refused', fault: 'change', detail: 'a reserved name' }
  backend.says = (_zone, { name }) => (name.startsWith('h1.') ? refused : YES)
  const problemsThen: number[] = []
  backend.onMessage = () => problemsThen.push(forward(store).filter(({ problem }) => problem !== null).length)
  backend.waiting[0]!.answer()
  await quiet(store)
  t.strictSame(problemsThen, [1])
  t.equal(inPhase(store, 'published'), 2)
})

t.test('nothing goes out once this node may not write, and what was ready is as before', async t => {
  const { store, backend, grant, circumstances } = await setUp(t)
  await grant(20)
  await grant(200)
  circumstances.isWritable = false
  backend.waiting[0]!.answer()
  await quiet(store)
  t.equal(backend.waiting.length, 1)
  t.equal(inPhase(store, 'published'), 20)
  t.equal(forward(store).filter(({ sent }) => sent !== null).length, 0)
})
