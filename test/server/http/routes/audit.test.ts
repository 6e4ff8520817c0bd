import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ask, benchOf, isProblem, post } from '../inject.ts'
import { holdOf } from '../stock.ts'

const NINE = Date.parse('2026-11-16T09:00:00Z')
const MAC = '02:00:5e:10:00:01'

/** An event of /v1/events. */
const lease = (event: string, address: string, mac: string, hostname: string, cltt: number) => ({
  event,
  'ip-address': address,
  'hw-address': mac,
  cltt,
  'valid-lft': 3600,
  hostname,
})
const NOW = Math.floor(Date.now() / 1000)

const entry = (fields: object) => ({
  at: NINE,
  what: 'decision' as const,
  cause: 'lease4_expire',
  verb: 'publish' as const,
  record: { name: 'red.lab.example.net', type: 'A' as const, value: '10.1.0.5' },
  rule: 'lease-active',
  reason: 'It is so.',
  client: `hw:${MAC}`,
  address: '10.1.0.5',
  scope: 'office',
  ...fields,
})

/** The program with these entries in its audit log, and a way to ask for some of them. */
const withEntries = async (t: Test, entries: object[]) => {
  const bench = await benchOf(t)
  bench.parts.audit.add(entries as never)
  const list = async (query: string, headers = {}) => ask(bench.app, { url: `/v1/audit${query}`, headers })
  return { ...bench, list }
}

t.test('an event leaves entries with client, address and scope, newest first', async t => {
  const { app } = await benchOf(t)
  await post(app, '/v1/events', lease('committed', '10.1.0.5', MAC, 'red', NOW))
  const { status, json } = await ask(app, { url: '/v1/audit?address=10.1.0.5&verb=publish' })
  t.equal(status, 200)
  t.equal(json.next, null)
  t.match(json.items, [
    {
      verb: 'publish',
      what: 'decision',
      record: { type: 'PTR' },
      client: `hw:${MAC}`,
      address: '10.1.0.5',
      scope: 'office',
    },
    { verb: 'publish', record: { name: 'red.lab.example.net', type: 'A', value: '10.1.0.5' }, rule: 'lease-active' },
  ])
  t.ok(Math.abs(Date.parse(json.items[0].at) - Date.now()) < 60_000)
  t.notOk('holds' in json.items[1])
})

t.test('an answer of a DNS server has them too', async t => {
  const { app } = await benchOf(t)
  await post(app, '/v1/events', lease('committed', '10.1.0.5', MAC, 'red', NOW))
  for (;;) {
    const { json } = await ask(app, { url: `/v1/audit?client=${MAC}&verb=applied` })
    const [last] = json.items
    if (!last) continue
    t.match(last, { what: 'outcome', client: `hw:${MAC}`, address: '10.1.0.5', scope: 'office' })
    break
  }
})

t.test('a skip has what its event told', async t => {
  const { app } = await benchOf(t)
  await post(app, '/v1/events', lease('committed', '10.1.0.6', MAC, '', NOW))
  const { json } = await ask(app, { url: '/v1/audit?rule=no-name' })
  t.match(json.items, [{ verb: 'skip', client: `hw:${MAC}`, address: '10.1.0.6', scope: 'office' }])
})

const SPELLINGS = [MAC, '02-00-5E-10-00-01', '0200.5e10.0001', '02005E100001', '2:0:5e:10:0:1', `HW:${MAC}`]
for (const client of SPELLINGS) {
  t.test(`found by the client ${client}`, async t => {
    const { list } = await withEntries(t, [entry({}), entry({ client: 'hw:02:00:5e:10:00:02' })])
    const { json } = await list(`?client=${encodeURIComponent(client)}`)
    t.match(json.items, [{ client: `hw:${MAC}` }])
    t.equal(json.items.length, 1)
  })
}

t.test('times as a person writes them', async t => {
  const { list } = await withEntries(t, [entry({ reason: 'a' }), entry({ at: NINE + 60_000, reason: 'b' })])
  const reasons = async (query: string) => (await list(query)).json.items.map((one: { reason: string }) => one.reason)
  t.strictSame(await reasons('?rule=lease-active&since=2026-11-16T09:00:30Z'), ['b'])
  t.strictSame(await reasons('?rule=lease-active&until=2026-11-16T10:00:30%2B01:00'), ['a'])
  t.strictSame(await reasons('?rule=lease-active&until=2026-11-16'), [])
  t.strictSame(await reasons('?rule=lease-active&since=2026-11-16&limit=1'), ['b'])
})

