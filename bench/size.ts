/*
 * What an estate takes by its size: memory, disk, a start, and the longest time for which Leasehold does nothing else.
 *
 *     empty ──► fed by arrays ──► all in DNS ──► its garbage collected ──► ended ──► started again ──► caught up
 *                 longest turn,     RSS,           live memory                         /healthz, /readyz, DNS, longest turn
 *                 bytes written     peak
 *
 * One line of JSON a size; README.md explains the keys. Usage: node bench/size.ts [--large] [--bind] [--leases N]
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { StatusAnswer } from '../schemas/api/answers.ts'
import { freePort, startNamed } from '../test/real/servers/named.ts'
import { openAsker } from './asker.ts'
import { events } from './feeds.ts'
import { type HttpClient, openHttp } from './http-client.ts'
import { configWith, ready, spawnLeasehold } from './leasehold.ts'
import { FORWARD, type Lease, newLeases, REVERSE } from './leases.ts'
import { INSPECTABLE, liveBytesOf, rssOf, watchWritten } from './memory.ts'
import type { Program } from './processes.ts'

const { values: flags } = parseArgs({
  options: {
    large: { type: 'boolean', default: false },
    bind: { type: 'boolean', default: false },
    leases: { type: 'string' },
  },
})
const SIZES = [1000, 10_000, 100_000]
const LARGE = [300_000, 1_000_000]
const sizes = flags.leases ? [Number(flags.leases)] : [...SIZES, ...(flags.large ? LARGE : [])]

/** Leases of an array, arrays in flight, and leases that are made ready at a time. */
const [EACH, IN_FLIGHT, PART] = [100, 4, 10_000]
/** A, or A and its marker, and PTR. */
const RECORDS = 2
/** Milliseconds between two looks. */
const STEP = 5
/** Milliseconds of rest, so that the loop is looked at again after a scrape, and what is idle has its garbage. */
const REST = 1000

const MB = 1_000_000
const megabytes = (bytes: number): number => Number((bytes / MB).toFixed(1))
const milliseconds = (seconds: number): number => Number((seconds * 1000).toFixed(1))

interface Place {
  host: string
  port: number
}

interface Estate {
  config: string
  data: string
  http: Place
  dns: Place
}

/** The longest turn, in milliseconds, since this was last asked. */
const longestTurn = async (http: HttpClient): Promise<number> => {
  const { text } = await http.get('/metrics')
  const [, seconds] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text) ?? []
  return milliseconds(Number(seconds))
}

const allPublished = async (http: HttpClient, records: number): Promise<void> => {
  for (;;) {
    const { records: counts } = JSON.parse((await http.get('/v1/status')).text) as StatusAnswer
    if ((counts.published ?? 0) >= records) return
    await sleep(100)
  }
}

const begun = (config: string): { program: Program; isReady: Promise<string> } => {
  const program = spawnLeasehold(config, INSPECTABLE, 'pipe')
  program.child.stderr!.resume()
  return { program, isReady: ready(program) }
}

/** Feeds an empty Leasehold, and looks at it. */
const feed = async ({ config, data }: Estate, count: number, fresh: (count: number) => Lease[]) => {
  const { program, isReady } = begun(config)
  const written = watchWritten(data)
  const http = await openHttp(await isReady, IN_FLIGHT)
  try {
    await longestTurn(http)
    await sleep(REST)
    const start = performance.now()
    let last: Lease | null = null
    for (let fed = 0; fed < count; fed += PART) {
      const leases = fresh(Math.min(PART, count - fed))
      await events(http, leases, EACH, IN_FLIGHT)()
      last = leases.at(-1)!
    }
    await allPublished(http, RECORDS * count)
    const seconds = (performance.now() - start) / 1000
    const turn = await longestTurn(http)
    const rss = rssOf(program.child.pid!)
    return {
      last,
      rss,
      turn,
      leasesPerSecond: Math.round(count / seconds),
      live: await liveBytesOf(program),
      written: await written.end(),
    }
  } finally {
    http.close()
    await program.end()
  }
}

