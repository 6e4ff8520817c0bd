import t, { type Test } from 'tap'
import { ask, benchOf, post, until } from '../inject.ts'

const NAME = 'laptop.lab.example.net'
const MAC = '02:00:5e:10:00:01'

const lease = (event: string, more: object = {}) => ({
  event,
  'ip-address': '10.1.0.20',
  'hw-address': MAC,
  cltt: 1795248000,
  'valid-lft': 4294967295,
  hostname: 'laptop',
  ...more,
})

/** A running program that heard these events. */
const program = async (t: Test, ...events: object[]) => {
  const bench = await benchOf(t)
  const hear = async (...more: object[]) => {
    for (const event of more) t.equal((await post(bench.app, '/v1/events', event)).status, 202)
  }
  await hear(...events)
  const act = (verb: string, payload?: object, name = NAME) =>
    ask(bench.app, { method: 'POST', url: `/v1/names/${name}/${verb}`, ...(payload && { payload }) })
  const view = async (name = NAME) => (await ask(bench.app, { url: `/v1/names/${name}` })).json
  const client = (method: 'PUT' | 'DELETE', id: string, payload?: object) =>
    ask(bench.app, { method, url: `/v1/clients/${id}/name`, ...(payload && { payload }) })
  return { ...bench, hear, act, view, client }
}

t.test('a pinned name outlasts its lease, and goes when it is unpinned', async t => {
  const { act, hear, view } = await program(t, lease('committed'))
  t.match(await act('pin', { why: 'the fair' }), {
    status: 200,
    json: { name: NAME, intent: [{ kind: 'pin', by: 'local', why: 'the fair', until: null }] },
  })
  await hear(lease('released'))
  t.match(await view(), { phase: 'retained', records: [{ rule: 'pinned' }, { rule: 'pinned', type: 'PTR' }] })
  t.match(await act('unpin'), { status: 200, json: { intent: [], records: [{ rule: 'released', wanted: null }] } })
  const { history } = await view()
  const intents = history.filter(({ what }: { what: string }) => what === 'intent')
  t.match(intents, [
    { verb: 'unpin', rule: 'pin-taken-back', by: 'local', cause: `POST /v1/names/${NAME}/unpin` },
    { verb: 'pin', rule: 'pin-set', by: 'local', reason: `local pinned ${NAME}: the fair.` },
  ])
})

t.test('an intent has the name of the token, and is for the role operate alone', async t => {
  const tokens = [
    { name: 'ada', role: 'operate', secret: 'secret-of-ada' },
    { name: 'eve', role: 'read', secret: 'secret-of-eve' },
  ]
  const { app, parts } = await benchOf(t, { tokens })
  const pin = (name: string | null) =>
    ask(app, {
      method: 'POST',
      url: `/v1/names/${NAME}/pin`,
      ...(name && { headers: { authorization: `Bearer secret-of-${name}` } }),
    })
  const headers = { authorization: 'Bearer secret-of-ada' }
  t.equal((await ask(app, { method: 'POST', url: '/v1/events', headers, payload: lease('committed') })).status, 202)
  t.equal((await pin(null)).status, 401)
  t.equal((await pin('eve')).status, 403)
  t.equal(parts.store.intents.size, 0)
  t.match(await pin('ada'), { status: 200, json: { intent: [{ by: 'ada', at: /^20.*Z$/, why: null }] } })
})

t.test('a pin that is over leaves the view, and the audit says so', async t => {
  const { act, hear, view } = await program(t, lease('committed'))
  await act('pin', { until: new Date(Date.now() + 1500).toISOString() })
  await hear(lease('released'))
  t.match(await view(), { phase: 'retained', intent: [{ kind: 'pin' }] })
  await until(async () => (await view()).intent.length === 0 && (await view()).records[0].wanted === null)
  t.match(
    (await view()).history.find(({ rule }: { rule: string }) => rule === 'pin-over'),
    {
      what: 'intent',
      verb: 'unpin',
      cause: 'pin over',
    },
  )
})

