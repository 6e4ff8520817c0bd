/*
 * Two Leaseholds on one PostgreSQL under load, while something is broken again and again. Afterwards each lease that was
 * acknowledged is in DNS; BIND's journal shows that no RR was taken away, and none was added twice.
 *
 * Each drill takes some seconds. `npm run drill:postgres` plays each for two minutes, under 100 events a second;
 * `npm run drill:postgres -- killed cut` only these.
 */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { grant } from '../callouts.ts'
import { machines, published, rrsOf, SCOPES, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { bindAt, type Child, runApart, until } from '../running.ts'
import { type Named, startNamed } from '../servers/named.ts'
import { type Postgres, runPostgres } from '../servers/postgres.ts'

/** Seconds of load, events a second, seconds between two breaks, and how long one lasts. */
const SHORT = { load: 8, rate: 30, every: 3, lasts: 4 }
const FULL = { load: 120, rate: 100, every: 10, lasts: 30 }
const LENGTH = process.argv[2] === 'full' ? FULL : SHORT
const ONLY = process.argv.slice(3)
/** Milliseconds in which a Leasehold must have acknowledged; then the other one is told. */
const PATIENCE = 2000
/** Milliseconds until who was refused is told again. */
const AGAIN = 500

/** Between a Leasehold and PostgreSQL: while it is cut, nothing comes through, and nobody is told. */
interface Proxy {
  port: number
  cut(): void
  join(): void
}

const startProxy = async (t: Test, port: number): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    const far = dial(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', data => to.write(data))
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      if (isCut) from.pause()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    join: () => {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
  }
}

interface Pair {
  nodes: Child[]
  proxies: Proxy[]
  run(i: number): Promise<Child>
  /** Which of these leads, once one does. */
  leader(among?: number[]): Promise<number>
}

const startPair = async (t: Test, postgres: Postgres, named: Named, database: string): Promise<Pair> => {
  const store = await postgres.store(database)
  const folder = t.testdir()
  const proxies = [await startProxy(t, postgres.port), await startProxy(t, postgres.port)]
  const run = (i: number) => {
    const own = join(folder, `${i}`)
    mkdirSync(own, { recursive: true })
    const url = store.url.replace(`:${postgres.port}/`, `:${proxies[i]!.port}/`)
    const settings = { kind: 'postgres', ...store, url, path: join(own, 'data') }
    return runApart(t, own, { dns: [bindAt(named, ZONES)], scopes: SCOPES, store: settings })
  }
  const nodes = [await run(0), await run(1)]
  const leads = (node: Child) =>
    Promise.race([
      node.status().then(
        ({ idle }) => idle === null,
        () => false,
      ),
      sleep(PATIENCE, false),
    ])
  const leader = async (among = [0, 1]): Promise<number> => {
    let found: number | undefined
    await until(
      async () => {
        for (const i of among) if (await leads(nodes[i]!)) found = i
        return found !== undefined
      },
      'one leads',
      60,
    )
    return found!
  }
  return { nodes, proxies, run, leader }
}

/** Breaks something, mends it, and gives how many milliseconds it took until one led again. */
type Break = (pair: Pair, postgres: Postgres, turn: number) => Promise<number>

const timed = async (work: Promise<unknown>): Promise<number> => {
  const since = performance.now()
  await work
  return Math.round(performance.now() - since)
}

/** What is done to the leader, and undone after a while; the other one leads meanwhile. */
const whileBroken =
  (begin: (pair: Pair, leader: number) => void, end: (pair: Pair, leader: number) => void): Break =>
  async pair => {
    const first = await pair.leader()
    begin(pair, first)
    const lasts = sleep(LENGTH.lasts * 1000)
    const took = await timed(pair.leader([1 - first]))
    await lasts
    end(pair, first)
    return took
  }

const DRILLS: [what: string, database: string, act: Break][] = [
  [
    'the leader is killed',
    'killed',
    async pair => {
      const first = await pair.leader()
      await pair.nodes[first]!.kill()
      const took = await timed(pair.leader([1 - first]))
      // Where PostgreSQL does not answer in time the start ends, and is made again, as systemd does.
      pair.nodes[first] = await pair.run(first).catch(() => pair.run(first))
      return took
    },
  ],
  [
    'the leader is stopped, and wakes',
    'stopped',
    whileBroken(
      ({ nodes }, first) => nodes[first]!.process.kill('SIGSTOP'),
      ({ nodes }, first) => nodes[first]!.process.kill('SIGCONT'),
    ),
  ],
  [
    'nothing comes through between the leader and PostgreSQL',
    'cut',
    whileBroken(
      ({ proxies }, first) => proxies[first]!.cut(),
      ({ proxies }, first) => proxies[first]!.join(),
    ),
  ],
  [
    'PostgreSQL is restarted, and killed',
    'restarted',
    async (pair, postgres, turn) => {
      await postgres.stop(turn % 2 === 0 ? 'SIGKILL' : 'SIGINT')
      // The processes of one that was killed end by themselves soon; until then none can start beside them.
      await sleep(1000)
      await postgres.start()
      return timed(pair.leader())
    },
  ],
]

/** Tells each Leasehold half of the machines at an even pace; who is not acknowledged in time is told to the other. */
const load = async (t: Test, pair: Pair, seconds: number, rate: number) => {
  const all = machines(0, seconds * rate)
  let isOver = false
  t.teardown(() => {
    isOver = true
  })
  const begun = performance.now()
  const tell = async (machine: (typeof all)[number], n: number) => {
    await sleep(Math.max(0, (n * 1000) / rate - (performance.now() - begun)))
    for (let i = n; !isOver; i++) {
      const taken = pair.nodes[i % 2]!.hear(...grant(machine)[0]!).then(
        () => true,
        () => false,
      )
      if (await Promise.race([taken, sleep(PATIENCE, false)])) return
      await sleep(AGAIN)
    }
  }
  await Promise.all(all.map(tell))
  return all
}

/** The long form takes as long as it takes. */
const patient = (t: Test): void => {
  if (LENGTH === FULL) t.setTimeout(0)
}

patient(t)
t.test('two Leaseholds on one PostgreSQL, while something breaks', async t => {
  patient(t)
  if (!needs(t, 'named', 'dig', 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)
  for (const [what, database, act] of DRILLS) {
    if (ONLY.length > 0 && !ONLY.includes(database)) continue
    t.test(what, async t => {
      patient(t)
      const named = await startNamed({ zones: ZONES, options: 'max-journal-size unlimited; max-ixfr-ratio unlimited;' })
      t.teardown(named.close)
      const pair = await startPair(t, postgres, named, database)
      await pair.leader()
      let isOver = false
      const telling = load(t, pair, LENGTH.load, LENGTH.rate).finally(() => {
        isOver = true
      })
      const took: number[] = []
      for (let turn = 0; turn === 0 || !isOver; turn++) {
        await Promise.race([sleep(LENGTH.every * 1000), telling])
        took.push(await act(pair, postgres, turn))
      }
      const told = await telling
      const wanted = told.flatMap(rrsOf).sort()
      await until(async () => (await published(named)).length >= wanted.length, 'all is in DNS', 60)
      const sorted = took.toSorted((a, b) => a - b)
      const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
      t.comment(
        `${told.length} events; one led again after ${median} ms (median), ${most} ms (most), of ${took.length} times`,
      )
      t.strictSame(await published(named), wanted, 'what was acknowledged is in DNS, and nothing else')
      const changes = (await Promise.all(ZONES.map(named.changes))).flat().filter(line => !line.includes(' DHCID '))
      t.strictSame(
        changes.filter(line => line.startsWith('-')),
        [],
        'nothing was taken away',
      )
      t.strictSame(changes.map(line => line.slice(1)).sort(), wanted, 'each RR was added once')
    })
  }
})
