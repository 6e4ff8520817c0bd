import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

const TSIG = { name: 'leasehold', secret: 'c2VjcmV0' }
const entry = (name: string, more: object = {}) => ({
  name,
  kind: 'rfc2136',
  servers: ['192.0.2.53:53'],
  zones: ['lab.example', '10.in-addr.arpa'],
  tsig: TSIG,
  ...more,
})
const SCOPE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' }
const read = (dns: object[], scopes: object[] = [SCOPE]) => configOf({ dns, scopes }, {})

const two = (fault: RegExp, one: object, other: object) => ({ dns: [entry('a', one), entry('b', other)], fault })

for (const { dns, fault } of [
  two(
    /dns\[1\]\.zones: expected no zone of dns\[0\] \("a"\) at the server 192\.0\.2\.53:53, or another "view"/,
    {},
    {},
  ),
  two(/found lab\.example in "b" too/, {}, { servers: ['192.0.2.54', '192.0.2.53'] }),
  two(/found 10\.in-addr\.arpa in "b" too/, {}, { zones: ['other.example', '10.in-addr.arpa'] }),
  two(/at the server \[2001:db8::53\]:53/, { servers: ['[2001:DB8:0::53]'] }, { servers: ['[2001:db8::53]:53'] }),
  two(/"view"/, { view: 'lan' }, { view: 'lan' }),
  {
    dns: [
      { name: 'a', kind: 'embedded', port: 5353 },
      { name: 'b', kind: 'embedded', port: 5353, zones: ['lab.example'] },
    ],
    fault: /dns\[1\]\.zones.*127\.0\.0\.1:5353/,
  },
  {
    dns: [
      { name: 'a', kind: 'powerdns', url: 'http://192.0.2.53:8081', apiKey: 'x', zones: ['lab.example'] },
      { name: 'b', kind: 'powerdns', url: 'http://192.0.2.53:8081/', apiKey: 'y', zones: ['lab.example'] },
    ],
    fault: /dns\[1\]\.zones.*http:\/\/192\.0\.2\.53:8081 localhost/,
  },
  {
    dns: [
      { name: 'a', kind: 'technitium', url: 'http://192.0.2.53:5380', token: 'x', zones: ['lab.example'] },
      { name: 'b', kind: 'technitium', url: 'http://192.0.2.53:5380', token: 'x', zones: ['lab.example'] },
    ],
    fault: /dns\[1\]\.zones.*http:\/\/192\.0\.2\.53:5380/,
  },
])
  t.test(`refused: ${fault}`, async t => t.throws(() => read(dns), fault))

for (const [what, one, other] of [
  ['two views of one server', { view: 'lan' }, { view: 'wan' }],
  ['a view beside none', {}, { view: 'wan' }],
  ['a key for each zone', { zones: ['lab.example'] }, { zones: ['10.in-addr.arpa'] }],
  ['two ports', {}, { servers: ['192.0.2.53:5353'] }],
] as const)
  t.test(`two entries at one address: ${what}`, async t => {
    t.match(read([entry('a', one), entry('b', other)]).dns, [{ name: 'a' }, { name: 'b' }])
  })

t.test('two embedded servers with one zone on ports of their own', async t => {
  const at = (name: string, port: number) => ({ name, kind: 'embedded', port, zones: ['lab.example'] })
  t.equal(read([at('a', 0), at('b', 0)]).dns.length, 2)
  t.equal(read([at('a', 5353), at('b', 5354)]).dns.length, 2)
})

t.test('zones that only scopes name count too', async t => {
  const scopes = [
    { ...SCOPE, backend: 'a' },
    { ...SCOPE, name: 'lab', subnet: '10.2.0.0/16', backend: 'b' },
  ]
  const dns = [entry('a', { zones: undefined }), entry('b', { zones: undefined })]
  t.throws(() => read(dns, scopes), /found lab\.example in "b" too/)
})

t.test("a former name is nobody else's", async t => {
  const apart = { servers: ['192.0.2.54'] }
  t.match(read([entry('a', { formerly: ['x', 'y'] }), entry('b', apart)]).dns, [{ formerly: ['x', 'y'] }, {}])
  t.throws(
    () => read([entry('a', { formerly: ['b'] }), entry('b', apart)]),
    /dns\[0\]\.formerly\[0\]: expected a name that no entry has, nor had, found "b", as dns\[1\]\.name/,
  )
  t.throws(
    () => read([entry('a', { formerly: ['x'] }), entry('b', { ...apart, formerly: ['x'] })]),
    /dns\[1\]\.formerly\[0\].*"x", as dns\[0\]\.formerly\[0\]/,
  )
})

t.test('a reverse zone of less than a /24', async t => {
  const scope = (subnet: string, reverseZone: string) => [{ ...SCOPE, subnet, reverseZone }]
  const at = (subnet: string, label: string) =>
    read([entry('a', { zones: ['lab.example'] })], scope(subnet, `${label}.2.0.192.in-addr.arpa`))
  for (const [subnet, label] of [
    ['192.0.2.0/25', '0/25'],
    ['192.0.2.0/25', '0-127'],
    ['192.0.2.0/25', '0-25'],
    ['192.0.2.64/26', '64-26'],
    ['192.0.2.64/27', '64/26'],
    ['192.0.2.0/24', 'office'],
  ] as const)
    t.match(at(subnet, label).scopes, [{ reverseZone: `${label}.2.0.192.in-addr.arpa` }], `${subnet} in ${label}`)
  for (const [subnet, label] of [
    ['192.0.2.128/25', '0/25'],
    ['192.0.2.0/24', '0-127'],
    ['192.0.2.0/23', 'office'],
    ['192.0.3.0/25', '0/25'],
  ] as const)
    t.throws(() => at(subnet, label), /scopes\[0\]\.reverseZone: expected a zone that has all addresses of/)
})

t.test('a scope of PTRs only needs no zone for its names', async t => {
  const dns = [entry('a', { zones: ['10.in-addr.arpa'] })]
  t.throws(() => read(dns), /scopes\[0\]\.domain/)
  t.match(read(dns, [{ ...SCOPE, forward: false }]).scopes, [{ forward: false }])
})
