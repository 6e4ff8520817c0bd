/*
 * What is wrong with a DNS server, one of its zones, or a scope that has no zone there.
 */

import { networkOf, reverseName } from '../../lib/address.ts'
import { reverseZonesOf } from '../../lib/dns/zone/zone-names.ts'
import type { Scope } from '../../lib/plan/scope/scope.ts'
import type { ResolvedDns } from '../config/resolve.ts'
import type { LaneStatus } from '../publish/lane.ts'
import type { FindingSource, Found } from './kinds.ts'
import { remedyAt } from './remedies.ts'

interface Deps {
  dns: readonly ResolvedDns[]
  queue: { status(): LaneStatus[] }
  scopes: { readonly all: readonly Scope[] }
}

const ofLane = (lane: LaneStatus, dns: readonly ResolvedDns[]): Found[] => {
  const { backend, zone, state, problem, since, waiting, inFlight } = lane
  const subject = `${backend} ${zone}`
  if (state === 'gone') {
    if (waiting + inFlight === 0) return []
    const reason = `Records of ${zone} are owned at "${backend}", which is no entry of dns any more.`
    const remedy = `Put the entry "${backend}" back into dns, or say its new name there: "formerly": ["${backend}"].`
    return [{ kind: 'backend-gone', subject, reason, remedy, since }]
  }
  if (problem === null) return []
  const entry = dns.find(one => one.name === backend)
  const found = { ...remedyAt(entry, lane, problem), subject }
  // The server takes other names: how long that is so says nothing of these.
  if (state === 'open') return [{ ...found, reason: `${problem}.` }]
  return [{ ...found, reason: `${problem}. ${waiting + inFlight} names wait.`, since }]
}

/** Zones that a scope needs, and that its server's entry does not name. */
const ofScope = ({ name, domain, subnet, zoneOf, derivesPtr }: Scope): Found[] => {
  const network = networkOf(subnet)
  const reverse = typeof network === 'string' ? null : reverseName(network.base)
  const missing = [
    ...(zoneOf(`x.${domain}`) === null ? [{ zone: domain, what: 'names' }] : []),
    ...(reverse !== null && !derivesPtr && zoneOf(reverse) === null
      ? [{ zone: reverseZonesOf(subnet)[0]!, what: 'PTR records' }]
      : []),
  ]
  return missing.map(({ zone, what }) => ({
    kind: 'zone-missing' as const,
    subject: `${name} ${zone}`,
    reason: `No zone of the scope's DNS server holds the ${what} of ${name} (${subnet}), so they are not published.`,
    remedy: `Add "${zone}" to "zones" of that entry in dns, and to the DNS server itself.`,
  }))
}

/** Lanes in trouble, and scopes without a zone. */
export const ofDns =
  ({ dns, queue, scopes }: Deps): FindingSource =>
  () => [...queue.status().flatMap(lane => ofLane(lane, dns)), ...scopes.all.flatMap(ofScope)]
