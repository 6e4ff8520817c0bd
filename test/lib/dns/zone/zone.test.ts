import fc from 'fast-check'
import t from 'tap'
import type { Prerequisite, RRType, Update } from '../../../../lib/dns/rr.ts'
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'
import { Zone, type ZoneUpdate } from '../../../../lib/dns/zone/zone.ts'

const SOA = {
  ttl: 3600,
  mname: 'ns.lab.example',
  rname: 'hostmaster.lab.example',
  serial: 7,
  refresh: 3600,
  retry: 1200,
  expire: 604_800,
  minimum: 60,
}

const zoneOf = (rrs: ZoneRR[], soa = SOA): Zone => {
  const zone = new Zone('lab.example', { ...soa, serial: soa.serial - 1 }, ['ns.lab.example'])
  zone.make([
    { do: 'add', rr: { name: 'moves.the.serial.lab.example', type: 'TXT', ttl: 1, value: 'x' } },
    ...adds(rrs),
  ])
  return zone
}

const adds = (rrs: ZoneRR[]): ZoneUpdate[] => rrs.map(rr => ({ do: 'add', rr }))

const rr = (name: string, type: ZoneRR['type'], value: string, ttl = 300): ZoneRR => ({ name, type, ttl, value })

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

const NAMES = ['a.lab.example', 'b.a.lab.example', 'd.c.b.a.lab.example', 'e.lab.example']
const TYPES: RRType[] = ['A', 'DHCID', 'TXT']

const name = fc.constantFrom(...NAMES)
const type = fc.constantFrom(...TYPES)
const value = fc.constantFrom('1', '2', '3')
const update: fc.Arbitrary<Update> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), rr: fc.record({ name, type, ttl: fc.constantFrom(60, 300), value }) }),
  fc.record({ do: fc.constant('delete-rr' as const), name, type, value }),
  fc.record({ do: fc.constant('delete-rrset' as const), name, type }),
)
const prerequisite: fc.Arbitrary<Prerequisite> = fc.oneof(
  fc.record({ must: fc.constant('name-not-in-use' as const), name }),
  fc.record({ must: fc.constant('rrset-absent' as const), name, type }),
  fc.record({
    must: fc.constant('rrset-equals' as const),
    name,
    type,
    values: fc.uniqueArray(value, { minLength: 1 }),
  }),
)

/** A zone as one list of RRs that is searched through for everything. */
class Naive {
  rrs: ZoneRR[] = []

  of(name: string, type: string): ZoneRR[] {
    return this.rrs.filter(one => one.name === name && one.type === type)
  }

  holds(one: Prerequisite): boolean {
    if (one.must === 'name-not-in-use') return !this.rrs.some(({ name }) => name === one.name)
    const values = this.of(one.name, one.type).map(({ value }) => value)
    if (one.must === 'rrset-absent') return values.length === 0
    return values.sort().join() === one.values.toSorted().join()
  }

  make(update: Update): void {
    if (update.do === 'add') {
      const others = this.rrs.filter(one => !(one.name === update.rr.name && one.type === update.rr.type))
      const same = this.of(update.rr.name, update.rr.type).filter(({ value }) => value !== update.rr.value)
      this.rrs = [...others, ...same.map(one => ({ ...one, ttl: update.rr.ttl })), update.rr]
      return
    }
    const isGone = (one: ZoneRR) =>
      one.name === update.name &&
      one.type === update.type &&
      (update.do === 'delete-rrset' || one.value === update.value)
    this.rrs = this.rrs.filter(one => !isGone(one))
  }

  exists(name: string): boolean {
    return this.rrs.some(one => one.name === name || one.name.endsWith(`.${name}`))
  }

  state(): string {
    return JSON.stringify(this.rrs.map(one => `${one.name} ${one.type} ${one.value} ${one.ttl}`).sort())
  }
}

t.test('a naive model agrees', async () => {
  const asked = [...NAMES, 'c.b.a.lab.example', 'x.lab.example']
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(prerequisite, { maxLength: 2 }), fc.array(update, { maxLength: 4 })), {
        maxLength: 30,
      }),
      messages => {
        const zone = new Zone('lab.example', SOA, ['ns.lab.example'])
        const naive = new Naive()
        for (const [prerequisites, updates] of messages) {
          const permitted = zone.permits(prerequisites) === null
          if (permitted !== prerequisites.every(one => naive.holds(one))) return false
          if (!permitted) continue
          const before = naive.state()
          const { serial } = zone
          for (const one of updates) naive.make(one)
          const isChanged = naive.state() !== before
          if (zone.make(updates) !== isChanged || zone.serial !== serial + Number(isChanged)) return false
        }
        const found = asked.flatMap(one => zone.lookup(one, 'ANY').rrs)
        const seen = new Naive()
        seen.rrs = found
        return (
          seen.state() === naive.state() &&
          asked.every(one => (zone.lookup(one, 'ANY').result !== 'nxdomain') === naive.exists(one))
        )
      },
    ),
    { numRuns: 1000 },
  )
})

t.test('whoever follows the changes has the zone', async () => {
  const full = (zone: Zone) => [...zone.transfer()].map(one => JSON.stringify(one)).sort()
  fc.assert(
    fc.property(fc.array(fc.array(update, { maxLength: 4 }), { maxLength: 30 }), fc.nat(60), (messages, journal) => {
      const zone = new Zone('lab.example', SOA, ['ns.lab.example'], { journal })
      let copy = [...zone.transfer()].slice(1, -1)
      for (const message of messages) {
        const { serial } = zone
        zone.make(message)
        const [, ...rrs] = [...zone.transferSince(serial)]
        if (rrs[0]?.type !== 'SOA') copy = rrs.length === 0 ? copy : rrs.slice(0, -1)
        else {
          const second = rrs.findIndex((one, i) => i > 0 && one.type === 'SOA')
          const gone = new Set(rrs.slice(1, second).map(one => JSON.stringify(one)))
          copy = [...copy.filter(one => !gone.has(JSON.stringify(one))), ...rrs.slice(second + 1, -1)]
        }
      }
      const soa = zone.soa()
      return (
        [soa, ...copy, soa]
          .map(one => JSON.stringify(one))
          .sort()
          .join() === full(zone).join()
      )
    }),
    { numRuns: 500 },
  )
})