t.test('a promoted name is infrastructure, and no other client gets it', async t => {
  const { act, hear, view } = await program(t, lease('committed'))
  t.match(await act('promote'), { status: 200, json: { intent: [{ kind: 'promote' }], records: [{ ttl: 86400 }] } })
  await hear(lease('released'))
  t.match(await view(), { phase: 'retained', records: [{ rule: 'promoted' }] })
  const other = { 'ip-address': '10.1.0.21', 'hw-address': '02:00:5e:10:00:02' }
  await hear(lease('committed', { ...other, cltt: 1795249000 }))
  t.match((await view()).records, [{ value: '10.1.0.20' }, { type: 'PTR' }], 'not even while its lease is over')
  t.match(await act('demote'), { status: 200, json: { intent: [] } })
  t.match(
    (await view()).records.filter(({ wanted }: { wanted: object | null }) => wanted),
    [{ value: '10.1.0.21', ttl: 300 }, { type: 'PTR' }],
  )
})

t.test('a client has the name that it was given, from its first lease on', async t => {
  const { client, hear, view } = await program(t)
  t.match(await client('PUT', `hw:${MAC.toUpperCase()}`, { name: 'Nas', why: 'it says laptop' }), {
    status: 200,
    json: { client: `hw:${MAC}`, name: 'nas', scope: null, by: 'local', why: 'it says laptop' },
  })
  await hear(lease('committed'))
  t.match(await view('nas.lab.example.net'), { records: [{ value: '10.1.0.20' }], intent: [{ kind: 'assign' }] })
  t.match(await client('PUT', `hw:${MAC}`, { name: 'store.lab.example.net', scope: 'office' }), { status: 200 })
  t.match(await view('store.lab.example.net'), { records: [{ value: '10.1.0.20', wanted: { ttl: 300 } }] })
  t.match(await view('nas.lab.example.net'), { records: [{ wanted: null, rule: 'renamed' }] })
  t.match(await client('DELETE', `hw:${MAC}`), { status: 204, text: '' })
  t.match(await view(), { records: [{ value: '10.1.0.20', wanted: { ttl: 300 } }] })
  t.equal((await client('DELETE', `hw:${MAC}`)).status, 404)
})

t.test('what stays after a lease is released, and stays released', async t => {
  const { act, hear, view, parts, app } = await program(t, lease('committed'))
  t.match(await act('release'), { status: 409, json: { detail: /^The lease of 10\.1\.0\.20 lives/ } })
  await hear(lease('expired'))
  await act('pin')
  t.match(await act('release', { why: 'scrapped' }), {
    status: 200,
    json: { intent: [], decisions: [{ verb: 'remove', rule: 'let-go' }, { rule: 'let-go' }] },
  })
  await hear(lease('expired'))
  await parts.reconciler.runAnew('test')
  t.match(await view(), { records: [{ rule: 'let-go', wanted: null }, { wanted: null }] })
  t.match(await act('release'), { status: 409 }, 'nothing is left')
  await hear(lease('committed', { cltt: 1795249000 }))
  t.match(
    await view(),
    { records: [{ rule: 'lease-active', wanted: { ttl: 300 } }, {}] },
    'it comes back with its client',
  )
  await hear(lease('expired', { cltt: 1795249000 }))
  t.match(await view(), { records: [{ rule: 'retained-on-expiry' }, {}] }, 'and is kept again')
  t.equal((await ask(app, { method: 'POST', url: '/v1/names/no.lab.example.net/release' })).status, 404)
})

t.test('a name that was removed is brought back while its address is free', async t => {
  const { act, hear, view } = await program(t, lease('committed'))
  t.match(await act('restore'), { status: 409, json: { detail: /was not removed/ } })
  await hear(lease('released'))
  t.match(await view(), { records: [{ wanted: null }, { wanted: null }] })
  t.match(await act('restore', { why: 'too early' }), {
    status: 200,
    json: { intent: [{ kind: 'pin', why: 'too early' }], decisions: [{ rule: 'restored' }, { rule: 'restored' }] },
  })
  t.match(await view(), { phase: 'retained', records: [{ rule: 'restored' }, { rule: 'restored' }] })
  await act('unpin')
  t.match(await view(), { records: [{ rule: 'released', wanted: null }, {}] })
  const other = { 'hw-address': '02:00:5e:10:00:02', hostname: 'printer', cltt: 1795249000 }
  await hear(lease('committed', other))
  t.match(await act('restore'), { status: 409, json: { detail: /belongs to another client now/ } })
})

