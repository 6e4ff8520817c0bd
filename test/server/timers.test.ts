import t, { type Test } from 'tap'
import { Timers } from '../../server/timers.ts'

const SECOND = 1000
const YEAR = 365 * 86_400 * SECOND

const clockwork = (t: Test) => {
  const clock = { now: 1_800_000_000_000 }
  const due: string[] = []
  const timers = new Timers(
    () => clock.now,
    keys => due.push(...keys),
  )
  t.teardown(() => timers.close())
  const pass = (ms: number) => {
    clock.now += ms
    timers.tick()
    return due.splice(0)
  }
  return { clock, timers, pass, set: (key: string, after: number) => timers.set(key, clock.now + after) }
}

t.test('in order, moved, and taken back', async t => {
  const { timers, set, pass } = clockwork(t)
  set('b', 2 * SECOND)
  set('a', SECOND)
  set('moved', SECOND)
  set('moved', 3 * SECOND)
  set('never', SECOND)
  timers.set('never', null)
  set('past', -YEAR)
  t.same(pass(0), ['past'])
  t.same(pass(2 * SECOND), ['a', 'b'])
  t.same(pass(SECOND), ['moved'])
})

t.test('the clock goes forward by years: each second is not counted', async t => {
  const { set, pass } = clockwork(t)
  set('soon', 2 * SECOND)
  set('later', 30 * YEAR)
  t.same(pass(20_000_000 * YEAR), ['soon', 'later'])
})

t.test('the clock goes back: what is set afterwards is due by its new time', async t => {
  const { set, pass } = clockwork(t)
  set('before', 5 * SECOND)
  pass(-20 * YEAR)
  set('after', 2 * SECOND)
  set('past', -SECOND)
  t.same(pass(SECOND), ['past'])
  t.same(pass(SECOND), ['after'])
  t.same(pass(20 * YEAR + 5 * SECOND), ['before'])
})
