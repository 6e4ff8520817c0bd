import t from 'tap'
import { eventsOfBatch } from '../../../../lib/kea/ncr-events.ts'
import { groupByMachine } from '../../../../lib/plan/lease/client.ts'
import { claimedSince, holdingOf, isTied, learn, unknown } from '../../../../lib/plan/lease/lease.ts'
import { inferEnd } from '../../../../lib/reconcile/ends.ts'
import type { Lease } from '../../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { event } from '../../site.ts'
import { World } from '../../world.ts'

const V4 = '192.0.2.1'
const V6 = '2001:db8::1'
const NOW = 1_800_000_000_000
const SECOND = NOW / 1000

const told = (kind: LeaseEvent['kind'], client: string, cltt: number, more: object = {}) =>
  event({ kind, address: V4, hostname: 'red', client, cltt, ...more })

/** What is known after these events, each heard at `NOW` unless it says when, and by whom it was asked for. */
const after = (...events: (LeaseEvent | [LeaseEvent, now: number, askedAt?: number])[]): Lease => {
  let lease = unknown('kind' in events[0]! ? events[0] : events[0]![0], 'office')
  for (const one of events) {
    const [heard, now, askedAt] = 'kind' in one ? [one, NOW] : one
    lease = learn(lease, heard, now, askedAt ?? null).lease
  }
  return lease
}

const drawn = (lease: Lease): string => {
  const is = holdingOf(lease)
  return is.is === 'unknown' ? 'unknown' : `${is.is} ${is.holder.client.key.slice(-2)} ${is.holder.hostname}`
}

const permutations = <T>(items: T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map(rest => [item, ...rest]))

const F = SECOND + 5 * 3600

t.test('a CLTT hours ahead yields to any that is not, in every order, and is marked', async t => {
  const first = told('committed', '0a', F)
  t.match(after(first).grants, [{ ahead: true }])
  const rows: [what: string, events: LeaseEvent[], drawn: string][] = [
    ['a release of the right time', [first, told('released', '0a', SECOND)], 'ended 0a red'],
    ['another client', [first, told('committed', '0b', SECOND)], 'active 0b red'],
    ['a renewal of the right time', [first, told('committed', '0a', SECOND, { hostname: 'blue' })], 'active 0a blue'],
    ['among its like the newer counts', [first, told('committed', '0b', F + 60)], 'active 0b red'],
    ['an end among its like', [first, told('released', '0a', F)], 'ended 0a red'],
  ]
  for (const [what, events, expected] of rows)
    for (const order of permutations(events)) t.equal(drawn(after(...order)), expected, what)
  t.equal(after(told('committed', '0a', SECOND + 290)).grants[0]?.ahead, undefined, 'a clock may differ a little')
})

t.test(
  'what Kea says when it is asked replaces all that was heard before, and nothing that was heard after',
  async t => {
    const listed = told('committed', '0b', SECOND - 500, { source: 'control' })
    const ask = NOW + 1000
    for (const before of [
      [told('committed', '0a', F)],
      [told('committed', '0a', SECOND)],
      [told('committed', '0a', SECOND), told('released', '0a', SECOND)],
      [told('committed', '0b', SECOND - 500), told('declined', '0a', SECOND, { clientId: null, hwAddress: null })],
    ])
      t.equal(drawn(after(...before, [listed, ask + 5, ask])), 'active 0b red', before.map(one => one.kind).join())
    const later = told('committed', '0a', SECOND + 1)
    t.equal(
      drawn(after(told('committed', '0b', SECOND - 500), [later, ask + 1], [listed, ask + 5, ask])),
      'active 0a red',
    )
  },
)

t.test('an end that was inferred yields to any later word that the lease is there', async t => {
  const grant = told('committed', '0a', SECOND)
  const gone = inferEnd(after(grant), NOW)!.event
  t.equal(drawn(after(grant, gone)), 'ended 0a red')
  t.equal(drawn(after(grant, gone, grant)), 'active 0a red', 'the same row of a file')
  t.equal(drawn(after(grant, gone, told('committed', '0a', SECOND - 900))), 'active 0a red', 'whatever its CLTT')
  t.equal(drawn(after(grant, gone, told('committed', '0b', SECOND - 900))), 'ended 0a red', 'not that of another')
  t.equal(drawn(after(grant, told('released', '0a', SECOND), grant)), 'ended 0a red', 'an end that was told stays')
})

