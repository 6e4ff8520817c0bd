import { readFileSync } from 'node:fs'
import type { Point } from '../../schemas/kea/callout.ts'

/** One run of Kea's hook script, as it was recorded. */
export interface Call {
  point: Point
  variables: Record<string, string>
}

const RECORDED = new URL('../../test/fixtures/kea/day.jsonl', import.meta.url)

/** A day of a real Kea 2.2 with short timers, in the order in which its hook calls arrived. */
export const recordedDay = (): Call[] =>
  readFileSync(RECORDED, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Call)

/** The networks of that day. The guests of IPv6 are forgotten at once; all others are treated as by default. */
export const SCOPES = [
  { name: 'office', subnet: '192.0.2.0/24', domain: 'lab.example' },
  { name: 'office-v6', subnet: '2001:db8:1::/64', domain: 'lab6.example' },
  { name: 'guests', subnet: '198.51.100.0/24', domain: 'short.example' },
  { name: 'guests-v6', subnet: '2001:db8:2::/64', domain: 'short6.example', profile: 'aggressive' },
]

/** A name that a person made before the day began, and that a client will ask for. */
export const BY_HAND = { name: 'roam.lab.example', type: 'A', value: '192.0.2.9' }
