import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { hear } from '../event-reader.ts'
import { ask, isProblem, post, until } from '../inject.ts'
import { listening } from '../raw.ts'
import { T0 } from '../stock.ts'

const entry = (n: number, reason = `entry ${n}`) => ({
  at: T0 * 1000 + n,
  what: 'decision' as const,
  cause: 'test',
  verb: 'publish' as const,
  record: { name: `host${n}.lab.example.net`, type: 'A' as const, value: '10.1.0.5' },
  rule: 'lease-active',
  reason,
})
const many = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => entry(from + i))
const reasons = (heard: { data: { reason: string } }[]) => heard.map(({ data }) => data.reason)

t.test('the status comes at once, and again when it is another', async t => {
  const { app, url } = await listening(t)
  const { response, of, has } = await hear(t, url)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.equal(response.headers.get('cache-control'), 'no-store')
  t.equal(response.headers.get('x-content-type-options'), 'nosniff')
  await has('status')
  const { uptime: _uptime, ...status } = (await ask(app, { url: '/v1/status' })).json
  t.match(of('status')[0]!.data, { version: status.version, paused: false, leases: 0, startedAt: status.startedAt })
  t.strictSame(Object.keys(of('status')[0]!.data).sort(), [...Object.keys(status), 'uptime'].sort())
  await ask(app, { method: 'POST', url: '/v1/pause' })
  await until(() => of('status').some(({ data }) => data.paused))
  t.equal(of('status')[0]!.id, undefined)
})

t.test('an entry of the audit log is an event with its number, as GET /v1/audit gives it', async t => {
  const { app, parts, url } = await listening(t)
  const { of, has } = await hear(t, url)
  await has('status')
  await post(app, '/v1/events', {
    event: 'committed',
    'ip-address': '10.1.0.5',
    'hw-address': '02:00:5e:10:00:01',
    cltt: T0,
    'valid-lft': 3600,
    hostname: 'red',
  })
  await until(() => of('audit').filter(({ data }) => data.verb === 'applied').length === 2)
  const { json } = await ask(app, { url: '/v1/audit?client=02:00:5e:10:00:01' })
  t.strictSame(
    of('audit')
      .map(({ data }) => data)
      .reverse(),
    json.items,
  )
  const ids = of('audit').map(({ id }) => Number(id))
  t.ok(ids.every((id, i) => Number.isSafeInteger(id) && (i === 0 || id > ids[i - 1]!)))
  t.equal(await parts.audit.newest(), ids.at(-1))
})

t.test('who comes back is sent what was missed, once and in order, while more comes', async t => {
  const { parts, url } = await listening(t)
  const first = await hear(t, url)
  await first.has('status')
  parts.audit.add(many(0, 10))
  await first.has('audit', 10)
  first.stop()
  parts.audit.add(many(10, 500))
  const back = hear(t, url, { 'last-event-id': first.of('audit')[6]!.id! })
  parts.audit.add(many(500, 600))
  const { of, has } = await back
  parts.audit.add(many(600, 700))
  await has('audit', 693)
  t.strictSame(reasons(of('audit')), reasons(many(7, 700).map(data => ({ data }))))
  t.strictSame(of('reset'), [])
})

t.test('what was missed is at most 1,000 entries; more, or an unknown number, is a reset', async t => {
  const { parts, url } = await listening(t)
  const first = await hear(t, url)
  await first.has('status')
  parts.audit.add(many(0, 1002))
  await first.has('audit', 1002)
  const idOf = (n: number) => first.of('audit')[n]!.id!
  const thousand = await hear(t, url, { 'last-event-id': idOf(1) })
  await thousand.has('audit', 1000)
  t.strictSame(thousand.of('reset'), [])
  for (const id of [idOf(0), '1', 'x', '99999999999999999999', '-1']) {
    const { of, has } = await hear(t, url, { 'last-event-id': id })
    await has('reset')
    t.match(of('reset'), [{ id: idOf(1001), data: {} }], id)
    t.strictSame(of('audit'), [])
  }
  const again = await hear(t, url, { 'last-event-id': idOf(0) })
  await again.has('reset')
  parts.audit.add([entry(5000)])
  await again.has('audit')
  t.strictSame(reasons(again.of('audit')), ['entry 5000'], 'it goes on')
})

t.test('numbers outlast a restart of the program', async t => {
  const folder = t.testdir()
  const run = async (t: Test) => listening(t, { more: { store: { path: folder } } })
  let last = ''
  await t.test('before', async t => {
    const { parts, url } = await run(t)
    const { of, has } = await hear(t, url)
    await has('status')
    parts.audit.add(many(0, 3))
    await has('audit', 3)
    last = of('audit')[0]!.id!
  })
  await t.test('after', async t => {
    const { url } = await run(t)
    const { of, has } = await hear(t, url, { 'last-event-id': last })
    await has('audit', 2)
    t.strictSame(reasons(of('audit')).slice(0, 2), ['entry 1', 'entry 2'])
  })
})

t.test('a client that takes nothing is cut off, and another one hears all', async t => {
  const { parts, port, url } = await listening(t)
  const slow = connect(port, '127.0.0.1')
  t.teardown(() => slow.destroy())
  slow.on('error', () => {})
  slow.pause()
  await once(slow, 'connect')
  slow.write('GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  const quick = await hear(t, url)
  await quick.has('status')
  const long = 'x'.repeat(10_000)
  let sent = 0
  let isCut = false
  slow.on('close', () => {
    isCut = true
  })
  while (sent < 4000) {
    parts.audit.add(many(sent, sent + 100).map(one => ({ ...one, reason: `${one.reason} ${long}` })))
    sent += 100
    await quick.has('audit', sent)
  }
  slow.resume()
  await until(() => isCut)
  t.equal(quick.of('audit').length, sent)
})

t.test('no more than 64 clients at once, and one that goes makes room', async t => {
  const { app, url } = await listening(t)
  const clients = await Promise.all(Array.from({ length: 64 }, () => hear(t, url)))
  await Promise.all(clients.map(({ has }) => has('status')))
  isProblem(t, await ask(app, { url: '/v1/stream' }), 503)
  clients[0]!.stop()
  await until(async () => {
    const { response, stop } = await hear(t, url)
    stop()
    return response.status === 200
  })
})

t.test('the end of the server ends it at once', async t => {
  const { app, url } = await listening(t)
  const { ended, has } = await hear(t, url)
  await has('status')
  await app.close()
  t.equal(await ended, 'ended')
})

t.test('whoever may read may listen', async t => {
  const tokens = (['callout', 'read', 'operate'] as const).map(role => ({
    name: role,
    role,
    secret: `secret-of-${role}`,
  }))
  const { app, url } = await listening(t, { http: { tokens } })
  isProblem(t, await ask(app, { url: '/v1/stream' }), 401)
  const as = (role: string) => ({ authorization: `Bearer secret-of-${role}` })
  isProblem(t, await ask(app, { url: '/v1/stream', headers: as('callout') }), 403)
  for (const role of ['read', 'operate']) {
    const { has } = await hear(t, url, as(role))
    await has('status')
  }
})

t.test('other methods', async t => {
  const { app } = await listening(t)
  const head = await ask(app, { method: 'HEAD', url: '/v1/stream' })
  t.equal(head.status, 200)
  t.match(head.headers['content-type'], /^text\/event-stream/)
  t.equal(head.text, '')
  const other = await ask(app, { method: 'POST', url: '/v1/stream' })
  isProblem(t, other, 405)
  t.match(other.headers.allow, 'GET')
})
