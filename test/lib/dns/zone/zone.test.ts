import t from 'tap'
import type { RRType } from '../../../../lib/dns/rr.ts'
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'
import { Zone, type ZoneUpdate } from '../../../../lib/dns/zone/zone.ts'
import { adds, rr, SOA, zoneOf } from './zones.ts'

t.test('lookup', async t => {
  const zone = zoneOf([
    rr('nas.lab.example', 'A', '10.0.0.1'),
    rr('nas.lab.example', 'A', '10.0.0.2'),
    rr('nas.lab.example', 'DHCID', 'ABCD'),
    rr('deep.er.lab.example', 'AAAA', 'fd00::1'),
    rr('www.lab.example', 'CNAME', 'files.lab.example'),
    rr('files.lab.example', 'CNAME', 'NAS.lab.example'),
    rr('out.lab.example', 'CNAME', 'www.example.net'),
    rr('gone.lab.example', 'CNAME', 'nobody.lab.example'),
    rr('loop.lab.example', 'CNAME', 'pool.lab.example'),
    rr('pool.lab.example', 'CNAME', 'loop.lab.example'),
  ])
  const table: [qname: string, qtype: string, result: string, answer: string[]][] = [
    ['nas.lab.example', 'A', 'answer', ['A 10.0.0.1', 'A 10.0.0.2']],
    ['nas.lab.example', 'AAAA', 'nodata', []],
    ['nas.lab.example', 'DHCID', 'answer', ['DHCID abcd']],
    ['nas.lab.example', 'TYPE65', 'nodata', []],
    ['nas.lab.example', 'ANY', 'answer', ['A 10.0.0.1', 'A 10.0.0.2', 'DHCID abcd']],
    ['er.lab.example', 'A', 'nodata', []],
    ['er.lab.example', 'ANY', 'nodata', []],
    ['no.er.lab.example', 'A', 'nxdomain', []],
    ['nobody.lab.example', 'ANY', 'nxdomain', []],
    ['below.nas.lab.example', 'A', 'nxdomain', []],
    ['lab.example', 'NS', 'answer', ['NS ns.lab.example']],
    ['lab.example', 'SOA', 'answer', ['SOA ns.lab.example hostmaster.lab.example 7 3600 1200 604800 60']],
    ['lab.example', 'A', 'nodata', []],
    ['nas.lab.example', 'SOA', 'nodata', []],
    [
      'www.lab.example',
      'A',
      'answer',
      ['CNAME files.lab.example', 'CNAME nas.lab.example', 'A 10.0.0.1', 'A 10.0.0.2'],
    ],
    ['www.lab.example', 'AAAA', 'nodata', ['CNAME files.lab.example', 'CNAME nas.lab.example']],
    ['www.lab.example', 'CNAME', 'answer', ['CNAME files.lab.example']],
    ['www.lab.example', 'ANY', 'answer', ['CNAME files.lab.example']],
    ['out.lab.example', 'A', 'answer', ['CNAME www.example.net']],
    ['gone.lab.example', 'A', 'nxdomain', ['CNAME nobody.lab.example']],
    ['loop.lab.example', 'A', 'answer', ['CNAME pool.lab.example', 'CNAME loop.lab.example']],
  ]
  for (const [qname, qtype, result, answer] of table) {
    const found = zone.lookup(qname, qtype)
    t.same(
      { result: found.result, answer: found.rrs.map(({ type, value }) => `${type} ${value}`) },
      { result, answer },
      `${qname} ${qtype}`,
    )
  }
  t.same(zone.soa(true).ttl, 60, 'the negative TTL is the minimum')
  t.same(zoneOf([], { ...SOA, ttl: 30 }).soa(true).ttl, 30, 'or the TTL of the SOA, where that is less')
})

