import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { claimedSince, holdingOf } from '../../../../lib/plan/lease/lease.ts'
import { plan } from '../../../../lib/plan/plan.ts'
import { inferEnd, isKnown, mayEnd, reportedEnd } from '../../../../lib/reconcile/ends.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { event } from '../../site.ts'
import { World } from '../../world.ts'

/** HISTORIES=10000 plays that many. */
const HISTORIES = Number(process.env.HISTORIES ?? 400)

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
/** Client-ids and MACs that are shared crosswise. */
const CLIENTS = [
  { clientId: '01:aa', hwAddress: '02:00:00:00:00:01' },
  { clientId: '01:bb', hwAddress: '02:00:00:00:00:01' },
  { clientId: '01:bb', hwAddress: '02:00:00:00:00:02' },
  { clientId: null, hwAddress: '02:00:00:00:00:02' },
  { clientId: '01:cc', hwAddress: '02:00:00:00:00:03' },
]
const KEAS = ['kea1', 'kea2']

interface Step {
  op: 'grant' | 'renew' | 'release' | 'expire' | 'silent end'
  client: number
  address: string
  hostname: string
  gap: number
  /** Whether the event is lost on its way. */
  lost: boolean
  /** A clock that is hours ahead. */
  ahead: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('grant', 'grant', 'grant', 'renew', 'renew', 'release', 'expire', 'silent end'),
  client: fc.nat(CLIENTS.length - 1),
  address: fc.constantFrom(...ADDRESSES),
  hostname: fc.constantFrom('red', 'red', 'green', 'red.lab.example.'),
  gap: fc.constantFrom(0, 0, 1, 5, 900, 7200),
  lost: fc.nat(5).map(one => one === 0),
  ahead: fc.nat(15).map(one => one === 0),
})

interface Held {
  client: number
  hostname: string
  cltt: number
  by: string
}

const BEGIN = 1_700_000_000

/** What two Keas with one subnet would do: what they tell, and what they have in the end. */
const history = (steps: Step[], mayBeAhead: boolean) => {
  const held = new Map<string, Held>()
  const told: LeaseEvent[] = []
  let cltt = BEGIN
  for (const { op, client, address, hostname, gap, lost, ahead } of steps) {
    cltt += gap
    const has = held.get(address)
    const tell = (kind: LeaseEvent['kind'], { client: who, hostname: name, cltt: at }: Held) => {
      if (!lost) told.push(event({ kind, address, ...CLIENTS[who], hostname: name, cltt: at, source: 'hook' }))
    }
    const begin = () => {
      const fresh = {
        client,
        hostname,
        cltt: ahead && mayBeAhead ? 1_900_000_000 + cltt - BEGIN : cltt,
        by: KEAS[client % 2]!,
      }
      held.set(address, fresh)
      tell('committed', fresh)
    }
    if (op === 'grant' && !has) begin()
    if (op === 'renew' && has?.client === client) begin()
    if (has && (op === 'release' || op === 'expire')) tell(op === 'release' ? 'released' : 'expired', has)
    if (has && (op === 'release' || op === 'expire' || op === 'silent end')) held.delete(address)
  }
  return { told, held }
}

const runs = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 50 }),
  seed: fc.array(fc.nat(), { minLength: 120, maxLength: 120 }),
})

