import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const CLIENTS = ['0a', '0b', '0c']
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
const NAMES = ['red', 'green', '']

interface Step {
  op: 'grant' | 'renew' | 'release' | 'expire' | 'decline' | 'move'
  client: string
  address: string
  hostname: string
  gap: number
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('grant', 'grant', 'grant', 'renew', 'release', 'expire', 'decline', 'move'),
  client: fc.constantFrom(...CLIENTS),
  address: fc.constantFrom(...ADDRESSES),
  hostname: fc.constantFrom(...NAMES),
  gap: fc.integer({ min: 0, max: 5 }),
})

/** Plays what Kea would do on each step and gives the events in their true order. */
const history = (steps: Step[]): LeaseEvent[] => {
  const holder = new Map<string, { client: string; hostname: string; cltt: number }>()
  const events: LeaseEvent[] = []
  let cltt = 1000
  for (const { op, client, address, hostname, gap } of steps) {
    const held = holder.get(address)
    const end = (kind: LeaseEvent['kind'], at: string) => {
      events.push(event({ kind, address: at, ...holder.get(at)! }))
      holder.delete(at)
    }
    const last = events.findLast(one => one.address === address && one.kind === 'committed')
    const tie = gap === 0 && op === 'grant' && last?.cltt === cltt && !last.clientId?.endsWith(client)
    cltt += tie ? 0 : Math.max(gap, 1)
    const begin = () => {
      holder.set(address, { client, hostname, cltt })
      events.push(event({ kind: 'committed', address, client, hostname, cltt }))
    }
    if (op === 'grant' && !held) begin()
    if (op === 'renew' && held?.client === client) begin()
    if ((op === 'release' || op === 'expire') && held) end(op === 'release' ? 'released' : 'expired', address)
    if (op === 'decline' && held) {
      holder.delete(address)
      events.push(event({ kind: 'declined', address, cltt }))
      cltt += 1
    }
    const from = [...holder].find(([at, one]) => one.client === client && at !== address)?.[0]
    if (op === 'move' && !held && from) {
      end('moved', from)
      begin()
    }
  }
  return events
}

const run = fc.record({
  steps: fc.array(step, { minLength: 8, maxLength: 60 }),
  seed: fc.array(fc.nat(), { minLength: 240, maxLength: 240 }),
  policy: fc.record({
    profile: fc.constantFrom('conservative', 'balanced', 'aggressive'),
    conflictPolicy: fc.constantFrom('replace-owned', 'skip-existing', 'strict-fail'),
  }),
})

/** The same events in another order, some of them twice. */
const shuffled = (events: LeaseEvent[], seed: number[]): LeaseEvent[] => {
  const copies = events.flatMap((one, i) => (seed[i]! % 4 === 0 ? [one, one] : [one]))
  return copies
    .map((one, i) => ({ one, at: seed[(i * 7 + 3) % seed.length]! }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

const HAND = [
  { name: 'hand.lab.example', type: 'A', ttl: 60, value: '192.0.2.200' },
  { name: '200.2.0.192.in-addr.arpa', type: 'PTR', ttl: 60, value: 'hand.lab.example' },
] as const

const play = (events: LeaseEvent[], policy: object, publishes: (i: number) => boolean): World => {
  const world = new World({ ...policy, grace: 0 })
  world.byHand(HAND.map(rr => ({ do: 'add', rr })))
  events.forEach((one, i) => {
    world.hear(one)
    if (publishes(i)) world.publish()
  })
  return world.publish()
}

t.test('any order of the same events ends in the same DNS', async t => {
  let published = 0
  fc.assert(
    fc.property(run, ({ steps, seed, policy }) => {
      const events = history(steps)
      const straight = play(events, policy, () => true)
      const mixed = play(shuffled(events, seed), policy, i => seed[i]! % 3 === 0)
      assert.deepEqual(mixed.dns(true), straight.dns(true))
      published += straight.dns().length - HAND.length
    }),
    { numRuns: 2500 },
  )
  t.ok(published > 4000, `the histories left ${published} records`)
})

t.test('a name is never on the address of another client, and what a person made stays', async () => {
  fc.assert(
    fc.property(run, ({ steps, seed, policy }) => {
      const events = history(steps)
      const world = play(shuffled(events, seed), policy, i => seed[i]! % 3 === 0)
      const last = new Map<string, LeaseEvent>()
      for (const one of events) last.set(one.address, one)
      for (const line of world.dns()) {
        const [name, type, value] = line.split(' ') as [string, string, string]
        if (type !== 'A' || value === '192.0.2.200') continue
        assert.equal(`${last.get(value)?.hostname}.lab.example`, name, `${line} is the last holder's`)
      }
      for (const { name, type, value } of HAND) assert.ok(world.dns().includes(`${name} ${type} ${value}`))
    }),
    { numRuns: 500 },
  )
})

t.test('a hand-made record at the name of a client is never touched', async () => {
  fc.assert(
    fc.property(run, ({ steps, seed, policy }) => {
      const world = new World({ ...policy, grace: 0 })
      const rr = { name: 'red.lab.example', type: 'TXT', ttl: 60, value: 'mine' } as const
      world.byHand([{ do: 'add', rr }])
      for (const one of shuffled(history(steps), seed)) world.hear(one)
      world.publish()
      const red = world.dns(true).filter(line => line.includes('red.lab.example'))
      assert.deepEqual(red, ['red.lab.example TXT mine'])
    }),
    { numRuns: 300 },
  )
})
