import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { AuditEntry, OwnedRecord } from '../../../../schemas/model/record.ts'
import { ask, type Bench, benchOf, isProblem, patch, post, until } from '../inject.ts'

const now = Math.floor(Date.now() / 1000)

const eventOf = (n: number, event: string) => ({
  event,
  'ip-address': `10.1.0.${n}`,
  'hw-address': `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}`,
  cltt: now - 60,
  'valid-lft': 3600,
  hostname: `h${n}`,
})

/** Leases 1 to `active` are held, and as many more as `ended` says have expired; all is in DNS. */
const estateOf = async ({ app, parts }: Bench, active: number, ended: number): Promise<void> => {
  const numbers = Array.from({ length: active + ended }, (_, i) => i + 1)
  await post(
    app,
    '/v1/events',
    numbers.map(n => eventOf(n, 'committed')),
  )
  await inDns(parts)
  await post(
    app,
    '/v1/events',
    numbers.slice(active).map(n => eventOf(n, 'expired')),
  )
  await inDns(parts)
}

const inDns = ({ store }: Bench['parts']) =>
  until(() => [...store.state.records.values()].every(({ phase }) => phase !== 'pending' && phase !== 'removing'))

/** How many A records are in each phase. */
const phases = ({ store }: Bench['parts']): Record<string, number> => {
  const forward = [...store.state.records.values()].filter(({ type }: OwnedRecord) => type === 'A')
  return Object.fromEntries([...Map.groupBy(forward, ({ phase }) => phase)].map(([phase, all]) => [phase, all.length]))
}

const decide = (app: FastifyInstance, url: string) => ask(app, { method: 'POST', url })

const office = async (app: FastifyInstance) => (await ask(app, { url: '/v1/scopes' })).json.items[0]

const told = async ({ audit }: Bench['parts'], verb: string): Promise<AuditEntry[]> =>
  (await audit.query({ verb, limit: 10 })).entries

