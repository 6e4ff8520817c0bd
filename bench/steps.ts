/*
 * Where the milliseconds of a single lease go, on an idle system: step by step, in Leasehold and in Kea's D2.
 *
 *     Leasehold   socket ► parse ► plan ► sync ► build and sign ► write ► BIND ► settle ► PTR
 *     D2          take, build and sign ─────────────────────────────────► BIND ► settle ► PTR
 *
 * Leasehold's times are noted in its process (steps-probe.ts). D2 cannot be looked into: a relay stands between it and BIND, and
 * notes what passes; the time in the relay counts for nobody. One line of JSON for each step. Usage: node bench/steps.ts
 * [--leases N]
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Named, startNamed } from '../test/real/servers/named.ts'
import { startD2 } from './d2.ts'
import { callout } from './feeds.ts'
import { openHttp } from './http-client.ts'
import { configWith, ready, spawnLeasehold } from './leasehold.ts'
import { FORWARD, type Lease, newLeases, REVERSE } from './leases.ts'
import { percentile } from './statistics.ts'

const { values: flags } = parseArgs({ options: { leases: { type: 'string', default: '1000' } } })
const COUNT = Number(flags.leases)
/** Leases of each that nobody counts. */
const WARM_UP = 300
/** Milliseconds between two leases. */
const PAUSE = 20
const PATIENCE = 5000

const PROBE = new URL('./steps-probe.ts', import.meta.url).href

/** Milliseconds by step; the order is that in which they come. */
type Steps = Record<string, number>

/** What came when: a word, and milliseconds on the clock that all processes share. */
type Mark = [what: string, at: number]

const clock = (): number => Number(process.hrtime.bigint()) / 1e6

type Times = [number, number, number, number, number, number, number, number, number]
const ORDER = ['request', 'parsed', 'log', 'synced', 'send A', 'sent A', 'answer A', 'send PTR', 'answer PTR']

/** The time of each word of ORDER, the first after the one before; null where something else was under way too. */
const inOrder = (marks: Mark[]): number[] | null => {
  const times: number[] = []
  for (const [word, at] of marks) if (word === ORDER[times.length]) times.push(at)
  return times.length === ORDER.length ? times : null
}

const stepsOfLeasehold = (start: number, marks: Mark[]): Steps | null => {
  const times = inOrder(marks)
  if (!times) return null
  const [request, parsed, log, synced, send, sent, answer, sendPointer, answerPointer] = times as Times
  return {
    socket: request - start,
    parse: parsed - request,
    plan: log - parsed,
    sync: synced - log,
    'build and sign': send - synced,
    write: sent - send,
    BIND: answer - sent,
    settle: sendPointer - answer,
    PTR: answerPointer - sendPointer,
    'A in all': answer - start,
    'PTR in all': answerPointer - start,
  }
}

const patiently = async <T>(promise: Promise<T>): Promise<T> => {
  const timer = new AbortController()
  const late = sleep(PATIENCE, null, { signal: timer.signal }).then(() => {
    throw new Error('the lease did not come into DNS')
  })
  late.catch(() => {})
  return Promise.race([promise, late]).finally(() => timer.abort())
}

/** Somebody who is told of single leases. `tell` gives null where something else was under way too. */
interface Observed {
  who: string
  tell(lease: Lease): Promise<Steps | null>
  close(): Promise<void>
}

const observeLeasehold = async (named: Named): Promise<Observed> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-steps-'))
  const config = join(folder, 'leasehold.json')
  const bind = { name: 'bind', kind: 'rfc2136', servers: [named.address], tsig: { ...named.key } }
  await writeFile(config, JSON.stringify(configWith(bind, folder)))
  process.env.STEPS_PORT = String(named.port)
  const program = spawnLeasehold(config, ['--import', PROBE], 'pipe')
  const http = await openHttp(await ready(program), 1)
  const lines = createInterface({ input: program.child.stderr! })
  return {
    who: 'Leasehold',
    tell: async lease => {
      const noted = once(lines, 'line') as Promise<[string]>
      const start = clock()
      const told = callout(http, lease)
      const [line] = await noted
      await told
      return stepsOfLeasehold(start, JSON.parse(line) as Mark[])
    },
    close: async () => {
      http.close()
      await program.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Passes datagrams on between one client and BIND, and notes them: `asked` and `passed` of the client's, then `answer`. */
const openRelay = async (named: Named) => {
  const [client, server] = [createSocket('udp4'), createSocket('udp4')]
  const bound = (socket: Socket) => once(socket.bind(0, '127.0.0.1'), 'listening')
  await Promise.all([client, server].map(bound))
  let marks: Mark[] = []
  let back = 0
  client.on('message', (message, { port }) => {
    marks.push(['asked', clock()])
    back = port
    server.send(message, named.port, named.host)
    marks.push(['passed', clock()])
  })
  server.on('message', message => {
    marks.push(['answer', clock()])
    client.send(message, back, '127.0.0.1')
    marks.push(['passed', clock()])
    if (marks.length === 8) client.emit('lease')
  })
  return {
    port: client.address().port,
    /** What passed of one lease: two questions, two answers. */
    next: async (): Promise<Mark[]> => {
      marks = []
      await once(client, 'lease')
      return marks
    },
    close: () => {
      client.close()
      server.close()
    },
  }
}

const stepsOfD2 = (start: number, marks: Mark[]): Steps => {
  const [asked, passed, answer, back, askedPointer, passedPointer, answerPointer] = marks.map(
    ([, at]) => at,
  ) as number[]
  const steps = {
    'take, build and sign': asked! - start,
    BIND: answer! - passed!,
    settle: askedPointer! - back!,
    PTR: answerPointer! - passedPointer!,
  }
  const a = steps['take, build and sign'] + steps.BIND
  return { ...steps, 'A in all': a, 'PTR in all': a + steps.settle + steps.PTR }
}

const observeD2 = async (named: Named): Promise<Observed> => {
  const relay = await openRelay(named)
  const d2 = await startD2({ ...named, port: relay.port })
  return {
    who: 'D2',
    tell: async lease => {
      const noted = relay.next()
      const start = clock()
      await d2.send(lease)
      return stepsOfD2(start, await noted)
    },
    close: async () => {
      await d2.close()
      relay.close()
    },
  }
}

const print = (who: string, all: Steps[]): void => {
  if (!all[0]) throw new Error(`of no lease of ${who} all steps were seen`)
  for (const step of Object.keys(all[0])) {
    const times = all.map(one => one[step]!)
    const figures = { leases: all.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
    process.stdout.write(`${JSON.stringify({ measure: 'step', who, step, ...figures })}\n`)
  }
}

const closers: (() => unknown)[] = []
try {
  const named = await startNamed({ zones: [FORWARD, REVERSE] })
  closers.push(() => named.close())
  const observed: Observed[] = []
  for (const observe of [observeLeasehold, observeD2]) {
    const one = await observe(named)
    closers.push(() => one.close())
    observed.push(one)
  }
  const fresh = newLeases()
  const all = new Map<string, Steps[]>(observed.map(({ who }) => [who, []]))
  for (let i = -WARM_UP; i < COUNT; i++) {
    for (const { who, tell } of observed) {
      const [lease] = fresh(1) as [Lease]
      const steps = await patiently(tell(lease))
      if (i >= 0 && steps) all.get(who)!.push(steps)
      await sleep(PAUSE)
    }
  }
  for (const [who, steps] of all) print(who, steps)
} finally {
  for (const close of closers.reverse()) await close()
}
