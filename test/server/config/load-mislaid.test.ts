import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

const SECRET = 'aHVudGVyMmh1bnRlcjI='
const KEY = { name: 'leasehold', secret: SECRET }
const TOKEN = { name: 'kea', role: 'callout', secret: SECRET }
const BIND = { name: 'bind', kind: 'rfc2136', servers: ['192.0.2.53:53'] }
const scopes = [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' }]

const refusal = (input: object): string => {
  try {
    configOf(input, {})
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

const mislaid: Record<string, [field: string, config: object]> = {
  role: ['http.tokens[0].role', { http: { tokens: [{ ...TOKEN, role: SECRET }] } }],
  algorithm: ['dns[0].tsig.algorithm', { dns: [{ ...BIND, tsig: { ...KEY, algorithm: SECRET } }] }],
  'the name of a key': ['dns[0].tsig.name', { dns: [{ ...BIND, tsig: { ...KEY, name: SECRET } }] }],
  servers: ['dns[0].servers[0]', { dns: [{ ...BIND, servers: [SECRET], tsig: KEY }] }],
  'a key': ['dns[0].tsig', { dns: [{ ...BIND, tsig: SECRET }] }],
  'a password': ['kea[0].password', { kea: [{ name: 'a', url: 'http://a', services: ['dhcp4'], password: [SECRET] }] }],
}

t.test('a secret that stands in the wrong place is not printed', async t => {
  for (const [what, [field, config]] of Object.entries(mislaid)) {
    const message = refusal(config)
    t.match(message, `${field}: expected`, what)
    t.notMatch(message, SECRET, what)
  }
})

t.test('an unknown key is told with the nearest known one', async t => {
  t.match(refusal({ scope: [] }), 'scope: expected no such key (did you mean "scopes"?)')
  t.match(refusal({ dns: [{ ...BIND, tsgi: KEY }] }), 'dns[0].tsgi: expected no such key (did you mean "tsig"?)')
  t.match(refusal({ dns: [{ ...BIND, zebra: 1 }] }), 'dns[0].zebra: expected no such key, found one')
})

t.test('a key may be a BIND key file', async t => {
  const folder = t.testdir({
    key: `key "Leasehold." {\n\talgorithm hmac-sha512;\n\tsecret "${SECRET}";\n};\n`,
    odd: `key "a" { algorithm rot13; secret "${SECRET}"; };`,
    text: SECRET,
  })
  for (const file of ['key', 'odd', 'text']) chmodSync(join(folder, file), 0o640)
  const withKey = (tsig: object) => ({ dns: [{ ...BIND, tsig }], scopes })
  const { dns, warnings } = configOf(withKey({ keyFile: join(folder, 'key') }), {})
  t.match(dns, [{ tsig: { name: 'leasehold', algorithm: 'hmac-sha512', secret: SECRET } }])
  t.strictSame(warnings, [])
  for (const file of ['odd', 'text', 'none', '.']) {
    const message = refusal(withKey({ keyFile: join(folder, file) }))
    t.match(message, 'dns[0].tsig.keyFile: expected', file)
    t.notMatch(message, SECRET)
  }
  t.match(refusal(withKey({ ...KEY, keyFile: 'a' })), 'dns[0].tsig.name: expected nothing, as it stands in the keyFile')
  t.match(refusal(withKey({ name: 'a' })), 'dns[0].tsig.secret: expected {"file": "..."}')
})

t.test('a secret that every user may read gives a warning that does not tell it', async t => {
  const folder = t.testdir({ token: SECRET })
  const file = join(folder, 'token')
  const warned = (mode: number) => {
    chmodSync(file, mode)
    return configOf({ http: { tokens: [{ ...TOKEN, secret: { file } }] } }, {}).warnings
  }
  t.strictSame(warned(0o640), [])
  const [warning] = warned(0o644)
  t.match(warning, 'http.tokens[0].secret.file')
  t.match(warning, 'mode 0644')
  t.notMatch(warning, SECRET)
})
