import { readFileSync } from 'node:fs'
import type { Point } from '../schemas/kea/callout.ts'

/** A hook call of real Kea: which point, the whole environment, and the step of the scenario that caused it. */
export interface Recorded {
  point: Point
  step: string | null
  /** Nanoseconds since the epoch, when the script ran its first line. Lines are in this order. */
  t_ns: string
  env: Record<string, string>
}

const read = <T>(name: string): T[] =>
  readFileSync(new URL(`fixtures/kea/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as T)

export type Recording = 'functional' | 'expired-unreclaimed' | 'restart' | 'ha1' | 'ha2' | 'kea3'

/** The calls of one run of the lab, in order of arrival; see fixtures/kea/README.md. */
export const recorded = (name: Recording): Recorded[] => read(name)

/** What `npm run demo` plays: a part of the functional run in which every lease that ends has begun. */
export const day = (): (Pick<Recorded, 'point' | 'step' | 't_ns'> & { variables: Record<string, string> })[] =>
  read('day')