const WRONG = [
  ['since=monday', 'since'],
  ['until=2026-13-01', 'until'],
  ['until=2026-11-16T09:00:00', 'until'],
  ['at=9&address=10.1.0.5', 'at'],
  ['at=2026-11-16T09:00:00Z', 'address'],
  ['address=10.1.0', 'address'],
  ['verb=publishes', 'verb'],
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['cursor=x', 'cursor'],
  ['cursor=9999999999999999', 'cursor'],
  ['who=me', 'who'],
] as const
t.test('what is asked wrongly is named', async t => {
  const { list } = await withEntries(t, [])
  for (const [query, field] of WRONG) {
    await t.test(query, async t => isProblem(t, await list(`?${query}`), 400, field))
  }
})

t.test('pages by cursor', async t => {
  const { list } = await withEntries(
    t,
    Array.from({ length: 5 }, (_, n) => entry({ reason: `${n}` })),
  )
  const seen: string[] = []
  let query = '?client=02:00:5e:10:00:01&limit=2'
  for (let page = 0; page < 5; page++) {
    const { json } = await list(query)
    seen.push(...json.items.map((one: { reason: string }) => one.reason))
    if (json.next === null) break
    query = `?client=02:00:5e:10:00:01&limit=2&cursor=${json.next}`
  }
  t.strictSame(seen, ['4', '3', '2', '1', '0'])
})

t.test('CSV by Accept, in which no cell is a formula', async t => {
  const { list } = await withEntries(t, [
    entry({ reason: 'plain, with "quotes"', by: '=cmd()' }),
    entry({ reason: '+1', cause: '-1', by: '@x', record: { name: null, type: null, value: null } }),
  ])
  const { status, headers, text } = await list('?client=02:00:5e:10:00:01', { accept: 'text/csv' })
  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/csv/)
  t.strictSame(text.split('\r\n'), [
    'at,what,cause,verb,name,type,value,rule,reason,by,client,address,scope',
    `2026-11-16T09:00:00.000Z,decision,'-1,publish,,,,lease-active,'+1,'@x,hw:${MAC},10.1.0.5,office`,
    `2026-11-16T09:00:00.000Z,decision,lease4_expire,publish,red.lab.example.net,A,10.1.0.5,lease-active,"plain, with ""quotes""",'=cmd(),hw:${MAC},10.1.0.5,office`,
    '',
  ])
  const page = await list('?client=02:00:5e:10:00:01&limit=1', { accept: 'text/csv' })
  const [, next = ''] = /^<(.*)>; rel="next"$/.exec(String(page.headers.link)) ?? []
  const rest = await list(next.slice('/v1/audit'.length), { accept: 'text/csv' })
  t.match(rest.text, /plain/)
  t.notOk(rest.headers.link)
})

const ACCEPTS = [
  ['text/csv', true],
  ['text/csv;q=0.9, */*;q=0.1', true],
  ['text/csv;q=0.5, application/json', false],
  ['text/csv;q=0', false],
  ['*/*', false],
  ['text/html', false],
] as const
for (const [accept, isCsv] of ACCEPTS) {
  t.test(`Accept: ${accept}`, async t => {
    const { list } = await withEntries(t, [entry({})])
    t.equal(String((await list('', { accept })).headers['content-type']).startsWith('text/csv'), isCsv)
  })
}

