import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ConfigError, configOf, loadConfig } from '../../../server/config/load.ts'
import { BIND, CONTRACT, cross, dns, ENV, hosts, LAB, OFFICE, scopes, shape, TOKEN, tokens } from './wrong-configs.ts'

const refusal = (t: Test, read: () => unknown): ConfigError => {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  t.fail('is refused')
  return new ConfigError('', [])
}

t.test('without a file it runs on the embedded default', async t => {
  const config = loadConfig({ env: {} })
  t.match(config.http, { host: '127.0.0.1', port: 8053, tokens: [] })
  t.same(config.store, { kind: 'json', path: './data' })
  t.match(config.dns, [{ name: 'local', kind: 'embedded', host: '127.0.0.1', port: 5353 }])
  t.same(
    config.scopes.map(({ subnet, domain, backend }) => `${subnet} ${domain} ${backend}`),
    ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'].map(subnet => `${subnet} home.arpa local`),
  )
})

t.test('the configuration of the contract starts', async t => {
  const config = configOf(CONTRACT, ENV)
  t.equal(config.http.tokens[0]!.secret, 'token-of-kea')
  t.match(config.dns[1], { kind: 'rfc2136', unsigned: false, tsig: { secret: 'c2VjcmV0', algorithm: 'hmac-sha256' } })
  t.match(config.scopes[0], { backend: 'bind', ttl: 300 })
})

t.test('what is wrong is told by its path, and no secret with it', async t => {
  for (const [what, input, field, expected, found] of [...shape, ...cross]) {
    const { issues, message } = refusal(t, () => configOf(input, { EMPTY: '' }))
    const issue = issues.find(one => one.field === field)
    t.match(issue, { field, expected, found }, what)
    t.match(message, `  ${field}: expected `, `${what}: has a line`)
    t.notMatch(message, 'hunter2', `${what}: tells no secret`)
  }
})

t.test('all that is wrong is told at once', async t => {
  const error = refusal(t, () => configOf({ ...dns(BIND), http: { host: '::' }, scopes: [OFFICE, OFFICE] }, {}))
  t.same(
    error.issues.map(({ field }) => field),
    ['http.tokens', 'dns[0].tsig', 'scopes[1].name', 'scopes[1].subnet'],
  )
  t.equal(error.message.split('\n').length, 1 + error.issues.length)
})

t.test('what is allowed', async t => {
  const local = configOf({ ...dns({ ...BIND, servers: ['127.0.0.1', '[::1]:5300'] }), scopes: [OFFICE] }, {})
  t.match(local.dns, [{ unsigned: true }], 'this machine needs no signature')
  t.match(configOf({ ...dns({ ...BIND, unsigned: true }), scopes: [OFFICE] }, {}).dns, [{ unsigned: true }])
  t.ok(configOf({ http: { host: '0.0.0.0', tokens: [TOKEN] } }, {}))
  t.ok(configOf({ http: { host: 'localhost' } }, {}))
  t.ok(configOf({ http: { host: '::1' } }, {}))
  const names = ['NS.Lab', 'ns.lab:8443', '192.0.2.5', '[2001:db8::5]:8443', 'localhost.']
  t.match(configOf(hosts(...names), {}).http, {
    hosts: ['ns.lab', 'ns.lab:8443', '192.0.2.5', '[2001:db8::5]:8443', 'localhost.'],
  })
  t.same(configOf({}, {}).http.hosts, [])
  t.equal(configOf(scopes(OFFICE, { ...LAB, subnet: '10.1.2.0/24' }), {}).scopes.length, 2, 'a subnet within another')
})

t.test('secrets in files', async t => {
  const folder = t.testdir({ token: 'hunter2\n', two: 'a\nb\n', empty: '\n', windows: 'hunter2\r\n' })
  const read = (file: string) =>
    configOf(tokens({ ...TOKEN, secret: { file: join(folder, file) } }), {}).http.tokens[0]!.secret
  t.equal(read('token'), 'hunter2')
  t.equal(read('windows'), 'hunter2')
  t.match(refusal(t, () => read('two')).message, 'http.tokens[0].secret: expected visible')
  t.match(refusal(t, () => read('empty')).message, 'nothing in it')
  t.match(refusal(t, () => read('.')).message, 'EISDIR')
})

t.test('the file', async t => {
  const folder = t.testdir({
    'good.json': `\uFEFF${JSON.stringify({ http: { port: 1 } })}`,
    'other.json': JSON.stringify({ http: { port: 2 } }),
    'torn.json': '{\n  "http": { "tokens": [{ "secret": hunter2 }] }\n}',
    'wrong.json': '{"http": {"port": "x"}}',
  })
  const file = (name: string) => join(folder, name)
  const load = (name?: string, env: Record<string, string> = {}) => loadConfig({ file: name && file(name), env })
  t.equal(load('good.json').http.port, 1)
  t.equal(load(undefined, { LEASEHOLD_CONFIG: file('other.json') }).http.port, 2)
  t.equal(load('good.json', { LEASEHOLD_CONFIG: file('other.json') }).http.port, 1)
  t.equal(load(undefined, { LEASEHOLD_CONFIG: '' }).http.port, 8053)
  const torn = refusal(t, () => load('torn.json')).message
  t.match(torn, /torn\.json cannot be used:\n {2}line 2, column 36: expected a value/)
  t.notMatch(torn, 'hunter2')
  t.match(refusal(t, () => load('wrong.json')).message, /wrong\.json.*\n {2}http\.port: expected/)
  t.match(refusal(t, () => load('none.json')).message, /none\.json.*ENOENT/)
  if (process.getuid?.() !== 0) {
    mkdirSync(join(folder, 'closed'))
    writeFileSync(file('closed.json'), '{}')
    chmodSync(file('closed.json'), 0)
    t.match(refusal(t, () => load('closed.json')).message, /EACCES/)
  }
})
