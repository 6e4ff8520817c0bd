import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Attempt, Change, FoundRR, Prerequisite, RRType, Update } from '../../../../lib/dns/rr.ts'
import { afterEdit, compare, disabledType, type Edit, typeIfEnabled } from '../../../../lib/dns/zone/compare.ts'
import { Zone } from '../../../../lib/dns/zone/zone.ts'

const ZONE = 'lab.example'
const NAME = `red.${ZONE}`
const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }

const rr = (type: string, value: string, ttl = 300): FoundRR => ({ name: NAME, type, ttl, value })
const free: Prerequisite = { must: 'name-not-in-use', name: NAME }
const is = (type: RRType, ...values: string[]): Prerequisite => ({ must: 'rrset-equals', name: NAME, type, values })
const add = (type: RRType, value: string, ttl = 300): Update => ({ do: 'add', rr: { name: NAME, type, ttl, value } })
const drop = (type: RRType, value: string): Update => ({ do: 'delete-rr', name: NAME, type, value })
const changeOf = (...attempts: Attempt[]): Change => ({ name: NAME, zone: ZONE, attempts })

const publish: Attempt = { prerequisites: [free], updates: [add('A', '10.0.0.1'), add('DHCID', 'aa')] }
const move: Attempt = {
  prerequisites: [is('DHCID', 'aa'), is('A', '10.0.0.1')],
  updates: [drop('A', '10.0.0.1'), add('A', '10.0.0.2')],
}

/** `type: before -> after`, as texts. */
const shown = ({ sets }: Edit): string[] =>
  sets.map(({ type, ttl, before, values, removed, added }) =>
    [type, ttl, before.join(), '->', values.join(), `-${removed.join()}`, `+${added.join()}`].join(' '),
  )

const EDITS: Record<string, { found: FoundRR[]; attempts: Attempt[]; attempt: number; sets: string[] }> = {
  'a free name: each RRset is new, the marker last': {
    found: [],
    attempts: [publish],
    attempt: 0,
    sets: ['A 300  -> 10.0.0.1 - +10.0.0.1', 'DHCID 300  -> aa - +aa'],
  },
  'the second attempt, where the first does not hold': {
    found: [rr('A', '10.0.0.1'), rr('DHCID', 'aa')],
    attempts: [publish, move],
    attempt: 1,
    sets: ['A 300 10.0.0.1 -> 10.0.0.2 -10.0.0.1 +10.0.0.2'],
  },
  'what others have in the RRset stays in it': {
    found: [rr('A', '10.0.0.1'), rr('A', '10.0.0.9')],
    attempts: [{ prerequisites: [is('A', '10.0.0.9', '10.0.0.1')], updates: [drop('A', '10.0.0.1')] }],
    attempt: 0,
    sets: ['A 300 10.0.0.1,10.0.0.9 -> 10.0.0.9 -10.0.0.1 +'],
  },
  'the last value goes: the RRset is to be empty': {
    found: [rr('A', '10.0.0.1'), rr('TXT', 'a note')],
    attempts: [{ prerequisites: [is('A', '10.0.0.1')], updates: [drop('A', '10.0.0.1')] }],
    attempt: 0,
    sets: ['A 300 10.0.0.1 ->  -10.0.0.1 +'],
  },
  'another TTL is an edit without a value': {
    found: [rr('A', '10.0.0.1', 60)],
    attempts: [{ prerequisites: [is('A', '10.0.0.1')], updates: [add('A', '10.0.0.1')] }],
    attempt: 0,
    sets: ['A 300 10.0.0.1 -> 10.0.0.1 - +'],
  },
  'all is as it is to be: nothing is left to do': {
    found: [rr('A', '10.0.0.1')],
    attempts: [{ prerequisites: [is('A', '10.0.0.1')], updates: [add('A', '10.0.0.1')] }],
    attempt: 0,
    sets: [],
  },
  'a value of a name in other letters is the same': {
    found: [rr('DHCID', 'AA'), rr('A', '10.0.0.1')],
    attempts: [move],
    attempt: 0,
    sets: ['A 300 10.0.0.1 -> 10.0.0.2 -10.0.0.1 +10.0.0.2'],
  },
}

for (const [what, { found, attempts, attempt, sets }] of Object.entries(EDITS)) {
  t.test(what, async t => {
    const edit = compare(changeOf(...attempts), found)
    if ('conflict' in edit) return t.fail(edit.conflict)
    t.equal(edit.attempt, attempt)
    t.same(shown(edit), sets)
  })
}

