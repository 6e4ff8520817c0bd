import fc from 'fast-check'
import t from 'tap'
import { isLoopback } from '../../../server/config/checks.ts'
import { originGuard } from '../../../server/http/origin.ts'
import { caughtUp, upTo } from '../reconcile/program-over-kea.ts'
import { type Answered, isProblem } from './inject.ts'
import { converse, listening } from './raw.ts'
import { leaseOf } from './stock.ts'

/** A header of a request: none, one, or several of that name. PORT stands for the port that is listened on. */
type Value = string | string[] | null

interface Row {
  who: string
  host: Value
  origin?: Value
  site?: Value
  /** The headers at fault, where it is refused. */
  fault?: string[]
}

const rows: Row[] = [
  { who: 'curl', host: '127.0.0.1:PORT' },
  { who: 'curl to a name', host: 'localhost:PORT' },
  { who: 'curl to a name in capitals', host: 'LocalHost:PORT' },
  { who: 'curl to a name with its dot', host: 'localhost.:PORT' },
  { who: 'curl over IPv6', host: '[::1]:PORT' },
  { who: 'curl over IPv6 written out', host: '[0:0:0:0:0:0:0:1]:PORT' },
  { who: 'curl to another loopback address', host: '127.8.9.10' },
  { who: 'curl through a forwarded port', host: 'localhost:9000' },
  { who: 'a port that is empty', host: 'localhost:' },
  { who: 'a page typed into the address bar', host: 'localhost:PORT', site: 'none' },
  { who: 'a button on /docs', host: 'localhost:PORT', origin: 'http://localhost:PORT', site: 'same-origin' },
  { who: 'a button on /docs over IPv6', host: '[::1]:PORT', origin: 'http://[::1]:PORT', site: 'same-origin' },
  { who: 'a button, an older browser', host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:PORT' },
  { who: 'a button behind a proxy at port 80', host: 'localhost', origin: 'http://localhost', site: 'same-origin' },
  { who: 'a button behind a proxy with TLS', host: 'localhost', origin: 'https://localhost', site: 'same-origin' },
  { who: 'the same, port named', host: 'localhost:443', origin: 'https://localhost', site: 'same-origin' },

  {
    who: 'a page of another site',
    host: '127.0.0.1:PORT',
    origin: 'https://evil.example',
    site: 'cross-site',
    fault: ['Origin', 'Sec-Fetch-Site'],
  },
  { who: 'an older browser', host: '127.0.0.1:PORT', origin: 'https://evil.example', fault: ['Origin'] },
  { who: 'a link on another site', host: '127.0.0.1:PORT', site: 'cross-site', fault: ['Sec-Fetch-Site'] },
  {
    who: 'another server on this machine',
    host: 'localhost:PORT',
    origin: 'http://localhost:1',
    site: 'same-site',
    fault: ['Origin', 'Sec-Fetch-Site'],
  },
  { who: 'one at the default port', host: 'localhost:PORT', origin: 'http://localhost', fault: ['Origin'] },
  { who: 'one at another scheme', host: 'localhost:80', origin: 'https://localhost', fault: ['Origin'] },
  { who: 'loopback by two names', host: '127.0.0.1:PORT', origin: 'http://localhost:PORT', fault: ['Origin'] },
  { who: 'a file, or a frame in a sandbox', host: '127.0.0.1:PORT', origin: 'null', fault: ['Origin'] },
  { who: 'an empty Origin', host: '127.0.0.1:PORT', origin: '', fault: ['Origin'] },
  { who: 'an extension', host: 'localhost:PORT', origin: 'moz-extension://localhost:PORT', fault: ['Origin'] },
  { who: 'an Origin with a path', host: 'localhost:PORT', origin: 'http://localhost:PORT/', fault: ['Origin'] },
  { who: 'an Origin with a user', host: 'localhost:PORT', origin: 'http://x@localhost:PORT', fault: ['Origin'] },
  {
    who: 'two Origins',
    host: 'localhost:PORT',
    origin: ['http://localhost:PORT', 'http://localhost:PORT'],
    fault: ['Origin'],
  },
  { who: 'a site that is unknown', host: 'localhost:PORT', site: 'elsewhere', fault: ['Sec-Fetch-Site'] },
  { who: 'a site that is empty', host: 'localhost:PORT', site: '', fault: ['Sec-Fetch-Site'] },
  { who: 'a site in capitals', host: 'localhost:PORT', site: 'None', fault: ['Sec-Fetch-Site'] },
  { who: 'two sites', host: 'localhost:PORT', site: ['same-origin', 'cross-site'], fault: ['Sec-Fetch-Site'] },
  {
    who: 'a page after DNS rebinding',
    host: 'evil.example:PORT',
    origin: 'http://evil.example:PORT',
    site: 'same-origin',
    fault: ['Host', 'Origin'],
  },
  { who: 'a page after DNS rebinding reads', host: 'evil.example:PORT', site: 'same-origin', fault: ['Host'] },
  { who: 'a name that begins like ours', host: 'localhost.evil.example:PORT', fault: ['Host'] },
  { who: 'a name that begins like our address', host: '127.0.0.1.evil.example', fault: ['Host'] },
  { who: 'a name that ends like ours', host: 'evil.localhost', fault: ['Host'] },
  { who: 'a user before our name', host: 'evil.example@127.0.0.1', fault: ['Host'] },
  { who: 'our name as a user', host: '127.0.0.1:PORT@evil.example', fault: ['Host'] },
  { who: 'two names in one Host', host: '127.0.0.1, evil.example', fault: ['Host'] },
  { who: 'an address of the network', host: '192.168.1.2:PORT', fault: ['Host'] },
  { who: 'the address of none', host: '0.0.0.0:PORT', fault: ['Host'] },
  { who: 'an empty Host', host: '', fault: ['Host'] },
  { who: 'a port that is too high', host: '127.0.0.1:65536', fault: ['Host'] },
  { who: 'a port that is none', host: '127.0.0.1:http', fault: ['Host'] },
]

/** As `rows`, with `http.hosts` as in PROXIES. */
const PROXIES = ['ns.lab', 'dns.example.net:8443', 'tls.example.net:443', '192.0.2.5', '[2001:DB8::5]']

const proxied: Row[] = [
  { who: 'still curl', host: '127.0.0.1:PORT' },
  { who: 'a proxy', host: 'ns.lab' },
  { who: 'a proxy at any port', host: 'NS.lab:9000' },
  { who: 'a button behind the proxy', host: 'ns.lab', origin: 'https://ns.lab', site: 'same-origin' },
  { who: 'one that sends its own Host', host: '127.0.0.1:PORT', origin: 'https://ns.lab', site: 'same-origin' },
  { who: 'a proxy with a port', host: 'dns.example.net:8443' },
  { who: 'a button behind it', host: 'localhost:PORT', origin: 'https://dns.example.net:8443', site: 'same-origin' },
  { who: 'a proxy at a default port', host: 'tls.example.net', origin: 'https://tls.example.net' },
  { who: 'a proxy by its address', host: '192.0.2.5' },
  { who: 'a proxy by its IPv6 address', host: '[2001:db8:0::5]:9000', origin: 'http://[2001:db8::5]:9000' },

  { who: 'another port than the one listed', host: 'dns.example.net:8444', fault: ['Host'] },
  { who: 'no port, one is listed', host: 'dns.example.net', fault: ['Host'] },
  { who: 'an Origin at another port', host: 'ns.lab', origin: 'https://dns.example.net', fault: ['Origin'] },
  { who: 'the same at http', host: 'ns.lab', origin: 'http://tls.example.net', fault: ['Origin'] },
  { who: 'a name below a listed one', host: 'x.ns.lab', fault: ['Host'] },
  { who: 'a page of another site', host: 'ns.lab', origin: 'https://evil.example', fault: ['Origin'] },
  {
    who: 'a page of the proxy that calls past it',
    host: '127.0.0.1:PORT',
    origin: 'https://ns.lab',
    site: 'cross-site',
    fault: ['Sec-Fetch-Site'],
  },
  { who: 'a page after DNS rebinding', host: 'evil.example', origin: 'http://evil.example', fault: ['Host', 'Origin'] },
]

const lines = (name: string, value: Value = null): string[] =>
  value === null ? [] : [value].flat().map(one => `${name}: ${one}`)

const headOf = (row: Pick<Row, 'host' | 'origin' | 'site'>): string[] => [
  ...lines('Host', row.host),
  ...lines('Origin', row.origin),
  ...lines('Sec-Fetch-Site', row.site),
]

/** Asks with just these headers over a socket of its own, and reads the answer. */
const ask = async (port: number, line: string, head: string[], body = ''): Promise<Answered> => {
  const bytes = [line, ...head, 'Connection: close', '', body].join('\r\n').replaceAll('PORT', String(port))
  const answer = await converse(port, bytes)
  const [top = '', text = ''] = answer.split(/\r\n\r\n(.*)/s)
  const [status = '', ...fields] = top.split('\r\n')
  const headers = Object.fromEntries(
    fields.map(field =>
      field
        .toLowerCase()
        .split(/: (.*)/s)
        .slice(0, 2),
    ),
  )
  const isJson = String(headers['content-type']).includes('json') && headers['transfer-encoding'] === undefined
  return { status: Number(status.split(' ')[1]), headers, text, json: isJson && text !== '' ? JSON.parse(text) : null }
}

const fieldsOf = ({ json }: Answered) => json.errors.map(({ field }: { field: string }) => field)

for (const [what, http, table] of [
  ['without http.hosts', {}, rows],
  ['with http.hosts', { hosts: PROXIES }, proxied],
] as const) {
  t.test(`who may call without tokens, ${what}`, async t => {
    const { port, parts } = await listening(t, { http })
    for (const { who, fault, ...row } of table) {
      const head = headOf(row)
      const said = [await ask(port, 'POST /v1/pause HTTP/1.1', head), await ask(port, 'GET /v1/leases HTTP/1.1', head)]
      for (const answer of said) {
        if (!fault) {
          t.equal(answer.status, 200, who)
          continue
        }
        isProblem(t, answer, 403)
        t.same(fieldsOf(answer), fault, who)
      }
      t.equal(parts.gate.isPaused(), !fault, who)
      parts.store.setPaused(false)
    }
  })
}

t.test('the answer says what was found, and where a proxy is named, but not its names', async t => {
  const { port } = await listening(t, { http: { hosts: ['ns.lab'] } })
  const head = headOf({ host: 'evil.example', origin: 'http://evil.example', site: 'cross-site' })
  const { json, text } = await ask(port, 'GET /healthz HTTP/1.1', head)
  t.match(json.errors, [
    { field: 'Host', expected: /http\.hosts/, found: '"evil.example"' },
    { field: 'Origin', expected: /page at Host itself/, found: '"http://evil.example"' },
    { field: 'Sec-Fetch-Site', expected: /"same-origin" or "none"/, found: '"cross-site"' },
  ])
  t.match(json.detail, /No tokens are configured/)
  t.notMatch(text, /ns\.lab/)
})

t.test('every path is guarded, one that is not found or cannot be read too', async t => {
  const { app, port, parts, taken } = await listening(t)
  const document = app.swagger() as unknown as { paths: Record<string, Record<string, object>> }
  const known = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map(method => [method.toUpperCase(), path.replace(/\{\w+\}/g, '1')] as const),
  )
  t.ok(known.length > 15)
  const pages = ['/', '/docs', '/docs/', '/docs/json', '/docs/static/index.html', '/nothing', '/%zz', '*']
  const more = [...pages, `/v1/names/${'x'.repeat(2000)}`, 'http://localhost/healthz'].map(
    path => ['GET', path] as const,
  )
  const others = ['OPTIONS', 'HEAD', 'DELETE', 'PROPFIND'].map(method => [method, '/v1/pause'] as const)
  for (const [method, path] of [...known, ...more, ...others]) {
    const answer = await ask(port, `${method} ${path} HTTP/1.1`, headOf({ host: 'evil.example' }))
    t.equal(answer.status, 403, `${method} ${path.slice(0, 60)}`)
    if (method !== 'HEAD') isProblem(t, answer, 403, 'Host')
    t.equal(answer.headers['access-control-allow-origin'], undefined)
  }
  t.match([await taken(), parts.gate.isPaused(), parts.reconciler.last], [0, false, { cause: 'start' }])
})