t.test('each field says where it comes from', async t => {
  const scopes = [
    { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net', profile: 'conservative', ttl: 60 },
  ]
  const { app } = await benchOf(t, {}, { more: { scopes } })
  t.match(await office(app), {
    policy: { profile: 'conservative', retainOnRelease: true, ttl: 60, forward: true },
    from: { profile: 'config', retainOnRelease: 'profile', ttl: 'config', forward: 'default' },
  })
  const { status, json } = await patch(app, '/v1/scopes/office', { profile: 'balanced', forward: false })
  t.equal(status, 200)
  t.match(json, {
    name: 'office',
    policy: { profile: 'balanced', retainOnRelease: false, ttl: 60, forward: false },
    from: { profile: 'api', retainOnRelease: 'profile', ttl: 'config', forward: 'api' },
  })
  t.strictSame(await office(app), json)
})

t.test('a policy acts at once on what lives, and null takes it back', async t => {
  const bench = await benchOf(t)
  const { app, parts } = bench
  await estateOf(bench, 9, 3)
  t.strictSame(phases(parts), { published: 9, retained: 3 })
  t.match(await patch(app, '/v1/scopes/office', { retainOnExpiry: false, ttl: '2m' }), {
    status: 200,
    json: { policy: { retainOnExpiry: false, ttl: 120 }, from: { retainOnExpiry: 'api', ttl: 'api' } },
  })
  await inDns(parts)
  t.strictSame(phases(parts), { published: 9, awaiting: 3 })
  t.ok([...parts.store.state.records.values()].every(({ applied }) => applied?.ttl === 120))
  t.match(await patch(app, '/v1/scopes/office', { retainOnExpiry: null }), {
    status: 200,
    json: { policy: { retainOnExpiry: true, ttl: 120 }, from: { retainOnExpiry: 'profile', ttl: 'api' } },
  })
  await inDns(parts)
  t.strictSame(phases(parts), { published: 9, retained: 3 })
  await patch(app, '/v1/scopes/office', { ttl: null })
  t.equal(parts.store.intents.size, 0, 'nothing is kept where nothing is meant')
  t.match(await told(parts, 'set-policy'), [
    { what: 'intent', by: 'local', scope: 'office', reason: 'local set ttl back to what it was in office.' },
    { reason: 'local set retainOnExpiry back to what it was in office.' },
    { reason: 'local set retainOnExpiry to false, ttl to 120 in office.' },
  ])
  await patch(app, '/v1/scopes/office', {})
  t.equal((await told(parts, 'set-policy')).length, 3, 'where nothing is said, nothing is done')
})

t.test('one that would remove too much waits for a person', async t => {
  const bench = await benchOf(t)
  const { app, parts } = bench
  await estateOf(bench, 4, 8)
  const aggressive = { profile: 'aggressive' }
  const shown = (await post(app, '/v1/scopes/office/preview', aggressive)).json
  t.match(shown, { counts: { remove: 16 }, more: 0, held: { records: 16, owned: 24 } })
  t.equal(shown.changes.length, 16)

  const held = await patch(app, '/v1/scopes/office', aggressive)
  t.match(held, { status: 202, json: { name: 'office', hold: 1, policy: { profile: 'balanced' } } })
  t.strictSame(phases(parts), { published: 4, retained: 8 })
  const { json: hold } = await ask(app, { url: '/v1/holds/1' })
  t.match(hold, { state: 'open', scope: 'office', records: 16, owned: 24, total: 0, endings: [] })
  t.match(hold.policy, { fields: aggressive, by: 'local' })
  t.strictSame(hold.policy.going, shown.changes)
  t.match(hold.reason, '16 of the 24 records owned in office (67 %) would go at once, so the policy stays as it is')
  t.match((await ask(app, { url: '/v1/findings' })).json.items, [{ kind: 'hold', remedy: /puts the policy in force/ }])

  await patch(app, '/v1/scopes/office', { ttl: 77 })
  t.match((await patch(app, '/v1/scopes/office', aggressive)).json, { hold: 1 }, 'the same again is the same hold')
  t.equal((await decide(app, '/v1/holds/1/approve')).status, 200)
  await inDns(parts)
  t.strictSame(phases(parts), { published: 4, removed: 8 })
  t.match(await office(app), { policy: { profile: 'aggressive', ttl: 77 }, from: { profile: 'api', ttl: 'api' } })
  t.match(await told(parts, 'approve'), [{ what: 'intent', by: 'local', scope: 'office' }])
  isProblem(t, await decide(app, '/v1/holds/1/approve'), 409, 'id')

  t.match((await post(app, '/v1/scopes/office/preview', { profile: null })).json, { counts: { keep: 8 } })
  await patch(app, '/v1/scopes/office', { profile: null })
  await inDns(parts)
  t.strictSame(phases(parts), { published: 4, retained: 8 }, 'what went comes back while its lease is known')
})

t.test('what is rejected stays as it was, and a newer word withdraws what waits', async t => {
  const bench = await benchOf(t)
  const { app, parts } = bench
  await estateOf(bench, 4, 8)
  t.equal((await patch(app, '/v1/scopes/office', { profile: 'aggressive' })).json.hold, 1)
  t.match((await decide(app, '/v1/holds/1/reject')).json, { state: 'rejected' })
  t.match(await office(app), { policy: { profile: 'balanced' }, from: { profile: 'default' } })
  t.equal((await patch(app, '/v1/scopes/office', { profile: 'aggressive' })).json.hold, 2, 'it may be asked for again')
  t.equal((await patch(app, '/v1/scopes/office', { ttl: 77 })).status, 200)
  t.match((await ask(app, { url: '/v1/holds/2' })).json, { state: 'open' }, 'another field is another matter')
  t.equal((await patch(app, '/v1/scopes/office', { profile: null })).status, 200)
  t.match((await ask(app, { url: '/v1/holds/2' })).json, { state: 'withdrawn' })
  isProblem(t, await decide(app, '/v1/holds/2/approve'), 409, 'id')
  t.equal((await patch(app, '/v1/scopes/office', { profile: 'aggressive' })).json.hold, 3)
  t.equal((await patch(app, '/v1/scopes/office', { profile: 'aggressive', ttl: 60 })).json.hold, 4)
  t.match((await ask(app, { url: '/v1/holds/3' })).json, { state: 'withdrawn' })
  t.strictSame(phases(parts), { published: 4, retained: 8 })
})

t.test('a shorter grace counts as going: it would be over at once', async t => {
  const bench = await benchOf(t)
  const { app, parts } = bench
  await patch(app, '/v1/scopes/office', { retainOnExpiry: false, grace: '7d' })
  await estateOf(bench, 0, 12)
  t.strictSame(phases(parts), { awaiting: 12 })
  t.match((await patch(app, '/v1/scopes/office', { grace: '5m' })).json, { hold: 1 })
  t.equal((await patch(app, '/v1/scopes/office', { grace: '8d' })).status, 200, 'a longer one takes nothing away')
})

const WRONG: [body: unknown, field: string, expected: RegExp][] = [
  [{ retainOnExpire: true }, 'retainOnExpire', /did you mean "retainOnExpiry"/],
  [{ retainOnExpiry: 'yes' }, 'retainOnExpiry', /true or false/],
  [{ ttl: 0 }, 'ttl', /at least 1/],
  [{ ttl: { percent: 33, mim: 5 } }, 'ttl.mim', /did you mean "min"/],
  [{ grace: '24 hours' }, 'grace', /duration/],
  [{ profile: 'balanced', hostnameSource: ['dns'] }, 'hostnameSource[0]', /fqdn/],
  [{ hostnameSource: [] }, 'hostnameSource', /./],
  [{ domain: 'evil.example' }, 'domain', /no such key/],
  [{ name: 'x' }, 'name', /no such key/],
  [[], 'body', /object/],
  ['"x"', 'body', /object/],
  ['null', 'body', /object/],
  ['{"ttl": 60, "ttl": 61}', 'ttl', /once/],
]

t.test('a wrong field is named, with what was expected, and nothing changes', async t => {
  const { app, parts } = await benchOf(t)
  const before = await office(app)
  for (const [body, field, expected] of WRONG) {
    for (const answer of [
      await patch(app, '/v1/scopes/office', body),
      await post(app, '/v1/scopes/office/preview', body),
    ]) {
      isProblem(t, answer, 400, field)
      t.match(answer.json.errors.find((one: { field: string }) => one.field === field)?.expected, expected)
    }
  }
  isProblem(t, await patch(app, '/v1/scopes/ofice', { ttl: 60 }), 404, 'name')
  isProblem(t, await post(app, '/v1/scopes/ofice/preview', { ttl: 60 }), 404, 'name')
  t.strictSame(await office(app), before)
  t.equal(parts.store.intents.size, 0)
  t.equal(parts.store.holds.size, 0)
})

t.test('who reads may try, who operates may change, and is named', async t => {
  const tokens = (['callout', 'read', 'operate'] as const).map(role => ({
    name: `the-${role}`,
    role,
    secret: `${role}-secret-1234`,
  }))
  const { app, parts } = await benchOf(t, { tokens })
  const asked = async (role: string, method: 'PATCH' | 'POST' | 'GET', url: string) => {
    const headers = {
      authorization: `Bearer ${role}-secret-1234`,
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    }
    return (await ask(app, { method, url, headers, ...(method !== 'GET' && { payload: '{"ttl": 60}' }) })).status
  }
  const statuses = async (method: 'PATCH' | 'POST' | 'GET', url: string) => [
    await asked('callout', method, url),
    await asked('read', method, url),
    await asked('operate', method, url),
  ]
  t.strictSame(await statuses('PATCH', '/v1/scopes/office'), [403, 403, 200])
  t.strictSame(await statuses('POST', '/v1/scopes/office/preview'), [403, 200, 200])
  t.strictSame(await statuses('GET', '/v1/plan'), [403, 200, 200])
  t.match(await told(parts, 'set-policy'), [{ by: 'the-operate' }])
  t.match([...parts.store.intents.values()], [{ kind: 'policy', by: 'the-operate', fields: { ttl: 60 } }])
})

t.test('a preview leaves the store as it is, to the byte', async t => {
  const bench = await benchOf(t)
  const { app, parts } = bench
  await estateOf(bench, 4, 8)
  await parts.store.durable()
  const { path } = await parts.store.report()
  const bytes = () =>
    Promise.all(['log.jsonl', 'snapshot.jsonl'].map(file => readFile(join(path, file)).catch(() => null)))
  const before = await bytes()
  for (const body of [{ profile: 'aggressive' }, { forward: false }, { hostnameSource: ['hw-address'] }, { ttl: 1 }]) {
    t.equal((await post(app, '/v1/scopes/office/preview', body)).status, 200)
  }
  await parts.store.durable()
  t.strictSame(await bytes(), before)
})
