/*
 * Two Leaseholds on one PostgreSQL and one BIND, as processes of their own: one leads, and either can die.
 */
import { Resolver } from 'node:dns/promises'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { grant, release } from '../callouts.ts'
import { type Machine, machines, published, rrsOf, SCOPES, severally, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { bindAt, type Child, embedded, runApart, until } from '../running.ts'
import { startNamed } from '../servers/named.ts'
import { type Postgres, runPostgres } from '../servers/postgres.ts'

/** Two programs; `leader` is the one that leads by what it says itself. */
const pair = async (t: Test, postgres: Postgres, dns: object[], database: string) => {
  const store = await postgres.store(database)
  const folder = t.testdir()
  const run = (i: number) => {
    const own = join(folder, `${i}`)
    mkdirSync(own, { recursive: true })
    return runApart(t, own, { dns, scopes: SCOPES, store: { kind: 'postgres', ...store, path: join(own, 'data') } })
  }
  const nodes = [await run(0), await run(1)]
  const leads = (node: Child) =>
    node.status().then(
      ({ idle }) => idle === null,
      () => false,
    )
  const leader = async (among: number[] = [0, 1]): Promise<number> => {
    let found: number | undefined
    await until(async () => {
      for (const i of among) if (await leads(nodes[i]!)) found = i
      return found !== undefined
    }, 'one leads')
    return found!
  }
  /** Tells one of them, and the other where that one does not take it, until it is acknowledged. */
  const tell = async (machine: Machine): Promise<void> => {
    for (let i = machine.client; ; i++) {
      const taken = await nodes[i % 2]!.hear(...grant(machine)[0]!).then(
        () => true,
        () => false,
      )
      if (taken) return
      await sleep(20)
    }
  }
  return { nodes, run, leader, tell, store }
}

const findings = async (node: Child): Promise<string[]> => {
  const { items } = (await (await fetch(`${node.url}/v1/findings`)).json()) as { items: { kind: string }[] }
  return items.map(({ kind }) => kind)
}

/** How many of the machines the embedded server of a node knows. */
const answers = async (node: Child, all: Machine[]): Promise<number> => {
  const resolver = new Resolver()
  const { host, port } = node.dns.embedded!
  resolver.setServers([`${host}:${port}`])
  const found = await Promise.all(
    all.map(({ hostname }) => resolver.resolve4(`${hostname}.lab.example`).catch(() => [])),
  )
  return found.filter(values => values.length > 0).length
}

const settledAt = async (nodes: Child[], leader: number) => nodes[leader]!.settled()

const check = async (t: Test, named: Parameters<typeof published>[0], told: Machine[]) => {
  const found = (await published(named)).sort()
  t.strictSame(
    found,
    told.flatMap(rrsOf).sort(),
    `all ${told.length} leases that were acknowledged are in DNS, and nothing else`,
  )
}

t.test('two Leaseholds on one PostgreSQL', async t => {
  if (!needs(t, 'named', 'dig', 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)

  t.test('the leader is killed again and again while events come', async t => {
    const named = await startNamed({ zones: ZONES })
    t.teardown(named.close)
    const { nodes, run, leader, tell } = await pair(t, postgres, [bindAt(named, ZONES)], 'killed')
    const all = machines(0, 600)
    let done = 0
    const telling = severally(all, async machine => {
      await tell(machine)
      done++
    })
    const took: number[] = []
    for (const part of [0.2, 0.4, 0.6]) {
      await until(() => done >= part * all.length, 'the events go on', 60)
      const first = await leader()
      await nodes[first]!.kill()
      const since = performance.now()
      await leader([1 - first])
      took.push(Math.round(performance.now() - since))
      nodes[first] = await run(first)
    }
    await telling
    await settledAt(nodes, await leader())
    t.comment(`take-overs took ${took.join(', ')} ms`)
    await check(t, named, all)
  })

  t.test('what the standby is told is in DNS, in the order in which it was told', async t => {
    const named = await startNamed({ zones: ZONES })
    t.teardown(named.close)
    const { nodes, leader } = await pair(t, postgres, [bindAt(named, ZONES)], 'told')
    const standby = 1 - (await leader())
    const all = machines(0, 200)
    const released = all.slice(0, 20)
    await severally(all, machine => nodes[standby]!.hear(...grant(machine)[0]!))
    for (const machine of released) for (const callout of release(machine)) await nodes[standby]!.hear(...callout)
    const left = all.slice(20)
    const named200 = left.at(-1)!
    await until(async () => (await nodes[standby]!.name(`${named200.hostname}.lab.example`)) !== null, 'it follows')
    await until(async () => (await published(named)).length === 2 * left.length, 'all is in DNS')
    await check(t, named, left)
    const [a, b] = await Promise.all(nodes.map(node => node.status()))
    t.equal(a!.leases, b!.leases, 'both know the same')
    t.equal(a!.ready && b!.ready, true)
  })

  t.test('PostgreSQL is away: events are refused with Retry-After, and when it is back all catches up', async t => {
    const named = await startNamed({ zones: ZONES })
    t.teardown(named.close)
    const { nodes, leader, tell } = await pair(t, postgres, [bindAt(named, ZONES)], 'away')
    const [before, after] = [machines(0, 40), machines(40, 40)]
    await severally(before!, tell)
    const first = await leader()
    const [point, variables] = grant(before![0]!)[0]!
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      await postgres.stop(signal)
      for (const node of nodes) {
        const ask = () =>
          fetch(`${node.url}/v1/callouts/${point}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ variables }),
          })
        await until(async () => (await ask()).status === 503, 'events are refused')
        t.match((await ask()).headers.get('retry-after'), /^\d+$/)
        await until(async () => (await findings(node)).includes('store-failed'), 'a finding says so')
        t.ok(await node.name(`${before![0]!.hostname}.lab.example`), 'reads are answered')
      }
      t.match((await nodes[first]!.status()).idle, /standby|PostgreSQL/, 'and nobody writes DNS')
      await postgres.start()
      await leader()
    }
    await severally(after!, tell)
    await leader()
    for (const node of nodes)
      await until(async () => !(await findings(node)).includes('store-failed'), 'the finding is gone')
    const all = [...before!, ...after!]
    await until(async () => (await published(named)).length === 2 * all.length, 'all is in DNS')
    await check(t, named, all)
  })

  t.test('the embedded server of the new leader has what the old one published, and not what it took away', async t => {
    const { nodes, leader } = await pair(t, postgres, [embedded(ZONES)], 'embedded')
    const first = await leader()
    const other = 1 - first
    const all = machines(0, 30)
    await severally(all, machine => nodes[first]!.hear(...grant(machine)[0]!))
    await settledAt(nodes, first)
    // The first one is stopped, and knows nothing of what the other takes away.
    nodes[first]!.process.kill('SIGSTOP')
    await leader([other])
    await until(async () => (await answers(nodes[other]!, all)) === all.length, 'all are answered')
    for (const machine of all.slice(0, 10)) for (const callout of release(machine)) await nodes[other]!.hear(...callout)
    await settledAt(nodes, other)
    t.equal(await answers(nodes[other]!, all), 20)
    nodes[first]!.process.kill('SIGCONT')
    await until(async () => (await nodes[first]!.status()).idle?.includes('standby'), 'the one that woke is a standby')
    await nodes[other]!.kill()
    await leader([first])
    t.equal(await answers(nodes[first]!, all), 20)
  })

  t.test('the leader is stopped for longer than its lock lasts, and wakes', async t => {
    const named = await startNamed({ zones: ZONES })
    t.teardown(named.close)
    const { nodes, leader, tell } = await pair(t, postgres, [bindAt(named, ZONES)], 'stopped')
    const [before, during, after] = [machines(0, 50), machines(50, 50), machines(100, 50)]
    await severally(before!, tell)
    const first = await leader()
    nodes[first]!.process.kill('SIGSTOP')
    const other = 1 - first
    const pinned = `${before![0]!.hostname}.lab.example`
    const pin = await fetch(`${nodes[other]!.url}/v1/names/${pinned}/pin`, { method: 'POST' })
    t.equal(pin.status, 202, 'the standby keeps for the next leader what a person means')
    t.match(await pin.json(), { accepted: 1 })
    const since = performance.now()
    await leader([other])
    t.comment(`the take-over took ${Math.round(performance.now() - since)} ms`)
    await severally(during!, machine => nodes[other]!.hear(...grant(machine)[0]!))
    nodes[first]!.process.kill('SIGCONT')
    await until(async () => (await nodes[first]!.status()).idle?.includes('standby'), 'the one that woke is a standby')
    t.equal(await leader(), other)
    for (const node of nodes)
      await until(async () => (await node.name(pinned))?.intent?.[0]?.kind === 'pin', 'both know of the pin')
    await severally(after!, tell)
    await settledAt(nodes, other)
    await check(t, named, [...before!, ...during!, ...after!])
  })
})