t.test('a target that is a whole URL counts as its Host does', async t => {
  const { port } = await listening(t)
  const to = (target: string, host: string) => ask(port, `GET ${target} HTTP/1.1`, headOf({ host }))
  t.equal((await to('http://127.0.0.1:PORT/healthz', '127.0.0.1:PORT')).status, 200)
  isProblem(t, await to('http://evil.example/healthz', '127.0.0.1:PORT'), 403, 'Host')
  isProblem(t, await to('http://127.0.0.1:PORT/healthz', 'evil.example'), 403, 'Host')
  t.equal((await to('/v1/names/http://evil.example', '127.0.0.1:PORT')).status, 404)
})

t.test('a request has one Host, with tokens too', async t => {
  for (const http of [{}, { tokens: [{ name: 'eye', role: 'read', secret: 'secret-of-eye' }] }]) {
    const { port } = await listening(t, { http })
    for (const host of [['127.0.0.1', 'evil.example'], ['evil.example', '127.0.0.1'], ['localhost', 'localhost'], []]) {
      const answer = await ask(port, 'GET /healthz HTTP/1.1', headOf({ host }))
      isProblem(t, answer, 400, 'Host')
      isProblem(t, await ask(port, 'GET /%zz HTTP/1.1', headOf({ host })), 400, 'Host')
    }
  }
})