const shuffled = (events: LeaseEvent[], seed: number[]): LeaseEvent[] =>
  events
    .flatMap((one, i) => (seed[i]! % 4 === 0 ? [one, one] : [one]))
    .map((one, i) => ({ one, at: seed[(i * 7 + 3) % seed.length]! }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

const take = (world: World, one: LeaseEvent, askedAt: number | null = null): void => {
  const made = plan(world.state, world.scopes, one, world.now, askedAt)
  for (const lease of made.leases) world.state.putLease(lease)
  for (const record of made.records) world.state.putRecord(record)
}

/** A listing by those Keas that answer, as the reconciler takes it. */
const list = (world: World, held: Map<string, Held>, answering: string[]): void => {
  world.now += 1000
  const askedAt = world.now
  const complete = new Set(answering.map(kea => `control ${kea} dhcp4`))
  const covering = new Set(KEAS.map(kea => `control ${kea} dhcp4`))
  for (const [address, { client, hostname, cltt, by }] of held) {
    if (!answering.includes(by)) continue
    const one = event({
      address,
      ...CLIENTS[client],
      hostname,
      cltt,
      source: 'control',
      from: by,
      validLft: 4_294_967_295,
    })
    if (!isKnown(world.state.lease(address), one)) take(world, one, askedAt)
  }
  for (const lease of [...world.state.leases.values()]) {
    const is = held.get(lease.address)
    if (is && answering.includes(is.by)) continue
    const end = mayEnd(lease, complete, covering) ? inferEnd(lease, world.now) : null
    if (end) take(world, end.event)
  }
}

const holders = (world: World): string[] =>
  ADDRESSES.flatMap(address => {
    const lease = world.state.lease(address)
    const is = lease && holdingOf(lease)
    return is?.is === 'active' ? `${address} ${is.holder.client.key} ${is.holder.hostname} ${is.holder.cltt}` : []
  })

const worldOf = (): World => {
  const world = new World({ profile: 'aggressive' })
  world.now = 1_800_000_000_000
  return world
}

t.test('after one complete listing what is known is what Kea has, whatever was heard before', async t => {
  let living = 0
  fc.assert(
    fc.property(runs, ({ steps, seed }) => {
      const { told, held } = history(steps, true)
      const world = worldOf()
      for (const one of shuffled(told, seed)) take(world, one)
      list(world, held, KEAS)
      const expected = [...held].map(
        ([address, { client, hostname, cltt }]) =>
          `${address} ${event({ address, ...CLIENTS[client] }).clientId ? `id:${CLIENTS[client]!.clientId}` : `hw:${CLIENTS[client]!.hwAddress}`} ${hostname} ${cltt}`,
      )
      assert.deepEqual(holders(world), expected.sort())
      living += held.size
    }),
    { numRuns: HISTORIES },
  )
  t.ok(living > HISTORIES / 2, `${living} leases lived in the end`)
})

t.test('while one of two Keas is silent no lease ends, and when it answers again all is as Kea has it', async t => {
  let silent = 0
  fc.assert(
    fc.property(runs, ({ steps, seed }) => {
      const { told, held } = history(steps, true)
      const world = worldOf()
      list(world, held, KEAS)
      const before = holders(world)
      list(world, held, [KEAS[seed[0]! % 2]!])
      assert.deepEqual(holders(world), before)
      for (const one of shuffled(told, seed)) take(world, one)
      list(world, held, KEAS)
      assert.deepEqual(holders(world), before)
      silent += before.length
    }),
    { numRuns: HISTORIES },
  )
  t.ok(silent > HISTORIES / 2, `${silent} leases lived`)
})

t.test('without a listing what is known, and what is published, does not depend on the order', async t => {
  let seen = 0
  fc.assert(
    fc.property(runs, ({ steps, seed }) => {
      const { told } = history(steps, true)
      const [straight, mixed] = [worldOf(), worldOf()]
      for (const one of told) take(straight, one)
      for (const one of shuffled(told, seed)) take(mixed, one)
      const drawn = (world: World) => [
        holders(world),
        ADDRESSES.map(address => claimedSince(world.state.lease(address) ?? ({ seenAt: [] } as never))),
        world.publish().dns(true),
      ]
      assert.deepEqual(drawn(mixed), drawn(straight))
      seen += told.length
    }),
    { numRuns: HISTORIES },
  )
  t.ok(seen > HISTORIES * 3, `${seen} events were heard`)
})

t.test('a lease that Kea lists as over ends, though a clock had been ahead', async t => {
  const world = worldOf()
  take(world, event({ address: ADDRESSES[0]!, client: '0a', hostname: 'red', cltt: 1_900_000_000 }))
  const over = event({ kind: 'expired', address: ADDRESSES[0]!, client: '0a', hostname: 'red', cltt: 1_799_990_000 })
  t.ok(reportedEnd(world.state.lease(ADDRESSES[0]!), over))
})
