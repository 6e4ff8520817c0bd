import type { Lease } from '../../schemas/model/lease.ts'
import type { Goal, Origin, RecordType, Shape } from '../../schemas/model/record.ts'
import { reverseName } from '../address.ts'
import { dhcidOf } from '../dns/dhcid.ts'
import { type Claim, claimOf, resolveConflict, retentionOf } from './claim.ts'
import { sameMachine } from './client.ts'
import { type Kind, ttlOf } from './policy.ts'
import { keyOf } from './record.ts'
import { type UnwantedRule, WANTED, type WantedRule } from './rules.ts'
import type { Scope, ZoneRef } from './scope.ts'

/** An RR as it should be in DNS, with the reason. */
export interface WantedRecord {
  key: string
  zoneRef: ZoneRef
  name: string
  type: RecordType
  value: string
  scope: string
  client: string
  address: string
  shape: Shape
  origin: Origin
  goal: Goal
  rule: WantedRule
  reason: string
  dueAt: number | null
}

const reasonOf = (rule: WantedRule, claim: Claim, dueAt: number | null): string =>
  WANTED[rule]({
    address: claim.lease.address,
    client: claim.client.key,
    due: dueAt === null ? undefined : new Date(dueAt).toISOString(),
  })

const wantedRecord = (claim: Claim, kind: Kind, now: number): WantedRecord | null => {
  const { lease, client, holding, scope, policy } = claim
  const { address } = lease
  const name = kind === 'ptr' ? reverseName(address) : lease.name!
  const keep = retentionOf(claim, kind, now)
  const zoneRef = scope.zoneOf(name)
  if (!keep || !zoneRef) return null
  const type = kind === 'ptr' ? 'PTR' : lease.family === 4 ? 'A' : 'AAAA'
  const value = kind === 'ptr' ? lease.name! : address
  const shape = {
    ttl: ttlOf(policy, holding.holder.validLft),
    dhcid: kind === 'ptr' ? null : dhcidOf(client, lease.name!),
  }
  const key = keyOf(zoneRef.endpoint, name, type, value)
  const reason = reasonOf(keep.rule, claim, keep.dueAt)
  const origin = claim.reserved ? 'reservation' : 'dynamic'
  const whose = { scope: scope.name, client: client.key, address }
  return { key, zoneRef, name, type, value, ...whose, shape, origin, ...keep, reason }
}

/** Why the RRs of one address are not wanted under one name, with the other party where there is one. */
export interface Unwanted {
  rule: UnwantedRule
  other?: string
}

/** All that should be in DNS for one name, and why the addresses that do not have it do not. */
export interface WantedAtName {
  wanted: WantedRecord[]
  unwanted: Map<string, Unwanted>
  losers: Claim[]
}

const whyUnwanted = (claim: Claim, winner: Claim | null): Unwanted => {
  const { holding } = claim
  const other = winner?.lease.address
  if (winner && winner !== claim && sameMachine(winner.client, claim.client)) return { rule: 'superseded', other }
  if (holding.is === 'reassigned') return { rule: 'reassigned', other: holding.end.client?.key }
  if (holding.is === 'ended') return { rule: holding.end.how }
  return { rule: 'superseded', other }
}

/**
 * What one name should be, derived from all leases that want it: at most one A and one AAAA, and the PTR of each winner
 * unless `blocked` says that the forward RR is somebody else's. `abandonedTo` names the client that has the name in a scope
 * that is no longer configured: its record is left alone. `scopeOf` gives a lease's scope, or null.
 */
export const wantedAtName = (
  leases: Lease[],
  scopeOf: (lease: Lease) => Scope | null,
  blocked: (forward: WantedRecord) => boolean,
  abandonedTo: (forward: WantedRecord) => string | null,
  now: number,
): WantedAtName => {
  const result: WantedAtName = { wanted: [], unwanted: new Map(), losers: [] }
  const add = (wanted: WantedRecord | null) => wanted && result.wanted.push(wanted)
  for (const family of [4, 6] as const) {
    const claims: Claim[] = []
    for (const lease of leases) {
      const scope = lease.family === family ? scopeOf(lease) : null
      const claim = scope && claimOf(lease, scope)
      if (claim) claims.push(claim)
    }
    if (claims.length === 0) continue
    const { winner, losers } = resolveConflict(claims, 'forward', now)
    for (const claim of claims) result.unwanted.set(claim.lease.address, whyUnwanted(claim, winner))
    if (!winner) {
      const { winner: last } = resolveConflict(claims, 'ptr', now)
      add(last && wantedRecord(last, 'ptr', now))
      continue
    }
    for (const claim of losers)
      result.unwanted.set(claim.lease.address, { rule: 'name-taken', other: winner.client.key })
    result.losers.push(...losers)
    const forward = wantedRecord(winner, 'forward', now)
    const other = forward && abandonedTo(forward)
    if (other) {
      result.unwanted.set(winner.lease.address, { rule: 'name-taken', other })
      result.losers.push(winner)
      continue
    }
    add(forward)
    if (!forward) continue
    if (blocked(forward)) result.unwanted.set(winner.lease.address, { rule: 'forward-conflict' })
    else add(wantedRecord(winner, 'ptr', now))
  }
  return result
}
