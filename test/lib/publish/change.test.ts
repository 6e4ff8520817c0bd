import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const A = '192.0.2.1'
const B = '192.0.2.2'
const V6 = '2001:db8::1'
const V6_POINTER = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'
const NAME = 'red.lab.example'

const on = (address: string, client: string, cltt: number, hostname = 'red') =>
  event({ kind: 'committed', address, hostname, client, cltt })
const off = (address: string, client: string, cltt: number) => event({ kind: 'released', address, client, cltt })

const rr = (name: string, type: 'A' | 'AAAA' | 'TXT' | 'PTR', value: string) => ({ name, type, ttl: 60, value })
const put = (name: string, type: 'A' | 'AAAA' | 'TXT' | 'PTR', value: string) => ({
  do: 'add' as const,
  rr: rr(name, type, value),
})
const drop = (name: string, type: 'A' | 'DHCID') => ({ do: 'delete-rrset' as const, name, type })

const phase = (world: World, type: string, value: string, name = NAME) =>
  world.state.record(`test ${name} ${type} ${value}`)?.phase

/** What a person did before or after, what the lease then did, and what must be in DNS and in the record. */
const HANDS: {
  case: string
  before?: Parameters<World['byHand']>[0]
  events: LeaseEvent[]
  meanwhile?: Parameters<World['byHand']>[0]
  later?: LeaseEvent[]
  dns: string[]
  phases: Record<string, string>
}[] = [
  ...(['A', 'TXT'] as const).map(type => {
    const value = type === 'A' ? '192.0.2.9' : 'hello'
    return {
      case: `a hand-made ${type} at the name`,
      before: [put(NAME, type, value)],
      events: [on(A, '0a', 1000)],
      dns: [`${NAME} ${type} ${value}`],
      phases: { [`A ${A}`]: 'conflict' },
    }
  }),
  {
    case: 'a hand-made CNAME at the name',
    before: [{ do: 'add', rr: { name: NAME, type: 'CNAME', ttl: 60, value: 'www.lab.example' } }],
    events: [on(A, '0a', 1000)],
    dns: [`${NAME} CNAME www.lab.example`],
    phases: { [`A ${A}`]: 'conflict' },
  },
  {
    case: 'a hand-made PTR at the address',
    before: [put('1.2.0.192.in-addr.arpa', 'PTR', 'www.lab.example')],
    events: [on(A, '0a', 1000)],
    dns: ['1.2.0.192.in-addr.arpa PTR www.lab.example', `${NAME} A ${A}`],
    phases: { [`A ${A}`]: 'published' },
  },
  {
    case: 'our A changed by hand, then the lease is released',
    events: [on(A, '0a', 1000)],
    meanwhile: [drop(NAME, 'A'), put(NAME, 'A', '192.0.2.9')],
    later: [off(A, '0a', 1000)],
    dns: [`${NAME} A 192.0.2.9`],
    phases: { [`A ${A}`]: 'protected' },
  },
  {
    case: 'a second A added by hand, then the client moves',
    events: [on(A, '0a', 1000)],
    meanwhile: [put(NAME, 'A', '192.0.2.9')],
    later: [event({ kind: 'moved', address: A, client: '0a', cltt: 1000 }), on(B, '0a', 2000)],
    dns: ['2.2.0.192.in-addr.arpa PTR red.lab.example', `${NAME} A ${B}`, `${NAME} A 192.0.2.9`],
    phases: { [`A ${B}`]: 'published', [`A ${A}`]: 'removed' },
  },
  {
    case: 'all of ours deleted by hand, then the lease is released',
    events: [on(A, '0a', 1000)],
    meanwhile: [drop(NAME, 'A'), drop(NAME, 'DHCID')],
    later: [off(A, '0a', 1000)],
    dns: [],
    phases: { [`A ${A}`]: 'removed' },
  },
  {
    case: 'all of ours deleted by hand, then the client moves: the name is made again',
    events: [on(A, '0a', 1000)],
    meanwhile: [drop(NAME, 'A'), drop(NAME, 'DHCID')],
    later: [event({ kind: 'moved', address: A, client: '0a', cltt: 1000 }), on(B, '0a', 2000)],
    dns: ['2.2.0.192.in-addr.arpa PTR red.lab.example', `${NAME} A ${B}`],
    phases: { [`A ${B}`]: 'published' },
  },
  {
    case: 'a hand-made AAAA beside our A does not hinder its removal, and stays',
    events: [on(A, '0a', 1000)],
    meanwhile: [put(NAME, 'AAAA', '2001:db8::9')],
    later: [off(A, '0a', 1000)],
    dns: [`${NAME} AAAA 2001:db8::9`],
    phases: { [`A ${A}`]: 'removed' },
  },
  {
    case: 'a hand-made AAAA beside our A stays beside that of the v6 lease',
    events: [on(A, '0a', 1000)],
    meanwhile: [put(NAME, 'AAAA', '2001:db8::9')],
    later: [on(V6, '0a', 1000)],
    dns: [
      `${V6_POINTER} PTR red.lab.example`,
      '1.2.0.192.in-addr.arpa PTR red.lab.example',
      `${NAME} A ${A}`,
      `${NAME} AAAA ${V6}`,
      `${NAME} AAAA 2001:db8::9`,
    ],
    phases: { [`AAAA ${V6}`]: 'published' },
  },
]

