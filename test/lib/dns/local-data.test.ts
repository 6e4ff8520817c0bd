import fc from 'fast-check'
import t from 'tap'
import {
  hidesData,
  isRefusal,
  localDataAt,
  localDataLine,
  localZonesIn,
  removesExactly,
} from '../../../lib/dns/local-data.ts'
import type { RR } from '../../../lib/dns/rr.ts'

/** As Unbound 1.17.1 printed it. */
const LISTING = `${[
  'H1.lab.example.net.\t300\tIN\tA\t10.0.0.1',
  'h1.lab.example.net.\t60\tIN\tMX\t10 a.b.',
  'h1.lab.example.net.\t300\tIN\tTXT\t"a person\\226\\128\\153s" "b\\"c"',
  'h1.lab.example.net.\t300\tIN\tDHCID\tAAEBq80=',
  'h2.lab.example.net.\t300\tIN\tAAAA\t2001:DB8::1',
  '1.0.0.10.in-addr.arpa.\t300\tIN\tPTR\tH1.lab.example.net.',
].join('\n\n')}\n\n`

t.test('a listing tells what is at the names that are asked for, whatever their case', async t => {
  const found = localDataAt(LISTING, ['h1.lab.example.net', 'h3.lab.example.net', '1.0.0.10.in-addr.arpa'])
  t.same([...found.keys()], ['h1.lab.example.net', '1.0.0.10.in-addr.arpa'])
  t.same(
    found.get('h1.lab.example.net')!.map(rr => [rr.type, rr.ttl, rr.value]),
    [
      ['A', 300, '10.0.0.1'],
      ['MX', 60, '10 a.b'],
      ['TXT', 300, 'a person’sb"c'],
      ['DHCID', 300, '000101abcd'],
    ],
  )
  t.equal(found.get('h1.lab.example.net')![1]!.line, 'h1.lab.example.net.\t60\tIN\tMX\t10 a.b.')
  t.equal(found.get('1.0.0.10.in-addr.arpa')![0]!.value, 'h1.lab.example.net')
  t.equal(localDataAt(LISTING, ['h2.lab.example.net']).get('h2.lab.example.net')![0]!.value, '2001:db8::1')
})

t.test('what is written of an RR is read as that RR', async () => {
  const value = { A: '10.0.0.1', AAAA: '2001:db8::1', PTR: 'h1.lab.example.net', CNAME: 'x.example', DHCID: '000101ab' }
  const rr: fc.Arbitrary<RR> = fc
    .oneof(
      fc.constantFrom(...(Object.keys(value) as (keyof typeof value)[])).map(type => ({ type, value: value[type] })),
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
        .map(text => ({ type: 'TXT' as const, value: text })),
    )
    .map(one => ({ name: 'h.lab.example.net', ttl: 300, ...one }))
  fc.assert(
    fc.property(rr, one => {
      const line = localDataLine(one)
      if (/[^ -~]/.test(line)) throw new Error(`not printable: ${line}`)
      const listed = line.replace(/^(\S+) (\S+) (\S+) (\S+) /, '$1\t$2\t$3\t$4\t')
      const [found] = localDataAt(`${listed}\n`, [one.name]).get(one.name) ?? []
      return found?.type === one.type && found.ttl === 300 && found.value === one.value
    }),
  )
})

t.test('local zones, and the types that hide what is in them', async t => {
  const zones = localZonesIn('Lab.example.net. transparent\nads.example. always_nxdomain\n10.in-addr.arpa. static\n')
  t.same(
    [...zones],
    [
      ['lab.example.net', 'transparent'],
      ['ads.example', 'always_nxdomain'],
      ['10.in-addr.arpa', 'static'],
    ],
  )
  for (const type of ['static', 'transparent', 'typetransparent', 'inform', 'nodefault']) t.notOk(hidesData(type), type)
  for (const type of ['redirect', 'refuse', 'deny', 'inform_deny', 'always_null', 'always_refuse'])
    t.ok(hidesData(type), type)
})

t.test('one RR alone goes since 1.26.0', async t => {
  for (const version of ['1.26.0', '1.27.3', '2.0.0'])
    t.ok(removesExactly(`version: ${version}\nverbosity: 1\n`), version)
  for (const version of ['1.17.1', '1.25.9', '1.9.0']) t.notOk(removesExactly(`version: ${version}\n`), version)
  t.notOk(removesExactly('error'), 'a server that does not say is taken for an old one')
})

t.test('what says no', async t => {
  for (const answer of [
    "error unknown command 'bogus'\n",
    'no view with name: lan\n',
    'error parsing local-data at position 3\n',
  ])
    t.ok(isRefusal(answer), answer)
  for (const answer of ['ok\n', 'added 3 datas\n', '', 'errors.example.\t1\tIN\tA\t10.0.0.1\n'.slice(7)])
    t.notOk(isRefusal(answer), answer)
})
