import fc from 'fast-check'
import t from 'tap'
import type { Prerequisite, RRType, Update } from '../../../../lib/dns/rr.ts'
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'
import { Zone } from '../../../../lib/dns/zone/zone.ts'
import { SOA } from './zones.ts'

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
