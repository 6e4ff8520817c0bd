import t from 'tap'
import { inferEnd } from '../../../lib/reconcile/ends.ts'
import { checkLimit, isTooMuch } from '../../../lib/reconcile/limit.ts'
import type { Hold, ProposedEnd } from '../../../schemas/model/reconcile.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const LIMITS = { percent: 30, atLeast: 10 }
const SCOPE = '192.0.2.0/24'

t.test('how much is believed', async t => {
  t.equal(isTooMuch(9, 9, LIMITS), false, 'few are always believed')
  t.equal(isTooMuch(3, 10, LIMITS), false)
  t.equal(isTooMuch(4, 10, LIMITS), true)
  t.equal(isTooMuch(0, 1000, LIMITS), false)
})

/** A scope with five leases (ten records), and the ends of the first of them. */
const worldWith = (ends: number) => {
  const world = new World({ profile: 'aggressive' })
  for (let n = 1; n <= 5; n++)
    world.hear(event({ address: `192.0.2.${n}`, hostname: `host${n}`, client: `0${n}`, cltt: 1000 }))
  world.publish()
  const proposed = [...world.state.leases.values()].slice(0, ends).map(lease => inferEnd(lease, world.now)!)
  const check = (endings: ProposedEnd[], holds: Hold[] = []) => {
    const owned = () => [...world.state.records.values()].filter(record => record.wanted).length
    return checkLimit(world.state, world.scopes, endings, owned, holds, LIMITS, world.now)
  }
  return { world, proposed, check }
}

t.test('ends of one scope are counted by the records that they take away', async t => {
  const one = worldWith(1)
  t.match(one.check(one.proposed), [{ scope: SCOPE, records: 2, owned: 10, held: false }])
  const two = worldWith(2)
  t.match(two.check(two.proposed), [{ scope: SCOPE, records: 4, owned: 10, held: true }])
})

t.test('an end that was rejected is not proposed again, nor is one of a lease that was granted anew', async t => {
  const { world, proposed, check } = worldWith(2)
  const [first, second] = proposed
  const hold = (state: Hold['state']): Hold => ({
    id: 1,
    scope: SCOPE,
    state,
    cause: 'poll',
    reason: 'Too many.',
    records: 2,
    owned: 10,
    openedAt: 0,
    decidedAt: 0,
    endings: [first!],
  })
  t.equal(check(proposed, [hold('open')])[0]?.endings.length, 2)
  t.strictSame(check(proposed, [hold('rejected')])[0]?.endings, [second])
  world.hear(event({ address: '192.0.2.2', hostname: 'host2', client: '02', cltt: 2000 }))
  t.strictSame(check(proposed)[0]?.endings, [first])
})
