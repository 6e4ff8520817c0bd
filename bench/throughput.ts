import { setTimeout as sleep } from 'node:timers/promises'
import type { Named } from '../test/real/servers/named.ts'
import type { Asker } from './asker.ts'
import type { Lease } from './leases.ts'
import { cpuOf } from './processes.ts'
import { countWhole, type Watch, watchZones } from './zones.ts'

/** One way of telling one program of many leases. */
export interface Contestant {
  label: string
  pid: number
  /** Makes ready what is to be sent; the function it gives sends it. */
  prepare(leases: Lease[], watch: Watch): () => Promise<void>
}

export interface Throughput {
  measure: 'throughput'
  who: string
  round: number
  leases: number
  /** Of these, those that an AXFR afterwards found whole: A, DHCID and PTR. */
  whole: number
  /** From the first message until a zone's serial was last seen to move. */
  seconds: number
  leasesPerSecond: number
  /** Until the last message was sent, or answered with 202. */
  toldSeconds: number
  cpuMsPerLease: number
}

const QUIET = 500
const PATIENCE = 15_000

const comeToRest = async (watch: Watch): Promise<void> => {
  while (performance.now() - watch.movedAt < QUIET) await sleep(20)
}

export const measureThroughput = async (
  { named, asker }: { named: Named; asker: Asker },
  contestant: Contestant,
  leases: Lease[],
  round: number,
): Promise<Throughput> => {
  const watch = await watchZones(asker)
  const feed = contestant.prepare(leases, watch)
  const cpuBefore = cpuOf(contestant.pid)
  const start = performance.now()
  try {
    await feed()
    const told = performance.now()
    let whole = 0
    do {
      await comeToRest(watch)
      whole = await countWhole(named, leases)
    } while (whole < leases.length && performance.now() - watch.movedAt < PATIENCE)
    const seconds = (watch.movedAt - start) / 1000
    return {
      measure: 'throughput',
      who: contestant.label,
      round,
      leases: leases.length,
      whole,
      seconds: Number(seconds.toFixed(3)),
      leasesPerSecond: Math.round(whole / seconds),
      toldSeconds: Number(((told - start) / 1000).toFixed(3)),
      cpuMsPerLease: Number((((cpuOf(contestant.pid) - cpuBefore) * 1000) / leases.length).toFixed(3)),
    }
  } finally {
    await watch.end()
  }
}