t.test('without a Host, as HTTP/1.0 allows it, nobody knows by which name it came', async t => {
  const { port } = await listening(t)
  t.equal((await ask(port, 'GET /healthz HTTP/1.0', headOf({ host: '127.0.0.1' }))).status, 200)
  isProblem(t, await ask(port, 'GET /healthz HTTP/1.0', []), 403, 'Host')
  isProblem(t, await ask(port, 'GET http://127.0.0.1/healthz HTTP/1.0', headOf({ host: 'x' })), 403, 'Host')
})

t.test('with tokens a page has none, and nothing else is looked at', async t => {
  const token = 'secret-of-root'
  const http = { host: '0.0.0.0', tokens: [{ name: 'root', role: 'operate', secret: token }] }
  const { port, parts } = await listening(t, { http })
  const head = headOf({ host: 'dns.example.net', origin: 'https://evil.example', site: 'cross-site' })
  isProblem(t, await ask(port, 'POST /v1/pause HTTP/1.1', head), 401)
  t.equal(parts.gate.isPaused(), false)
  t.equal((await ask(port, 'POST /v1/pause HTTP/1.1', [...head, `Authorization: Bearer ${token}`])).status, 200)
  t.equal((await ask(port, 'GET /healthz HTTP/1.0', [])).status, 200)
})

