import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LinkError, openDnsConnection } from '../../../../server/backends/rfc2136/tcp-link.ts'
import { framed, header, type Reaction, startFake } from './fake-dns.ts'

const message = (id: number): Buffer => header(Buffer.from([id >> 8, id & 255]), 0)

const linked = async (
  t: Test,
  react: (request: Buffer, nth: number) => Reaction | Promise<Reaction>,
  timeout = 1000,
) => {
  const fake = await startFake(react)
  const link = openDnsConnection({ host: '127.0.0.1', port: fake.port }, timeout)
  t.teardown(async () => {
    link.close()
    await fake.close()
  })
  return { fake, link }
}

const echo = (request: Buffer): Reaction => ({ answer: request })

t.test('one connection carries many messages, answered in any order', async t => {
  const { fake, link } = await linked(t, async (request, nth) => {
    await sleep(nth % 2 ? 30 : 0)
    return { answer: request }
  })
  const ids = Array.from({ length: 20 }, () => link.nextId())
  t.equal(new Set(ids).size, 20)
  const answers = await Promise.all(ids.map(id => link.exchange(message(id))))
  t.same(answers, ids.map(message))
  t.equal(fake.connections(), 1)
})

t.test('an answer in pieces, and two in one piece', async t => {
  const held: Buffer[] = []
  const { link } = await linked(t, async request => {
    held.push(framed(request))
    if (held.length === 1) return 'silence'
    const both = Buffer.concat(held)
    return { raw: both }
  })
  t.same(await Promise.all([link.exchange(message(1)), link.exchange(message(2))]), [message(1), message(2)])
})

t.test('a connection that was closed while idle is opened again', async t => {
  const { fake, link } = await linked(t, echo)
  await link.exchange(message(1))
  fake.dropAll()
  await sleep(50)
  t.same(await link.exchange(message(2)), message(2))
  t.equal(fake.connections(), 2)
})

t.test('a connection that closes under a message is tried once more, if it had served before', async t => {
  const { fake, link } = await linked(t, (request, nth) => (nth === 2 ? 'close' : { answer: request }))
  await link.exchange(message(1))
  let repeats = 0
  t.same(await link.exchange(message(2), () => repeats++), message(2))
  t.equal(fake.requests.length, 3)
  t.equal(repeats, 1, 'and whoever asked hears of it')
})

t.test('a fresh connection that closes is not tried again', async t => {
  const { fake, link } = await linked(t, () => 'close')
  await t.rejects(link.exchange(message(1)), new LinkError('closed the connection without an answer'))
  t.equal(fake.requests.length, 1)
})

t.test('a connection that closes again and again is not tried for ever', async t => {
  const { fake, link } = await linked(t, (request, nth) => (nth === 1 ? { answer: request } : 'close'))
  await link.exchange(message(1))
  await t.rejects(link.exchange(message(2)), LinkError)
  t.equal(fake.requests.length, 3)
})

t.test('silence ends with the timeout, and a late answer is nobody else’s', async t => {
  const { fake, link } = await linked(
    t,
    async (request, nth) => {
      if (nth === 1) await sleep(300)
      return { answer: request }
    },
    150,
  )
  await t.rejects(link.exchange(message(1)), new LinkError('did not answer within 150 ms'))
  t.same(await link.exchange(message(1)), message(1))
  t.equal(fake.connections(), 2)
})

t.test('one slow message does not end another', async t => {
  const { link } = await linked(
    t,
    async (request, nth) => {
      if (nth === 1) return 'silence'
      await sleep(150)
      return { answer: request }
    },
    200,
  )
  const slow = t.rejects(link.exchange(message(1)), LinkError)
  await sleep(100)
  t.same(await link.exchange(message(2)), message(2))
  await slow
})

t.test('nobody listens', async t => {
  const { fake, link } = await linked(t, echo)
  await fake.close()
  await t.rejects(link.exchange(message(1)), new LinkError('refuses connections', false))
})

t.test('close ends what is under way, and takes no more', async t => {
  const { link } = await linked(t, () => 'silence', 5000)
  const under = t.rejects(link.exchange(message(1)), LinkError)
  await sleep(30)
  link.close()
  await under
  await t.rejects(link.exchange(message(2)), new LinkError('is no longer asked'))
})
