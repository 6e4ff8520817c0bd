/*
 * What DNS should hold for one name, and why an address that asks for the name does not get it.
 *
 * Each place is decided for itself, as two sites can have one domain on servers of their own. So is each family: the A and
 * the AAAA of a name can go to different leases. The first case that is true decides, for each lease that gets the name by
 * resolveConflict (claim.ts): the winner, and where its scope publishes all addresses the others of its machine.
 *
 *     the name is an alias                 nothing; each is shown as a conflict, rule name-taken
 *     the scope publishes PTRs only        the PTR alone; it is in no contest
 *     no claim counts any more              the PTR alone, while its own policy keeps it
 *     an abandoned scope has the name       nothing; the winner is shown as a conflict, rule name-taken
 *     no zone holds the name                nothing
 *     DNS answered that it is not ours      the A stays wanted, no PTR may point at it, rule forward-conflict
 *     else                                  the A and the PTR of the winner
 *
 * A claim whose A the client writes itself takes no part in this. It gets the PTR alone, unless another machine has the name.
 *
 * An abandoned scope is one that is no longer configured. Its records are left alone until the run's proposal to end its
 * leases is made, or the leases end: the scope may come back.
 */
import type { Alias } from '../../schemas/model/intent.ts'
import type { EndKind, Lease } from '../../schemas/model/lease.ts'
import type { Goal, Origin, OwnedRecord, RecordType, Shape } from '../../schemas/model/record.ts'
import { type Family, reverseName } from '../address.ts'
import { dhcidOf } from '../dns/dhcid.ts'
import { type Claim, resolveConflict } from './claim.ts'
import { sameMachine } from './lease/client.ts'
import type { Holding } from './lease/lease.ts'
import { orderOf } from './lease/told-time.ts'
import { keyOf } from './record.ts'
import { reasonOf, type UnwantedRule, type WantedRule } from './rules.ts'
import { type Kind, ttlOf } from './scope/policy.ts'
import { retentionOf } from './scope/retention.ts'
import type { Scope, ZoneRef } from './scope/scope.ts'

/** One name and what is known of it: who asks for it, and what is owned of it. */
export interface NameRow {
  name: string
  claims: Claim[]
  /** The A and AAAA records at the name, and every record of the addresses that ask for it. */
  owned: OwnedRecord[]
  /** Those records at the name that are still wanted by a scope that is no longer configured. */
  abandoned: OwnedRecord[]
  /** The name is an alias, as a person meant it. */
  alias?: Alias | undefined
}

/** One RR that a claim asks for, without TTL and marker, and the zone in which it is published. */
interface ClaimedRR {
  key: string
  zoneRef: ZoneRef
  name: string
  type: RecordType
  value: string
}

/** An RR as it should be in DNS, with the reason. */
export interface WantedRecord extends ClaimedRR {
  scope: string
  client: string
  address: string
  shape: Shape
  origin: Origin
  goal: Goal
  rule: WantedRule
  reason: string
  dueAt: number | null
  /** A PTR whose name is not ours to write. */
  alone?: boolean
}

/** Why the records of one address are not wanted under a name. `other` is the other party, where there is one. */
export interface Unwanted {
  rule: UnwantedRule
  other?: string
  /** The target of the alias that has the name. */
  alias?: string
}

/** All that should be in DNS for one name, and why the addresses that do not have it do not. */
export interface WantedAtName {
  wanted: WantedRecord[]
  /** By address. The winner of the name stands here too when its A is wanted and its PTR is not. */
  unwanted: Map<string, Unwanted>
  /** Claims that lost the name to another client. Each is shown as a record in conflict. */
  losers: Claim[]
}

export const addressType = (family: Family): 'A' | 'AAAA' => (family === 4 ? 'A' : 'AAAA')

export const originOf = ({ reserved }: Claim): Origin => (reserved ? 'reservation' : 'dynamic')

/** The name that the PTR of an address has: its reverse name, or one in a zone of less than a /24 (RFC 2317). */
export const ptrNameOf = (scope: Scope, address: string): string => scope.ptrNameOf?.(address) ?? reverseName(address)

/** The A (AAAA) or the PTR that a claim asks for; null when no zone of the scope's backend holds its name. */
export const rrOf = ({ lease, scope }: Claim, kind: Kind): ClaimedRR | null => {
  const host = lease.name!
  const [name, type, value] =
    kind === 'ptr'
      ? ([ptrNameOf(scope, lease.address), 'PTR', host] as const)
      : ([host, addressType(lease.family), lease.address] as const)
  const zoneRef = scope.zoneOf(name)
  return zoneRef && { key: keyOf(zoneRef.endpoint, name, type, value), zoneRef, name, type, value }
}

