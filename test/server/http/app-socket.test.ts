import { connect } from 'node:net'
import t from 'tap'
import { converse, listening } from './raw.ts'

const head = (length: number) =>
  `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`

t.test('a body that does not come in time is a 408', async t => {
  const { port, taken } = await listening(t, { patience: 300 })
  const answer = await converse(port, `${head(1000)}[{"event":`)
  t.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(answer, /application\/problem\+json/)
  t.match(answer, /did not arrive in time/)
  t.equal(await taken(), 0)
})

t.test('bytes that are no HTTP are a 400', async t => {
  const { port } = await listening(t)
  const answer = await converse(port, 'hello\r\n\r\n')
  t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.match(answer, /application\/problem\+json/)
})

t.test('a body that breaks off is not taken, and the next one is', async t => {
  const { port, url, taken } = await listening(t)
  await new Promise<void>(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${head(1000)}[]`, () => socket.resetAndDestroy())
    })
    socket.on('close', () => resolve())
  })
  const next = await fetch(`${url}/healthz`)
  t.equal(next.status, 200)
  t.equal(await taken(), 0)
})

t.test('who sends too much still hears the answer', async t => {
  const { url, taken } = await listening(t)
  for (const chunked of [false, true]) {
    const bytes = new Uint8Array(10_000_000).fill(0x20)
    const body = chunked ? new Blob([bytes]).stream() : bytes
    const answer = await fetch(`${url}/v1/callouts/lease4_expire`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit)
    t.equal(answer.status, 413, chunked ? 'in chunks' : 'with its length')
    t.match(await answer.json(), { status: 413, title: 'Payload Too Large' })
  }
  t.equal(await taken(), 0)
})
