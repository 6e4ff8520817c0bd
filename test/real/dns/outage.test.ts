import t, { type Test } from 'tap'
import { grant, release, renew } from '../callouts.ts'
import { machines, play, published, rrsOf, SCOPES, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { bindAt, run, type Settings, until } from '../running.ts'
import { startNamed } from '../servers/named.ts'

/** Far more than a busy machine needs for one fdatasync, far less than the tries of a DNS server that is down. */
const SLOW_MS = 2000

const setUp = async (t: Test, more: Settings = {}) => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const dns = [bindAt(named, ZONES, more)]
  const leasehold = await run(t, { dns, scopes: SCOPES, store: { path: t.testdir() } })
  return { named, leasehold }
}

t.test('BIND stopped while 2,000 callouts come', async t => {
  if (!needs(t, 'named', 'dig')) return
  const { named, leasehold } = await setUp(t)
  const [gone, old, fresh] = [machines(0, 50), machines(50, 50), machines(1000, 1800)]
  await play(leasehold, [...gone, ...old].flatMap(grant))
  await leasehold.settled()
  await named.stop()

  const callouts = [...gone.flatMap(release), ...fresh.flatMap(grant), ...old.flatMap(renew)]
  t.equal(callouts.length, 2000)
  const slowest = await play(leasehold, callouts)
  t.ok(slowest < SLOW_MS, `the slowest took ${Math.round(slowest)} ms`)
  const troubled = async () => (await leasehold.status()).dns.some(lane => lane.problem !== null)
  await until(troubled, 'the trouble is shown')
  t.match(await leasehold.record('h1000.lab.example', 'A', fresh[0]!.address), { phase: 'pending', reason: /holds/ })

  await named.start()
  await leasehold.settled()
  t.strictSame(await published(named), [...old, ...fresh].flatMap(rrsOf).sort())
  t.notOk(await troubled(), 'no trouble is left')
})

t.test('BIND frozen: what it took in meanwhile is not done after what was decided later', async t => {
  if (!needs(t, 'named', 'dig')) return
  const { named, leasehold } = await setUp(t, { timeout: 300 })
  const tries = async () => (await leasehold.status()).dns.map(lane => lane.retryAt)
  for (let round = 0; round < 5; round++) {
    const all = machines(round * 100, 40)
    await named.freeze()
    const slowest = Math.max(await play(leasehold, all.flatMap(grant)))
    await until(async () => (await tries()).some(at => at !== null), 'a message is not answered')
    const before = await tries()
    t.ok(Math.max(slowest, await play(leasehold, all.flatMap(release))) < SLOW_MS, 'no callout waits')
    await until(async () => (await tries()).some((at, i) => at !== before[i]), 'it is tried again')
    named.thaw()
    await leasehold.settled()
  }
  t.strictSame(await published(named), [])
})
