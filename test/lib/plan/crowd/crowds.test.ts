import fc from 'fast-check'
import t from 'tap'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { DOMAIN, event, scopesWith } from '../../site.ts'
import { World } from '../../world.ts'
import { IntentHistory, op } from '../intent/intent-histories.ts'
import { atHolder, change, eventOf, NAME, Pair, policies, RUNS, START, steps, twoScopes } from './crowd-worlds.ts'

t.test(
  'the few that matter decide a name as all that ask for it do, whatever happens and is meant, in whatever order',
  async t => {
    let shown = 0
    const rules = new Map<string, number>()
    fc.assert(
      fc.property(policies, fc.boolean(), steps, (inForce, hasOwnWriters, history) => {
        const pair = new Pair(() => new World({}, twoScopes(inForce)))
        const { world } = pair.whole
        for (const one of [world, pair.few.world]) one.now = START * 1000
        for (const one of history) {
          if ('do' in one) {
            pair.both(played => change(played, one))
            continue
          }
          if (one.told === 'no forward' && !hasOwnWriters) continue
          pair.both(played => played.world.pass(one.pass))
          pair.hear(atHolder(eventOf(one, world.now), world, one.back))
          if (one.publish) pair.both(played => void played.world.publish())
          for (const { rule } of world.state.records.values()) rules.set(rule, (rules.get(rule) ?? 0) + 1)
        }
        shown += [...world.state.records.values()].filter(({ phase }) => phase === 'conflict').length
      }),
      { numRuns: RUNS },
    )
    t.ok(shown > RUNS / 2, `${shown} records lost their name`)
    const kept = ['pinned', 'promoted', 'role-pointed-at', 'role-long-held', 'alias', 'reserved-name']
    for (const rule of kept) t.ok(rules.has(rule), `${rules.get(rule)} records were as they were by the rule ${rule}`)
  },
)

/** A client by its last digit, at an address that ends in another. All say that they are called red, but for those said. */
const at = (kind: LeaseEvent['kind'], client: number, n: number, hostname = 'red', cltt = START + client): LeaseEvent =>
  event({ kind, client: `0${client}`, address: `192.0.2.${n}`, hostname, cltt })

const LEASED = [1, 2, 3].map(n => at('committed', n, n))

const ENDED = [at('expired', 1, 1), at('expired', 2, 2)]

const DECLINED = event({ kind: 'declined', address: '192.0.2.1', cltt: START + 9 })

/** Something on which claims depend besides their leases changes; then who has the name loses it. Who has it after that? */
const GROUNDS: {
  what: string
  heard: LeaseEvent[]
  change(history: IntentHistory): void
  last: LeaseEvent
  has: string
}[] = [
  {
    what: 'a pin',
    heard: [...LEASED, ...ENDED],
    change: history => change(history, { do: 'pin', label: 'red', seconds: null }),
    last: DECLINED,
    has: '192.0.2.2',
  },
  {
    what: 'what points to the name',
    heard: [...LEASED, ...ENDED],
    change: history => change(history, { do: 'point' }),
    last: DECLINED,
    has: '192.0.2.2',
  },
  {
    what: 'the policies',
    heard: [...LEASED, ...ENDED],
    change: history => {
      history.world.scopes = scopesWith({ conflictPolicy: 'skip-existing', profile: 'conservative' })
      history.rederiveAll()
    },
    last: DECLINED,
    has: '192.0.2.2',
  },
  {
    what: 'assignments',
    heard: [...LEASED, at('committed', 4, 4)],
    change: history => {
      for (const client of ['02', '03']) change(history, { do: 'assign', by: 'hw', client, label: 'red', scope: null })
    },
    last: at('released', 2, 2),
    has: '192.0.2.3',
  },
]

for (const { what, heard, change, last, has } of GROUNDS) {
  t.test(`the few are others once something else changes: ${what}`, async t => {
    const pair = new Pair(() => new World({ conflictPolicy: 'skip-existing', profile: 'aggressive' }))
    for (const { world } of [pair.whole, pair.few]) world.now = START * 1000
    for (const one of heard) pair.hear(one)
    pair.both(change)
    pair.hear(last)
    const wanted = [...pair.few.world.state.openNamed(NAME)].filter(record => record.wanted !== null)
    t.strictSame(
      wanted.map(({ value }) => value),
      [has],
    )
  })
}