t.test('a name that its client no longer says is brought back beside the one that it says now', async t => {
  const { act, hear, view } = await program(t, lease('committed'))
  await hear(lease('committed', { hostname: 'desktop', cltt: 1795248100 }))
  t.match(await view(), { records: [{ rule: 'renamed', wanted: null }, {}] })
  t.match(await act('restore'), { status: 200, json: { decisions: [{ verb: 'publish' }] } })
  const desktop = 'desktop.lab.example.net'
  const isSo = async () => {
    t.match(await view(), {
      records: [
        { type: 'A', wanted: { ttl: 300 } },
        { type: 'PTR', wanted: null },
      ],
    })
    t.match(await view(desktop), {
      records: [
        { type: 'A', wanted: { ttl: 300 } },
        { type: 'PTR', wanted: { ttl: 300 } },
      ],
    })
  }
  await isSo()
  await hear(lease('committed', { hostname: 'desktop', cltt: 1795248200 }))
  await isSo()
  await hear(lease('committed', { 'hw-address': '02:00:5e:10:00:02', hostname: 'printer', cltt: 1795249000 }))
  t.match(await view(), { records: [{ type: 'A', wanted: null, rule: 'reassigned' }, {}] })
})

t.test('a pinned name whose address goes to another client is a finding until somebody decides', async t => {
  const { act, hear, view, app } = await program(t, lease('committed'))
  await act('pin')
  const kinds = async () => {
    const { json } = await ask(app, { url: '/v1/findings' })
    return json.items.flatMap(({ kind, subject }: { kind: string; subject: string }) =>
      kind.startsWith('pinned') ? `${kind} ${subject}` : [],
    )
  }
  t.same(await kinds(), [])
  const other = { 'hw-address': '02:00:5e:10:00:02', hostname: 'printer', cltt: 1795249000 }
  await hear(lease('committed', other))
  t.match(await view(), { records: [{ wanted: null, rule: 'reassigned' }, {}] })
  const lost = [`pinned-address-lost ${NAME} 10.1.0.20`]
  t.same(await kinds(), lost)
  await act('pin', { why: 'I know; it gets another address' })
  t.same(await kinds(), [], 'pinned once more: it was decided')
  await hear(lease('committed', { 'ip-address': '10.1.0.22', cltt: 1795249100 }))
  await hear(lease('committed', { ...other, 'ip-address': '10.1.0.22', cltt: 1795249200 }))
  t.same(await kinds(), [`pinned-address-lost ${NAME} 10.1.0.22`])
  await hear(lease('committed', { 'ip-address': '10.1.0.23', cltt: 1795249300 }))
  t.same(await kinds(), [], 'its client is back, elsewhere')
  await hear(lease('committed', { ...other, 'ip-address': '10.1.0.23', cltt: 1795249400 }))
  await act('unpin')
  t.same(await kinds(), [], 'unpinned: it may go')
})

t.test('what is no name, client, scope or time is refused with its field, and changes nothing', async t => {
  const { act, client, parts } = await program(t, lease('committed'))
  const id = `hw:${MAC}`
  const rows: [answer: Promise<{ status: number; json: unknown }>, status: number, field?: string][] = [
    [act('pin', {}, 'nothing.lab.example.net'), 404, 'fqdn'],
    [act('pin', { until: '2020-01-01T00:00:00Z' }), 400, 'until'],
    [act('pin', { until: 'tomorrow' }), 400, 'until'],
    [act('pin', { til: '2099-01-01T00:00:00Z' }), 400, 'til'],
    [act('pin', { why: 7 }), 400, 'why'],
    [act('promote', { until: '2099-01-01T00:00:00Z' }), 400, 'until'],
    [client('PUT', 'mac:02', { name: 'nas' }), 400, 'client'],
    [client('PUT', 'hw:0', { name: 'nas' }), 400, 'client'],
    [client('PUT', id, {}), 400, 'name'],
    [client('PUT', id, { name: 'lab.example.net' }), 400, 'name'],
    [client('PUT', id, { name: 'nas.elsewhere.example' }), 400, 'name'],
    [client('PUT', id, { name: '-' }), 400, 'name'],
    [client('PUT', id, { name: 'nas', scope: 'attic' }), 400, 'scope'],
    [client('PUT', id, { name: 'nas', host: 'x' }), 400, 'host'],
  ]
  for (const [answer, status, field] of rows) {
    const { json, ...rest } = await answer
    t.match({ ...rest, json }, { status, json: { errors: [{ field }] } })
  }
  t.equal(parts.store.intents.size, 0)
})
