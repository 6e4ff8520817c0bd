/*
 * Measures what PostgreSQL takes as the store, beside a folder on the same disk, in turn: new leases by arrays until the last
 * 202, so until they are durable, and until DNS is right; then the 202 of single leases. One line of JSON for each figure.
 * Usage: node bench/postgres.ts [--leases N] [--rounds N]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runPostgres } from '../test/real/servers/postgres.ts'
import { startLeasehold } from './leasehold.ts'
import { FORWARD, newLeases, REVERSE } from './leases.ts'
import { cpuOf } from './processes.ts'

const { values: flags } = parseArgs({
  options: { leases: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
})
const [LEASES, ROUNDS] = [Number(flags.leases), Number(flags.rounds)]
const WARM_UP = 2000
const SINGLE = 300
/** Leases of an array, and arrays in flight. */
const [EACH, IN_FLIGHT] = [100, 16]
const DNS = { name: 'embedded', kind: 'embedded', port: 0, zones: [FORWARD, REVERSE] }

const print = (figure: object) => process.stdout.write(`${JSON.stringify(figure)}\n`)
const rounded = (n: number, digits = 2) => Number(n.toFixed(digits))
const newOnes = newLeases()

/** Milliseconds of each. */
const timed = async (task: () => Promise<unknown>): Promise<number> => {
  const from = performance.now()
  await task()
  return performance.now() - from
}

const measure = async (who: string, round: number, store: object): Promise<void> => {
  const leasehold = await startLeasehold(DNS, { store })
  const isIdle = async () => {
    const { records, dns } = await leasehold.status()
    return !records.pending && dns.every(lane => lane.waiting + lane.inFlight === 0)
  }
  const settled = async () => {
    while (!(await isIdle())) await sleep(10)
  }
  try {
    while ((await leasehold.status()).idle !== null) await sleep(10)
    await leasehold.events(newOnes(WARM_UP), EACH, IN_FLIGHT)()
    await settled()
    const feed = leasehold.events(newOnes(LEASES), EACH, IN_FLIGHT)
    const cpu = cpuOf(leasehold.pid)
    const from = performance.now()
    const told = await timed(feed)
    await settled()
    const whole = performance.now() - from
    print({
      measure: 'arrays',
      store: who,
      round,
      leases: LEASES,
      durablePerSecond: Math.round((LEASES / told) * 1000),
      inDnsPerSecond: Math.round((LEASES / whole) * 1000),
      cpuMsPerLease: rounded(((cpuOf(leasehold.pid) - cpu) * 1000) / LEASES, 3),
    })
    const times: number[] = []
    for (const lease of newOnes(SINGLE)) times.push(await timed(() => leasehold.callout(lease)))
    times.sort((a, b) => a - b)
    const at = (share: number) => rounded(times[Math.floor(share * (times.length - 1))]!)
    print({
      measure: 'single',
      store: who,
      round,
      leases: SINGLE,
      medianMs: at(0.5),
      p99Ms: at(0.99),
      longestMs: at(1),
    })
  } finally {
    await leasehold.close()
  }
}

const ends: (() => unknown)[] = []
try {
  const postgres = await runPostgres({ teardown: end => ends.push(end) }, ['fsync=on', 'shared_buffers=256MB'])
  for (let round = 1; round <= ROUNDS; round++) {
    await measure('folder', round, {})
    await measure('postgres', round, { kind: 'postgres', ...(await postgres.store(`round${round}`)) })
  }
} finally {
  for (const end of ends) await end()
}
