import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'

import { serveTcpClient, type TcpAnswer } from '../../../../server/backends/embedded/listen.ts'
import { connected, cutOff, framed, query, readAnswers, TYPE } from './raw.ts'

const soa = framed(query('lab.example', TYPE.SOA))

/** One connection to a server that answers by `respond`; `over` resolves when the server has let go of it. */
const conversation = async (t: Test, respond: TcpAnswer, patience: number) => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const over = new Promise<void>(resolve => {
    server.once('connection', socket => {
      socket.once('close', resolve)
      void serveTcpClient(socket, respond, patience)
    })
  })
  return { client: await connected((server.address() as AddressInfo).port), over }
}

t.test('a client that does not read is cut off, and its queries are not answered into memory', async t => {
  let answered = 0
  const respond = () => {
    answered++
    return Buffer.alloc(60_000)
  }
  const { client, over } = await conversation(t, respond, 300)
  client.pause()
  client.write(Buffer.concat(Array(5000).fill(soa)))
  await over
  t.ok(answered < 1000, `${answered} of 5000 were answered`)
  client.destroy()
})

t.test('a client that goes on asking stays, longer than the patience for one query', async t => {
  const { client, over } = await conversation(t, message => message, 200)
  for (let i = 0; i < 5; i++) {
    client.write(soa)
    t.equal((await readAnswers(client, 1)).length, 1)
    await new Promise(resolve => setTimeout(resolve, 80))
  }
  client.end()
  await over
})

t.test('a message that deserves silence ends the connection', async t => {
  const { client, over } = await conversation(t, () => null, 60_000)
  client.write(soa)
  await cutOff(client)
  await over
})

t.test('a reset in the middle of a query is no failure', async t => {
  const { client, over } = await conversation(t, message => message, 60_000)
  client.write(soa.subarray(0, 9))
  client.resetAndDestroy()
  await over
})
