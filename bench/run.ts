/*
 * Leasehold beside Kea's own D2 and beside the bare generator, on one BIND, in one run: how many new leases a second come into
 * DNS, and how long one lease takes on an idle system. All write A, DHCID and PTR, signed with hmac-sha256 and with the same
 * prerequisite ("the name is not in use"). One line of JSON for each measurement. At the end the medians, and the medians of
 * the rounds' ratios (statistics.ts). README.md explains the keys.
 */
import { parseArgs } from 'node:util'
import { missing } from '../test/real/needs.ts'
import { startNamed } from '../test/real/servers/named.ts'
import { openAsker } from './asker.ts'
import { startD2 } from './d2.ts'
import { openGenerator } from './generator.ts'
import { measureLatency } from './latency.ts'
import { startLeasehold } from './leasehold.ts'
import { FORWARD, newLeases, REVERSE } from './leases.ts'
import { latencyLines, lostOf, throughputLines } from './statistics.ts'
import { type Contestant, measureThroughput, type Throughput } from './throughput.ts'
import { ALL_CHANGES } from './zones.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    leases: { type: 'string' },
    singles: { type: 'string' },
  },
})
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 5))
const leases = Number(flags.leases ?? (flags.quick ? 3000 : 10_000))
const singles = Number(flags.singles ?? (flags.quick ? 200 : 2000))

/** Requests to D2 under way; see D2.all. */
const WINDOW = 128
/** Leases of an array, and of a message of the generator. */
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
  const named = await startNamed({ zones: [FORWARD, REVERSE], options: ALL_CHANGES })
  closers.push(() => named.close())
  const asker = await openAsker(named)
  closers.push(() => asker.close())
  const d2 = await startD2(named)
  closers.push(() => d2.close())
  const bind = { name: 'bind', kind: 'rfc2136', servers: [named.address], tsig: { ...named.key } }
  const leasehold = await startLeasehold(bind, { allSources: true })
  closers.push(() => leasehold.close())
  const generator = openGenerator(named)
  const fresh = newLeases()

  const { pid } = leasehold
  // Whoever is slow gets fewer, so that the rounds stay short; who is fast gets more, so that they are not too short.
  const [few, many] = [Math.ceil(leases / 2), 2 * leases]
  const contestants: Contestant[] = [
    {
      label: 'D2',
      pid: d2.pid,
      leases: few,
      prepare: (all, watch) => d2.all(all, WINDOW, () => watch.reverseSteps),
    },
    { label: 'events', pid, leases, prepare: all => leasehold.events(all, EACH, EVENTS_IN_FLIGHT) },
    { label: 'callouts', pid, leases: few, prepare: all => leasehold.callouts(all, CALLOUTS_IN_FLIGHT) },
    { label: 'lease file', pid, leases, prepare: all => leasehold.leaseFile(all) },
    { label: 'ncr', pid, leases, prepare: all => leasehold.ncr(all) },
    { label: 'generator', pid: null, leases: many, prepare: all => generator.all(all, EACH) },
  ]
  const made: Throughput[] = []
  // Nobody counts the first round, so that no contestant is measured while it is still compiling itself.
  for (let round = 0; round <= rounds; round++) {
    for (const contestant of contestants) {
      const result = await measureThroughput({ named, asker }, contestant, fresh(contestant.leases), round)
      if (round === 0) continue
      print(result)
      made.push(result)
    }
  }
  const tellers = [
    { label: 'D2', tell: d2.send },
    { label: 'callouts', tell: leasehold.callout },
  ]
  const [slow, fast] = await measureLatency(asker, tellers, { count: singles, parts: rounds }, fresh)
  print(slow!)
  print(fast!)

  for (const line of [...throughputLines(made), ...latencyLines(fast!, slow!)]) print(line)
  const lost = lostOf(made)
  print({ lost })
  if (Object.entries(lost).some(([who, count]) => who !== 'D2' && count > 0)) process.exitCode = 1
} finally {
  for (const close of closers.reverse()) await close()
}
