import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const on = (address: string, client: string, cltt = 1000, more: Partial<LeaseEvent> = {}) =>
  event({ address, hostname: 'red', client, cltt, ...more })
const off = (address: string, client: string, cltt = 1000, kind: LeaseEvent['kind'] = 'released') =>
  event({ kind, address, client, cltt, hostname: 'red' })

const [ONE, TWO, THREE] = ['2001:db8::1', '2001:db8::2', '2001:db8::3']
const [A, B] = ['192.0.2.1', '192.0.2.2']
const REGISTERED = { registered: true as const, iaid: 0 }

/** Addresses of the name red, and of those with a PTR at it. */
const addresses = (world: World) => {
  const lines = world.publish().dns()
  const pointers = lines.filter(line => line.endsWith(' PTR red.lab.example')).length
  const own = lines.flatMap(line => /^red\.lab\.example A{1,4} (.*)$/.exec(line)?.[1] ?? [])
  t.equal(pointers, own.length, `a PTR for each of ${own.join(', ') || 'none'}`)
  return own
}

const orders = <T>(events: T[]): T[][] => [events, events.toReversed(), [...events.slice(1), events[0]!]]

t.test("all living IPv6 addresses of one client are in its name's RRset", async t => {
  const events = [on(ONE, '0a', 1000), on(TWO, '0a', 2000, { iaid: 2 }), on(THREE, '0a', 1500)]
  for (const order of orders(events)) {
    const world = new World()
    world.hear(...order)
    t.strictSame(addresses(world), [ONE, TWO, THREE])
    t.ok(
      [...world.state.records.values()].every(({ phase }) => phase === 'published'),
      'published, each of them',
    )
    world.hear(off(ONE, '0a', 1000))
    t.strictSame(addresses(world), [TWO, THREE], 'one that ends goes alone')
    world.hear(off(TWO, '0a', 2000, 'expired'), off(THREE, '0a', 1500, 'expired'))
    t.strictSame(addresses(world), [TWO], 'of those that expired the newest is retained')
    world.hear(on(ONE, '0a', 9000))
    t.strictSame(addresses(world), [ONE], 'and the one that comes back has the name again')
  }
})

t.test('another client has no share in the name', async t => {
  const world = new World({ conflictPolicy: 'skip-existing' })
  world.hear(on(ONE, '0a'), on(TWO, '0a', 1100))
  const decisions = world.hear(on(THREE, '0b', 3000))
  t.match(decisions, [{ verb: 'conflict', rule: 'name-taken' }])
  t.strictSame(addresses(world), [ONE, TWO])
  world.hear(off(ONE, '0a'), off(TWO, '0a', 1100))
  t.strictSame(addresses(world), [THREE])
})

t.test('the newest alone, where the scope says so', async t => {
  for (const order of orders([on(ONE, '0a', 1000), on(TWO, '0a', 2000)])) {
    const world = new World({ addresses: 'one' })
    world.hear(...order)
    t.strictSame(addresses(world), [TWO])
  }
})

t.test('an address that the client registered itself counts where all were asked for', async t => {
  const events = [on(ONE, '0a', 1000), on(TWO, '0a', 2000, REGISTERED), on(THREE, '0a', 3000, REGISTERED)]
  for (const order of orders(events)) {
    const byDefault = new World()
    byDefault.hear(...order)
    t.strictSame(addresses(byDefault), [ONE], 'the leased one, though others are newer')
    const asked = new World({ addresses: 'all' })
    asked.hear(...order)
    t.strictSame(addresses(asked), [ONE, TWO, THREE])
  }
  const alone = new World()
  alone.hear(on(TWO, '0a', 2000, REGISTERED), on(THREE, '0a', 3000, REGISTERED))
  t.strictSame(
    addresses(alone),
    [TWO],
    'of a client that has only such addresses the first, not the newest temporary one',
  )
})

t.test('a machine with two IPv4 leases has its newest, or both where all are asked for', async t => {
  const pxe = { clientId: 'ff:02', hwAddress: '02:00:00:00:00:0a' }
  for (const order of orders([on(A, '0a', 1000), on(B, '0a', 2000, pxe)])) {
    const one = new World()
    one.hear(...order)
    t.strictSame(addresses(one), [B])
    const all = new World({ addresses: 'all' })
    all.hear(...order)
    t.strictSame(addresses(all), [A, B])
    t.equal(all.dns(true).filter(line => line.includes(' DHCID ')).length, 1, 'under one marker')
    all.hear(off(B, '0a', 2000))
    t.strictSame(addresses(all), [A])
  }
})

t.test('leases of different lengths share one TTL', async t => {
  const world = new World({ ttl: { percent: 50, min: 60, max: 86_400 } })
  world.hear(on(ONE, '0a', 1000, { validLft: 8000 }), on(TWO, '0a', 1100, { validLft: 2000 }))
  t.strictSame(addresses(world), [ONE, TWO])
  const own = [...world.state.records.values()].filter(({ type }) => type === 'AAAA')
  t.match(own, [
    { phase: 'published', applied: { ttl: 1000 } },
    { phase: 'published', applied: { ttl: 1000 } },
  ])
})

t.test(
  'a scope of PTRs only publishes these, whatever stands at the name, and for as long as its policy says',
  async t => {
    const world = new World({ forward: false, grace: { expiry: 60, release: 0 } })
    world.byHand([{ do: 'add', rr: { name: 'red.lab.example', type: 'A', ttl: 60, value: '192.0.2.99' } }])
    const decisions = world.hear(on(A, '0a'), on(B, '0b'))
    t.match(decisions, [
      { verb: 'publish', record: { type: 'PTR' } },
      { verb: 'publish', record: { type: 'PTR' } },
    ])
    world.publish()
    const pointers = ['1', '2'].map(last => `${last}.2.0.192.in-addr.arpa PTR red.lab.example`)
    t.strictSame(world.dns(), [...pointers, 'red.lab.example A 192.0.2.99'])
    t.match([...world.state.records.values()], [{ alone: true }, { alone: true }])
    t.match(world.hear(on(A, '0a', 1900)), [{ verb: 'keep', rule: 'unchanged' }], 'a renewal changes nothing')
    world.hear(off(B, '0b'), off(A, '0a', 1900, 'expired'))
    t.strictSame(world.publish().dns(), [pointers[0], 'red.lab.example A 192.0.2.99'])
    world.wait(61)
    t.strictSame(world.publish().dns(), ['red.lab.example A 192.0.2.99'])
  },
)