t.test('who had an address, as the events told it', async t => {
  const { app } = await benchOf(t)
  const other = '02:00:5e:10:00:02'
  const moments: [what: string, event: object, client: string | null][] = [
    ['granted', lease('committed', '10.1.0.5', MAC, 'red', NOW - 500), `hw:${MAC}`],
    ['renewed', lease('committed', '10.1.0.5', MAC, 'red', NOW - 400), `hw:${MAC}`],
    ['renamed', lease('committed', '10.1.0.5', MAC, 'blue', NOW - 390), `hw:${MAC}`],
    ['expired', lease('expired', '10.1.0.5', MAC, 'blue', NOW - 390), null],
    ['given to a nameless one', lease('committed', '10.1.0.5', other, '', NOW - 300), `hw:${other}`],
    ['taken over', lease('committed', '10.1.0.5', MAC, 'red', NOW - 200), `hw:${MAC}`],
    ['taken back by the nameless one', lease('committed', '10.1.0.5', other, '', NOW - 150), `hw:${other}`],
    ['declined', { ...lease('declined', '10.1.0.5', other, '', NOW - 100), 'hw-address': '' }, null],
  ]
  const times: [string, number, string | null][] = []
  const tick = () => new Promise(done => setTimeout(done, 3))
  const before = Date.now()
  for (const [what, event, client] of moments) {
    await tick()
    t.equal((await post(app, '/v1/events', event)).status, 202, what)
    await tick()
    times.push([what, Date.now(), client])
  }
  const heldAt = async (at: number) =>
    (await ask(app, { url: `/v1/audit?address=10.1.0.5&at=${new Date(at).toISOString()}` })).json
  for (const [what, at, client] of times) {
    const { items, next } = await heldAt(at)
    t.strictSame(
      items.map((one: { client: string }) => one.client),
      client === null ? [] : [client],
      what,
    )
    t.equal(next, null)
  }
  t.strictSame((await heldAt(before - 1000)).items, [])
  t.strictSame((await ask(app, { url: `/v1/audit?address=10.1.0.9&at=${new Date().toISOString()}` })).json.items, [])
  t.match((await heldAt(times[1]![1])).items, [{ rule: 'lease-active', record: { name: 'red.lab.example.net' } }])
})

t.test('who had an address is known after a restart', async t => {
  const folder = t.testdir()
  let at = ''
  const run = (t: Test) => benchOf(t, {}, { more: { store: { path: folder } } })
  await t.test('before', async t => {
    const { app } = await run(t)
    await post(app, '/v1/events', lease('committed', '10.1.0.5', MAC, 'red', NOW - 500))
    at = new Date(Date.now() + 1).toISOString()
    await new Promise(done => setTimeout(done, 5))
    await post(app, '/v1/events', lease('released', '10.1.0.5', MAC, 'red', NOW - 500))
  })
  await t.test('after', async t => {
    const { app } = await run(t)
    const { json } = await ask(app, { url: `/v1/audit?address=10.1.0.5&at=${at}` })
    t.match(json.items, [{ client: `hw:${MAC}`, record: { name: 'red.lab.example.net' } }])
    const now = await ask(app, { url: `/v1/audit?address=10.1.0.5&at=${new Date().toISOString()}` })
    t.strictSame(now.json.items, [])
  })
})

t.test('whatever is asked, it is answered or refused', async t => {
  const { list } = await withEntries(t, [entry({})])
  const key = fc.constantFrom(
    'name',
    'address',
    'client',
    'scope',
    'rule',
    'verb',
    'since',
    'until',
    'at',
    'limit',
    'cursor',
    'x',
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('10.1.0.5', '2001:db8::1', '9', '2026-11-16T09:00:00Z', '0000-01-01', 'publish', '*', '__proto__'),
  )
  const asked = fc.array(fc.tuple(key, value), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(asked, async pairs => {
      const query = pairs.map(([one, other]) => `${one}=${encodeURIComponent(other.toWellFormed())}`).join('&')
      const { status, json } = await list(`?${query}`)
      return status === 200 ? Array.isArray(json.items) : status === 400 && json.errors.length > 0
    }),
    { numRuns: 1000 },
  )
  t.equal((await list('')).status, 200)
})

t.test('what people did to holds, and to the writing of DNS', async t => {
  const tokens = [{ name: 'ada', role: 'operate', secret: 'secret-of-ada' }]
  const { app } = await benchOf(t, { tokens }, { stock: { holds: [holdOf(1), holdOf(2)] } })
  const headers = { authorization: 'Bearer secret-of-ada' }
  for (const url of ['/v1/holds/1/approve', '/v1/holds/2/reject', '/v1/pause', '/v1/resume', '/v1/holds/2/approve'])
    await ask(app, { method: 'POST', url, headers })
  const { json } = await ask(app, { url: '/v1/audit?verb=approve', headers })
  t.match(json.items, [{ what: 'intent', by: 'ada', cause: 'POST /v1/holds/1/approve', scope: 'office' }])
  t.equal(json.items.length, 1, 'a decision that was refused is none')
  for (const verb of ['reject', 'pause', 'resume']) {
    t.match((await ask(app, { url: `/v1/audit?verb=${verb}`, headers })).json.items, [
      { what: 'intent', by: 'ada', verb },
    ])
  }
})

t.test('without tokens a person is local', async t => {
  const { app } = await benchOf(t)
  await ask(app, { method: 'POST', url: '/v1/pause' })
  t.match((await ask(app, { url: '/v1/audit?verb=pause' })).json.items, [{ by: 'local' }])
})
