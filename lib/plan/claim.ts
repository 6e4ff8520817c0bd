/*
 * Who gets a name that several leases ask for.
 *
 * A claim is one lease that asks for a name, seen under its scope. It counts while its lease is active, and afterwards
 * while the scope's policy keeps its record (retained, or in its grace). Leases of one machine are one candidate: a laptop
 * with a cable and a radio has two leases, but is no rival of itself. Its newest active lease decides the address, unless
 * the machine has left it: a client renews at half the lifetime of its lease (T1), and one that renewed another lease
 * after that has missed its time here. Two interfaces that both renew miss none, so the name does not go to and fro:
 *
 *     lifetime 3600           .1 renewed at   .2 renewed at   the name is at
 *     on both links           2800            3000            .2, where it came last
 *     back from .2            4900            3000            .1, as .2 should have been renewed by 4800
 *
 * The candidates' scope decides between them. `a` and `b` are machines:
 *
 *     ask for the name                          replace-owned   skip-existing   strict-fail
 *     a active since 1000, b active since 2000  b               a               a
 *     a ended but kept,    b active since 2000  b               a               a
 *     a and b ended but kept, a since 1000      b               a               a
 *     a active since 1000 by a reservation      a               a               a
 *     a ended and not kept, b active            b               b               b
 *
 * Where the winner's scope publishes all addresses, the winner's other active leases have the name beside its newest one.
 *
 * A policy rules within its scope. Between the winners of two scopes it is always the scope that has had the name longest: a
 * guest network cannot take the name of a living server, whatever its policy. A name that the operator gave, by a
 * reservation, a promotion or an assignment, comes before all.
 *
 * A name that somebody else has in DNS is never taken, under any policy: the server's answer decides that, not this file.
 */
import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { ConflictPolicy } from '../../schemas/model/policy.ts'
import { ENDLESS } from '../../schemas/model/time.ts'
import { familyOf } from '../address.ts'
import { type IntentView, isPromoted } from './intent/intent.ts'
import { groupByMachine } from './lease/client.ts'
import { claimedSince, holdingOf } from './lease/lease.ts'
import { kindOfOrder, orderOf } from './lease/told-time.ts'
import { assignedName } from './scope/naming.ts'
import { type Kind, reservedPolicy } from './scope/policy.ts'
import { type Keepable, retentionOf } from './scope/retention.ts'
import type { Scope } from './scope/scope.ts'

/** One lease's claim to its name. */
export interface Claim extends Keepable {
  scope: Scope
  client: Client
  reserved: boolean
  /** The operator gave the client this name: by a reservation, a promotion or an assignment. */
  given: boolean
  /** The order (told-time.ts) from which on the client has had the name at this address: a CLTT, where none is doubtful. */
  since: number
  /** The kinds of record that the DHCP server is to write for the client. */
  writes: Record<Kind, boolean>
}

/** The claim of a lease; null when no client was ever seen to hold the address. */
export const claimOf = (lease: Lease, scope: Scope, intents: IntentView): Claim | null => {
  const holding = holdingOf(lease)
  if (holding.is === 'unknown') return null
  const { client } = holding.holder
  const name = lease.name ?? ''
  const promotion = intents.promotion(name)
  const promoted = promotion !== undefined && isPromoted(promotion, client)
  const reserved = scope.reserved?.(client, lease.address) != null
  const given = promoted || reserved || assignedName(scope, client, lease.address, intents) === name
  const policy = reserved || promoted ? reservedPolicy(scope.policy) : scope.policy
  const pin = intents.pin(name)
  const meant = { given, ...(pin && { pin }), ...(promoted && { promoted }) }
  const { forward = true, reverse = true } = holding.holder.ddns ?? {}
  const writes = { forward, ptr: reverse }
  return { lease, scope, client, policy, reserved, ...meant, holding, since: claimedSince(lease), writes }
}

/** The claim of a reserved host that has had no lease yet: as if it held its address, and always had. */
export const claimOfReserved = (client: Client, name: string, address: string, scope: Scope): Claim => {
  const holder = { client, hostname: name, cltt: 0, validLft: ENDLESS, subnetId: null }
  const none = { ends: [], seenAt: [], notBefore: 0, endedAt: [] }
  const family = familyOf(address)
  const lease: Lease = { address, family, scope: scope.name, grants: [holder], ...none, name, nameRule: 'named' }
  const policy = reservedPolicy(scope.policy)
  const holding = { is: 'active' as const, holder }
  const writes = { forward: true, ptr: true }
  return { lease, scope, client, policy, reserved: true, given: true, holding, since: 0, isBeforeLease: true, writes }
}

const byAddress = (a: Claim, b: Claim): number => (a.lease.address < b.lease.address ? -1 : 1)

const endedAt = ({ holding }: Claim): number => (holding.is === 'active' ? Infinity : orderOf(holding.end))

/** True for an address that the client registered itself (RFC 9686), in a scope that did not ask for such ones. */
const isUnasked = ({ holding, scope }: Claim): boolean => holding.holder.registered === true && !scope.takesRegistered

/** When (as an order) the client should have renewed a lease at the latest: at half its lifetime, which is T1. */
const renewalDue = ({ holding: { holder } }: Claim): number =>
  holder.validLft === ENDLESS ? Infinity : orderOf(holder) + holder.validLft / 2

/** True when the machine has left this address: it renewed another of its living leases after this one was due. */
const isLeft = (claim: Claim, own: Claim[]): boolean =>
  own.some(({ holding }) => holding.is === 'active' && orderOf(holding.holder) > renewalDue(claim))

