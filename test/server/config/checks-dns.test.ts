import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

/** Entries of `dns` with an HTTP API: what is wrong is told by its path, and no secret with it. */

const POWERDNS = { name: 'p', kind: 'powerdns', url: 'http://192.0.2.53:8081', apiKey: { env: 'KEY' } }
const TECHNITIUM = {
  name: 't',
  kind: 'technitium',
  url: 'https://192.0.2.53:53443',
  token: { env: 'TOKEN' },
  ca: 'ca.pem',
}
const ENV = { KEY: 'hunter2', TOKEN: 'hunter3', SPACED: 'hunter 4' }

t.test('an entry is resolved with its secret, and what it leaves open', async t => {
  const { dns } = configOf({ dns: [POWERDNS, TECHNITIUM] }, ENV)
  t.match(dns, [
    { kind: 'powerdns', apiKey: 'hunter2', server: 'localhost', marker: 'dhcid', timeout: 5000 },
    { kind: 'technitium', token: 'hunter3', ca: 'ca.pem', marker: 'dhcid' },
  ])
})

t.test('a secret that crosses the network in the clear gives a warning', async t => {
  const warningsOf = (entry: object) => configOf({ dns: [entry] }, ENV).warnings
  t.match(warningsOf(POWERDNS), [/^dns\[0\]\.url: the apiKey crosses the network in the clear/])
  t.same(warningsOf(TECHNITIUM), [])
  t.same(warningsOf({ ...POWERDNS, url: 'http://127.0.0.1:8081' }), [])
  t.same(warningsOf({ ...POWERDNS, url: 'http://[::1]:8081' }), [])
})

const ROWS: [what: string, entry: object, message: RegExp][] = [
  ['no URL', { ...POWERDNS, url: undefined }, /dns\[0\]\.url: /],
  ['a URL of something else', { ...POWERDNS, url: 'ftp://192.0.2.53' }, /dns\[0\]\.url: expected a URL, like/],
  ['no URL at all', { ...POWERDNS, url: '192.0.2.53' }, /dns\[0\]\.url: expected a URL/],
  ['a user in the URL', { ...POWERDNS, url: 'http://a:hunter2@192.0.2.53' }, /dns\[0\]\.url: .*without a user name/],
  ['a token in the URL', { ...TECHNITIUM, url: 'http://192.0.2.53/?token=hunter2' }, /dns\[0\]\.url: .*a query/],
  ['no key', { ...POWERDNS, apiKey: undefined }, /dns\[0\]\.apiKey: /],
  ['a variable that is not there', { ...TECHNITIUM, token: { env: 'NONE' } }, /dns\[0\]\.token\.env: .*NONE/],
  [
    'a token that fits no header',
    { ...TECHNITIUM, token: { env: 'SPACED' } },
    /dns\[0\]\.token: expected visible ASCII/,
  ],
  ["another kind's key", { ...TECHNITIUM, apiKey: 'hunter2' }, /dns\[0\]\.apiKey/],
  ['a marker that is none', { ...POWERDNS, marker: 'comment' }, /dns\[0\]\.marker/],
]

for (const [what, entry, message] of ROWS) {
  t.test(`refused: ${what}`, async t => {
    t.throws(() => configOf({ dns: [entry] }, ENV), message)
    try {
      configOf({ dns: [entry] }, ENV)
    } catch (error) {
      t.notMatch((error as Error).message, /hunter/)
    }
  })
}