t.test('a page of another site that forges an event changes nothing', async t => {
  const lease = leaseOf('10.1.0.1', 'a.b', 1)
  const { port, parts, taken } = await listening(t, { stock: { leases: [lease] } })
  const body = JSON.stringify({ event: 'expired', 'ip-address': '10.1.0.1', cltt: 1, 'valid-lft': 60 })
  const head = ['Content-Type: application/json', `Content-Length: ${body.length}`]
  const rebound = headOf({ host: 'evil.example', origin: 'http://evil.example', site: 'same-origin' })
  isProblem(t, await ask(port, 'POST /v1/events HTTP/1.1', [...rebound, ...head], body), 403, 'Host')
  t.equal(await taken(), 0)
  t.equal(parts.store.state.lease('10.1.0.1'), lease)
})

t.test('a page of another site approves no hold, a shell does', async t => {
  const ALL = upTo(12)
  const { kea, port, reconcile, holds, inDns, status, settled } = await caughtUp(t, 12)
  kea.leases.clear()
  t.match(await reconcile(), { result: 'held', held: 12 })
  const page = headOf({ host: '127.0.0.1:PORT', origin: 'https://evil.example', site: 'cross-site' })
  const rebound = headOf({ host: 'evil.example:PORT', origin: 'http://evil.example:PORT', site: 'same-origin' })
  for (const head of [page, rebound]) {
    for (const path of ['/v1/holds/1/approve', '/v1/holds/1/reject', '/v1/pause', '/v1/reconcile']) {
      isProblem(t, await ask(port, `POST ${path} HTTP/1.1`, head), 403, 'Origin')
    }
  }
  t.match(await holds(), [{ id: 1, state: 'open', total: 12 }])
  t.match(await status(), { paused: false, holds: 1 })
  t.same(await inDns(ALL), ALL)

  t.equal((await ask(port, 'POST /v1/holds/1/approve HTTP/1.1', headOf({ host: '127.0.0.1:PORT' }))).status, 200)
  await settled()
  t.same(await inDns(ALL), [])
})

t.test('a Host that goes on is loopback for a browser too', async t => {
  const refusalOf = originGuard({ tokens: [], hosts: [] })
  const parts = ['127', '127.0.0.1', '.', '0', '1', 'localhost', '[', '::1', ']', ':', 'evil', '@', '/', '#', '\\', '%']
  const text = fc.array(fc.constantFrom(...parts, ' ', '?', ':80'), { maxLength: 6 }).map(all => all.join(''))
  let passed = 0
  fc.assert(
    fc.property(text, host => {
      const refusal = refusalOf({ url: '/', httpVersion: '1.1', rawHeaders: ['Host', host] } as never)
      if (refusal) return
      passed++
      if (!isLoopback(new URL(`http://${host}`).hostname.replace(/\.$/, ''))) throw new Error(host)
    }),
    { numRuns: 20_000 },
  )
  t.ok(passed > 100, `${passed} went on`)
})
