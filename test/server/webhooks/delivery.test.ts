import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { Delivery, type DeliveryTiming, signatureOf } from '../../../server/webhooks/delivery.ts'
import { until } from '../http/inject.ts'
import { type Manner, receiver } from './receiver.ts'

const SECRET = 'only-for-this-test'
const QUICK = { waits: { first: 10, most: 40 }, patience: 5000 }

const delivering = async (t: Test, manner: Manner = 200, path = '/', timing: Partial<DeliveryTiming> = QUICK) => {
  const server = await receiver(t, manner)
  const delivery = new Delivery(server.url + path, SECRET, timing)
  t.teardown(() => delivery.close())
  const add = (...numbers: number[]) => {
    for (const n of numbers) delivery.add(JSON.stringify({ n }))
  }
  return { ...server, delivery, add, isDone: () => until(() => delivery.state.waiting === 0) }
}

const numbers = (events: { n: number }[]) => events.map(({ n }) => n)
const WELL = { problem: null, since: null, waiting: 0, missed: 0 }

t.test('a request is signed over its time and its body', async t => {
  const { got, add, isDone, delivery } = await delivering(t, 204, '/hooks/one?team=7')
  add(1)
  await isDone()
  const [{ path, headers, body }] = got as [(typeof got)[0]]
  t.equal(path, '/hooks/one?team=7')
  t.equal(body, '{"missed":0,"events":[{"n":1}]}')
  t.equal(headers['content-type'], 'application/json')
  const timestamp = String(headers['leasehold-timestamp'])
  t.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60)
  const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')
  t.equal(headers['leasehold-signature'], `sha256=${expected}`)
  t.notMatch(JSON.stringify(headers), SECRET)
  t.strictSame(delivery.state, WELL)
})

t.test('what gathers while a request is under way goes together, at most a hundred at once, in order', async t => {
  const { got, add, isDone } = await delivering(t)
  add(...Array(251).keys())
  await isDone()
  t.strictSame(
    got.map(({ events }) => events.length),
    [1, 100, 100, 50],
  )
  t.strictSame(numbers(got.flatMap(({ events }) => events)), [...Array(251).keys()])
})

const FAILURES: [what: string, manner: Manner, problem: string][] = [
  ['answers 500', 500, 'does not take what it is told (HTTP 500)'],
  ['answers 404', 404, 'does not take what it is told (HTTP 404)'],
  ['breaks the connection off', response => response.destroy(), 'closed the connection before its answer was complete'],
  ['speaks no HTTP', response => response.socket!.end('what?\r\n\r\n'), 'does not speak HTTP'],
]
for (const [what, manner, problem] of FAILURES) {
  t.test(`a receiver that ${what} is told again, with what came meanwhile, and a new time`, async t => {
    const { got, add, behave, has, isDone, delivery } = await delivering(t, manner)
    add(1)
    await has(3)
    await until(() => delivery.state.problem !== null)
    t.match(delivery.state, { problem, waiting: 1, since: Number })
    add(2)
    behave(200)
    await isDone()
    t.strictSame(numbers(got.at(-1)!.events), [1, 2])
    for (const { headers, body } of got) {
      t.equal(headers['leasehold-signature'], signatureOf(SECRET, Number(headers['leasehold-timestamp']), body))
    }
    t.strictSame(delivery.state, WELL)
  })
}

t.test('a redirect is not followed', async t => {
  const other = await receiver(t)
  const { add, has, behave, isDone, delivery } = await delivering(t, response =>
    response.writeHead(307, { location: other.url }).end(),
  )
  add(1)
  await has(3)
  await until(() => delivery.state.problem !== null)
  t.equal(delivery.state.problem, 'points somewhere else (HTTP 307), which is not followed')
  behave(200)
  await isDone()
  t.strictSame(other.got, [])
})

t.test('a receiver that hangs is given up, before its answer or in the middle of it', async t => {
  for (const manner of [() => {}, (response: { write(text: string): void }) => response.write('x')] as Manner[]) {
    const { add, has, behave, isDone, delivery } = await delivering(t, manner, '/', { ...QUICK, patience: 50 })
    add(1)
    await has(2)
    await until(() => delivery.state.problem !== null)
    t.equal(delivery.state.problem, 'does not answer in time')
    behave(200)
    await isDone()
  }
})

t.test('a receiver that is away is told when it is back', async t => {
  const { got, add, away, back, isDone, delivery } = await delivering(t)
  await away()
  add(1, 2)
  await until(() => delivery.state.problem === 'refuses connections')
  await back()
  await isDone()
  t.strictSame(numbers(got.flatMap(({ events }) => events)), [1, 2])
})

t.test('what waits is bounded: the oldest goes, and it is said how many', async t => {
  let answer = () => {}
  const { got, add, behave, has, isDone, delivery } = await delivering(t, response => {
    answer = () => response.writeHead(200).end()
  })
  add(0)
  await has(1)
  add(...Array.from({ length: 10_004 }, (_, i) => i + 1))
  t.match(delivery.state, { problem: null, waiting: 10_000, missed: 5 })
  behave(200)
  answer()
  await isDone()
  t.strictSame(numbers(got.flatMap(({ events }) => events)), [0, ...Array.from({ length: 9999 }, (_, i) => i + 6)])
  t.strictSame([got[0]!.missed, got[1]!.missed, got[2]!.missed], [0, 5, 0])
  t.strictSame(delivery.state, WELL)
})

t.test('large events are bounded by their bytes', async t => {
  const { delivery, has } = await delivering(t, () => {})
  for (let n = 0; n < 100; n++) delivery.add(JSON.stringify({ n, text: 'x'.repeat(200_000) }))
  await has(1)
  t.ok(delivery.state.waiting * 200_000 <= 8 << 20)
  t.equal(delivery.state.waiting + delivery.state.missed, 100)
})

t.test('closed, it sends nothing more, and waits for nobody', async t => {
  const { got, add, has, delivery } = await delivering(t, () => {})
  add(1)
  await has(1)
  await delivery.close()
  add(2)
  t.equal(got.length, 1)
  t.equal(delivery.state.waiting, 1)
})