/** The record that a claim wants; null when policy no longer keeps it, or no zone holds its name. */
export const wantedRecord = (claim: Claim, kind: Kind, now: number): WantedRecord | null => {
  const { lease, client, holding, scope, policy } = claim
  const { address } = lease
  const retention = retentionOf(claim, kind, now)
  const rr = rrOf(claim, kind)
  if (!retention || !rr || !claim.writes[kind]) return null
  const { rule, dueAt } = retention
  const shape = {
    ttl: ttlOf(policy, holding.holder.validLft),
    dhcid: kind === 'ptr' ? null : dhcidOf(client, lease.name!),
  }
  const due = dueAt === null ? undefined : new Date(dueAt).toISOString()
  const reason = reasonOf(rule, { address, client: client.key, due, other: claim.role?.says })
  const whose = { scope: scope.name, client: client.key, address, origin: originOf(claim) }
  const alone = kind === 'ptr' && !claim.writes.forward && { alone: true }
  return { ...rr, ...whose, shape, ...retention, reason, ...alone }
}

/** Why the records of a lease are not wanted, by how it ended. */
const UNWANTED_BY_END: Record<EndKind, UnwantedRule> = {
  expired: 'expired',
  deleted: 'deleted',
  released: 'released',
  moved: 'moved',
  recovered: 'recovered',
  declined: 'declined',
  abandoned: 'scope-gone',
}

/** Why the records of a lease that is over are not wanted. */
export const whyEnded = ({ letGo }: Lease, { end }: Extract<Holding, { is: 'ended' }>): UnwantedRule =>
  letGo === orderOf(end) ? 'let-go' : UNWANTED_BY_END[end.how]

/** Why a claim does not get the name, before the cases below have their say. */
const whyLost = (claim: Claim, winner: Claim | null): Unwanted => {
  const { holding, lease } = claim
  const other = winner?.lease.address
  if (winner && winner !== claim && sameMachine(winner.client, claim.client)) return { rule: 'superseded', other }
  if (holding.is === 'reassigned') return { rule: 'reassigned', other: holding.end.client?.key }
  if (holding.is === 'ended') return { rule: whyEnded(lease, holding) }
  return { rule: 'superseded', other }
}

/** The claim that won a name of one family, and the A or AAAA that it wants; null when no zone holds the name. */
interface Contest {
  row: NameRow
  winner: Claim
  forward: WantedRecord | null
  now: number
}

/** What a case decides. `denied` is why the winner's RRs that are not wanted are not; `isLoser` shows it as a conflict. */
interface Ruling {
  wanted: (WantedRecord | null)[]
  denied?: Unwanted
  isLoser?: true
}

type Case = (contest: Contest) => Ruling | null

const abandonedScopeHasIt: Case = ({ row, forward }) => {
  const record = row.abandoned.find(
    ({ type, endpoint }) => type === forward?.type && endpoint === forward.zoneRef.endpoint,
  )
  return record ? { wanted: [], denied: { rule: 'name-taken', other: record.client }, isLoser: true } : null
}

const noZoneHoldsIt: Case = ({ forward }) => (forward ? null : { wanted: [] })

/** As diffWanted has it: a record that was wanted no more is tried anew when it is wanted again, whatever stopped it. */
const somebodyElseHasIt: Case = ({ row, forward }) => {
  const record = row.owned.find(({ key }) => key === forward?.key)
  return record?.stopped && record.wanted ? { wanted: [forward], denied: { rule: 'forward-conflict' } } : null
}

const winnerGetsIt = ({ winner, forward, now }: Contest): Ruling => ({
  wanted: [forward, wantedRecord(winner, 'ptr', now)],
})

/** No claim to the A counts any more. The PTR has a policy of its own, and may stay longer. */
const nobodyGetsIt = (claims: Claim[], now: number): WantedRecord[] => {
  const { winner } = resolveConflict(claims, 'ptr', now)
  const pointer = winner && wantedRecord(winner, 'ptr', now)
  return pointer ? [pointer] : []
}

const rulingOn = (contest: Contest): Ruling =>
  abandonedScopeHasIt(contest) ?? noZoneHoldsIt(contest) ?? somebodyElseHasIt(contest) ?? winnerGetsIt(contest)

/** RRs of one RRset have one TTL (RFC 2181 §5.2), and the name has one marker: the winner's. */
const alike = (forwards: (WantedRecord | null)[]): (WantedRecord | null)[] => {
  if (forwards.length < 2) return forwards
  const ttl = Math.min(...forwards.map(one => one?.shape.ttl ?? Infinity))
  const dhcid = forwards[0]?.shape.dhcid ?? null
  return forwards.map(one => one && { ...one, shape: { ttl, dhcid } })
}