const CONFLICTS: Record<string, { found: FoundRR[]; attempts: Attempt[]; why: RegExp }> = {
  'the name is in use': { found: [rr('MX', '')], attempts: [publish], why: /is in use \(MX\)/ },
  'no attempt holds, and each says why': {
    found: [rr('A', '10.0.0.7')],
    attempts: [publish, move],
    why: /is in use \(A\); .*has no DHCID, expected aa/,
  },
  'an alias allows nothing beside it': {
    found: [rr('CNAME', 'else.where')],
    attempts: [{ prerequisites: [is('A')], updates: [add('A', '10.0.0.1')] }],
    why: /cannot stand beside A 10\.0\.0\.1/,
  },
  'a value that a person switched off is not switched on': {
    found: [rr(disabledType('A'), '10.0.0.1')],
    attempts: [{ prerequisites: [{ must: 'rrset-absent', name: NAME, type: 'A' }], updates: [add('A', '10.0.0.1')] }],
    why: /switched off/,
  },
  'a name with a value that is switched off is in use': {
    found: [rr(disabledType('A'), '10.0.0.9')],
    attempts: [publish],
    why: /is in use/,
  },
  'a prerequisite of another name was not read': {
    found: [],
    attempts: [{ prerequisites: [{ must: 'name-not-in-use', name: `blue.${ZONE}` }], updates: [add('A', '10.0.0.1')] }],
    why: /blue.*was not read/,
  },
  'nothing to try': { found: [], attempts: [], why: /no attempt/ },
}

for (const [what, { found, attempts, why }] of Object.entries(CONFLICTS)) {
  t.test(`conflict: ${what}`, async t => t.match(compare(changeOf(...attempts), found), { conflict: why }))
}

t.test('a type that is switched off is no type of DNS', async t => {
  t.equal(typeIfEnabled({ type: disabledType('AAAA') }), 'AAAA')
  t.equal(typeIfEnabled({ type: 'AAAA' }), null)
})

t.test('an edit leaves a name as a server with prerequisites would', async () => {
  const VALUES = { A: ['10.0.0.1', '10.0.0.2', '10.0.0.3'], DHCID: ['aa', 'bb'], TXT: ['a note'] }
  const types = ['A', 'DHCID', 'TXT'] as const
  const one = fc
    .constantFrom(...types)
    .chain(type => fc.record({ type: fc.constant(type), value: fc.constantFrom(...VALUES[type]) }))
  const ttl = fc.constantFrom(60, 300)
  const prerequisite = fc.oneof(
    fc.constant(free),
    fc.constantFrom(...types).map((type): Prerequisite => ({ must: 'rrset-absent', name: NAME, type })),
    fc
      .constantFrom(...types)
      .chain(type => fc.subarray(VALUES[type], { minLength: 1 }).map(values => is(type, ...values))),
  )
  const update = fc.oneof(
    fc.tuple(one, ttl).map(([{ type, value }, seconds]) => add(type, value, seconds)),
    one.map(({ type, value }) => drop(type, value)),
    fc.constantFrom(...types).map((type): Update => ({ do: 'delete-rrset', name: NAME, type })),
  )
  const attempt = fc.record({
    prerequisites: fc.array(prerequisite, { maxLength: 2 }),
    updates: fc.array(update, { maxLength: 4 }),
  })
  const keys = (rrs: Iterable<{ type: string; ttl: number; value: string }>) =>
    [...rrs].map(({ type, ttl, value }) => `${type} ${ttl} ${value}`).sort()
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 4 }),
      fc.array(attempt, { minLength: 1, maxLength: 3 }),
      (there, attempts) => {
        const zone = new Zone(ZONE, SOA, ['ns.else.where'])
        zone.make(there.map(({ type, value }) => add(type, value)))
        const edit = compare(changeOf(...attempts), zone.rrsAt(NAME))
        const made = attempts.findIndex(({ prerequisites }) => zone.permits(prerequisites) === null)
        if ('conflict' in edit) {
          // The one that holds may add and delete one value: then what it adds is not there, and no server is asked.
          const isUndone = (n: Attempt) =>
            n.updates.some((each, i) => each.do === 'add' && n.updates.slice(i).some(later => later.do !== 'add'))
          assert.ok(made < 0 || attempts.some(isUndone), edit.conflict)
          return
        }
        if (edit.attempt !== made) return
        zone.make(attempts[made]!.updates)
        assert.deepEqual(keys(afterEdit(edit)), keys(zone.rrsAt(NAME)))
      },
    ),
  )
})