t.test('v6: a request without a time is ended by any removal of its client, and yields to any told time', async t => {
  const ncr = (change: 'add' | 'remove', client: string, cltt: number | null) => ({
    change,
    forward: true,
    reverse: true,
    fqdn: 'red.lab.example',
    family: 6 as const,
    address: V6,
    dhcid: `0002${client.repeat(4)}`,
    ttl: 1200,
    cltt,
    conflictMode: 'check-with-dhcid' as const,
  })
  const play = (...ncrs: ReturnType<typeof ncr>[]): string => {
    let lease: Lease | undefined
    for (const one of ncrs) {
      const { events } = eventsOfBatch([one], () => lease, { now: NOW + 900, canAsk: false })
      for (const heard of events) lease = learn(lease ?? unknown(heard, 'office'), heard, NOW + 900).lease
    }
    return lease ? holdingOf(lease).is : 'unknown'
  }
  t.equal(play(ncr('add', '0a', null), ncr('remove', '0a', SECOND - 2)), 'ended', 'its clock is two seconds behind')
  t.equal(play(ncr('add', '0a', null), ncr('remove', '0a', null)), 'ended')
  t.equal(play(ncr('add', '0a', null), ncr('remove', '0b', SECOND - 2)), 'active', 'that of another client')
  const again = [ncr('add', '0a', null), ncr('remove', '0a', SECOND), ncr('add', '0a', null)]
  t.equal(play(...again), 'active', 'it came back')
  t.equal(play(...again, ncr('remove', '0a', SECOND)), 'active', 'the removal was told twice')
  t.equal(play(...again, ncr('remove', '0a', SECOND + 5)), 'ended')
  const untimed = told('committed', '0a', SECOND, { address: V6, madeUp: true })
  const timed = told('committed', '0b', 1000, { address: V6 })
  for (const order of permutations([untimed, timed])) t.match(drawn(after(...order)), /^active 0b|^active .*\/1/)
  for (const order of permutations([untimed, timed])) t.equal(holdingHardware(after(...order)), '0b')
})

const holdingHardware = (lease: Lease): string | undefined => {
  const is = holdingOf(lease)
  return is.is === 'unknown' ? undefined : is.holder.client.duid?.slice(-2)
}

t.test('an expiry that is known does not become a release by a row that does not say how', async t => {
  const grant = told('committed', '0a', 1000)
  const guess = told('released', '0a', 1000, { guessed: true })
  const how = (lease: Lease) => {
    const is = holdingOf(lease)
    return is.is === 'ended' ? is.end.how : is.is
  }
  for (const order of permutations([grant, told('expired', '0a', 1000), guess]))
    t.equal(how(after(...order)), 'expired')
  for (const order of permutations([grant, guess])) t.equal(how(after(...order)), 'released', 'nobody says more')
})

t.test('v6: a renewal without a name keeps it, in every order, until the lease has ended', async t => {
  const six = (kind: LeaseEvent['kind'], client: string, cltt: number, hostname: string) =>
    event({ kind, address: V6, client, cltt, hostname })
  const rows: [events: LeaseEvent[], name: string, since: number][] = [
    [[six('committed', '0a', 1000, 'red'), six('committed', '0a', 2000, '')], 'red', 1000],
    [
      [six('committed', '0a', 1000, 'red'), six('committed', '0a', 1500, 'green'), six('committed', '0a', 2000, '')],
      'green',
      1500,
    ],
    [
      [six('committed', '0a', 1000, 'red'), six('released', '0a', 1000, 'red'), six('committed', '0a', 2000, '')],
      '',
      2000,
    ],
    [
      [six('committed', '0a', 1000, 'red'), six('committed', '0b', 1500, 'red'), six('committed', '0a', 2000, '')],
      '',
      2000,
    ],
    [
      [six('committed', '0a', 1000, 'red'), six('committed', '0a', 1500, ''), six('committed', '0a', 2000, 'green')],
      'green',
      1500,
    ],
  ]
  for (const [events, name, since] of rows) {
    for (const order of permutations(events)) {
      const lease = after(...order)
      const said = order.map(({ kind, cltt, hostname }) => `${kind} ${cltt} ${hostname}`).join(', ')
      t.strictSame([lease.grants.at(-1)?.hostname, claimedSince(lease)], [name, since], said)
    }
  }
  const four = [told('committed', '0a', 1000), told('committed', '0a', 2000, { hostname: '' })]
  t.equal(drawn(after(...four)), 'active 0a ', 'v4: Kea tells the name at each renewal')
})

t.test('two names of one client within one second are a tie, whichever was heard first', async t => {
  const two = [told('committed', '0a', 1000), told('committed', '0a', 1000, { hostname: 'green' })]
  const [one, other] = permutations(two).map(order => after(...order))
  t.strictSame([isTied(one!, 'committed'), isTied(other!, 'committed')], [true, true])
  t.equal(drawn(one!), drawn(other!))
})

t.test('a bare host name and the full name of a request are one name, so one holding', async t => {
  const bare = told('committed', '0a', 1000)
  const full = told('committed', '0a', 1900, { hostname: 'red.lab.example.' })
  for (const order of permutations([bare, full])) {
    const world = new World()
    world.hear(...order)
    t.equal(claimedSince(world.state.lease(V4)!), 1000)
  }
})

t.test('an end that is told hours late moves the beginning of a holding to the next time it was seen', async t => {
  const grants = Array.from({ length: 12 }, (_, i) => told('committed', '0a', 1000 + i * 1800))
  const end = told('released', '0a', 1000 + 5 * 1800)
  const inOrder = [...grants.slice(0, 6), end, ...grants.slice(6)]
  t.equal(claimedSince(after(...grants, end)), claimedSince(after(...inOrder)))
})

t.test('clients that share an identifier with a third are one machine, in any order', async t => {
  const client = (id: string, mac: string) => ({
    client: { key: `id:${id}`, clientId: id, hwAddress: mac, hwType: 1, duid: null, iaid: null },
  })
  const chain = [client('01', 'a'), client('02', 'b'), client('02', 'a'), client('03', 'c')]
  for (const order of permutations(chain)) {
    const sizes = groupByMachine(order).map(own => own.length)
    t.strictSame(sizes.sort(), [1, 3])
  }
})