t.test('all are judged at a name that was restored, as what nobody asks for is taken from its records', async t => {
  const pair = new Pair(() => new World({ profile: 'aggressive' }))
  for (const { world } of [pair.whole, pair.few]) world.now = START * 1000
  const told = [
    at('committed', 5, 5),
    at('released', 5, 5),
    at('committed', 5, 5, 'green', START + 6),
    at('committed', 1, 1, 'red', START + 7),
    at('released', 1, 1, 'red', START + 7),
  ]
  for (const one of told) pair.hear(one)
  pair.both(history => change(history, { do: 'restore', label: 'red' }))
  t.equal(pair.few.world.state.record(`test ${NAME} A 192.0.2.1`)?.rule, 'restored')
  for (const one of [DECLINED, at('committed', 5, 5, 'red', START + 20), at('committed', 5, 5, 'green', START + 21)]) {
    pair.both(({ world }) => world.pass(1))
    pair.hear(one)
  }
  t.equal(pair.few.world.state.record(`test ${NAME} A 192.0.2.5`)?.rule, 'renamed')
})

/** What ends the restored name of the client 5 at .5, where a lease of another name was last. */
const RESTORED_ENDS: [string, (history: IntentHistory) => void][] = [
  ['its client has it elsewhere', ({ world }) => void world.hear(at('committed', 5, 6, 'green', START + 30))],
  ['its pin is taken back', history => change(history, { do: 'unpin', label: 'green' })],
]

for (const [why, end] of RESTORED_ENDS) {
  t.test(`a restored name takes its PTR along when it goes, as ${why}`, async t => {
    const history = new IntentHistory('aggressive', new World({ profile: 'aggressive' }))
    const { world } = history
    world.now = START * 1000
    world.hear(at('committed', 5, 5, 'green'), at('released', 5, 5, 'green'))
    world.hear(at('committed', 1, 5, 'red', START + 20), at('released', 1, 5, 'red', START + 20))
    change(history, { do: 'restore', label: 'green' })
    const pointer = () => world.state.record(`test 5.2.0.192.in-addr.arpa PTR green.${DOMAIN}`)
    t.match(pointer(), { rule: 'restored', wanted: {} })
    end(history)
    t.match(pointer(), { goal: 'removed', wanted: null })
  })
}

t.test('a restored name stays, whatever is heard at an address of the name that its lease has by now', async t => {
  const aggressive = { profile: 'aggressive', conflictPolicy: 'skip-existing' }
  const policies = { first: aggressive, second: aggressive, hasHost: true }
  const history = new IntentHistory('aggressive', new World({}, twoScopes(policies)))
  const { world } = history
  world.now = START * 1000
  world.hear(at('committed', 1, 0, 'green'), at('committed', 1, 0, 'red', START + 2))
  change(history, { do: 'restore', label: 'green' })
  world.hear(at('released', 1, 0, 'red', START + 2))
  const restored = () => world.state.record(`test green.${DOMAIN} A 192.0.2.0`)
  t.match(restored(), { rule: 'restored', wanted: {} })
  t.match(world.state.record(`test ${NAME} A 192.0.2.2`), { rule: 'reserved-name', wanted: {} })
  world.hear(at('expired', 4, 2, ''))
  t.match(restored(), { rule: 'restored', wanted: {} })
})

t.test('so they do in the histories of what people mean', async t => {
  let decided = 0
  fc.assert(
    fc.property(fc.array(op, { minLength: 10, maxLength: 60 }), ops => {
      const pair = new Pair(() => new IntentHistory('balanced').world)
      for (const one of ops) pair.both(played => void played.play([one]))
      decided += pair.few.world.state.records.size
    }),
    { numRuns: RUNS / 2 },
  )
  t.ok(decided > RUNS, `${decided} records`)
})
