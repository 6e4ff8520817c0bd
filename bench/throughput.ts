import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Named } from '../test/real/servers/named.ts'
import type { Asker } from './asker.ts'
import type { Feed } from './feeds.ts'
import type { Lease } from './leases.ts'
import { cpuOf } from './processes.ts'
import { countWhole, type Watch, watchZones } from './zones.ts'

/** One way of telling one program of many leases. */
export interface Contestant {
  label: string
  /** Whose CPU is counted; null where it is this process itself. */
  pid: number | null
  /** How many leases it gets in each round. */
  leases: number
  /** Makes ready what is to be sent. */
  prepare(leases: Lease[], watch: Watch): Feed
}

export interface Throughput {
  measure: 'throughput'
  who: string
  round: number
  leases: number
  /** Of these, those that an IXFR afterwards found made whole: A, DHCID and PTR. */
  whole: number
  /** From the first message until a zone's serial was last seen to move. */
  seconds: number
  leasesPerSecond: number
  /** Until the last message was sent, or answered with 202. */
  toldSeconds: number
  cpuMsPerLease: number | null
  /** The same of named. */
  bindCpuMsPerLease: number
}

/** Milliseconds for which no serial may move before all is taken to be made. */
const QUIET = 400
/** Milliseconds that are waited for the last leases, once no serial moves. */
const PATIENCE = 15_000

/** Until no serial has moved for a while since the last lease was told; before the first one moves, there is no rest. */
const comeToRest = async (watch: Watch, told: number): Promise<void> => {
  const since = () => performance.now() - Math.max(watch.movedAt, told)
  while (since() < (watch.hasMoved ? QUIET : PATIENCE)) await sleep(20)
}

const rounded = (value: number): number => Number(value.toFixed(3))

/** Tells how many milliseconds of CPU a process used for each lease since now. */
const cpuSinceNow = (pid: number, leases: number): (() => number) => {
  const before = cpuOf(pid)
  return () => rounded(((cpuOf(pid) - before) * 1000) / leases)
}

export const measureThroughput = async (
  { named, asker }: { named: Named; asker: Asker },
  { label, pid, prepare }: Contestant,
  leases: Lease[],
  round: number,
): Promise<Throughput> => {
  const watch = await watchZones(asker)
  const feed = prepare(leases, watch)
  const bind = Number(readFileSync(join(named.folder, 'named.pid'), 'utf8'))
  const cpu = pid === null ? () => null : cpuSinceNow(pid, leases.length)
  const bindCpu = cpuSinceNow(bind, leases.length)
  const start = performance.now()
  try {
    await feed()
    const told = performance.now()
    let used: Pick<Throughput, 'cpuMsPerLease' | 'bindCpuMsPerLease'>
    let whole: number
    do {
      await comeToRest(watch, told)
      used = { cpuMsPerLease: cpu(), bindCpuMsPerLease: bindCpu() }
      whole = await countWhole(named, leases, watch.since)
    } while (whole < leases.length && performance.now() - watch.movedAt < PATIENCE)
    const seconds = (watch.movedAt - start) / 1000
    return {
      measure: 'throughput',
      who: label,
      round,
      leases: leases.length,
      whole,
      seconds: rounded(seconds),
      leasesPerSecond: Math.round(whole / seconds),
      toldSeconds: rounded((told - start) / 1000),
      ...used,
    }
  } finally {
    await watch.end()
  }
}
