import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { tokenOf, urlOf } from '../../../../server/cli/remote/where.ts'
import { command } from '../spawned.ts'

const folder = t.testdir({
  'both.json': '{ // a comment\n "http": { "host": "::1", "port": 9 }, }',
  'any.json': '{ "http": { "host": "0.0.0.0" } }',
  'secret.json':
    '{ "http": { "port": 9, "tokens": [{ "name": "a", "role": "read", "secret": { "file": "no/such" } }] } }',
  'empty.json': '{}',
  'wrong.json': '{ "http": { "port": "ninety" } }',
  'broken.json': '{ "http": ',
  token: 'a-token\n',
})
const file = (name: string) => join(folder, name)

const FOUND: [options: object, env: object, url: string][] = [
  [{}, {}, 'http://127.0.0.1:8053'],
  [{ url: 'https://dns.example/' }, { LEASEHOLD_URL: 'http://other' }, 'https://dns.example'],
  [{}, { LEASEHOLD_URL: 'http://other:1/' }, 'http://other:1'],
  [{}, { LEASEHOLD_URL: '' }, 'http://127.0.0.1:8053'],
  [{ config: file('both.json') }, {}, 'http://[::1]:9'],
  [{ config: file('both.json') }, { LEASEHOLD_URL: 'http://other' }, 'http://other'],
  [{}, { LEASEHOLD_CONFIG: file('any.json') }, 'http://127.0.0.1:8053'],
  [{ config: file('secret.json') }, {}, 'http://127.0.0.1:9'],
  [{ config: file('empty.json') }, {}, 'http://127.0.0.1:8053'],
]

t.test('where the server is: what is said, then the environment, then the configuration, then the default', async t => {
  for (const [options, env, url] of FOUND) t.equal(await urlOf(options, env as NodeJS.ProcessEnv), url)
  t.equal(tokenOf({ tokenFile: file('token') }, { LEASEHOLD_TOKEN: 'other' }), 'a-token')
  t.equal(tokenOf({}, { LEASEHOLD_TOKEN: 'other' }), 'other')
  t.equal(tokenOf({}, { LEASEHOLD_TOKEN: '' }), undefined)
})

t.test('a configuration that cannot say it ends with 78 and its place', async t => {
  const rows: [name: string, err: RegExp][] = [
    ['wrong.json', /http\.port: expected/],
    ['broken.json', /line 1, column/],
    ['none.json', /ENOENT/],
  ]
  for (const [name, err] of rows) t.match(await command(['status', '--config', file(name)]), { code: 78, out: '', err })
})

/** Prints each package that a process loaded, as it ends. */
const TELL = `import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({ load(url, context, next) { loaded.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]); return next(url, context) } })
process.on('exit', () => console.log([...loaded].filter(name => name).sort().join(' ')))`

t.test('a question does not wait for what only the server needs', async t => {
  const bin = fileURLToPath(new URL('../../../../bin/leasehold.js', import.meta.url))
  const words = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, bin]
  const env = { PATH: process.env.PATH! }
  const loads = (...more: string[]) =>
    spawnSync(process.execPath, [...words, ...more], { encoding: 'utf8', env }).stdout.trim()
  t.equal(loads('status', '--url', 'http://127.0.0.1:1'), 'commander openapi-fetch')
  t.equal(loads('pin', 'nas', '--config', file('both.json')), 'commander jsonc-parser openapi-fetch')
})