for (const row of HANDS) {
  t.test(row.case, async t => {
    const world = new World()
    world.byHand(row.before ?? [])
    world.hear(...row.events)
    world.publish()
    world.byHand(row.meanwhile ?? [])
    world.hear(...(row.later ?? []))
    world.publish()
    t.strictSame(world.dns(), [...row.dns].sort())
    for (const [what, wanted] of Object.entries(row.phases)) {
      const [type, value] = what.split(' ') as [string, string]
      t.equal(phase(world, type, value), wanted, what)
    }
  })
}

t.test('a conflict is tried again when the client comes back, and only then', async t => {
  const world = new World()
  world.byHand([put(NAME, 'TXT', 'hello')])
  world.hear(on(A, '0a', 1000))
  const { messages } = world.publish()
  t.equal(world.publish().messages, messages, 'nothing is tried')
  world.byHand([{ do: 'delete-rrset', name: NAME, type: 'TXT' }])
  world.hear(on(A, '0a', 2000))
  world.publish()
  t.strictSame(world.dns(), [`1.2.0.192.in-addr.arpa PTR ${NAME}`, `${NAME} A ${A}`])
})

t.test("an earlier D2's name is adopted when its DHCID is the client's", async t => {
  const world = new World()
  world.hear(on(A, '0a', 1000))
  const dhcid = world.state.record(`test ${NAME} A ${A}`)!.wanted!.dhcid!
  world.byHand([put(NAME, 'A', '192.0.2.77'), { do: 'add', rr: { name: NAME, type: 'DHCID', ttl: 60, value: dhcid } }])
  world.publish()
  t.strictSame(world.dns(), [`1.2.0.192.in-addr.arpa PTR ${NAME}`, `${NAME} A ${A}`])
})

const story = fc.array(
  fc.record({
    op: fc.constantFrom('on', 'on', 'off', 'publish'),
    address: fc.constantFrom(A, B, V6),
    client: fc.constantFrom('0a', '0b'),
  }),
  { minLength: 4, maxLength: 30 },
)

const play = (steps: { op: string; address: string; client: string }[], world: World): World => {
  steps.forEach(({ op, address, client }, i) => {
    if (op === 'on') world.hear(on(address, client, 1000 + i))
    if (op === 'off') world.hear(off(address, client, 1000 + i))
    if (op === 'publish') world.publish()
  })
  return world
}

t.test(
  'messages and answers may be lost at any moment: the same zone comes out, and nothing is left behind',
  async () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(5), { minLength: 40, maxLength: 40 }), (steps, luck) => {
        const calm = play(steps, new World()).publish()
        const rough = new World()
        rough.fortune = n =>
          n > 60 ? 'answered' : ((['answer lost', 'lost'] as const)[luck[n % luck.length]!] ?? 'answered')
        play(steps, rough).publish()
        assert.deepEqual(rough.dns(true), calm.dns(true))
      }),
      { numRuns: 2000 },
    )
  },
)

t.test('a client that comes back while its removal is not answered has its name again', async t => {
  for (const fortune of ['answer lost', 'lost'] as const) {
    const world = new World()
    world.hear(on(A, '0a', 1000))
    world.publish()
    world.hear(off(A, '0a', 1000))
    const { messages } = world
    world.fortune = n => (n > messages + 2 ? 'answered' : fortune)
    world.send()
    world.hear(on(A, '0a', 2000))
    world.publish()
    t.strictSame(world.dns(), [`1.2.0.192.in-addr.arpa PTR ${NAME}`, `${NAME} A ${A}`], fortune)
  }
})

t.test('what the other sidecar of a pair wrote for the client that has the name now is adopted', async t => {
  const world = new World()
  world.hear(on(A, '0a', 1000))
  world.publish()
  const other = new World()
  other.hear(on(B, '0b', 2000))
  const dhcid = other.state.record(`test ${NAME} A ${B}`)!.wanted!.dhcid!
  world.byHand([
    drop(NAME, 'A'),
    drop(NAME, 'DHCID'),
    put(NAME, 'A', B),
    { do: 'add', rr: { name: NAME, type: 'DHCID', ttl: 60, value: dhcid } },
  ])
  world.hear(event({ kind: 'released', address: A, client: '0a', cltt: 1000 }), on(B, '0b', 2000))
  world.publish()
  t.equal(phase(world, 'A', B), 'published')
  t.ok(world.dns().includes(`${NAME} A ${B}`))
})
