import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { until } from './inject.ts'
import { converse, listening } from './raw.ts'

const GET = 'GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

const open = async (t: Test, port: number, bytes = ''): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  if (bytes !== '') socket.write(bytes)
  return socket
}

t.test('behind an answer that is not read no further request is begun; read, all are answered in order', async t => {
  let begun = 0
  const { port } = await listening(t, {
    prepare: app =>
      app.addHook('preHandler', async () => {
        begun++
      }),
  })
  const many = 2000
  const socket = connect({ port, host: '127.0.0.1', onread: undefined })
  socket.pause()
  await once(socket, 'connect')
  socket.write(GET.repeat(many))
  let before = -1
  // As many are begun as the buffers of the kernel take; then none for as long as nothing is read.
  while (before !== begun) {
    before = begun
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  t.ok(begun > 0 && begun < many / 2, `${begun} of ${many} were begun`)
  let answers = 0
  let rest = ''
  socket.on('data', data => {
    const text = rest + data.toString('latin1')
    answers += text.split('HTTP/1.1 200 OK').length - 1
    rest = text.slice(-14).replace('HTTP/1.1 200 OK', '')
  })
  socket.resume()
  await until(() => answers === many)
  t.equal(begun, many)
  socket.destroy()
})

t.test('one more than is allowed, and the one that says nothing goes; who waits for an answer stays', async t => {
  const { port, url } = await listening(t, { limits: { connections: 8, perAddress: 4 } })
  const closed: number[] = []
  for (let i = 0; i < 6; i++) {
    const socket = await open(t, port, i % 2 ? 'GET /healthz HT' : '')
    socket.on('close', () => closed.push(i))
  }
  await until(() => closed.length === 2)
  t.strictSame(closed, [0, 1], 'the first that came')
  t.equal((await fetch(`${url}/healthz`)).status, 200, 'a client that asks is let in and answered')
  await until(() => closed.length === 3)
})

t.test('whoever gets a 408 is cut, whether it goes or not', async t => {
  const { port, app } = await listening(t, { patience: 200 })
  const sockets = await Promise.all(
    ['', 'GET /healthz HT', 'POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'].map(bytes =>
      open(t, port, bytes),
    ),
  )
  for (const socket of sockets) socket.resume()
  await until(async () => (await new Promise<number>(done => app.server.getConnections((_, n) => done(n)))) === 0)
  t.pass('no descriptor is left')
})

t.test('at the end silent, half-sent and idle connections are cut at once', async t => {
  const { port, app } = await listening(t)
  const half =
    'POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n['
  const idle = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  const sockets = await Promise.all(['', 'GET /healthz HT', half, idle].map(bytes => open(t, port, bytes)))
  await once(sockets[3]!, 'data')
  const closed = Promise.all(sockets.map(socket => once(socket.resume(), 'close')))
  await app.close()
  await closed
  t.pass('all are closed')
})

t.test('what Node answers by itself is a problem document too', async t => {
  const { port } = await listening(t)
  const expect = await converse(port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: a pony\r\nConnection: close\r\n\r\n')
  t.match(expect, /^HTTP\/1\.1 417 /)
  t.match(expect, /application\/problem\+json/)
  const tunnel = await converse(port, 'CONNECT example.net:443 HTTP/1.1\r\nHost: example.net\r\n\r\n')
  t.match(tunnel, /^HTTP\/1\.1 405 /)
  t.match(tunnel, /application\/problem\+json/)
})

t.test('an answer is not to be sniffed or framed', async t => {
  const { url } = await listening(t)
  for (const path of ['/healthz', '/nowhere', '/openapi.json', '/docs/']) {
    const { headers } = await fetch(url + path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})
