import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { dhcidOf } from '../../../../lib/dns/dhcid.ts'
import { plan } from '../../../../lib/plan/plan.ts'
import { policyOf } from '../../../../lib/plan/scope/policy.ts'
import { type Scope, ScopeTable } from '../../../../lib/plan/scope/scope.ts'
import type { Scopes } from '../../../../lib/plan/state-view.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../../../schemas/model/policy.ts'
import { DOMAIN, ENDPOINT, event, scopesWith, World } from '../../world.ts'
import { IntentHistory, type Op, op } from '../intent/intent-histories.ts'

const NAME = `red.${DOMAIN}`
const START = 1_700_000_000
const RUNS = Number(process.env.HISTORIES ?? 300)

/** A host with a reserved address, of which there may be a lease by then. */
const HOST = { clientId: '03', hwAddress: '02:00:00:00:00:03', hwType: 1, duid: null, iaid: null, key: 'id:03' }

interface Policies {
  first: object
  second: object
  hasHost: boolean
}

/** Half of the v4 addresses and all of the v6 ones; the other half has another policy. */
const twoScopes = ({ first, second, hasHost }: Policies): Scopes => {
  const whole = scopesWith(first)
  const zoneOf = whole.find('192.0.2.1')!.zoneOf
  const scope = (name: string, subnet: string, fields: object): Scope => ({
    name,
    subnet,
    domain: DOMAIN,
    policy: policyOf(PolicyFields.parse(fields), subnet.includes(':') ? 6 : 4),
    zoneOf,
    reserved: client => (client.hwAddress?.endsWith('01') ? { hostname: '' } : null),
  })
  const a = scope('a', '192.0.2.0/28', first)
  const table = new ScopeTable([a, scope('b', '192.0.2.16/28', second), scope('c', '2001:db8::/64', first)])
  const published = hasHost ? [{ client: HOST, address: '192.0.2.2', scope: a }] : []
  const reservedAt = (name: string) => (name === NAME ? published : [])
  return Object.assign(table, { placesOf: whole.placesOf, reservedAt })
}

const KINDS = ['committed', 'committed', 'committed', 'released', 'expired', 'declined', 'moved', 'deleted'] as const

interface LeaseStep {
  kind: (typeof KINDS)[number]
  at: number
  client: number
  mac: number
  name: string
  back: number
  pass: number
  told: 'full' | 'dhcid' | 'duid' | 'no forward' | 'ahead'
  publish: boolean
}

/** What a person does; or what leads to the name, or policies, are others by now. */
type OtherStep =
  | Exclude<Op, { address: string } | { do: 'policy' | 'wait' | 'publish' | 'restart' }>
  | { do: 'alias' | 'unalias' | 'point' | 'no pointer' | 'take back pins' }
  | { do: 'policies'; policies: Policies }

type Step = LeaseStep | OtherStep

const leaseStep: fc.Arbitrary<LeaseStep> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.integer({ min: 0, max: 11 }),
  client: fc.integer({ min: 1, max: 9 }),
  mac: fc.integer({ min: 1, max: 9 }),
  name: fc.constantFrom('red', 'red', 'red', 'green'),
  back: fc.constantFrom(0, 0, 0, 30, 4000),
  pass: fc.constantFrom(0, 1, 10, 1000, 90_000),
  told: fc.constantFrom('full', 'full', 'full', 'full', 'full', 'dhcid', 'duid', 'no forward', 'ahead'),
  publish: fc.boolean(),
})

const addressOf = (at: number): string => (at < 8 ? `192.0.2.${at < 4 ? at : at + 12}` : `2001:db8::${at}`)

const eventOf = ({ kind, at, client, mac, name, back, told }: LeaseStep, now: number): LeaseEvent => {
  const cltt = Math.floor(now / 1000) - back + (told === 'ahead' ? 90_000 : 0)
  const made = event({ kind, address: addressOf(at), client: `0${client}`, hostname: name, cltt, validLft: 3600 })
  const whole: LeaseEvent = made.family === 4 ? { ...made, hwAddress: `02:00:00:00:00:0${mac}` } : made
  // The DUID of a v6 client inside the client-id of a v4 one.
  if (told === 'duid' && made.family === 4)
    return { ...whole, clientId: `ff:00:00:00:0${mac}:00:03:00:01:02:00:00:00:00:0${client}` }
  if (told === 'no forward') return { ...whole, forward: false, reverse: true } as LeaseEvent
  if (told !== 'dhcid') return whole
  const { clientId, hwAddress, duid, iaid } = whole
  const dhcid = dhcidOf({ key: '', clientId, hwAddress, hwType: 1, duid, iaid }, NAME)
  return { ...whole, clientId: null, hwAddress: null, duid: null, iaid: null, dhcid, hostname: NAME }
}

