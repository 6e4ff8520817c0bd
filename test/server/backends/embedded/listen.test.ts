import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
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

/** Connects from one of the many addresses of loopback. */
const from = async (localAddress: string, port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Answers `true` when a question over this connection is answered. */
const isAnswered = async (socket: Socket): Promise<boolean> => {
  socket.write(framed(query('lab.example', TYPE.SOA)))
  return (await readAnswers(socket, 1)).length === 1
}

t.test('behind as many silent clients as there may be, others are answered', async t => {
  const server = await opened(t, { patience: 60_000, perAddress: 8, connections: 32 })
  const { port } = server.address
  const silent: Socket[] = []
  for (let i = 0; i < 32; i++) silent.push(await from(`127.0.1.${1 + (i >> 3)}`, port))
  const asking = await from('127.0.0.2', port)
  t.ok(await isAnswered(asking), 'one more')
  await cutOff(silent[0]!)
  t.pass('the oldest silent one had to go')
  for (let i = 0; i < 40; i++) {
    silent.push(await from(`127.0.2.${1 + (i >> 3)}`, port))
    if (i % 10 === 0) t.ok(await isAnswered(asking), 'whoever asks stays, whatever comes')
  }
  await Promise.all(silent.slice(1, 41).map(cutOff))
  t.ok(await isAnswered(silent.at(-1)!), 'the youngest is there still')
  for (const socket of [asking, ...silent]) socket.destroy()
})

t.test('one address has no more than its share, whatever it does', async t => {
  const large = (message: Buffer) => Buffer.concat([message, Buffer.alloc(60_000)])
  const server = await listen(anywhere, large, { patience: 60_000, perAddress: 2, connections: 32 }, never)
  t.teardown(() => server.close())
  const { port } = server.address
  const quiet = await from('127.0.1.1', port)
  const many = Buffer.concat(Array(300).fill(framed(query('lab.example', TYPE.SOA))))
  const deaf: Socket[] = []
  for (let i = 0; i < 12; i++) {
    const socket = await from('127.0.1.2', port)
    socket.pause().write(many)
    deaf.push(socket)
  }
  t.ok(await isAnswered(await from('127.0.1.3', port)), 'another address is answered')
  t.ok(await isAnswered(quiet), 'and one that was there before')
  await Promise.all(deaf.slice(0, 10).map(cutOff))
  t.pass('only the last two connections of that address are left')
  for (const socket of deaf) socket.destroy()
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
