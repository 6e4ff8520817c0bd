import t from 'tap'
import { ask, benchOf, isProblem } from './inject.ts'

const TOKENS = [
  { name: 'kea', role: 'callout', secret: 'secret-of-kea' },
  { name: 'eye', role: 'read', secret: 'secret-of-eye' },
  { name: 'root', role: 'operate', secret: 'secret-of-root' },
]

const CALLOUT = { method: 'POST', url: '/v1/callouts/lease4_expire' } as const
const EVENTS = { method: 'POST', url: '/v1/events' } as const
const post = (url: string) => ({ method: 'POST', url }) as const
const get = (url: string) => ({ method: 'GET', url }) as const

/** What each token is answered: 401 and 403 are refusals, whatever else came past the guard. */
const rows = [
  { route: CALLOUT, nobody: 401, stranger: 401, kea: 400, eye: 400, root: 400 },
  { route: EVENTS, nobody: 401, stranger: 401, kea: 400, eye: 400, root: 400 },
  { route: get('/v1/records'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/v1/leases'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/v1/scopes'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/v1/names/a.b'), nobody: 401, stranger: 401, kea: 403, eye: 404, root: 404 },
  { route: get('/v1/status'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/v1/reconcile'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: post('/v1/reconcile'), nobody: 401, stranger: 401, kea: 403, eye: 403, root: 200 },
  { route: get('/v1/holds'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/v1/holds/7'), nobody: 401, stranger: 401, kea: 403, eye: 404, root: 404 },
  { route: post('/v1/holds/7/approve'), nobody: 401, stranger: 401, kea: 403, eye: 403, root: 404 },
  { route: post('/v1/holds/7/reject'), nobody: 401, stranger: 401, kea: 403, eye: 403, root: 404 },
  { route: post('/v1/pause'), nobody: 401, stranger: 401, kea: 403, eye: 403, root: 200 },
  { route: post('/v1/resume'), nobody: 401, stranger: 401, kea: 403, eye: 403, root: 200 },
  { route: get('/metrics'), nobody: 401, stranger: 401, kea: 403, eye: 200, root: 200 },
  { route: get('/healthz'), nobody: 200, stranger: 200, kea: 200, eye: 200, root: 200 },
  { route: get('/readyz'), nobody: 200, stranger: 200, kea: 200, eye: 200, root: 200 },
  { route: get('/openapi.json'), nobody: 200, stranger: 200, kea: 200, eye: 200, root: 200 },
  { route: get('/docs/'), nobody: 200, stranger: 200, kea: 200, eye: 200, root: 200 },
]

const HEADER = {
  nobody: undefined,
  stranger: 'Bearer secret-of-nobody',
  kea: 'Bearer secret-of-kea',
  eye: 'bearer secret-of-eye',
  root: 'Bearer  secret-of-root',
}

t.test('a route is for its role and those above', async t => {
  const { app, parts, taken } = await benchOf(t, { tokens: TOKENS })
  for (const { route, ...expected } of rows) {
    for (const who of ['nobody', 'stranger', 'kea', 'eye', 'root'] as const) {
      const headers = HEADER[who] ? { authorization: HEADER[who] } : {}
      const payload =
        route.method === 'POST'
          ? { headers: { ...headers, 'content-type': 'application/json' }, payload: '{}' }
          : { headers }
      const answer = await ask(app, { ...route, ...payload })
      t.equal(answer.status, expected[who], `${route.method} ${route.url} by ${who}`)
      t.notMatch(answer.text, /secret-of/, 'no secret in the answer')
    }
  }
  t.equal(await taken(), 0)
  t.equal(parts.store.state.leases.size, 0)
})

t.test('a refusal says what is needed', async t => {
  const { app } = await benchOf(t, { tokens: TOKENS })
  const by = (authorization?: string) =>
    ask(app, { url: '/v1/status', headers: authorization ? { authorization } : {} })
  const nobody = await by()
  isProblem(t, nobody, 401)
  t.equal(nobody.headers['www-authenticate'], 'Bearer realm="leasehold"')
  isProblem(t, await by('Basic a2VhOmtlYQ=='), 401)
  isProblem(t, await by('Bearer'), 401)
  isProblem(t, await by(`Bearer ${'x'.repeat(5000)}`), 401)
  t.match((await by('Bearer nonsense')).headers['www-authenticate'], /invalid_token/)
  const kea = await by('Bearer secret-of-kea')
  isProblem(t, kea, 403)
  t.match(kea.headers['www-authenticate'], /insufficient_scope/)
  t.equal(kea.json.detail, 'The token "kea" has the role callout; this needs read.')
})

t.test('without tokens all is free', async t => {
  const { app } = await benchOf(t)
  for (const { route } of rows.filter(row => row.route.method === 'GET')) {
    t.ok([200, 404].includes((await ask(app, route)).status), route.url)
  }
})
