import { performance } from 'node:perf_hooks'
import t, { type Test } from 'tap'
import { type Callout, grant, release, renew } from './callouts.ts'
import { type Named, startNamed } from './named.ts'
import { needs } from './needs.ts'
import { bindAt, type Leasehold, run, until } from './running.ts'

const ZONES = ['lab.example', '10.in-addr.arpa']
const SCOPES = [{ name: 'all', subnet: '10.0.0.0/8', domain: 'lab.example' }]
const AT_ONCE = 16
/** Far more than a busy machine needs for one fdatasync, far less than one try of a DNS server. */
const SLOW_MS = 2000

interface Machine {
  address: string
  client: number
  hostname: string
  at: number
}

const machine = (n: number): Machine => ({ address: `10.1.${n >> 8}.${n & 255}`, client: n, hostname: `h${n}`, at: n })

const rrsOf = ({ address, hostname }: Machine): string[] => [
  `${hostname}.lab.example A ${address}`,
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${hostname}.lab.example`,
]

/** Everything in the zones but the markers, of which there must be one at each forward name. */
const published = async (named: Named): Promise<string[]> => {
  const all = (await Promise.all(ZONES.map(named.transfer))).flat()
  const names = (type: string) => all.filter(line => line.includes(` ${type} `)).map(line => line.split(' ')[0]!)
  t.strictSame(names('DHCID').sort(), names('A').sort(), 'a DHCID at every name, and nowhere else')
  return all.filter(line => !line.includes(' DHCID ')).sort()
}

/** Plays the callouts, several at once; gives how long the slowest took, in milliseconds. */
const play = async (leasehold: Leasehold, callouts: Callout[]): Promise<number> => {
  let slowest = 0
  const left = callouts.values()
  const worker = async () => {
    for (const [point, variables] of left) {
      const start = performance.now()
      await leasehold.hear(point, variables)
      slowest = Math.max(slowest, performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return slowest
}

const setUp = async (t: Test, more: object = {}) => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const leasehold = await run(t, { dns: [bindAt(named, ZONES, { ...more })], scopes: SCOPES, store: { path: t.testdir() } })
  return { named, leasehold }
}

t.test('BIND stopped while 2,000 callouts come', async t => {
  if (!needs(t, 'named', 'dig')) return
  const { named, leasehold } = await setUp(t)
  const before = Array.from({ length: 100 }, (_, n) => machine(n))
  await play(leasehold, before.flatMap(grant))
  await leasehold.settled()
  await named.stop()

  const gone = before.slice(0, 50)
  const fresh = Array.from({ length: 1800 }, (_, n) => machine(1000 + n))
  const callouts = [...gone.flatMap(release), ...fresh.flatMap(grant), ...before.slice(50).flatMap(renew)]
  t.ok(callouts.length >= 2000, `${callouts.length} callouts`)
  const slowest = await play(leasehold, callouts)
  t.ok(slowest < SLOW_MS, `the slowest took ${Math.round(slowest)} ms`)
  await until(async () => (await leasehold.status()).dns.some(lane => lane.problem !== null), 'the trouble is shown')
  t.match(await leasehold.record('h1000.lab.example', 'A', machine(1000).address), {
    phase: 'pending',
    reason: /holds/,
  })

  await named.start()
  await leasehold.settled()
  t.strictSame(await published(named), [...before.slice(50), ...fresh].flatMap(rrsOf).sort())
  t.ok((await leasehold.status()).dns.every(lane => lane.problem === null), 'no trouble is left')
})

t.test('BIND frozen: what it took in before is not done after what was decided later', async t => {
  if (!needs(t, 'named', 'dig')) return
  const { named, leasehold } = await setUp(t, { timeout: 300 })
  const ROUNDS = 6
  for (let round = 0; round < ROUNDS; round++) {
    const all = Array.from({ length: 40 }, (_, n) => machine(round * 100 + n))
    named.freeze()
    await play(leasehold, all.flatMap(grant))
    await until(
      async () => (await leasehold.status()).dns.some(lane => lane.problem !== null),
      'a message was not answered',
    )
    const slowest = await play(leasehold, all.flatMap(release))
    t.ok(slowest < SLOW_MS, `the slowest took ${Math.round(slowest)} ms`)
    const { dns } = await leasehold.status()
    const tries = dns.map(lane => lane.retryAt)
    await until(
      async () => (await leasehold.status()).dns.some(({ retryAt }, i) => retryAt !== tries[i]),
      'it is tried again',
    )
    named.thaw()
    await leasehold.settled()
  }
  t.strictSame(await published(named), [])
})
