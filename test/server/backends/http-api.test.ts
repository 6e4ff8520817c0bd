import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { failureOfStatus, type HttpApiOptions, jsonOf, openHttpApi } from '../../../server/backends/http-api.ts'
import { ServerFailure } from '../../../server/backends/read-before-write.ts'
import { certificate } from '../certificate.ts'

const started = async (t: Test, server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A server that answers as the test says; gives its URL and the requests that came. */
const serving = async (t: Test, listener: RequestListener) => {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    listener(request, response)
  })
  return { url: `http://127.0.0.1:${await started(t, server)}`, requests }
}

const SECRET = 'the-secret-of-leasehold'

/** What comes of one request: what was answered, or what failed. */
const asked = async (options: Partial<HttpApiOptions> & { url: string }) => {
  const api = openHttpApi({ name: 'dns', timeout: 2000, connections: 1, ...options })
  try {
    const answer = await api.ask({ method: 'GET', path: '/zones', headers: { 'x-api-key': SECRET } })
    if (answer.status !== 200) throw failureOfStatus(api.server, answer.status, {})
    return jsonOf(api.server, answer, z.looseObject({ ok: z.boolean() }))
  } catch (error) {
    if (!(error instanceof ServerFailure)) throw error
    return { kind: error.kind, fault: error.fault, says: error.message }
  } finally {
    await api.close()
  }
}

const ANSWERS: [what: string, listener: RequestListener, expected: object][] = [
  ['an answer', (_, response) => response.end('{"ok":true}'), { ok: true }],
  ['another form', (_, response) => response.end('{"ok":1}'), { kind: 'unreachable', says: /another form/ }],
  ['no JSON', (_, response) => response.end('ok'), { kind: 'unreachable', fault: 'lane', says: /not JSON/ }],
  [
    'a page of a proxy, though the status is 200',
    (_, response) => response.end('\n<!DOCTYPE html><html><body>Sign in</body></html>'),
    { kind: 'unreachable', fault: 'lane', says: /page for people/ },
  ],
  [
    '401',
    (_, response) => response.writeHead(401).end(),
    { kind: 'refused', fault: 'lane', says: /does not take the secret/ },
  ],
  ['403', (_, response) => response.writeHead(403).end(), { kind: 'refused', fault: 'lane', says: /HTTP 403/ }],
  ['429', (_, response) => response.writeHead(429).end(), { kind: 'unreachable', fault: 'lane', says: /too often/ }],
  ['500', (_, response) => response.writeHead(500).end(), { kind: 'unreachable', fault: 'change', says: /HTTP 500/ }],
  ['502', (_, response) => response.writeHead(502).end(), { kind: 'unreachable', fault: 'lane', says: /proxy/ }],
  ['418', (_, response) => response.writeHead(418).end(), { kind: 'refused', fault: 'lane', says: /HTTP 418/ }],
  ['silence', () => {}, { kind: 'unreachable', fault: 'lane', says: /did not answer in time/ }],
  [
    'a body that drips in',
    (_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(drip))
    },
    { kind: 'unreachable', fault: 'lane', says: /did not answer in time/ },
  ],
  [
    'a body that ends too early',
    (_, response) => response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
    { kind: 'unreachable', fault: 'lane', says: /closed the connection/ },
  ],
  ['no HTTP', ({ socket }) => socket.end('hello\r\n\r\n'), { kind: 'unreachable', fault: 'lane', says: /speak HTTP/ }],
]

for (const [what, listener, expected] of ANSWERS) {
  t.test(`${what} is what it is, and no secret is in it`, async t => {
    const { url, requests } = await serving(t, listener)
    const said = await asked({ url, timeout: /silence|drips/.test(what) ? 300 : 5000 })
    t.match(said, expected)
    t.notMatch(JSON.stringify(said), SECRET)
    t.equal(requests.length, 1, 'it is sent once')
  })
}

t.test('a redirect is not followed, so that the secret goes to nobody else', async t => {
  const other = await serving(t, (_, response) => response.end('{"ok":true}'))
  for (const status of [301, 302, 307, 308]) {
    const { url } = await serving(t, (_, response) => response.writeHead(status, { location: other.url }).end())
    t.match(await asked({ url }), { kind: 'refused', fault: 'lane', says: /not followed.*HTTP 30/ })
  }
  t.equal(other.requests.length, 0)
})

t.test('nobody listens', async t => {
  const { url } = await serving(t, () => {})
  const port = Number(new URL(url).port)
  const gone = createServer()
  const free = await started(t, gone)
  gone.close()
  t.not(port, free)
  t.match(await asked({ url: `http://127.0.0.1:${free}` }), { kind: 'unreachable', says: /refuses connections/ })
})

t.test('TLS: whom to trust stands in the CA file, else it is the system', async t => {
  const [ours, other] = await Promise.all(['dns', 'other'].map(name => certificate(t, name)))
  if (!ours || !other) return t.pass('TLS', { skip: 'not here: openssl' })
  const pem = { cert: await readFile(ours.cert, 'utf8'), key: await readFile(ours.key, 'utf8') }
  const port = await started(
    t,
    createSecureServer(pem, (_, response) => response.end('{"ok":true}')),
  )
  const url = `https://127.0.0.1:${port}`
  t.match(await asked({ url, ca: ours.cert }), { ok: true })
  t.match(await asked({ url }), { kind: 'unreachable', says: /not to be trusted/ })
  t.match(await asked({ url, ca: other.cert }), { says: /not to be trusted/ })
  t.match(await asked({ url: `https://localhost:${port}`, ca: ours.cert }), { says: /certificate for another name/ })
  t.throws(
    () => openHttpApi({ name: 'p', url, ca: '/nowhere/ca.pem', timeout: 1000, connections: 1 }),
    /dns\.p\.ca: .*ENOENT/,
  )
})

t.test('the path of the URL stands before that of the API', async t => {
  const { url, requests } = await serving(t, (_, response) => response.end('{"ok":true}'))
  await asked({ url: `${url}/behind/` })
  t.equal(requests[0]!.url, '/behind/zones')
})