/** An end is most often that of the lease that is there. */
const atHolder = (one: LeaseEvent, { state }: World, back: number): LeaseEvent => {
  const holder = state.lease(one.address)?.grants.at(-1)
  if (one.kind === 'committed' || !holder || back > 0) return one
  const { clientId, hwAddress, duid, iaid } = holder.client
  return { ...one, clientId, hwAddress, duid, iaid, cltt: holder.cltt }
}

const policy = fc.record({
  profile: fc.constantFrom('conservative', 'balanced', 'aggressive'),
  conflictPolicy: fc.constantFrom('replace-owned', 'skip-existing', 'strict-fail'),
  addresses: fc.constantFrom('one', 'all'),
  forward: fc.constantFrom(true, true, true, false),
  retainOnExpiry: fc.boolean(),
  retainPtrOnExpiry: fc.boolean(),
  grace: fc.constantFrom(0, 900, 100_000),
  infrastructureAfter: fc.constantFrom(0, 1800, 2_592_000),
})

const policies: fc.Arbitrary<Policies> = fc.record({ first: policy, second: policy, hasHost: fc.boolean() })

const LABELS = ['red', 'red', 'red', 'green']
const label = fc.constantFrom(...LABELS)

const otherStep: fc.Arbitrary<OtherStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('pin' as const), label, seconds: fc.constantFrom(null, 60, 7200) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('unpin', 'unpin', 'promote', 'promote', 'demote', 'let go', 'restore'),
      label,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('assign', 'assign', 'unassign'),
      by: fc.constantFrom('hw', 'id', 'duid'),
      client: fc.integer({ min: 1, max: 9 }).map(n => `0${n}`),
      label,
      scope: fc.constantFrom(null, null, 'a', 'c'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'alias',
        'unalias',
        'unalias',
        'point',
        'point',
        'no pointer',
        'take back pins',
        'take back pins',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policies' as const), policies }) },
) as fc.Arbitrary<OtherStep>

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: leaseStep as fc.Arbitrary<Step> }, { weight: 1, arbitrary: otherStep }),
  { minLength: 15, maxLength: 60 },
)

/** Does to a world what a step says, as the engine does: what a person means, and other scopes, judge all. */
const change = (history: IntentHistory, one: OtherStep): void => {
  const { world } = history
  if (one.do === 'alias') world.alias(NAME, `green.${DOMAIN}`)
  else if (one.do === 'unalias') world.alias(NAME, null)
  else if (one.do === 'take back pins') history.takeBackPins()
  else if (one.do === 'policies') {
    world.scopes = twoScopes(one.policies)
    history.rederiveAll()
  } else if (one.do === 'point' || one.do === 'no pointer') {
    const pointers = one.do === 'point' ? [{ owner: `www.${DOMAIN}`, type: 'CNAME' as const, target: NAME }] : []
    world.state.seen.put({ surveys: [{ endpoint: ENDPOINT, zone: DOMAIN, serial: 1, pointers, made: [] }] })
    world.deriveNames([NAME])
  } else history.play([one as Op])
}

const ordered = (items: Iterable<object>): string[] => [...items].map(one => JSON.stringify(one)).sort()

/** Plays histories in two worlds: in the one all that ask for a name are judged, in the other the few that matter. */
class Pair {
  readonly whole: IntentHistory
  readonly few: IntentHistory

  constructor(made: () => World) {
    this.whole = new IntentHistory('balanced', made())
    this.few = new IntentHistory('balanced', made().withCrowds(0))
  }

  both(act: (history: IntentHistory) => void): void {
    act(this.whole)
    act(this.few)
    this.compare()
  }

