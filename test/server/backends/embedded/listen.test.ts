import t, { type Test } from 'tap'
import { responder } from '../../../../server/backends/embedded/answer.ts'
import { type Limits, listen } from '../../../../server/backends/embedded/listen.ts'
import { emptyZones } from '../../../../server/backends/embedded/zones.ts'
import { askTcp, askUdp, connected, cutOff, framed, headerOf, query, RCODE, readAnswers, TYPE, u16 } from './raw.ts'

const never = (error: unknown) => {
  throw error
}
const respond = responder(emptyZones(['lab.example'], 1), never)
const anywhere = { host: '127.0.0.1', port: 0 }

const opened = async (t: Test, limits: Limits = { patience: 10_000, perAddress: 128, connections: 128 }) => {
  const server = await listen(anywhere, respond, limits, never)
  t.teardown(() => server.close())
  return server
}

t.test('garbage leaves it standing', async t => {
  const server = await opened(t)
  const { port } = server.address
  for (const octets of [[], [1], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Array(300).fill(255)])
    t.equal(await askUdp(port, Buffer.from(octets), 50), null, `${octets.length} octets that are no query`)
  for (const message of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), u16(0), u16(3, 7), Buffer.alloc(70_000, 0xff)]) {
    const socket = await connected(port)
    socket.end(message)
    t.same(await readAnswers(socket, 1), [], 'it is cut off')
  }
  t.match(headerOf((await askTcp(port, Buffer.alloc(60_000)))[0]!), { rcode: RCODE.FORMERR })
  t.match(headerOf((await askUdp(port, query('lab.example', TYPE.SOA)))!), { rcode: RCODE.NOERROR })
})

t.test('TCP clients that only cost are cut off', async t => {
  const server = await opened(t, { patience: 300, perAddress: 4, connections: 4 })
  const { port } = server.address
  const soa = framed(query('lab.example', TYPE.SOA))

  const idle = await connected(port)
  const halfOpen = await connected(port)
  halfOpen.write(soa.subarray(0, 10))
  const trickling = await connected(port)
  const drip = setInterval(() => trickling.write(soa.subarray(0, 1)), 50)
  const second = await connected(port)
  const beyond = await connected(port)
  await Promise.all([idle, halfOpen, trickling, second, beyond].map(cutOff))
  clearInterval(drip)
  t.pass('idle, half a query, a query in drops, one more than the limit')
  t.equal((await askTcp(port, query('lab.example', TYPE.SOA))).length, 1, 'and there is room for others')

  const ended = await connected(port)
  ended.end(Buffer.concat([soa, soa]))
  t.equal((await readAnswers(ended, 3)).length, 2, 'a client that ends its side still hears its answers')
})

t.test('close ends everything at once, open clients included', async t => {
  const server = await opened(t)
  const clients = await Promise.all([connected(server.address.port), connected(server.address.port)])
  clients[0]!.write(framed(query('lab.example', TYPE.SOA)))
  await readAnswers(clients[0]!, 1)
  const began = performance.now()
  await Promise.all([server.close(), server.close()])
  t.ok(performance.now() - began < 500)
  await Promise.all(clients.map(cutOff))
  const again = await listen(server.address, respond, { patience: 1000, perAddress: 1, connections: 1 }, never)
  t.same(again.address, server.address, 'and the port is free')
  await again.close()
})