t.test('make (RFC 2136 §3.4)', async t => {
  const nas = rr('nas.lab.example', 'A', '10.0.0.1')
  const alias = rr('www.lab.example', 'CNAME', 'nas.lab.example')
  const del: ZoneUpdate = { do: 'delete-rr', name: 'nas.lab.example', type: 'A', value: '10.0.0.1' }
  const delSet: ZoneUpdate = { do: 'delete-rrset', name: 'nas.lab.example', type: 'A' }
  const table: [what: string, updates: ZoneUpdate[], changed: boolean, name: string, after: string[]][] = [
    ['a new RR', adds([rr('new.lab.example', 'A', '10.0.0.9')]), true, 'new.lab.example', ['300 A 10.0.0.9']],
    ['the same RR', adds([nas]), false, nas.name, ['300 A 10.0.0.1']],
    ['another TTL', adds([{ ...nas, ttl: 60 }]), true, nas.name, ['60 A 10.0.0.1']],
    [
      'a second value gives its TTL to the RRset',
      adds([{ ...nas, ttl: 60, value: '10.0.0.2' }]),
      true,
      nas.name,
      ['60 A 10.0.0.1', '60 A 10.0.0.2'],
    ],
    [
      'an address at a CNAME',
      adds([rr(alias.name, 'A', '10.0.0.7')]),
      false,
      alias.name,
      ['300 CNAME nas.lab.example'],
    ],
    ['a CNAME at an address', adds([rr(nas.name, 'CNAME', 'x.example')]), false, nas.name, ['300 A 10.0.0.1']],
    ['a CNAME at a CNAME', adds([rr(alias.name, 'CNAME', 'x.example')]), true, alias.name, ['300 CNAME x.example']],
    ['a CNAME at the apex', adds([rr('lab.example', 'CNAME', 'x.example')]), false, 'lab.example', []],
    ['one RR gone', [del], true, nas.name, []],
    ['an RR that is not there', [{ ...del, value: '10.9.9.9' }], false, nas.name, ['300 A 10.0.0.1']],
    ['a name that is not there', [{ ...del, name: 'nobody.lab.example' }], false, nas.name, ['300 A 10.0.0.1']],
    ['an RRset gone', [delSet], true, nas.name, []],
    ['an RRset that is not there', [{ ...delSet, type: 'PTR' }], false, nas.name, ['300 A 10.0.0.1']],
    ['gone and back again', [delSet, ...adds([nas])], false, nas.name, ['300 A 10.0.0.1']],
    ['nothing', [], false, nas.name, ['300 A 10.0.0.1']],
  ]
  for (const [what, updates, changed, name, after] of table) {
    const zone = zoneOf([nas, alias])
    t.equal(zone.make(updates), changed, what)
    t.equal(zone.serial, changed ? 8 : 7, `${what}: the serial`)
    const rrs = zone.lookup(name, 'ANY').rrs.filter(({ type }) => type !== 'SOA' && type !== 'NS')
    t.same(
      rrs.map(({ ttl, type, value }) => `${ttl} ${type} ${value}`),
      after,
      `${what}: what is there`,
    )
  }
  const zone = zoneOf([nas])
  t.throws(() => zone.make(adds([nas, rr('nas.xlab.example', 'A', '10.0.0.1')])), RangeError, 'a name outside the zone')
  t.equal(zone.serial, 7, 'and nothing is made')
  const last = zoneOf([], { ...SOA, serial: 2 ** 32 - 1 })
  last.make(adds([nas]))
  t.equal(last.serial, 0, 'after 2^32 - 1 comes 0 (RFC 1982)')
})

t.test('what the zone delegates is not its own', async t => {
  const zone = zoneOf([
    rr('far.lab.example', 'NS', 'ns.far.lab.example'),
    rr('far.lab.example', 'NS', 'ns.example.net'),
    rr('ns.far.lab.example', 'A', '10.0.0.9'),
    rr('hidden.far.lab.example', 'A', '10.0.0.8'),
    rr('alias.lab.example', 'CNAME', 'x.far.lab.example'),
  ])
  for (const name of ['far.lab.example', 'x.far.lab.example', 'hidden.far.lab.example'])
    t.same(
      zone.lookup(name, 'A'),
      {
        result: 'referral',
        rrs: [],
        last: name,
        delegation: [
          rr('far.lab.example', 'NS', 'ns.far.lab.example'),
          rr('far.lab.example', 'NS', 'ns.example.net'),
          rr('ns.far.lab.example', 'A', '10.0.0.9'),
        ],
      },
      name,
    )
  t.match(zone.lookup('alias.lab.example', 'A'), { result: 'referral', last: 'x.far.lab.example', rrs: { length: 1 } })
  t.same(
    ['lab.example', 'far.lab.example', 'a.b.far.lab.example'].map(name => zone.isBelowCut(name)),
    [false, true, true],
  )
  zone.make([{ do: 'delete-rrset', name: 'far.lab.example', type: 'NS' as RRType }])
  t.match(zone.lookup('hidden.far.lab.example', 'A'), { result: 'answer' }, 'the delegation is gone')
})