/** Milliseconds from a moment until this is so. A question that fails is asked again. */
const until = async (start: number, isSo: () => Promise<boolean>): Promise<number> => {
  while (!(await isSo().catch(() => false))) await sleep(STEP)
  return Math.round(performance.now() - start)
}

/** Starts Leasehold again on what it knows. `last` is a lease that DNS has to have. */
const restart = async ({ config, http: at, dns }: Estate, last: Lease) => {
  const base = `http://${at.host}:${at.port}`
  const answers = async (path: string) => (await fetch(base + path)).status === 200
  const asker = await openAsker(dns, 200)
  const start = performance.now()
  const { program, isReady } = begun(config)
  const ended = once(program.child, 'exit').then(() => Promise.reject(new Error('Leasehold ended')))
  try {
    const waits = [
      until(start, () => answers('/healthz')),
      until(start, () => answers('/readyz')),
      until(start, () => asker.has(last.name, 'A')),
    ]
    const [healthzMs, readyzMs, dnsMs] = (await Promise.race([Promise.all(waits), ended])) as number[]
    const http = await openHttp(await isReady, 1)
    await sleep(REST)
    const turn = await longestTurn(http)
    http.close()
    const rss = rssOf(program.child.pid!)
    return { healthzMs, readyzMs, dnsMs, turn, rss, live: await liveBytesOf(program) }
  } finally {
    ended.catch(() => {})
    asker.close()
    await program.end()
  }
}

/** The DNS server of an estate: the embedded one, or a BIND. */
const serverFor = async (): Promise<{ entry: object; dns: Place; close(): unknown }> => {
  if (flags.bind) {
    const named = await startNamed({ zones: [FORWARD, REVERSE] })
    const entry = { name: 'bind', kind: 'rfc2136', servers: [named.address], tsig: { ...named.key } }
    return { entry, dns: named, close: () => named.close() }
  }
  const dns = { host: '127.0.0.1', port: await freePort() }
  return { entry: { name: 'local', kind: 'embedded', zones: [FORWARD, REVERSE], ...dns }, dns, close: () => {} }
}

const withEstate = async <T>(use: (estate: Estate) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-size-'))
  const { entry, dns, close } = await serverFor()
  try {
    const http = { host: '127.0.0.1', port: await freePort() }
    const config = join(folder, 'leasehold.json')
    await writeFile(config, JSON.stringify(configWith(entry, folder, { http })))
    return await use({ config, data: join(folder, 'data'), http, dns })
  } finally {
    await close()
    await rm(folder, { recursive: true, force: true })
  }
}

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const empty = await withEstate(estate => feed(estate, 0, newLeases()))
print({ measure: 'empty', liveMb: megabytes(empty.live), rssMb: megabytes(empty.rss.now) })

for (const count of sizes) {
  await withEstate(async estate => {
    const fed = await feed(estate, count, newLeases())
    const again = await restart(estate, fed.last!)
    const { log = 0, audit = 0 } = fed.written
    const perLease = (bytes: number) => Math.round(bytes / count)
    print({
      measure: 'size',
      dns: flags.bind ? 'bind' : 'embedded',
      leases: count,
      liveBytesPerLease: perLease(fed.live - empty.live),
      liveMb: megabytes(fed.live),
      rssMb: megabytes(fed.rss.now),
      peakRssMb: megabytes(fed.rss.peak),
      logBytesPerLease: perLease(log + audit),
      written: Object.fromEntries(Object.entries(fed.written).map(([word, bytes]) => [word, megabytes(bytes)])),
      leasesPerSecond: fed.leasesPerSecond,
      feedLongestTurnMs: fed.turn,
      healthzMs: again.healthzMs,
      readyzMs: again.readyzMs,
      dnsMs: again.dnsMs,
      startLongestTurnMs: again.turn,
      restartedLiveMb: megabytes(again.live),
      restartedRssMb: megabytes(again.rss.now),
      restartedPeakRssMb: megabytes(again.rss.peak),
    })
  })
}
