import { setTimeout as sleep } from 'node:timers/promises'
import type { Asker } from './asker.ts'
import type { Lease } from './leases.ts'
import { percentile } from './statistics.ts'

const PAUSE = 20
const PATIENCE = 5000
/** Between two questions, in milliseconds: timers are too coarse, and without a pause the asking itself is the load. */
const STEP = 0.25
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** One way of telling one program of one lease; may go on after the telling. */
export interface Teller {
  label: string
  tell(lease: Lease): Promise<void>
}

/** Milliseconds from the first byte sent until a query finds the A, and until one finds the PTR too. */
interface Times {
  a: { p50: number; p99: number; most: number }
  ptr: { p50: number; p99: number; most: number }
}

export interface Latency extends Times {
  measure: 'latency'
  who: string
  leases: number
  /** Of each part of the samples, in the order in which they were taken. */
  parts: Times[]
}

const until = async (found: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + PATIENCE
  while (!(await found())) {
    if (performance.now() > end) throw new Error('the lease did not come into DNS')
    Atomics.wait(sleeper, 0, 0, STEP)
  }
}

const summed = (times: number[]) => ({
  p50: percentile(times, 0.5),
  p99: percentile(times, 0.99),
  most: percentile(times, 1),
})

/** The way of `count` single leases on an idle system, one after another and the tellers in turn; in so many parts. */
export const measureLatency = async (
  asker: Asker,
  tellers: Teller[],
  { count, parts }: { count: number; parts: number },
  fresh: (count: number) => Lease[],
): Promise<Latency[]> => {
  const samples = tellers.map(() => ({ a: [] as number[], ptr: [] as number[] }))
  for (let i = 0; i < count; i++) {
    for (const [which, teller] of tellers.entries()) {
      const [lease] = fresh(1) as [Lease]
      const start = performance.now()
      const told = teller.tell(lease)
      await until(() => asker.has(lease.name, 'A'))
      samples[which]!.a.push(performance.now() - start)
      await until(() => asker.has(lease.reverse, 'PTR'))
      samples[which]!.ptr.push(performance.now() - start)
      await told
      await sleep(PAUSE)
    }
  }
  return tellers.map(({ label }, which) => {
    const { a, ptr } = samples[which]!
    const between = (from: number, to?: number): Times => ({
      a: summed(a.slice(from, to)),
      ptr: summed(ptr.slice(from, to)),
    })
    const each = Math.ceil(count / parts)
    const begins = Array.from({ length: parts }, (_, i) => i * each).filter(begin => begin < count)
    return {
      measure: 'latency',
      who: label,
      leases: count,
      ...between(0),
      parts: begins.map(begin => between(begin, begin + each)),
    }
  })
}
