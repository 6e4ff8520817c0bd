import t, { type Test } from 'tap'
import { ask, benchOf, post } from '../inject.ts'

const HOST = 'db.lab.example.net'
const NAME = 'www.lab.example.net'
const SECRET = 'a-secret-of-the-test'

const lease = (event: string, more: object = {}) => ({
  event,
  'ip-address': '10.1.0.20',
  'hw-address': '02:00:5e:10:00:01',
  cltt: 1795248000,
  'valid-lft': 3600,
  hostname: 'db',
  ...more,
})

/** A running program with a lease of `db`. */
const program = async (t: Test) => {
  const bench = await benchOf(t)
  const hear = async (...events: object[]) => {
    for (const event of events) t.equal((await post(bench.app, '/v1/events', event)).status, 202)
  }
  await hear(lease('committed'))
  const put = (payload: unknown, name = NAME) =>
    ask(bench.app, { method: 'PUT', url: `/v1/names/${encodeURIComponent(name)}/alias`, payload: payload as object })
  const drop = (name = NAME, payload?: object) =>
    ask(bench.app, { method: 'DELETE', url: `/v1/names/${name}/alias`, ...(payload && { payload }) })
  const view = async (name = NAME) => (await ask(bench.app, { url: `/v1/names/${name}` })).json
  return { ...bench, hear, put, drop, view }
}

t.test('an alias says who meant it, when and why, and stands in the audit', async t => {
  const { put, drop, view } = await program(t)
  const first = await put({ target: 'DB.Lab.Example.Net.', why: 'the shop' }, 'WWW.lab.example.net.')
  t.match(first, {
    status: 200,
    json: {
      name: NAME,
      target: HOST,
      by: 'local',
      why: 'the shop',
      intent: [{ kind: 'alias', by: 'local', why: 'the shop', until: null, target: HOST }],
      records: [{ type: 'CNAME', value: HOST, rule: 'alias', origin: 'manual', scope: 'office', ttl: 300 }],
    },
  })
  t.match(await drop(NAME, { why: 'closed' }), { status: 204 })
  t.match(await drop(), { status: 404, json: { errors: [{ field: 'fqdn' }] } })
  const { history, intent, records } = await view()
  t.same(intent, [])
  t.match(records, [{ type: 'CNAME', wanted: null, rule: 'alias-removed' }])
  t.match(
    history.filter(({ what }: { what: string }) => what === 'intent'),
    [
      { verb: 'unalias', rule: 'alias-taken-back', by: 'local', reason: /closed\.$/ },
      { verb: 'alias', rule: 'alias-set', by: 'local', reason: `local made ${NAME} an alias of ${HOST}: the shop.` },
    ],
  )
})

t.test('an alias of a name that nobody knows is known, though nothing is published', async t => {
  const { put, view } = await program(t)
  const { status, json } = await put({ target: 'nobody.lab.example.net' })
  t.same([status, json.phase, json.records], [200, null, []])
  t.match(await view(), { name: NAME, intent: [{ kind: 'alias', target: 'nobody.lab.example.net' }] })
})

t.test('what cannot be is said with the field, and changes nothing', async t => {
  const { put, parts } = await program(t)
  const bad: [field: string, target: unknown, name?: string][] = [
    ['target', NAME],
    ['target', 'a..b'],
    ['target', 'has space.lab.example.net'],
    ['target', `${'x'.repeat(64)}.lab.example.net`],
    ['target', ''],
    ['target', 7],
    ['target', undefined],
    ['fqdn', HOST, 'www.example.org'],
    ['fqdn', HOST, 'lab.example.net'],
    ['fqdn', HOST, '9.0.1.10.in-addr.arpa'],
    ['fqdn', HOST, '*.lab.example.net'],
    ['fqdn', HOST, 'bücher.lab.example.net'],
  ]
  for (const [field, target, name] of bad) {
    const answer = await put({ target }, name)
    t.match(answer, { status: 400, json: { errors: [{ field }] } }, `${name ?? NAME} ${target}`)
  }
  t.match(await put({ target: HOST, until: 'never' }), { status: 400 })
  t.equal(parts.store.intents.size, 0)
})

t.test('no alias leads back to itself, over however many', async t => {
  const { put } = await program(t)
  const name = (n: number) => `a${n}.lab.example.net`
  for (let n = 0; n < 5; n++) t.match(await put({ target: name(n + 1) }, name(n)), { status: 200 })
  for (const n of [0, 2, 4])
    t.match(await put({ target: name(n) }, name(5)), { status: 400, json: { errors: [{ field: 'target' }] } })
  t.match(await put({ target: HOST }, name(5)), { status: 200 })
})

t.test('a name that a lease has is no alias; one whose lease is over can be', async t => {
  const { put, hear } = await program(t)
  t.match(await put({ target: NAME }, HOST), { status: 409, json: { detail: /hw:02:00:5e:10:00:01/ } })
  await hear(lease('released'))
  t.match(await put({ target: NAME }, HOST), { status: 200 })
})

t.test('a lease that asks for the name of an alias does not keep the alias from being changed', async t => {
  const { put, hear, view } = await program(t)
  await put({ target: HOST })
  const other = { 'ip-address': '10.1.0.21', 'hw-address': '02:00:5e:10:00:02', hostname: 'www' }
  await hear(lease('committed', other))
  t.match(await put({ target: 'pc.lab.example.net' }), { status: 200 })
  const { records, leases } = await view()
  t.match(
    records.find(({ type }: { type: string }) => type === 'A'),
    { phase: 'conflict', rule: 'name-taken', reason: /^The name is an alias of/ },
  )
  t.match(leases, [{ address: '10.1.0.21' }], 'the leases are those that ask for the name')
})

t.test('who may not operate makes no alias', async t => {
  const token = (role: string) => ({ name: role, role, secret: `${role}-${SECRET}` })
  const roles = ['callout', 'read', 'operate']
  const { app, parts } = await benchOf(t, { port: 0, tokens: roles.map(token) })
  const as = (role: string | null, method: 'PUT' | 'DELETE') =>
    ask(app, {
      method,
      url: `/v1/names/${NAME}/alias`,
      ...(role && { headers: { authorization: `Bearer ${role}-${SECRET}` } }),
      ...(method === 'PUT' && { payload: { target: HOST } }),
    })
  for (const method of ['PUT', 'DELETE'] as const) {
    t.match(await as(null, method), { status: 401 })
    for (const role of ['callout', 'read']) t.match(await as(role, method), { status: 403 })
  }
  t.equal(parts.store.intents.size, 0)
  t.match(await as('operate', 'PUT'), { status: 200, json: { by: 'operate' } })
  t.match(await as('operate', 'DELETE'), { status: 204 })
})
