import t from 'tap'
import { eventsOf } from '../../../lib/kea/callout.ts'
import { derive } from '../../../lib/plan/derive.ts'
import { policyOf } from '../../../lib/plan/scope/policy.ts'
import { ScopeTable } from '../../../lib/plan/scope/scope.ts'
import { REFUSED, UNREACHABLE, waitAfter } from '../../../lib/publish/retry.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../../schemas/model/policy.ts'
import { recorded } from '../../recorded.ts'
import { committed4 } from '../kea/variables.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const A = '192.0.2.1'
const B = '192.0.2.2'
const SIX = '2001:db8::1'
const SIX_B = '2001:db8::2'

const on = (address: string, hostname: string, client: string, cltt = 1000, more: Partial<LeaseEvent> = {}) =>
  event({ kind: 'committed', address, hostname, client, cltt, ...more })
const off = (kind: LeaseEvent['kind'], address: string, client: string | undefined, cltt = 1000) =>
  event({ kind, address, client, cltt })

const a = (name: string, address: string) => `${name}.lab.example ${address.includes(':') ? 'AAAA' : 'A'} ${address}`
const forward = (world: World) => world.dns().filter(line => !line.includes(' PTR '))
const dhcids = (world: World) => world.dns(true).filter(line => line.includes(' DHCID ')).length

/** `told` is heard after `known` was published; DNS then has these forward RRs, for so many further messages. */
interface Row {
  pitfall: string
  policy?: object
  known: LeaseEvent[]
  told: LeaseEvent[]
  dns: string[]
  quiet?: true
}

const KEA: Row[] = [
  {
    pitfall: 'Kea 1: a DISCOVER of a client whose lease expired publishes nothing again',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a'), off('expired', A, '0a')],
    told: [event({ kind: 'renewed', address: A, hostname: 'red', client: '0a', cltt: 9999 })],
    dns: [],
    quiet: true,
  },
  {
    pitfall: 'Kea 2: an expiry that comes after the renewal it preceded',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a', 1000), on(A, 'red', '0a', 1017)],
    told: [off('expired', A, '0a', 1000)],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 2: a release that comes before its grant',
    known: [off('released', A, '0a', 1000)],
    told: [on(A, 'red', '0a', 1000)],
    dns: [],
    quiet: true,
  },
  {
    pitfall: 'Kea 4: a name with a trailing dot is the same name',
    known: [on(A, 'red.lab.example', '0a')],
    told: [on(A, 'red.lab.example.', '0a', 2000), on(A, 'RED', '0a', 3000)],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 4: nor are there more labels in it: a client names one in the domain of its scope',
    known: [on(A, 'pc.west.lab.example', '0a')],
    told: [on(A, 'pc.west.lab.example.', '0a', 2000)],
    dns: [a('pc', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 4: who says its name in another spelling has had it no shorter',
    policy: { conflictPolicy: 'skip-existing' },
    known: [on(A, 'red', '0a', 1000), on(B, 'red', '0b', 2000), on(A, 'red', '0a', 2500)],
    told: [on(A, 'Red', '0a', 3000)],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 5: a declined lease no longer says whose it was, nor its name',
    policy: { profile: 'conservative' },
    known: [on(A, 'red', '0a')],
    told: [off('declined', A, undefined, 1000)],
    dns: [],
  },
  {
    pitfall: "Kea 6: a v6 lease with another machine's hardware address is not that machine's",
    policy: { conflictPolicy: 'skip-existing' },
    known: [on(SIX, 'red', '0a', 1000, { hwAddress: '02:00:00:00:06:60' })],
    told: [on(SIX_B, 'red', '0b', 2000, { hwAddress: '02:00:00:00:06:60' })],
    dns: [a('red', SIX)],
    quiet: true,
  },
  {
    pitfall: 'Kea 9: the other node of the pair tells the same expiry',
    known: [on(A, 'red', '0a'), off('expired', A, '0a')],
    told: [off('expired', A, '0a')],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 9: a node that returns repeats an expiry after the client came back',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a', 1000), off('expired', A, '0a', 1000), on(A, 'red', '0a', 5000)],
    told: [off('expired', A, '0a', 1000)],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'Kea 9: a node that returns repeats an expiry after a later lease has ended too',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a', 5000), off('released', A, '0a', 5000)],
    told: [off('expired', A, '0a', 1000)],
    dns: [],
    quiet: true,
  },
  {
    pitfall: 'Kea 9: a node that returns repeats an expiry after the address went to another',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a', 1000), off('expired', A, '0a', 1000), on(A, 'green', '0b', 5000)],
    told: [off('expired', A, '0a', 1000)],
    dns: [a('green', A)],
    quiet: true,
  },
]

const XPF: Row[] = [
  {
    pitfall: 'xpf 5709, 5748: of two who had the same name at the same address, the end of the first removes nothing',
    policy: { profile: 'aggressive' },
    known: [on(A, 'red', '0a', 1000), on(A, 'red', '0b', 1000)],
    told: [off('released', A, '0a', 1000)],
    dns: [a('red', A)],
    quiet: true,
  },
  {
    pitfall: 'xpf 5072: the end of a delegated prefix does not end the address that has its text',
    known: [on(SIX, 'red', '0a')],
    told: [
      { ...on(SIX, 'green', '0b', 2000), type: 'IA_PD' },
      { ...off('released', SIX, '0a', 2000), type: 'IA_PD' },
    ],
    dns: [a('red', SIX)],
    quiet: true,
  },
  {
    pitfall: 'xpf 2664: an event of an address in no scope withdraws nothing of its client',
    known: [on(A, 'red', '0a')],
    told: [on('198.51.100.1', 'red', '0a', 2000), off('released', '198.51.100.1', '0a', 2000)],
    dns: [a('red', A)],
    quiet: true,
  },
]

