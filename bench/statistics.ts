/*
 * How many measurements become one figure.
 *
 * A busy machine slows all who are measured in one round, so they are compared within it: of each round one ratio is made, and
 * of these the median. The lowest and the highest stand beside it: two figures whose ranges overlap are not told apart.
 */
import type { Latency } from './latency.ts'
import type { Throughput } from './throughput.ts'

/** The smallest value that a share of all does not exceed. */
const atShare = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!
}

/** The same to two digits. */
export const percentile = (values: readonly number[], share: number): number =>
  Number(atShare(values, share).toFixed(2))

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const ratio = (one: number, other: number): number => Number((one / other).toFixed(2))

/** The median, and between what the values lie. */
const spread = (values: readonly number[]) => ({
  median: Number(atShare(values, 0.5).toFixed(3)),
  lowest: Math.min(...values),
  highest: Math.max(...values),
})

/** The ratios of what two made in the same round. */
const ratios = (ones: readonly number[], others: readonly number[]) => {
  const byRound = ones.map((one, round) => ratio(one, others[round]!))
  return { times: median(byRound), byRound }
}

type Key = 'leasesPerSecond' | 'cpuMsPerLease'

/** The lines that compare those who were told of many leases. D2 and the generator are among them. */
export const throughputLines = (made: readonly Throughput[]): object[] => {
  const of = (who: string, key: Key): number[] => made.filter(one => one.who === who).map(one => one[key] ?? 0)
  const feeds = [...new Set(made.map(({ who }) => who))].filter(who => who !== 'D2' && who !== 'generator')
  const beside = (name: string, who: string, key: Key) => ({
    ratio: name,
    who,
    ...spread(of(who, key)),
    d2: median(of('D2', key)),
    ...ratios(of(who, key), of('D2', key)),
  })
  const [arrays, generator] = ['events', 'generator'].map(who => of(who, 'leasesPerSecond')) as [number[], number[]]
  return [
    ...[...feeds, 'generator'].map(who => beside('leases/s', who, 'leasesPerSecond')),
    ...feeds.map(who => beside('CPU ms a lease', who, 'cpuMsPerLease')),
    {
      ratio: 'share of the generator',
      who: 'events',
      ...spread(arrays),
      generator: median(generator),
      ...ratios(arrays, generator),
    },
  ]
}

/** The lines that compare single leases: of all samples, and of each part of them for the range. */
export const latencyLines = (one: Latency, d2: Latency): object[] =>
  (['a', 'ptr'] as const).flatMap(rr =>
    (['p50', 'p99'] as const).map(p => {
      const byRound = one.parts.map((part, i) => ratio(part[rr][p], d2.parts[i]![rr][p]))
      const times = ratio(one[rr][p], d2[rr][p])
      return { ratio: `${rr} ${p} ms`, who: one.who, ms: one[rr][p], d2: d2[rr][p], times, byRound }
    }),
  )

/** How many leases of each did not come into DNS. */
export const lostOf = (made: readonly Throughput[]): Record<string, number> => {
  const lost: Record<string, number> = {}
  for (const { who, leases, whole } of made) lost[who] = (lost[who] ?? 0) + leases - whole
  return lost
}
