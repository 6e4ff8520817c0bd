import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

const KEY = { name: 'copy', secret: 'aHVudGVyMg==' }

const dns = (more: object) => ({ dns: [{ name: 'local', kind: 'embedded', ...more }] })
const record = (more: object) => dns({ records: [{ name: 'www.home.arpa', type: 'A', value: '10.0.0.1', ...more }] })
const secondaries = (...list: unknown[]) => dns({ secondaries: list })

const table: [what: string, config: object, field: string, expected: RegExp][] = [
  ['a type that is none', record({ type: 'ANY' }), 'dns[0].records[0].type', /HTTPS/],
  ['a name that is none', record({ name: 'a b' }), 'dns[0].records[0].name', /domain name/],
  ['a star within a name', record({ name: 'a.*.home.arpa' }), 'dns[0].records[0].name', /domain name/],
  ['a value that is a number', record({ value: 7 }), 'dns[0].records[0].value', /a text, or a list of texts/],
  ['no text in a list', record({ type: 'TXT', value: [] }), 'dns[0].records[0].value', /at least 1/],
  ['a list that is no TXT', record({ value: ['10.0.0.1'] }), 'dns[0].records[0].value', /IPv4/],
  ['an MX without its number', record({ type: 'MX', value: 'a.home.arpa' }), 'dns[0].records[0].value', /10 mail/],
  ['an SRV without its port', record({ type: 'SRV', value: '0 5 a.home.arpa' }), 'dns[0].records[0].value', /port/],
  ['a parameter that is unknown', record({ type: 'HTTPS', value: '1 . a=b' }), 'dns[0].records[0].value', /alpn/],
  ['a CAA without its tag', record({ type: 'CAA', value: '0 "x"' }), 'dns[0].records[0].value', /tag/],
  ['a server without a name', dns({ ns: { address: '10.0.0.1' } }), 'dns[0].ns.name', /a text/],
  ['an address that is a name', dns({ ns: { name: 'ns.home.arpa', address: 'a' } }), 'dns[0].ns.address', /IPv4/],
  ['a secondary without a key', secondaries({ address: '192.0.2.1' }), 'dns[0].secondaries[0].tsig', /object/],
  ['a secondary by name', secondaries({ address: 'a:53', tsig: KEY }), 'dns[0].secondaries[0].address', /an address/],
  [
    'a wrong octet',
    secondaries({ address: '192.0.2.256', tsig: KEY }),
    'dns[0].secondaries[0].address',
    /an IP address and a port/,
  ],
  [
    'one secondary twice',
    secondaries({ address: '192.0.2.1', tsig: KEY }, { address: '192.0.2.1', tsig: KEY }),
    'dns[0].secondaries[1].address',
    /another than dns\[0\]\.secondaries\[0\]\.address/,
  ],
  [
    'a secret that is not base64',
    secondaries({ address: '192.0.2.1', tsig: { ...KEY, secret: 'hunter2!' } }),
    'dns[0].secondaries[0].tsig.secret',
    /base64/,
  ],
]

t.test('what is wrong with an embedded server is told by its path, and no secret with it', async t => {
  for (const [what, config, field, expected] of table) {
    try {
      configOf(config, {})
      t.fail(`${what} is taken`)
    } catch (error) {
      const { issues, message } = error as Error & { issues: { field: string; expected: string }[] }
      t.match(issues, [{ field, expected }], what)
      t.notMatch(message, 'hunter2', `${what}: tells no secret`)
    }
  }
})

t.test('what is allowed', async t => {
  const [local] = configOf(
    dns({
      ns: { name: 'NS.home.arpa.', address: '2001:DB8::1' },
      records: [{ name: '*.Apps.home.arpa', type: 'TXT', value: ['a', 'b'] }],
      secondaries: [{ address: '[2001:db8::53]:5300', tsig: { ...KEY, secret: { env: 'COPY' } } }],
    }),
    { COPY: 'aHVudGVyMg==\n' },
  ).dns
  t.match(local, {
    ns: { name: 'ns.home.arpa' },
    records: [{ name: '*.apps.home.arpa', value: ['a', 'b'] }],
    secondaries: [{ address: '[2001:db8::53]:5300', tsig: { algorithm: 'hmac-sha256', secret: 'aHVudGVyMg==' } }],
  })
})