for (const { pitfall, policy, known, told, dns, quiet } of [...KEA, ...XPF]) {
  t.test(pitfall, async t => {
    const world = new World(policy)
    world.hear(...known)
    const before = world.publish().messages
    world.hear(...told)
    world.publish()
    t.strictSame(forward(world), [...dns].sort())
    t.equal(dhcids(world), dns.length, 'a DHCID at each name')
    if (quiet) t.equal(world.messages, before, 'nothing is sent')
  })
}

t.test('Kea 2: an expired lease is renewed, and its expiry is told last, as Kea 2.2 did it', async t => {
  const world = new World({ profile: 'aggressive' })
  const calls = recorded('expired-unreclaimed')
  const end = calls.findLastIndex(({ point }) => point === 'leases4_committed') + 1
  for (const { point, env } of calls.slice(0, end)) {
    for (const one of eventsOf(point, env))
      world.hear({ ...one, address: one.address.replace('198.51.100.', '192.0.2.') })
  }
  const living = { taker: '192.0.2.50', taker2: '192.0.2.51', old5: '192.0.2.55', old6: '192.0.2.56' }
  const wanted = Object.entries(living).map(([name, address]) => a(name, address))
  t.strictSame(forward(world.publish()), wanted.sort())
})

t.test('Kea 3: a commit of nothing (NAK) is no event, and no error', async t => {
  t.strictSame(eventsOf('leases4_committed', committed4([], [])), [])
})

t.test('xpf 2661, 2676: the A is done, the PTR is not: both stay owned, and both are removed later', async t => {
  const world = new World()
  world.fortune = message => (message > 1 && message < 6 ? 'answer lost' : 'answered')
  world.hear(on(A, 'red', '0a'))
  world.publish()
  const records = () => Object.fromEntries([...world.state.recordsOf(A)].map(({ type, phase }) => [type, phase]))
  t.strictSame(records(), { A: 'published', PTR: 'published' })
  world.hear(off('released', A, '0a'))
  const begun = world.messages
  world.fortune = message => (message === begun + 2 ? 'lost' : 'answered')
  world.publish()
  t.strictSame(records(), { A: 'removed', PTR: 'removed' })
  t.strictSame(world.dns(true), [])
})

t.test('xpf 2700: the DHCID of a dual-stack name stays until the last family goes', async t => {
  for (const [first, second] of [
    [A, SIX],
    [SIX, A],
  ] as const) {
    const world = new World()
    world.hear(on(A, 'red', '0a'), on(SIX, 'red', '0a'))
    t.equal(dhcids(world.publish()), 1)
    world.hear(off('released', first, '0a'))
    t.equal(dhcids(world.publish()), 1, `${first} is gone`)
    t.strictSame(forward(world), [a('red', second)])
    world.hear(off('released', second, '0a'))
    t.strictSame(world.publish().dns(true), [])
  }
})

t.test('xpf 9067: another TTL is a change', async t => {
  const world = new World({ ttl: { percent: 50, min: 1, max: 86_400 } })
  world.hear(on(A, 'red', '0a', 1000, { validLft: 1000 }))
  world.publish()
  const ttls = () =>
    [
      ['lab.example', 'red.lab.example'],
      ['2.0.192.in-addr.arpa', '1.2.0.192.in-addr.arpa'],
    ].flatMap(([zone, name]) =>
      world
        .zone(zone!)
        .lookup(name!, 'ANY')
        .rrs.map(rr => rr.ttl),
    )
  t.strictSame([...new Set(ttls())], [500])
  world.hear(on(A, 'red', '0a', 2000, { validLft: 4000 }))
  world.publish()
  t.match(ttls().sort(), [2000, 2000], 'A and PTR')
})

t.test('xpf 2813: a server that says no is asked ever less often, one that is silent never too seldom', async t => {
  const day = 86_400_000
  const triesIn = (span: number, waits: typeof REFUSED, random: number): number => {
    let tries = 0
    for (let at = 0; at < span; at += waitAfter(waits, ++tries, random));
    return tries
  }
  t.ok(triesIn(day, REFUSED, 0) < 600, `${triesIn(day, REFUSED, 0)} tries a day at most`)
  t.ok(waitAfter(UNREACHABLE, 1000, 0.999) <= 10_000)
  t.ok(waitAfter(UNREACHABLE, 1, 0) >= 100)
})

t.test('xpf: a lease belongs to the longest prefix, whatever its subnet id', async t => {
  const policy = policyOf(PolicyFields.parse({}))
  const scopes = ['10.0.0.0/8', '10.1.2.0/24', '10.1.0.0/16'].map(subnet => ({ subnet, policy }))
  for (const order of [scopes, scopes.toReversed()]) {
    const table = new ScopeTable(order)
    const found = ['10.1.2.3', '10.1.3.3', '10.9.9.9', '11.0.0.1'].map(address => table.find(address)?.subnet)
    t.strictSame(found, ['10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8', undefined])
  }
  const world = new World()
  world.hear(on(A, 'red', '0a', 1000, { subnetId: 1 }))
  const before = world.publish().messages
  world.hear(on(A, 'red', '0a', 2000, { subnetId: 77 }))
  t.equal(world.publish().messages, before)
})

t.test('an address that a name once had brings in no other name: that one stays as it is', async t => {
  const world = new World()
  world.hear(on(A, 'red', '0a'), off('released', A, '0a'), on(A, 'blue', '0b', 2000))
  world.publish()
  const { records, decisions } = derive(
    world.state,
    world.scopes,
    new Set(['red.lab.example']),
    new Set([A]),
    world.now,
  )
  t.same([records, decisions], [[], []])
})