  compare(): void {
    const [whole, few] = [this.whole.world.state, this.few.world.state]
    assert.deepEqual(ordered(few.records.values()), ordered(whole.records.values()))
    assert.deepEqual(ordered(few.leases.values()), ordered(whole.leases.values()))
  }

  /** What an event would decide is found out first: that changes nothing. */
  hear(heard: LeaseEvent): void {
    const [whole, few] = [this.whole.world, this.few.world]
    const foreseen = plan(few.foreseen, few.scopes, heard, few.now).decisions
    const [a, b] = [whole.hear(heard), few.hear(heard)]
    assert.deepEqual(ordered(b), ordered(a))
    assert.deepEqual(ordered(foreseen), ordered(a))
    this.compare()
  }
}

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

/** Has the world count each item that it takes up: leases and records that it reads, and addresses whose scope it asks for. */
const counting = (world: World): { steps: number } => {
  const count = { steps: 0 }
  const { state, scopes } = world
  const counted = <T>(items: Iterable<T>): T[] => {
    const all = [...items]
    count.steps += all.length + 1
    return all
  }
  for (const method of ['leasesNamed', 'recordsNamed', 'openNamed', 'recordsOf'] as const) {
    const original = state[method].bind(state) as (of: string) => Iterable<object>
    Object.assign(state, { [method]: (of: string) => counted(original(of)) })
  }
  const find = scopes.find.bind(scopes)
  const countedFind = (address: string) => {
    count.steps++
    return find(address)
  }
  Object.assign(scopes, { find: countedFind })
  return count
}

/** v6 addresses are many: client n has the n-th. */
const nth = (kind: LeaseEvent['kind'], n: number, cltt: number): LeaseEvent => {
  const duid = `00:03:00:01:02:00:00:00:${[n >> 8, n & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`
  return { ...event({ kind, address: `2001:db8::${(n + 1).toString(16)}`, hostname: 'red', cltt }), duid }
}

/** The most steps that any of some events takes, once so many clients have had the name. */
const mostSteps = (clients: number, conflictPolicy: string, isMeant: boolean): number => {
  const world = new World({ conflictPolicy, profile: 'aggressive' }).withCrowds(32)
  world.now = START * 1000
  if (isMeant) {
    const meant = { name: NAME, by: 'ann', at: world.now, why: null }
    world.state.intents.put({ kind: 'pin', ...meant, until: null })
    world.state.intents.put({ kind: 'alias', ...meant, name: `www.${DOMAIN}`, target: NAME })
  }
  for (let n = 0; n < clients; n++) world.hear(nth('committed', n, START + n))
  const count = counting(world)
  let most = 0
  const hear = (one: LeaseEvent) => {
    count.steps = 0
    world.hear(one)
    most = Math.max(most, count.steps)
  }
  hear(nth('committed', clients, START + clients))
  hear(nth('committed', 7, START + clients + 1))
  hear(nth('expired', clients >> 1, START + (clients >> 1)))
  for (const n of [clients, clients - 1, 0, 1]) hear(nth('released', n, START + n))
  hear(nth('committed', 0, START + clients + 2))
  return most
}

for (const policy of ['replace-owned', 'skip-existing']) {
  for (const [isMeant, most] of [
    [false, 50],
    [true, 80],
  ] as const) {
    const meant = isMeant ? ', and it is pinned and has an alias' : ''
    t.test(`what an event costs does not grow with how many clients have its name: ${policy}${meant}`, async t => {
      const few = mostSteps(64, policy, isMeant)
      const many = mostSteps(2000, policy, isMeant)
      t.ok(many < most, `${many} steps with 2000 clients, ${few} with 64`)
    })
  }
}

t.test('a change of a name is made of the records that DNS may have, not of all that ever asked for it', async t => {
  const world = new World({ conflictPolicy: 'replace-owned' }).withCrowds(32)
  world.now = START * 1000
  for (let n = 0; n < 300; n++) {
    world.hear(nth('committed', n, START + n))
    if (n % 50 === 0) world.publish()
  }
  world.publish()
  t.equal([...world.state.recordsNamed(NAME)].length, 300, 'each client has a record that shows why it has no name')
  t.equal(world.state.openAt('test', NAME).length, 1)
  t.ok(world.dns().includes(`${NAME} AAAA 2001:db8::12c`))
})
