import t from 'tap'
import { type CaughtUp, catchUps } from '../../../bench/measured-reconcile.ts'

t.test('a catch-up with no changes sends no DNS message', async t => {
  const made: CaughtUp[] = []
  await catchUps(2000, 2, one => made.push(one))
  const [first, ...unchanged] = made
  t.match(first, { catchUp: 'first', result: 'ok', begun: 2000 })
  t.ok(first!.serials > 0, 'what is new is published')
  t.equal(unchanged.length, 2)
  for (const one of unchanged) t.match(one, { catchUp: 'no change', result: 'ok', begun: 0, serials: 0 })
})
