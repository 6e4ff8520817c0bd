import type { Lease } from '../schemas/lease.ts'
import type { Goal, Origin, RecordType, Shape } from '../schemas/record.ts'
import { reverseName } from './address.ts'
import { type Claim, claimOf, decideClaim, keeping } from './claim.ts'
import { sameMachine } from './client.ts'
import { dhcidOf } from './dhcid.ts'
import { type Kind, ttlOf } from './policy.ts'
import { type UnwantedRule, WANTED, type WantedRule } from './rules.ts'
import type { Place, Scope } from './scope.ts'

/** An RR as it should be in DNS, with the reason. */
export interface Want {
  key: string
  place: Place
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

export const keyOf = (endpoint: string, name: string, type: RecordType, value: string): string =>
  `${endpoint} ${name} ${type} ${value}`

const reasonOf = (rule: WantedRule, claim: Claim, dueAt: number | null): string =>
  WANTED[rule]({
    address: claim.lease.address,
    client: claim.client.key,
    due: dueAt === null ? undefined : new Date(dueAt).toISOString(),
  })

const want = (claim: Claim, kind: Kind, now: number): Want | null => {
  const { lease, client, standing, scope, policy } = claim
  const { address } = lease
  const name = kind === 'ptr' ? reverseName(address) : lease.name!
  const keep = keeping(claim, kind, now)
  const place = scope.place(name)
  if (!keep || !place) return null
  const type = kind === 'ptr' ? 'PTR' : lease.family === 4 ? 'A' : 'AAAA'
  const value = kind === 'ptr' ? lease.name! : address
  const shape = {
    ttl: ttlOf(policy, standing.holder.validLft),
    dhcid: kind === 'ptr' ? null : dhcidOf(client, lease.name!),
  }
  const key = keyOf(place.endpoint, name, type, value)
  const reason = reasonOf(keep.rule, claim, keep.dueAt)
  const origin = claim.reserved ? 'reservation' : 'dynamic'
  const whose = { scope: scope.name, client: client.key, address }
  return { key, place, name, type, value, ...whose, shape, origin, ...keep, reason }
}

/** Why the RRs of one address are not wanted under one name, with the other party where there is one. */
export interface Loss {
  rule: UnwantedRule
  other?: string
}

/** All that should be in DNS for one name, and why the addresses that do not have it do not. */
export interface Wishes {
  wants: Want[]
  losses: Map<string, Loss>
  beaten: Claim[]
}

const lossOf = (claim: Claim, winner: Claim | null): Loss => {
  const { standing } = claim
  const other = winner?.lease.address
  if (winner && winner !== claim && sameMachine(winner.client, claim.client)) return { rule: 'superseded', other }
  if (standing.is === 'taken') return { rule: 'reassigned', other: standing.ending.client?.key }
  if (standing.is === 'ended') return { rule: standing.ending.how }
  return { rule: 'superseded', other }
}

/**
 * What one name should be, derived from all leases that want it: at most one A and one AAAA, and the PTR of each winner
 * unless `blocked` says that the forward RR is somebody else's. `abandonedTo` names the client that has the name in a scope
 * that is no longer configured: its record is left alone. `scopeOf` gives a lease's scope, or null.
 */
export const wishesFor = (
  leases: Lease[],
  scopeOf: (lease: Lease) => Scope | null,
  blocked: (forward: Want) => boolean,
  abandonedTo: (forward: Want) => string | null,
  now: number,
): Wishes => {
  const wishes: Wishes = { wants: [], losses: new Map(), beaten: [] }
  const add = (wanted: Want | null) => wanted && wishes.wants.push(wanted)
  for (const family of [4, 6] as const) {
    const claims: Claim[] = []
    for (const lease of leases) {
      const scope = lease.family === family ? scopeOf(lease) : null
      const claim = scope && claimOf(lease, scope)
      if (claim) claims.push(claim)
    }
    if (claims.length === 0) continue
    const { winner, beaten } = decideClaim(claims, 'forward', now)
    for (const claim of claims) wishes.losses.set(claim.lease.address, lossOf(claim, winner))
    if (!winner) {
      const { winner: last } = decideClaim(claims, 'ptr', now)
      add(last && want(last, 'ptr', now))
      continue
    }
    for (const claim of beaten) wishes.losses.set(claim.lease.address, { rule: 'name-taken', other: winner.client.key })
    wishes.beaten.push(...beaten)
    const forward = want(winner, 'forward', now)
    const other = forward && abandonedTo(forward)
    if (other) {
      wishes.losses.set(winner.lease.address, { rule: 'name-taken', other })
      wishes.beaten.push(winner)
      continue
    }
    add(forward)
    if (!forward) continue
    if (blocked(forward)) wishes.losses.set(winner.lease.address, { rule: 'forward-conflict' })
    else add(want(winner, 'ptr', now))
  }
  return wishes
}
