/*
 * Leases that are over by the clock, while nobody told of their end: whoever should have told is silent.
 *
 * A million leases cannot be looked through each second. So each look goes on through some of them, and those that were
 * found are looked at again each time, so that a finding goes as soon as its cause does.
 */

import { isOver } from '../../lib/plan/lease/lease.ts'
import type { State } from '../store/state.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  state: Pick<State, 'leases'>
  now(): number
}

/** Kea tells of an expired lease within seconds; some are told late, and no lease is hurt by waiting. */
const LATE_MS = 300_000
const AT_ONCE = 5000
const MOST = 1000
const NAMED = 3

export const overdueLeases = ({ state, now }: Deps): FindingSource => {
  const known = new Set<string>()
  let rest = state.leases.values()
  const isLate = (address: string): boolean => {
    const lease = state.leases.get(address)
    return lease !== undefined && isOver(lease, now() - LATE_MS)
  }
  return () => {
    for (const address of known) if (!isLate(address)) known.delete(address)
    for (let seen = 0; seen < AT_ONCE && known.size < MOST; seen++) {
      const { done, value } = rest.next()
      if (done) {
        rest = state.leases.values()
        break
      }
      if (isOver(value, now() - LATE_MS)) known.add(value.address)
    }
    const scopes = new Map<string, string[]>()
    for (const address of known) {
      const { scope } = state.leases.get(address)!
      scopes.set(scope, [...(scopes.get(scope) ?? []), address])
    }
    return [...scopes].map(([scope, addresses]): Found => {
      const some = addresses.slice(0, NAMED).join(', ')
      return {
        kind: 'lease-overdue',
        subject: scope,
        reason: `${addresses.length} leases of ${scope} are over by the clock, and nobody told of their end: ${some}.`,
        remedy:
          'See that Kea serves this subnet and can be listed (GET /v1/status, "kea"), that its hook reports lease4_expire, and that the clocks agree; then "curl -X POST http://127.0.0.1:8053/v1/reconcile".',
      }
    })
  }
}
