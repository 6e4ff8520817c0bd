import fc from 'fast-check'
import t from 'tap'
import { fromBytes, reverseName, toBytes } from '../../../../lib/address.ts'
import { isWithin, namesIn, reverseZonesOf, zoneFor, zonesOf } from '../../../../lib/dns/zone/zone-names.ts'

const sixteenTo31 = Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa`)

t.test('reverse zones', async t => {
  const table: [cidr: string, zones: string[]][] = [
    ['10.1.0.0/16', ['1.10.in-addr.arpa']],
    ['192.168.0.0/16', ['168.192.in-addr.arpa']],
    ['172.16.0.0/12', sixteenTo31],
    ['10.0.0.0/8', ['10.in-addr.arpa']],
    ['192.0.2.0/24', ['2.0.192.in-addr.arpa']],
    ['192.0.2.128/25', ['2.0.192.in-addr.arpa']],
    ['192.0.2.7/32', ['2.0.192.in-addr.arpa']],
    ['10.1.2.0/23', ['2.1.10.in-addr.arpa', '3.1.10.in-addr.arpa']],
    ['0.0.0.0/0', ['in-addr.arpa']],
    ['fd00::/8', ['d.f.ip6.arpa']],
    ['2001:db8::/32', ['8.b.d.0.1.0.0.2.ip6.arpa']],
    ['2001:db8:a::/47', ['a.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa', 'b.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa']],
    ['fc00::/7', ['c.f.ip6.arpa', 'd.f.ip6.arpa']],
    ['2001:db8::1/128', [`${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`]],
    ['::/0', ['ip6.arpa']],
  ]
  for (const [cidr, zones] of table) t.same(reverseZonesOf(cidr), zones, cidr)
  for (const wrong of ['10.0.0.0', '10.0.0.0/33', 'lab.example/8', '10.1.2.3/8'])
    t.throws(() => reverseZonesOf(wrong), wrong)
})

t.test('every address of a network has its reverse name in one of its zones', async () => {
  const network = fc.oneof(
    fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 })),
  )
  fc.assert(
    fc.property(network, ([bytes, length]) => {
      const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))))
      const zones = new Set(reverseZonesOf(`${fromBytes(masked)}/${length}`))
      return zoneFor(reverseName(fromBytes(toBytes(fromBytes(bytes))!)), zones) !== null
    }),
  )
})

t.test('the zones of scopes', async t => {
  t.same(
    zonesOf([
      { domain: 'home.arpa', subnet: '10.0.0.0/8' },
      { domain: 'home.arpa', subnet: 'fd00::/8' },
      { domain: 'iot.lab.example', forwardZone: 'lab.example', subnet: '192.0.2.0/26' },
      { domain: 'lab.example', subnet: '192.0.2.64/26', reverseZone: '64-26.2.0.192.in-addr.arpa' },
    ]),
    [
      'home.arpa',
      'lab.example',
      '10.in-addr.arpa',
      'd.f.ip6.arpa',
      '2.0.192.in-addr.arpa',
      '64-26.2.0.192.in-addr.arpa',
    ],
  )
})

t.test('the zone of a name', async t => {
  const zones = ['lab.example', 'iot.lab.example', '10.in-addr.arpa']
  const table: [name: string, zone: string | null][] = [
    ['nas.lab.example', 'lab.example'],
    ['lab.example', 'lab.example'],
    ['lamp.iot.lab.example', 'iot.lab.example'],
    ['iot.lab.example', 'iot.lab.example'],
    ['a.b.c.lab.example', 'lab.example'],
    ['xlab.example', null],
    ['nas.xlab.example', null],
    ['example', null],
    ['', null],
    ['.', null],
    ['4.3.2.10.in-addr.arpa', '10.in-addr.arpa'],
    ['4.3.2.110.in-addr.arpa', null],
  ]
  for (const [name, zone] of table) {
    t.equal(zoneFor(name, zones), zone, name)
    t.equal(zoneFor(name, new Set(zones)), zone, `${name} in a set`)
  }
})

t.test('the names of a zone are not those of a zone below it', async t => {
  const zones = ['lab.example', 'iot.lab.example']
  const rows: [name: string, within: boolean, isIn: boolean][] = [
    ['lab.example', true, true],
    ['red.lab.example', true, true],
    ['red.iot.lab.example', true, false],
    ['redlab.example', false, false],
    ['example', false, false],
  ]
  for (const [name, within, isIn] of rows) {
    t.equal(isWithin(name, 'lab.example'), within, name)
    t.equal(namesIn('lab.example', zones)(name), isIn, name)
    t.equal(namesIn('lab.example')(name), within, `${name}, where no other zone is known`)
  }
})
