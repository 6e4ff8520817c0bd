import t from 'tap'
import { claimedSince, holdingOf, type Learned, learn, unknown } from '../../../../lib/plan/lease/lease.ts'
import type { Lease } from '../../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { event } from '../../site.ts'

const ADDRESS = '192.0.2.1'
const NOW = 1_800_000_000_000

const told = (kind: LeaseEvent['kind'], client: string, cltt: number) =>
  event({ kind, address: ADDRESS, hostname: client, client: `0${client}`, cltt })

const letterOf = (key: string | undefined): string => key?.at(-1) ?? '?'

/** The registers of a lease, as the head of lib/plan/lease/lease.ts draws them. */
const drawn = (lease: Lease) => {
  const holding = holdingOf(lease)
  return {
    grants: lease.grants.map(({ client, cltt }) => `${letterOf(client.key)} ${cltt}`).join(' '),
    ends: lease.ends.map(({ client, cltt }) => `${letterOf(client?.key)} ${cltt}`).join(' '),
    seenAt: lease.seenAt.join(' '),
    notBefore: lease.notBefore,
    endedAt: lease.endedAt.join(' '),
    holding: holding.is === 'unknown' ? 'unknown' : `${holding.is} ${letterOf(holding.holder.client.key)}`,
  }
}

type Line = [event: LeaseEvent, effect: string, ...ReturnType<typeof rowOf>]
const rowOf = (lease: Lease) => {
  const { grants, ends, seenAt, notBefore, endedAt, holding } = drawn(lease)
  return [grants, ends, seenAt, notBefore, endedAt, holding] as const
}

const TIME_LINE: Line[] = [
  // event                        effect       grants    ends      seenAt            notBefore  endedAt  holding
  [told('committed', 'a', 1000), 'begun', 'a 1000', '', '1000', 0, '', 'active a'],
  [told('committed', 'a', 1900), 'confirmed', 'a 1900', '', '1000 1900', 0, '', 'active a'],
  [told('released', 'a', 1900), 'ended', 'a 1900', 'a 1900', '1000 1900', 0, '1900', 'ended a'],
  [told('committed', 'a', 1500), 'stale', 'a 1900', 'a 1900', '1000 1500 1900', 0, '1900', 'ended a'],
  [told('committed', 'b', 3000), 'begun', 'b 3000', 'a 1900', '3000', 1900, '1900', 'active b'],
]

const EVENTS = TIME_LINE.map(([one]) => one)
const NOTHING = unknown(EVENTS[0]!, 'office')

t.test('the time line of a lease: grant, renewal, end, late grant, another client', async t => {
  let lease = NOTHING
  for (const [one, effect, ...row] of TIME_LINE) {
    const learned: Learned = learn(lease, one, NOW)
    lease = learned.lease
    t.equal(learned.effect, effect, `${one.kind} ${one.cltt}`)
    t.strictSame(rowOf(lease), row, `${one.kind} ${one.cltt}`)
  }
})

const permutations = <T>(items: T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map(rest => [item, ...rest]))

t.test('in any order of these events the address is the same client’s, since the same second', async t => {
  for (const [events, holding, since] of [
    [EVENTS, 'active b', 3000],
    [EVENTS.slice(0, 4), 'ended a', 1000],
  ] as const) {
    for (const order of permutations([...events])) {
      const lease = order.reduce((known, one) => learn(known, one, NOW).lease, NOTHING)
      const said = order.map(({ kind, cltt }) => `${kind} ${cltt}`).join(', ')
      t.strictSame([drawn(lease).holding, claimedSince(lease)], [holding, since], said)
    }
  }
})

t.test('what is heard once more changes nothing, and an event that names nobody is not used', async t => {
  const lease = EVENTS.reduce((known, one) => learn(known, one, NOW).lease, NOTHING)
  const again = learn(lease, told('released', 'a', 1900), NOW)
  t.strictSame([again.effect, again.lease], ['stale', lease])
  const nobody = learn(lease, event({ kind: 'committed', address: ADDRESS, cltt: 4000 }), NOW)
  t.strictSame([nobody.effect, nobody.lease], ['no-client', lease])
})
