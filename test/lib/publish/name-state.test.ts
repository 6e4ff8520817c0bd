import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Attempt, Prerequisite, RR, Update } from '../../../lib/dns/rr.ts'
import { Zone } from '../../../lib/dns/zone/zone.ts'
import {
  after,
  collapsed,
  distinct,
  grown,
  isNotInUse,
  markerRR,
  NOT_IN_USE,
  permits,
  sameStates,
  stateOf,
} from '../../../lib/publish/name-state.ts'
import type { MarkerState, NameState, RRsetState } from '../../../schemas/model/name.ts'

/*
 * What the set of states says is held against a zone that does as RFC 2136 says: it never loses the truth, and an answer
 * leaves nothing in it that the answer excludes.
 */

const NAME = 'red.lab.example'
const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }
const MARKERS: MarkerState[] = [
  { kind: 'dhcid', dhcid: '000101aa' },
  { kind: 'dhcid', dhcid: '000101bb' },
]
const VALUES = { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1', '2001:db8::2'] }
const TYPES = ['A', 'AAAA'] as const

const some = (values: string[]) => fc.subarray(values)
const setsOf = (a: string[], aaaa: string[]): RRsetState[] => [
  ...(a.length > 0 ? [{ type: 'A' as const, ttl: 300, values: a.toSorted() }] : []),
  ...(aaaa.length > 0 ? [{ type: 'AAAA' as const, ttl: 300, values: aaaa.toSorted() }] : []),
]
const state: fc.Arbitrary<NameState> = fc
  .tuple(fc.constantFrom(null, ...MARKERS), some(VALUES.A), some(VALUES.AAAA), fc.boolean())
  .map(([marker, a, aaaa, hasText]) => ({
    marker,
    sets: setsOf(a, aaaa),
    others: hasText ? [{ type: 'TXT', value: 'a note' }] : [],
  }))

const rr = (type: RR['type'], value: string): RR => ({ name: NAME, type, ttl: 300, value })
const add = (one: RR): Update => ({ do: 'add', rr: one })
const drop = ({ type, value }: RR): Update => ({ do: 'delete-rr', name: NAME, type, value })

/** An attempt as `nextChange` makes them: from one exact state, to another; the text of others is left alone. */
const attempt: fc.Arbitrary<Attempt> = fc.tuple(state, state).map(([from, to]): Attempt => {
  const rrs = (one: NameState) => [
    ...one.sets.flatMap(set => set.values.map(value => rr(set.type, value))),
    ...(one.marker ? [markerRR(NAME, one.marker, 300)] : []),
  ]
  const prerequisites: Prerequisite[] = isNotInUse(from)
    ? [{ must: 'name-not-in-use', name: NAME }]
    : [
        ...TYPES.map((type): Prerequisite => {
          const values = from.sets.find(set => set.type === type)?.values ?? []
          if (values.length === 0) return { must: 'rrset-absent', name: NAME, type }
          return { must: 'rrset-equals', name: NAME, type, values }
        }),
        from.marker
          ? { must: 'rrset-equals', name: NAME, type: 'DHCID', values: [from.marker.dhcid] }
          : { must: 'rrset-absent', name: NAME, type: 'DHCID' },
      ]
  return { prerequisites, updates: [...rrs(from).map(drop), ...rrs(to).map(add)] }
})

const attempts = fc.array(attempt, { minLength: 1, maxLength: 3 })

/** A zone in which the name is as the state says. */
const zoneIn = ({ marker, sets, others }: NameState): Zone => {
  const zone = new Zone('lab.example', SOA, ['ns.lab.example'])
  zone.make([
    ...sets.flatMap(set => set.values.map(value => add(rr(set.type, value)))),
    ...(marker ? [add(markerRR(NAME, marker, 300))] : []),
    ...others.map(one => add(rr('TXT', one.value!))),
  ])
  return zone
}

const linesOf = (zone: Zone): string[] =>
  zone
    .rrsAt(NAME)
    .map(({ type, value }) => `${type} ${value}`)
    .sort()
const linesIn = (one: NameState): string[] => linesOf(zoneIn(one))

/** The zone makes the first attempt that it permits; gives which, or -1. */
const make = (zone: Zone, tries: Attempt[]): number => {
  const made = tries.findIndex(({ prerequisites }) => zone.permits(prerequisites) === null)
  if (made >= 0) zone.make(tries[made]!.updates)
  return made
}

const has = (states: NameState[], zone: Zone): boolean =>
  states.some(one => linesIn(one).join() === linesOf(zone).join())

const check = <T extends unknown[]>(...[arbitraries, holds]: [fc.Arbitrary<T>, (...values: T) => void]) =>
  fc.assert(
    fc.property(arbitraries, values => holds(...values)),
    { numRuns: 3000 },
  )

t.test('an attempt is permitted, and does, as in a zone', async () => {
  check(fc.tuple(state, attempt), (from, one) => {
    const zone = zoneIn(from)
    assert.equal(permits(from, one), zone.permits(one.prerequisites) === null)
    if (!permits(from, one)) return
    zone.make(one.updates)
    assert.deepEqual(linesIn(after(from, one)), linesOf(zone))
  })
})

t.test('grown: it keeps all that was possible, and has the truth, whether the message was made or lost', async () => {
  check(fc.tuple(fc.array(state, { minLength: 1, maxLength: 3 }), fc.nat(2), attempts), (states, n, tries) => {
    const truth = states[n % states.length]!
    const next = grown(states, tries)
    for (const one of states) assert.ok(next.some(other => sameStates([one], [other])))
    assert.ok(has(next, zoneIn(truth)), 'lost')
    const zone = zoneIn(truth)
    make(zone, tries)
    assert.ok(has(next, zone), 'made')
    assert.deepEqual(distinct(next), next, 'each once')
  })
})

t.test('collapsed: the truth, and only states that this attempt leads to', async () => {
  check(fc.tuple(fc.array(state, { minLength: 1, maxLength: 3 }), fc.nat(2), attempts), (states, n, tries) => {
    const zone = zoneIn(states[n % states.length]!)
    const made = make(zone, tries)
    if (made < 0) return
    const next = collapsed(states, tries, made)
    assert.ok(has(next, zone))
    const reached = states.flatMap(one => {
      const other = zoneIn(one)
      return make(other, tries) === made ? [linesOf(other).join()] : []
    })
    for (const one of next) assert.ok(reached.includes(linesIn(one).join()))
  })
})

t.test('a story: whatever is answered, lost, or answered and the answer lost, the truth stays possible', async () => {
  const step = fc.record({ tries: attempts, fortune: fc.constantFrom('answered', 'answer lost', 'lost') })
  check(fc.tuple(state, fc.array(step, { maxLength: 8 })), (first, steps) => {
    const zone = zoneIn(first)
    let states = [first]
    for (const { tries, fortune } of steps) {
      const made = fortune === 'lost' ? -1 : make(zone, tries)
      if (fortune !== 'answered') states = grown(states, tries)
      else if (made >= 0) states = collapsed(states, tries, made)
      assert.ok(has(states, zone), fortune)
    }
  })
})

t.test('what nobody foresaw: an attempt that is made says by its prerequisites how the name was', async t => {
  const [marker] = MARKERS
  const took: Attempt = {
    prerequisites: [
      { must: 'rrset-equals', name: NAME, type: 'DHCID', values: [marker!.dhcid] },
      { must: 'rrset-equals', name: NAME, type: 'A', values: ['192.0.2.1'] },
    ],
    updates: [drop(rr('A', '192.0.2.1')), add(rr('A', '192.0.2.2'))],
  }
  const [known] = collapsed([NOT_IN_USE], [took], 0)
  t.strictSame(linesIn(known!), ['A 192.0.2.2', `DHCID ${marker!.dhcid}`])
  t.ok(grown([NOT_IN_USE], [took]).some(one => sameStates([one], [known!])))
  t.strictSame(stateOf([]), NOT_IN_USE)
})

t.test('a server that makes RR by RR can be left after each of them', async () => {
  fc.assert(
    fc.property(state, attempt, fc.nat(), (from, one, n) => {
      if (!permits(from, one)) return
      const left = after(from, { ...one, updates: one.updates.slice(0, n % (one.updates.length + 1)) })
      assert.ok(grown([from], [one], false).some(known => sameStates([known], [left])))
    }),
  )
})