/** What a claim gets whose A is not ours to write. */
const besideTheName = (claim: Claim, winner: Claim | null, now: number): WantedAtName => {
  const isTaken = winner !== null && !sameMachine(winner.client, claim.client)
  const ptr = isTaken ? null : wantedRecord(claim, 'ptr', now)
  const lost = whyLost(claim, winner)
  const why: Unwanted = isTaken
    ? { rule: 'name-taken', other: winner.client.key }
    : claim.holding.is === 'active'
      ? { rule: 'left-to-client' }
      : lost
  return { wanted: ptr ? [ptr] : [], unwanted: new Map([[claim.lease.address, why]]), losers: [] }
}

const joined = (all: WantedAtName[]): WantedAtName =>
  all.length === 1
    ? all[0]!
    : {
        wanted: all.flatMap(one => one.wanted),
        unwanted: new Map(all.flatMap(one => [...one.unwanted])),
        losers: all.flatMap(one => one.losers),
      }

const wantedInFamily = (row: NameRow, all: Claim[], now: number): WantedAtName => {
  const claims = all.filter(claim => claim.writes.forward)
  const { winner, beside, losers } = resolveConflict(claims, 'forward', now)
  const unwanted = new Map(claims.map(claim => [claim.lease.address, whyLost(claim, winner)]))
  const pointers = all.filter(claim => !claim.writes.forward).map(claim => besideTheName(claim, winner, now))
  if (!winner) return joined([{ wanted: nobodyGetsIt(claims, now), unwanted, losers }, ...pointers])
  for (const { lease } of losers) unwanted.set(lease.address, { rule: 'name-taken', other: winner.client.key })
  const winners = [winner, ...beside]
  for (const { lease, writes } of winners) if (!writes.ptr) unwanted.set(lease.address, { rule: 'left-to-client' })
  const forwards = alike(winners.map(claim => wantedRecord(claim, 'forward', now)))
  const rulings = winners.map((one, i) => rulingOn({ row, winner: one, forward: forwards[i]!, now }))
  for (const [i, { denied }] of rulings.entries()) if (denied) unwanted.set(winners[i]!.lease.address, denied)
  const wanted = rulings.flatMap(ruling => ruling.wanted.filter(one => one !== null))
  const shown = [...losers, ...winners.filter((_, i) => rulings[i]!.isLoser)]
  return joined([{ wanted, unwanted, losers: shown }, ...pointers])
}

/** In a scope of PTRs only there is nothing to win: the PTR of each address is wanted for as long as its policy keeps it. */
const pointersAlone = (claims: Claim[], now: number): WantedAtName => ({
  wanted: claims.flatMap(claim => {
    const pointer = wantedRecord(claim, 'ptr', now)
    return pointer ? { ...pointer, alone: true } : []
  }),
  unwanted: new Map(
    claims.map(claim => {
      const { is } = claim.holding
      return [claim.lease.address, is === 'active' ? { rule: 'ptr-only' } : whyLost(claim, null)]
    }),
  ),
  losers: [],
})

/** At an alias nothing is wanted of leases; a claim that would count is shown as one that lost the name. */
const takenByAlias = (claims: Claim[], { target }: Alias, now: number): WantedAtName => {
  const { winner, beside, losers } = resolveConflict(claims, 'forward', now)
  const lost = [...(winner ? [winner] : []), ...beside, ...losers]
  const unwanted = new Map(claims.map(claim => [claim.lease.address, whyLost(claim, winner)]))
  for (const { lease } of lost) unwanted.set(lease.address, { rule: 'name-taken', alias: target })
  return { wanted: [], unwanted, losers: lost }
}

/** Where the name of a claim is published, as a text; claims of one place contend, in one family. */
export const contestOf = ({ lease, scope }: Claim): string => {
  const zoneRef = scope.zoneOf(lease.name!)
  return `${lease.family} ${zoneRef?.endpoint} ${zoneRef?.zone}`
}

/** What one name should be at each place: the A and AAAA of those that have it, with their PTRs. `now` is in milliseconds. */
export const wantedAtName = (row: NameRow, now: number): WantedAtName => {
  const { alias } = row
  if (alias) {
    const families = Map.groupBy(row.claims, ({ lease }) => lease.family)
    return joined([...families.values()].map(claims => takenByAlias(claims, alias, now)))
  }
  const alone = row.claims.filter(({ policy }) => !policy.forward)
  const contending = row.claims.filter(({ policy }) => policy.forward)
  const contests = contending.length < 2 ? [contending] : [...Map.groupBy(contending, contestOf).values()]
  const inFamilies = contests.map(claims => wantedInFamily(row, claims, now))
  return joined(alone.length > 0 ? [pointersAlone(alone, now), ...inFamilies] : inFamilies)
}
