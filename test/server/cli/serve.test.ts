import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SETTINGS, serving } from './spawned.ts'

const [scope] = SETTINGS.scopes as [(typeof SETTINGS.scopes)[0]]

t.test('SIGHUP: a wrong file changes nothing, a right one is taken over, and the log says what changed', async t => {
  const program = await serving(t, SETTINGS)
  const reload = async (config: object | string) => {
    await program.configure(config)
    program.process.kill('SIGHUP')
  }
  await reload(SETTINGS)
  await program.said(/nothing changed/)

  await reload('{ "http": { "tokens": [{ "secret": hunter2 }] } }')
  const { reason } = await program.said(/is wrong, so nothing changes/)
  t.match(reason, 'line 1, column 36')
  t.notMatch(reason, 'hunter2')
  t.equal((await fetch(`${program.url}/healthz`)).status, 200, 'as before')

  await reload({ ...SETTINGS, log: { level: 'debug' } })
  t.strictSame((await program.said(/was read anew/)).changes, ['log.level: "info" → "debug"'])
  t.equal((await fetch(`${program.url}/healthz`)).status, 200, 'without a restart of the parts')
  await program.said(/answered/)

  const { port } = new URL(program.url)
  await reload({
    ...SETTINGS,
    http: { port: Number(port), tokens: [{ name: 'ops', role: 'operate', secret: 'hunter2' }] },
    scopes: [
      { ...scope, ttl: 77 },
      { name: 'more', subnet: '10.2.0.0/24', domain: 'lab.example' },
    ],
  })
  const { changes } = await program.said(/was read anew/)
  for (const change of [
    'http.port: 0',
    'http.tokens[ops]: added',
    'scopes[lab].ttl: not set → 77',
    'scopes[more]: added',
  ])
    t.match((changes as string[]).join('\n'), change)
  t.notMatch(JSON.stringify(changes), 'hunter2')
  await program.said(/ready/)
  t.equal((await fetch(`${program.url}/v1/scopes`)).status, 401, 'the token is in force')
  const scopes = await fetch(`${program.url}/v1/scopes`, { headers: { authorization: 'Bearer hunter2' } })
  t.match(await scopes.json(), { items: [{ name: 'lab' }, { name: 'more' }] })
  program.process.kill('SIGTERM')
  t.equal(await program.ended(), 0)
})

t.test('a reload that cannot start leaves what ran', async t => {
  const program = await serving(t, SETTINGS)
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await program.configure({ ...SETTINGS, http: { port } })
  program.process.kill('SIGHUP')
  await program.said(/cannot be started, so the old one goes on/)
  const { http } = await program.said(/ready/)
  t.equal((await fetch(`${http}/healthz`)).status, 200)
})

const half =
  'POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n['

t.test('SIGTERM while clients hold connections: all is closed, and nothing had to be broken off', async t => {
  const program = await serving(t, SETTINGS)
  const { port } = new URL(program.url)
  for (const bytes of ['', 'GET /healthz HT', half]) {
    const socket = connect(Number(port), '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(bytes)
  }
  await fetch(`${program.url}/healthz`)
  program.process.kill('SIGTERM')
  t.equal(await program.ended(), 0)
  t.notOk(program.lines.some(({ msg }) => /hangs/.test(msg)))
})

/** A server that takes connections and never says a word. `asked` resolves once it was asked something. */
const silent = async (): Promise<{ port: number; asked: Promise<void>; close(): void }> => {
  const sockets = new Set<{ destroy(): void }>()
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).once('data', () => resolve())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as { port: number }).port, asked, close }
}

t.test('SIGTERM while DNS hangs: the process ends', async t => {
  const hung = await silent()
  t.teardown(hung.close)
  const program = await serving(t, {
    ...SETTINGS,
    dns: [{ name: 'bind', kind: 'rfc2136', servers: [`127.0.0.1:${hung.port}`], timeout: 60_000 }],
  })
  const lease = { event: 'committed', 'ip-address': '10.1.0.5', 'hw-address': '02:00:00:00:00:01', hostname: 'red' }
  const body = JSON.stringify({ ...lease, cltt: Math.floor(Date.now() / 1000), 'valid-lft': 3600 })
  const headers = { 'content-type': 'application/json' }
  t.equal((await fetch(`${program.url}/v1/events`, { method: 'POST', headers, body })).status, 202)
  await hung.asked
  program.process.kill('SIGTERM')
  await program.said(/something hangs/)
  await program.ended()
  t.equal(program.process.signalCode, 'SIGKILL', 'by itself: we end it after the test')
})

t.test('SIGTERM while the lease file is a FIFO that nobody writes: the process ends', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const fifo = join(folder, 'kea-leases4.csv')
  execFileSync('mkfifo', [fifo])
  const program = await serving(t, {
    ...SETTINGS,
    kea: [{ name: 'kea1', services: ['dhcp4'], memfile: { dhcp4: fifo } }],
  })
  program.process.kill('SIGTERM')
  t.equal(await program.ended(), 0)
})