/**
 * Orders the leases of one machine: active before ended, leased before registered, those that it has not left before
 * those that it has, then newest first. The first decides which address the name gets. Of registered ones the oldest is
 * first, as the newest is a temporary one (RFC 8981).
 */
const newestFirst = (own: Claim[]) => {
  const left = new Set(own.length > 1 ? own.filter(one => one.holding.is === 'active' && isLeft(one, own)) : [])
  return (a: Claim, b: Claim): number =>
    Math.sign(endedAt(b) - endedAt(a) || 0) ||
    Number(isUnasked(a)) - Number(isUnasked(b)) ||
    Number(left.has(a)) - Number(left.has(b)) ||
    (isUnasked(a) ? a.since - b.since : b.since - a.since) ||
    byAddress(a, b)
}

const mayShare = (claim: Claim): boolean =>
  claim.holding.is === 'active' && claim.policy.addresses === 'all' && !isUnasked(claim)

/** The other leases of a machine that have its name beside its best one. */
const besideOf = (best: Claim, own: Claim[]): Claim[] =>
  mayShare(best) ? own.filter(claim => claim !== best && mayShare(claim)) : []

/** One machine that asks for the name: the claim that decides its address, and since when it has had the name. */
export interface Candidate {
  claim: Claim
  beside: Claim[]
  active: boolean
  since: number
}

/** True when a lease counts for how long its machine has had the name: it is kept, or the machine moved on from it. */
const countsForSince = (claim: Claim, kind: Kind, now: number): boolean =>
  (claim.holding.is === 'ended' && claim.holding.end.how === 'moved') || retentionOf(claim, kind, now) !== null

/** The candidate that the claims of one machine make; null when the best of them is not kept any more. */
export const candidateOf = (own: Claim[], kind: Kind, now: number): Candidate | null => {
  const claim = own.length === 1 ? own[0]! : own.toSorted(newestFirst(own))[0]!
  if (!retentionOf(claim, kind, now)) return null
  if (own.length === 1) return { claim, beside: [], active: claim.holding.is === 'active', since: claim.since }
  const all = own.filter(one => countsForSince(one, kind, now)).map(one => one.since)
  const best = Math.max(...all.map(kindOfOrder))
  const since = Math.min(...all.filter(one => kindOfOrder(one) === best))
  return { claim, beside: besideOf(claim, own), active: claim.holding.is === 'active', since }
}

type Order = (a: Candidate, b: Candidate) => number

/** A time that is doubtful yields to one that is not, whichever would be first. */
const bestTimeFirst: Order = (a, b) => kindOfOrder(b.since) - kindOfOrder(a.since)

const latest: Order = (a, b) => Number(b.active) - Number(a.active) || b.since - a.since
const earliest: Order = (a, b) => bestTimeFirst(a, b) || a.since - b.since

/** Which of several machines gets the name: the newest active one, or the one that has had it longest. */
const ORDER: Record<ConflictPolicy, Order> = {
  'replace-owned': latest,
  'skip-existing': earliest,
  'strict-fail': earliest,
}

const byOperator: Order = (a, b) => Number(b.claim.given) - Number(a.claim.given)

/** The orders of candidates of which each is active, or none is. Two are never equal. */
export const earliestFirst: Order = (a, b) => earliest(a, b) || byAddress(a.claim, b.claim)
export const latestFirst: Order = (a, b) => latest(a, b) || byAddress(a.claim, b.claim)

const STRICTEST_FIRST: ConflictPolicy[] = ['strict-fail', 'skip-existing', 'replace-owned']

/** The candidates of one scope, the winner first. Where their policies disagree the strictest holds. */
const orderedInScope = (candidates: Candidate[]): Candidate[] => {
  const has = (policy: ConflictPolicy) => candidates.some(({ claim }) => claim.scope.policy.conflictPolicy === policy)
  const order = ORDER[STRICTEST_FIRST.find(has)!]
  return candidates.sort((a, b) => byOperator(a, b) || order(a, b) || byAddress(a.claim, b.claim))
}

export interface Resolution {
  /** The lease whose address gets the name; null when no claim counts any more. */
  winner: Claim | null
  /** Other leases of the winner's machine that have the name too. */
  beside: Claim[]
  /** The best claim of every other machine that asks for the name. */
  losers: Claim[]
}

/**
 * Decides which of the claims to one name gets it, for one family and one kind of record. The result depends on what is
 * known of the leases, never on the order in which it was heard. `now` (ms) only ends graces.
 */
export const resolveConflict = (claims: Claim[], kind: Kind, now: number): Resolution => {
  const candidates = groupByMachine(claims).flatMap(own => candidateOf(own, kind, now) ?? [])
  if (candidates.length < 2) {
    const [only] = candidates
    return { winner: only?.claim ?? null, beside: only?.beside ?? [], losers: [] }
  }
  const scopes = [...Map.groupBy(candidates, ({ claim }) => claim.scope.name).values()].map(orderedInScope)
  const oldest = (inScope: Candidate[]) => inScope.toSorted(earliest)[0]!
  scopes.sort(
    (a, b) => byOperator(a[0]!, b[0]!) || earliest(oldest(a), oldest(b)) || byAddress(a[0]!.claim, b[0]!.claim),
  )
  const [first, ...rest] = scopes.flat()
  return { winner: first?.claim ?? null, beside: first?.beside ?? [], losers: rest.map(one => one.claim) }
}
