import t from 'tap'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { DOMAIN, event } from '../../site.ts'
import { World } from '../../world.ts'
import { NAME, START } from './crowd-worlds.ts'

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