t.test('a wildcard answers for names that do not exist (RFC 4592)', async t => {
  const zone = zoneOf([
    rr('*.apps.lab.example', 'A', '10.0.0.1'),
    rr('*.apps.lab.example', 'TXT', 'any'),
    rr('b.there.apps.lab.example', 'TXT', 'x'),
    rr('*.www.lab.example', 'CNAME', 'one.apps.lab.example'),
  ])
  const table: [name: string, type: string, result: string, answer: string[]][] = [
    ['one.apps.lab.example', 'A', 'answer', ['one.apps.lab.example A 10.0.0.1']],
    ['a.b.apps.lab.example', 'A', 'answer', ['a.b.apps.lab.example A 10.0.0.1']],
    ['one.apps.lab.example', 'AAAA', 'nodata', []],
    ['apps.lab.example', 'A', 'nodata', []],
    ['there.apps.lab.example', 'A', 'nodata', []],
    ['a.there.apps.lab.example', 'A', 'nxdomain', []],
    ['*.apps.lab.example', 'TXT', 'answer', ['*.apps.lab.example TXT any']],
    [
      'x.www.lab.example',
      'A',
      'answer',
      ['x.www.lab.example CNAME one.apps.lab.example', 'one.apps.lab.example A 10.0.0.1'],
    ],
  ]
  for (const [name, type, result, answer] of table) {
    const found = zone.lookup(name, type)
    const rrs = found.rrs.map(one => `${one.name} ${one.type} ${one.value}`)
    t.same({ result: found.result, rrs }, { result, rrs: answer }, `${name} ${type}`)
  }
  t.same(zone.rrsAt('one.apps.lab.example'), [], 'but nothing is at them')
})

t.test('transfers', async t => {
  const zone = new Zone('lab.example', SOA, ['ns.lab.example'], { journal: 10 })
  const told = (rrs: Iterable<ZoneRR>) =>
    [...rrs].map(({ type, value }) => (type === 'SOA' ? `SOA ${value.split(' ')[2]}` : `${type} ${value}`))
  zone.make(adds([rr('nas.lab.example', 'A', '10.0.0.1')]))
  zone.make([
    { do: 'delete-rrset', name: 'nas.lab.example', type: 'A' },
    ...adds([rr('nas.lab.example', 'A', '10.0.0.2'), rr('tv.lab.example', 'A', '10.0.0.3')]),
  ])
  const full = ['SOA 9', 'NS ns.lab.example', 'A 10.0.0.2', 'A 10.0.0.3', 'SOA 9']
  t.same(told(zone.transfer()), full)
  t.same(told(zone.transferSince(9)), ['SOA 9'], 'it is current')
  t.same(told(zone.transferSince(10)), ['SOA 9'], 'it is ahead')
  t.same(told(zone.transferSince(8)), ['SOA 9', 'SOA 8', 'A 10.0.0.1', 'SOA 9', 'A 10.0.0.2', 'A 10.0.0.3', 'SOA 9'])
  t.same(told(zone.transferSince(7)).slice(0, 4), ['SOA 9', 'SOA 7', 'SOA 8', 'A 10.0.0.1'])
  t.same(told(zone.transferSince(6)), full, 'older than the journal')
  const begun = zone.transfer()
  const first = [begun.next().value!, begun.next().value!]
  zone.make(adds([rr('a.lab.example', 'A', '10.0.0.9'), rr('nas.lab.example', 'A', '10.0.0.7', 60)]))
  zone.make([{ do: 'delete-rrset', name: 'tv.lab.example', type: 'A' }])
  t.same(told([...first, ...begun]), full, 'a change while it is under way does not show in it')
  zone.moveBeyond(99)
  t.same(told(zone.transferSince(9))[1], 'NS ns.lab.example', 'a serial that jumps ends the journal')
})
