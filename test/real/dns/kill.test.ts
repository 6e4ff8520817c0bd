import { randomInt } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Callout, grant, release } from '../callouts.ts'
import { type Machine, machines, published, rrsOf, SCOPES, severally, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { bindAt, type Child, embedded, runApart, type Settings, until } from '../running.ts'
import { startNamed } from '../servers/named.ts'

/**
 * Tells of leases that begin, and of some that end, while the program is killed again and again at any moment. A callout
 * that was not answered is told again, or not. Gives the program as it runs in the end, and who must, and who may, be in
 * DNS: whoever's last callout went unanswered and was not told again is uncertain.
 */
const ordeal = async (t: Test, dns: Settings, { count, kills }: { count: number; kills: number }) => {
  const folder = t.testdir()
  const settings = { dns: [dns], scopes: SCOPES, store: { path: join(folder, 'store') } }
  let leasehold = await runApart(t, folder, settings)
  let restarting: Promise<Child> | null = null
  const must = new Set<Machine>()
  const may = new Set<Machine>()

  /** Whether it was answered. */
  const tell = async ([point, variables]: Callout): Promise<boolean> => {
    for (const _ of [1, 2, 3]) {
      if (restarting) await restarting
      const answered = await leasehold.hear(point, variables).then(
        () => true,
        error => {
          if (error.code === 'ERR_ASSERTION') throw error
          return false
        },
      )
      if (answered) return true
      if (randomInt(2) === 0) return false
    }
    return false
  }
  const live = async (machine: Machine) => {
    const ends = machine.client % 3 === 0
    const granted = await tell(grant(machine)[0]!)
    if (granted) must.add(machine)
    else may.add(machine)
    if (!ends) return
    const ended = await tell(release(machine)[1]!)
    must.delete(machine)
    if (ended) may.delete(machine)
    else may.add(machine)
  }

  let done = 0
  const killer = async () => {
    for (let kill = 0; kill < kills; kill++) {
      const mark = ((kill + Math.random()) * count) / kills
      await until(() => done >= mark, 'the callouts go on')
      await sleep(randomInt(0, 30))
      restarting = leasehold.kill().then(() => runApart(t, folder, settings))
      leasehold = await restarting
      restarting = null
    }
  }
  const killing = killer()
  await severally(machines(0, count), async machine => {
    await live(machine)
    done++
  })
  await killing
  await leasehold.settled()
  return { leasehold, must, may }
}

const check = (t: Test, found: string[], { must, may }: { must: Set<Machine>; may: Set<Machine> }) => {
  const there = new Set(found)
  const asked = new Set([...must, ...may].flatMap(rrsOf))
  const missing = [...must].flatMap(rrsOf).filter(rr => !there.has(rr))
  t.strictSame(missing, [], `all ${must.size} leases that were answered are in DNS`)
  const stray = found.filter(rr => !asked.has(rr))
  t.strictSame(stray, [], `and nothing else (${may.size} uncertain)`)
}

t.test('kill -9 at any moment: BIND', async t => {
  if (!needs(t, 'named', 'dig')) return
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const outcome = await ordeal(t, bindAt(named, ZONES), { count: 1600, kills: 8 })
  check(t, await published(named), outcome)
  await outcome.leasehold.close()
})

t.test('kill -9 at any moment: embedded', async t => {
  const all = machines(0, 400)
  const outcome = await ordeal(t, embedded(ZONES), { count: all.length, kills: 4 })
  const resolver = new Resolver()
  const { host, port } = outcome.leasehold.dns.embedded!
  resolver.setServers([`${host}:${port}`])
  const found: string[] = []
  await severally(
    all.flatMap(rrsOf).map(rr => rr.split(' ')),
    async ([name, type]) => {
      const values = await resolver.resolve(name!, type!).catch(() => [])
      found.push(...(values as string[]).map(value => `${name} ${type} ${value}`))
    },
  )
  check(t, found, outcome)
  await outcome.leasehold.close()
})
