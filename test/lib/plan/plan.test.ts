import t from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const A = '192.0.2.1'
const B = '192.0.2.2'
const V6 = '2001:db8::1'

const on = (address: string, hostname: string, client: string, cltt = 1000) =>
  event({ kind: 'committed', address, hostname, client, cltt })
const off = (kind: LeaseEvent['kind'], address: string, client: string | undefined, cltt = 1000) =>
  event({ kind, address, client, cltt })

const a = (name: string, address: string) => `${name}.lab.example A ${address}`
const ptr = (address: string, name: string) =>
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${name}.lab.example`
const both = (name: string, address: string) => [a(name, address), ptr(address, name)]

interface Row {
  case: string
  policy?: object
  events: LeaseEvent[]
  /** Seconds that pass after the events. */
  wait?: number
  dns: string[]
  /** Rules of the decisions on the last event. */
  rules: string[]
}

const DAY = 86_400

const PROFILES: Row[] = (
  [
    // profile        end        wait   A kept  PTR kept
    ['conservative', 'expired', 0, true, true],
    ['conservative', 'expired', 30 * DAY, true, true],
    ['conservative', 'released', 0, true, true],
    ['conservative', 'released', 7 * DAY + 1, true, false],
    ['balanced', 'expired', 0, true, true],
    ['balanced', 'expired', DAY + 1, true, false],
    ['balanced', 'released', 0, false, false],
    ['aggressive', 'expired', 0, false, false],
    ['aggressive', 'released', 0, false, false],
    ['conservative', 'declined', 0, false, false],
    ['conservative', 'moved', 0, false, false],
    ['conservative', 'deleted', 0, true, true],
    ['balanced', 'deleted', 0, false, false],
  ] as const
).map(([profile, kind, wait, keepsA, keepsPtr]) => ({
  case: `${profile}: ${kind}, ${wait} s later`,
  policy: { profile },
  events: [on(A, 'red', '0a'), off(kind, A, '0a')],
  wait,
  dns: [...(keepsA ? [a('red', A)] : []), ...(keepsPtr ? [ptr(A, 'red')] : [])],
  rules: [],
}))

const FLAGS: Row[] = [true, false].flatMap(retainOnExpiry =>
  [true, false].map(retainPtrOnExpiry => ({
    case: `retainOnExpiry ${retainOnExpiry}, retainPtrOnExpiry ${retainPtrOnExpiry}`,
    policy: { retainOnExpiry, retainPtrOnExpiry, grace: 0 },
    events: [on(A, 'red', '0a'), off('expired', A, '0a')],
    dns: [...(retainOnExpiry ? [a('red', A)] : []), ...(retainPtrOnExpiry ? [ptr(A, 'red')] : [])],
    rules: [],
  })),
)

const STORIES: Row[] = [
  { case: 'a new lease', events: [on(A, 'red', '0a')], dns: both('red', A), rules: ['lease-active', 'lease-active'] },
  {
    case: 'a renewal',
    events: [on(A, 'red', '0a'), on(A, 'red', '0a', 1900)],
    dns: both('red', A),
    rules: ['unchanged'],
  },
  {
    case: 'a rename',
    events: [on(A, 'red', '0a'), on(A, 'green', '0a', 1900)],
    dns: both('green', A),
    rules: ['lease-active', 'lease-active', 'renamed', 'renamed'],
  },
  {
    case: 'a name given up',
    events: [on(A, 'red', '0a'), on(A, '', '0a', 1900)],
    dns: [],
    rules: ['renamed', 'renamed'],
  },
  {
    case: 'a move',
    events: [on(A, 'red', '0a'), off('moved', A, '0a'), on(B, 'red', '0a', 1900)],
    dns: both('red', B),
    rules: ['lease-active', 'lease-active'],
  },
  {
    case: 'an address reassigned while its name was retained',
    events: [on(A, 'red', '0a'), off('expired', A, '0a'), on(A, 'green', '0b', 5000)],
    dns: both('green', A),
    rules: ['lease-active', 'lease-active', 'reassigned', 'reassigned'],
  },
  {
    case: 'a client that comes back at another address takes its retained name along',
    events: [on(A, 'red', '0a'), off('expired', A, '0a'), on(B, 'red', '0a', 9000)],
    dns: both('red', B),
    rules: ['lease-active', 'lease-active', 'superseded', 'superseded'],
  },
  {
    case: 'an expiry older than the renewal',
    events: [on(A, 'red', '0a', 1000), on(A, 'red', '0a', 5000), off('expired', A, '0a', 1000)],
    dns: both('red', A),
    rules: ['stale'],
  },
  {
    case: 'an end in the second of the beginning',
    events: [on(A, 'red', '0a', 1000), off('released', A, '0a', 1000)],
    dns: [],
    rules: ['released', 'released'],
  },
  {
    case: 'an end of another client in the second of the beginning',
    events: [on(A, 'red', '0b', 1000), off('released', A, '0a', 1000)],
    dns: both('red', A),
    rules: ['unchanged'],
  },
  {
    case: 'a commit that arrives after its own expiry ends as retained',
    events: [off('expired', A, '0a'), on(A, 'red', '0a')],
    dns: both('red', A),
    rules: ['retained-on-expiry', 'grace-on-expiry'],
  },
  { case: 'an expiry of a lease that was never seen', events: [off('expired', A, '0a')], dns: [], rules: ['not-ours'] },
  {
    case: 'a hint',
    events: [event({ kind: 'renewed', address: A, hostname: 'red', client: '0a', cltt: 9999 })],
    dns: [],
    rules: ['hint'],
  },
  {
    case: 'a hint with a newer CLTT does not fence the true expiry off',
    policy: { profile: 'aggressive' },
    events: [
      on(A, 'red', '0a'),
      event({ kind: 'renewed', address: A, hostname: 'red', client: '0a', cltt: 9999 }),
      off('expired', A, '0a'),
    ],
    dns: [],
    rules: ['expired', 'expired'],
  },
  { case: 'no host name', events: [on(A, '', '0a')], dns: [], rules: ['no-name'] },
  { case: 'a denied name', events: [on(A, 'wpad', '0a')], dns: [], rules: ['name-denied'] },
  { case: 'outside every scope', events: [on('198.51.100.1', 'red', '0a')], dns: [], rules: ['out-of-scope'] },
  {
    case: 'a delegated prefix',
    events: [{ ...on(V6, 'red', '0a'), type: 'IA_PD' }],
    dns: [],
    rules: ['prefix-delegation'],
  },
  {
    case: 'dual stack: A and AAAA share the name though v4 and v6 know the client differently',
    events: [on(A, 'red', '0a'), on(V6, 'red', '0a')],
    dns: [
      ...both('red', A),
      `red.lab.example AAAA ${V6}`,
      `1${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.ip6.arpa PTR red.lab.example`,
    ],
    rules: ['lease-active', 'lease-active'],
  },
  {
    case: 'dual stack: the A goes, the AAAA stays (and its marker)',
    events: [on(A, 'red', '0a'), on(V6, 'red', '0a'), off('released', A, '0a')],
    dns: [`red.lab.example AAAA ${V6}`, `1${'.0'.repeat(23)}.8.b.d.0.1.0.0.2.ip6.arpa PTR red.lab.example`],
    rules: ['released', 'released'],
  },
  {
    case: 'a reservation whose client-id drifted: the end of the old lease does not touch the name of the new one',
    events: [
      on(A, 'printer', '0a', 1000),
      { ...on(B, 'printer', '0a', 2000), clientId: 'ff:00:00:00:01:00:01:6e:65:77' },
      off('expired', A, '0a', 1000),
    ],
    dns: both('printer', B),
    rules: ['superseded'],
  },
]

const CONFLICTS: Row[] = (
  [
    ['replace-owned', B],
    ['skip-existing', A],
    ['strict-fail', A],
  ] as const
).map(([conflictPolicy, winner]) => ({
  case: `two clients with one name, ${conflictPolicy}: ${winner === A ? 'the older' : 'the newer'} claim wins, renewals or not`,
  policy: { conflictPolicy },
  events: [on(A, 'red', '0a', 1000), on(B, 'red', '0b', 2000), on(A, 'red', '0a', 3000)],
  dns: both('red', winner),
  rules: winner === A ? ['unchanged'] : ['name-taken'],
}))

for (const row of [...PROFILES, ...FLAGS, ...STORIES, ...CONFLICTS]) {
  t.test(row.case, async t => {
    const world = new World(row.policy)
    const decisions = row.events.map(one => {
      const made = world.hear(one)
      world.publish()
      return made
    })
    if (row.wait) world.wait(row.wait)
    world.publish()
    t.strictSame(world.dns(), [...row.dns].sort(), 'DNS')
    for (const decision of decisions.flat()) t.match(decision.reason, /^.{10,}\.$/, 'a reason is a sentence')
    if (row.rules.length > 0)
      t.strictSame(
        decisions.at(-1)?.map(one => one.rule),
        row.rules,
        'rules',
      )
    if (row.rules[0] === 'unchanged') t.equal(world.publish().messages, world.messages, 'no DNS message')
  })
}

t.test('a renewal sends nothing', async t => {
  const world = new World()
  world.hear(on(A, 'red', '0a'))
  const before = world.publish().messages
  for (let cltt = 2000; cltt < 2010; cltt++) world.hear(on(A, 'red', '0a', cltt))
  t.equal(world.publish().messages, before)
})

t.test('the loser of a name gets it when the winner lets it go', async t => {
  const world = new World({ conflictPolicy: 'skip-existing' })
  world.hear(on(A, 'red', '0a', 1000), on(B, 'red', '0b', 2000))
  world.publish()
  const loser = world.state.record(`test red.lab.example A ${B}`)
  t.match(loser, { phase: 'conflict', rule: 'name-taken' })
  world.hear(off('released', A, '0a', 1000))
  t.strictSame(world.publish().dns(), both('red', B).sort())
})

t.test('a release heard last, in a second in which the lease was granted twice, is asked about', async t => {
  const world = new World()
  const grant = on(A, 'red', '0a')
  const tied = (one: LeaseEvent) => {
    const made = plan(world.state, world.scopes, one, world.now)
    for (const lease of made.leases) world.state.putLease(lease)
    for (const record of made.records) world.state.putRecord(record)
    return made.tied
  }
  t.strictSame([grant, grant, off('released', A, '0a')].map(tied), [false, false, true])
  const answer = plan(world.state, world.scopes, { ...grant, source: 'control' }, world.now + 1, world.now + 1)
  for (const record of answer.records) world.state.putRecord(record)
  for (const lease of answer.leases) world.state.putLease(lease)
  t.strictSame(world.publish().dns(), both('red', A).sort())
  t.strictSame([on(B, 'green', '0b'), off('released', B, '0b')].map(tied), [false, false], 'once is no tie')
})

const ROAMING: { case: string; events: LeaseEvent[]; winner: string }[] = [
  {
    case: 'an address that had another holder before',
    events: [
      on(A, 'green', '0b', 1000),
      off('released', A, '0b', 1000),
      on(B, 'red', '0a', 2000),
      on(A, 'red', '0a', 3000),
    ],
    winner: A,
  },
  {
    case: 'an address that the client had before, and gave back',
    events: [
      on(A, 'red', '0a', 1000),
      off('released', A, '0a', 1000),
      on(B, 'red', '0a', 2000),
      on(A, 'red', '0a', 3000),
    ],
    winner: A,
  },
  {
    case: 'an address that the client only renews',
    events: [on(A, 'red', '0a', 1000), on(B, 'red', '0a', 2000), on(A, 'red', '0a', 3000)],
    winner: B,
  },
]

for (const { case: name, events, winner } of ROAMING) {
  t.test(`a client's name is at the address that it took last: ${name}`, async t => {
    for (const order of [events, events.toReversed()]) {
      const world = new World()
      world.hear(...order)
      t.strictSame(world.publish().dns(), both('red', winner).sort())
    }
  })
}
