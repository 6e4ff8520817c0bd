import t from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { abandonedEnd, isPending } from '../../../lib/reconcile/ends.ts'
import { checkLimit } from '../../../lib/reconcile/limit.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event, scopesWith } from '../site.ts'
import { World } from '../world.ts'

const NONE = { find: () => null }
const A = 'red.lab.example A 192.0.2.1'
const PTR = '1.2.0.192.in-addr.arpa PTR red.lab.example'
const red = (fields: Partial<LeaseEvent> & { client?: string } = {}) =>
  event({ address: '192.0.2.1', hostname: 'red', client: '01', ...fields })

/** A world in which red is published, and the scope of its address is gone then. */
const left = (fields: object = {}, ...more: LeaseEvent[]) => {
  const world = new World(fields)
  world.hear(red(), ...more)
  world.publish()
  world.scopes = { find: address => (address.includes(':') ? scopesWith(fields).find(address) : null) }
  return world
}

t.test('a scope that is gone takes nothing away by itself', async t => {
  const world = left()
  world.wait(3600)
  t.same(world.publish().dns(), [PTR, A])
  t.match(world.hear(red({ cltt: 2000 })), [{ rule: 'out-of-scope' }])
  t.same(world.publish().dns(), [PTR, A])
})

t.test('what is owned goes with its own end, whatever the scope', async t => {
  for (const kind of ['released', 'expired', 'deleted', 'declined'] as const) {
    const world = left({ profile: 'conservative' })
    t.match(
      world.hear(red({ kind })),
      [
        { verb: 'remove', rule: 'scope-gone' },
        { verb: 'remove', rule: 'scope-gone' },
      ],
      kind,
    )
    t.same(world.publish().dns(), [])
    t.match(world.hear(red({ kind })), [{ verb: 'skip' }], 'told twice')
  }
})

t.test('an address that goes to another client takes the old name away', async t => {
  const world = left()
  t.match(world.hear(red({ client: '02', cltt: 2000 })), [{ rule: 'reassigned' }, { rule: 'reassigned' }])
  t.same(world.publish().dns(), [])
})

t.test('nothing is learnt of an address that never was in a scope', async t => {
  const world = left()
  const other = event({ address: '192.0.2.9', hostname: 'pc', client: '09' })
  t.same(plan(world.state, NONE, other, world.now).leases, [])
  t.same(
    plan(world.state, { ...NONE, whyNone: () => 'updates-off' }, other, world.now).decisions[0]?.rule,
    'updates-off',
  )
})

t.test('the run ends them, weighed by the scope that they had; then the name is free', async t => {
  const expired = event({ address: '192.0.2.2', hostname: 'old', client: '02', kind: 'expired' })
  const world = left({}, event({ address: '192.0.2.2', hostname: 'old', client: '02' }), expired)
  const ends = [...world.state.leases.values()].flatMap(lease => abandonedEnd(lease) ?? [])
  t.same(
    ends.map(({ why, name }) => `${name}: ${why}`),
    ['red.lab.example: its scope is gone', 'old.lab.example: its scope is gone'],
  )
  t.ok(
    ends.every(end => isPending(world.state.lease(end.event.address), end)),
    'also of one that was retained',
  )
  const [removals] = checkLimit(world.state, world.scopes, ends, () => 10, [], { percent: 30, atLeast: 10 }, world.now)
  t.match(removals, { scope: '192.0.2.0/24', records: 4, held: true })

  const rival = event({ address: '192.0.2.3', hostname: 'red', client: '03', cltt: 3000 })
  world.scopes = { find: address => (address === '192.0.2.3' ? scopesWith({}).find(address) : null) }
  world.hear(rival)
  t.match(
    world.state.leasesNamed('red.lab.example') && world.publish().dns().includes(A),
    true,
    'until then it is taken',
  )
  world.hear(...ends.map(({ event }) => event))
  t.same(world.publish().dns(), ['3.2.0.192.in-addr.arpa PTR red.lab.example', 'red.lab.example A 192.0.2.3'])
  t.same(
    [...world.state.leases.values()].flatMap(lease =>
      lease.address === rival.address ? [] : (abandonedEnd(lease) ?? []),
    ),
    [],
  )
})

t.test('a scope that comes back is not ended, and its leases live again once they are heard', async t => {
  const world = left()
  const end = abandonedEnd(world.state.lease('192.0.2.1')!)!
  world.scopes = scopesWith({})
  t.match(world.hear(end.event), [{ verb: 'skip', rule: 'in-scope-again' }])
  t.same(world.publish().dns(), [PTR, A])
  const gone = left()
  gone.hear(end.event)
  t.same(gone.publish().dns(), [])
  gone.scopes = scopesWith({})
  gone.hear(red({ cltt: 5000 }))
  t.same(gone.publish().dns(), [PTR, A])
})
