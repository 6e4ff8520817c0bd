import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Facts, RULE_GROUPS, RULES, type Rule, reasonOf } from '../../../lib/plan/rules.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const ids = Object.values(RULE_GROUPS).flatMap(group => Object.keys(group)) as Rule[]

const FACTS: Required<Facts> = {
  name: 'red.lab.example',
  address: '192.0.2.1',
  client: 'id:01',
  other: 'id:02',
  due: '2030-01-01T00:00:00.000Z',
  detail: 'the server said no',
  alias: 'db.lab.example',
  by: 'alice',
  why: 'it is the printer',
}

t.test('each rule stands in one group only', async t => {
  t.ok(ids.length > 0)
  t.strictSame([...RULES].sort(), ids.toSorted())
})

t.test('each rule is explained by whole sentences, with every fact that it needs', async t => {
  for (const rule of ids) {
    const reason = reasonOf(rule, FACTS)
    t.match(reason, /^[^ ].{10,}[^.]\.$/, rule)
    t.notMatch(reason, /undefined|null/, rule)
  }
})

t.test('who has a name is a client, or an alias', async t => {
  t.match(reasonOf('name-taken', FACTS), /an alias of db\.lab\.example\. 192\.0\.2\.1 gets it when/)
  const { alias: _, ...facts } = FACTS
  t.match(reasonOf('name-taken', facts), /another client, id:02\. 192\.0\.2\.1 gets it when/)
})

t.test('what a server said ends the sentence, whether or not it has a full stop', async t => {
  for (const rule of ['name-in-use', 'changed-by-hand'] as const) {
    t.match(reasonOf(rule, FACTS), /: the server said no\.$/)
    t.equal(reasonOf(rule, { ...FACTS, detail: 'the server said no.' }), reasonOf(rule, FACTS))
  }
})

const KINDS = ['committed', 'committed', 'renewed', 'released', 'declined', 'expired', 'recovered', 'deleted', 'moved']

const heard = fc.record({
  kind: fc.constantFrom(...KINDS),
  client: fc.constantFrom('0a', '0b', undefined),
  address: fc.constantFrom('192.0.2.1', '192.0.2.2', '198.51.100.1'),
  hostname: fc.constantFrom('red', 'green', 'wpad', ''),
  cltt: fc.integer({ min: 1000, max: 1020 }),
  publishes: fc.boolean(),
})

t.test('every decision on any event is under a rule of the table, and its reason has all its facts', async t => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 20 }), fc.constantFrom('balanced', 'aggressive'), (events, profile) => {
      const world = new World({ profile })
      world.byHand([{ do: 'add', rr: { name: 'green.lab.example', type: 'A', ttl: 60, value: '192.0.2.200' } }])
      for (const { publishes, ...one } of events) {
        for (const { rule, reason } of world.hear(event(one as Parameters<typeof event>[0]))) {
          seen.add(rule)
          assert.ok(RULES.has(rule), rule)
          assert.match(reason, /^.{10,}\.$/, rule)
          assert.doesNotMatch(reason, /undefined|null/, rule)
        }
        if (publishes) world.publish()
      }
    }),
    { numRuns: 400, seed: 42 },
  )
  t.ok(seen.size > 15, `${seen.size} rules came up`)
})
