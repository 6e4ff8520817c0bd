import { request } from 'node:http'
import t, { type Test } from 'tap'
import { Door } from '../../../server/http/door.ts'
import { HttpError } from '../../../server/http/problem.ts'

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

const ask = ({ address }: Pick<Door, 'address'>, method: string, path: string, body = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request({ ...address, method, path }, async response => {
      const chunks = await response.toArray()
      resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() })
    })
    asking.once('error', reject).end(body)
  })

const bind = async (t: Test, patience: number, refusal: Error | null = null) => {
  const door = await Door.bind({ host: '127.0.0.1', port: 0 }, { server: {}, refusalOf: () => refusal, patience })
  t.teardown(() => door.close())
  return door
}

/** Answers with the body that it was sent. */
const echo = (door: Door) =>
  door.take(async (request, response) => {
    response.writeHead(202).end(Buffer.concat(await request.toArray()))
  })

const EVENTS = '/v1/events'
/** Milliseconds that nobody waits for in a test. */
const LONG = 600_000

t.test('before the app is there health is told, and readiness is not', async t => {
  const door = await bind(t, LONG)
  t.match(await ask(door, 'GET', '/healthz'), { status: 200, body: '{"status":"ok"}' })
  t.match(await ask(door, 'GET', '/readyz?x'), { status: 503, body: /still being read/ })
})

t.test('localhost is bound at each of its addresses that this host has, and all of them are closed', async t => {
  const addressesOf = async () => ['127.0.0.1', '127.0.0.2', '192.0.2.1']
  const door = await Door.bind({ host: 'localhost', port: 0 }, { server: {}, refusalOf: () => null, addressesOf })
  const { port } = door.address
  const health = (host: string) => ask({ address: { host, port } }, 'GET', '/healthz')
  for (const host of ['127.0.0.1', '127.0.0.2']) t.match(await health(host), { status: 200 }, host)
  await door.close()
  for (const host of ['127.0.0.1', '127.0.0.2']) await t.rejects(health(host), host)
})

t.test('an event that comes before is taken with its whole body once the app is there', async t => {
  const door = await bind(t, LONG)
  const body = 'x'.repeat(300_000)
  const answers = [ask(door, 'POST', EVENTS, body), ask(door, 'POST', EVENTS, 'b')]
  // Both are there when a third one, which came after them, has its answer.
  await ask(door, 'GET', '/healthz')
  echo(door)
  await ask(door, 'GET', '/healthz')
  door.open()
  t.match(await Promise.all(answers), [
    { status: 202, body },
    { status: 202, body: 'b' },
  ])
  t.match(await ask(door, 'GET', '/readyz'), { status: 202 }, 'all else is the app’s')
})

t.test('an event that waited too long is refused, and told to come again', async t => {
  const door = await bind(t, 1)
  const { status, headers, body } = await ask(door, 'POST', EVENTS, '[]')
  t.match({ status, headers }, { status: 503, headers: { 'retry-after': '1', 'content-type': /problem\+json/ } })
  t.match(JSON.parse(body), { status: 503, title: 'Service Unavailable', detail: /nothing was taken/ })
  echo(door)
  door.open()
  t.match(await ask(door, 'POST', EVENTS, 'c'), { status: 202, body: 'c' })
})

t.test('who may not ask is refused from the first moment', async t => {
  const door = await bind(t, LONG, new HttpError(403, 'No page of another site.'))
  for (const path of ['/healthz', EVENTS]) t.match(await ask(door, 'GET', path), { status: 403, body: /another site/ })
})

t.test('a client that waits and goes leaves nothing behind', async t => {
  const door = await bind(t, LONG)
  const closed = new Promise(resolve => door.server.once('connection', socket => socket.once('close', resolve)))
  const gone = request({ ...door.address, method: 'POST', path: EVENTS })
  gone.on('error', () => {})
  gone.write('x')
  await ask(door, 'GET', '/healthz')
  gone.destroy()
  await closed
  let taken = 0
  door.take((_request, response) => {
    taken++
    response.end()
  })
  await ask(door, 'GET', '/healthz')
  door.open()
  await ask(door, 'GET', '/')
  t.equal(taken, 1)
})

t.test('a port that is taken is an error, and a closed door is closed', async t => {
  const door = await bind(t, LONG)
  await t.rejects(Door.bind(door.address, { server: {}, refusalOf: () => null }), { code: 'EADDRINUSE' })
  const waits = ask(door, 'POST', EVENTS)
  await ask(door, 'GET', '/healthz')
  await door.close()
  await t.rejects(waits)
  await door.close()
})
