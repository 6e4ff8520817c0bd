/*
 * Leasehold beside Kea's own D2, on one BIND, in one run: how many new leases a second come into DNS, and how long one
 * lease takes on an idle system. Both write A, DHCID and PTR, signed with hmac-sha256 and with the same prerequisite
 * ("the name is not in use"). One line of JSON for each measurement, and at the end the medians and the median of
 * the rounds' ratios: the two are compared within one round, for a busy machine slows both.
 */
import { parseArgs } from 'node:util'
import { missing } from '../test/real/needs.ts'
import { startNamed } from '../test/real/servers/named.ts'
import { openAsker } from './asker.ts'
import { startD2 } from './d2.ts'
import { measureLatency } from './latency.ts'
import { startLeasehold } from './leasehold.ts'
import { FORWARD, newLeases, REVERSE } from './leases.ts'
import { median, ratio } from './statistics.ts'
import { type Contestant, measureThroughput, type Throughput } from './throughput.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    leases: { type: 'string' },
  },
})
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3))
const leases = Number(flags.leases ?? (flags.quick ? 3000 : 10_000))
const singles = flags.quick ? 50 : 200

/** Leases that nobody counts, so that no contestant is measured while it is still compiling itself. */
const WARM_UP = 2000
/** Requests to D2 under way; see D2.all. */
const WINDOW = 128
const EACH = 100
const EVENTS_IN_FLIGHT = 4
const CALLOUTS_IN_FLIGHT = 128

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const absent = missing('named', 'dig', 'kea-dhcp-ddns')
if (absent !== null) {
  process.stderr.write(`${absent}\n`)
  process.exit(1)
}

const closers: (() => unknown)[] = []
try {
  const named = await startNamed({ zones: [FORWARD, REVERSE] })
  closers.push(() => named.close())
  const asker = await openAsker(named)
  closers.push(() => asker.close())
  const d2 = await startD2(named)
  closers.push(() => d2.close())
  const leasehold = await startLeasehold({
    name: 'bind',
    kind: 'rfc2136',
    servers: [named.address],
    tsig: { ...named.key },
  })
  closers.push(() => leasehold.close())
  const fresh = newLeases()

  const contestants: Contestant[] = [
    { label: 'D2', pid: d2.pid, prepare: (all, watch) => d2.all(all, WINDOW, () => watch.reverseSteps) },
    { label: 'events', pid: leasehold.pid, prepare: all => leasehold.events(all, EACH, EVENTS_IN_FLIGHT) },
    { label: 'callouts', pid: leasehold.pid, prepare: all => leasehold.callouts(all, CALLOUTS_IN_FLIGHT) },
  ]
  for (const contestant of contestants) await measureThroughput({ named, asker }, contestant, fresh(WARM_UP), 0)

  const made: Throughput[] = []
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const result = await measureThroughput({ named, asker }, contestant, fresh(leases), round)
      print(result)
      made.push(result)
    }
  }
  const tellers = [
    { label: 'D2', tell: d2.send },
    { label: 'callouts', tell: leasehold.callout },
  ]
  const [slow, fast] = await measureLatency(asker, tellers, singles, fresh)
  print(slow!)
  print(fast!)

  const of = (who: string) => made.filter(one => one.who === who)
  const perSecond = (who: string) => of(who).map(one => one.leasesPerSecond)
  for (const who of ['events', 'callouts']) {
    const times = perSecond(who).map((speed, round) => ratio(speed, perSecond('D2')[round]!))
    const [speed, d2Speed] = [median(perSecond(who)), median(perSecond('D2'))]
    print({ ratio: 'leases/s', who, median: speed, d2: d2Speed, times: median(times), byRound: times })
  }
  for (const rr of ['a', 'ptr'] as const) {
    for (const p of ['p50', 'p99'] as const) {
      print({
        ratio: `${rr} ${p} ms`,
        who: 'callouts',
        ms: fast![rr][p],
        d2: slow![rr][p],
        times: ratio(fast![rr][p], slow![rr][p]),
      })
    }
  }
  const lost = (who: string) => of(who).reduce((sum, one) => sum + one.leases - one.whole, 0)
  print({ lost: { D2: lost('D2'), events: lost('events'), callouts: lost('callouts') } })
  if (lost('events') + lost('callouts') > 0) process.exitCode = 1
} finally {
  for (const close of closers.reverse()) await close()
}
