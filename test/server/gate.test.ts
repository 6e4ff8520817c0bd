import t from 'tap'
import { leaseOf } from './control/kea-with-leases.ts'
import { caughtUp, lose, runOver, upTo } from './reconcile/program-over-kea.ts'

const PAUSED = { paused: true, active: true, idle: 'A person paused the writing of DNS.' }

t.test('while it is paused all is taken and nothing is written, over a restart too', async t => {
  const { kea, path, close, ...first } = await caughtUp(t, 3)
  t.match(await first.post('/v1/pause'), PAUSED)
  t.match(await first.hear('granted', leaseOf(4)), {
    accepted: 1,
    decisions: [{ verb: 'publish' }, { verb: 'publish' }],
  })
  lose(kea, 1)
  kea.grant(leaseOf(4), leaseOf(5))
  t.match(await first.reconcile(), { result: 'ok', begun: 1, ended: 1 })
  t.match(await first.record(4), { phase: 'pending' })
  t.match(await first.record(1), { phase: 'removing' })
  t.same(await first.inDns(upTo(5)), [1, 2, 3], 'as it was')
  t.match(await first.status(), { ...PAUSED, ready: true })
  await close()

  const again = await runOver(t, kea, {}, path)
  t.match(await again.status(), PAUSED)
  t.match(await again.record(4), { phase: 'pending' })
  t.same(await again.inDns(upTo(5)), [1, 2, 3], 'still as it was')
  t.match(await again.post('/v1/resume'), { paused: false, active: true, idle: null })
  await again.settled()
  t.same(await again.inDns(upTo(5)), [2, 3, 4, 5])
})
