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
 * The candidates' scopes decide between them. Where these disagree the strictest policy holds. `a` and `b` are machines:
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
 * A name that somebody else has in DNS is never taken, under any policy: the server's answer decides that, not this file.
 */
import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { ConflictPolicy, Policy } from '../../schemas/model/policy.ts'
import type { Goal } from '../../schemas/model/record.ts'
import { ENDLESS } from '../../schemas/model/time.ts'
import { groupByMachine } from './client.ts'
import { claimedSince, type Holding, holdingOf } from './lease.ts'
import { type Kind, RETENTION, reservedPolicy } from './policy.ts'
import type { WantedRule } from './rules.ts'
import type { Scope } from './scope.ts'
import { kindOfOrder, orderOf } from './told-time.ts'

/** One lease's claim to its name. */
export interface Claim {
  lease: Lease
  scope: Scope
  client: Client
  /** The scope's policy, or what it becomes for a reserved lease. */
  policy: Policy
  reserved: boolean
  holding: Exclude<Holding, { is: 'unknown' }>
  /** The order (told-time.ts) from which on the client has had the name at this address: a CLTT, where none is doubtful. */
  since: number
}

/** The claim of a lease; null when no client was ever seen to hold the address. */
export const claimOf = (lease: Lease, scope: Scope): Claim | null => {
  const holding = holdingOf(lease)
  if (holding.is === 'unknown') return null
  const { client } = holding.holder
  const reserved = scope.reserved?.(client, lease.address) != null
  const policy = reserved ? reservedPolicy(scope.policy) : scope.policy
  return { lease, scope, client, policy, reserved, holding, since: claimedSince(lease) }
}

/** How a claim's record is kept. `dueAt` (ms) is when it goes; null when it has no end. */
export interface Retention {
  goal: Goal
  rule: WantedRule
  dueAt: number | null
}

/**
 * How the record of a claim is kept at `now` (ms), or null when it is to go. The A and the PTR of one lease can differ:
 * a scope may retain names on expiry, but not their PTRs.
 */
export const retentionOf = ({ holding, policy }: Claim, kind: Kind, now: number): Retention | null => {
  if (holding.is === 'active') return { goal: 'published', rule: 'lease-active', dueAt: null }
  if (holding.is === 'reassigned') return null
  const { how, at } = holding.end
  const end = how === 'expired' ? 'expiry' : 'release'
  const rule = RETENTION[how](policy, kind)
  if (rule.keep === 'for-good') return { goal: 'retained', rule: `retained-on-${end}`, dueAt: null }
  const dueAt = rule.keep === 'for' ? at + rule.grace * 1000 : now
  return dueAt > now ? { goal: 'awaiting', rule: `grace-on-${end}`, dueAt } : null
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
 * Orders the leases of one machine: active before ended, those that it has not left before those that it has, leased
 * before registered, then newest first. The first decides which address the name gets. Of registered ones the oldest is
 * first, as the newest is a temporary one (RFC 8981).
 */
const newestFirst = (own: Claim[]) => {
  const left = new Set(own.length > 1 ? own.filter(one => one.holding.is === 'active' && isLeft(one, own)) : [])
  return (a: Claim, b: Claim): number =>
    Math.sign(endedAt(b) - endedAt(a) || 0) ||
    Number(left.has(a)) - Number(left.has(b)) ||
    Number(isUnasked(a)) - Number(isUnasked(b)) ||
    (isUnasked(a) ? a.since - b.since : b.since - a.since) ||
    byAddress(a, b)
}

const mayShare = (claim: Claim): boolean =>
  claim.holding.is === 'active' && claim.policy.addresses === 'all' && !isUnasked(claim)

/** The other leases of a machine that have its name beside its best one. */
const besideOf = (best: Claim, own: Claim[]): Claim[] =>
  mayShare(best) ? own.filter(claim => claim !== best && mayShare(claim)) : []

/** One machine that asks for the name: the claim that decides its address, and since when it has had the name. */
interface Candidate {
  claim: Claim
  beside: Claim[]
  active: boolean
  since: number
}

/** True when a lease counts for how long its machine has had the name: it is kept, or the machine moved on from it. */
const countsForSince = (claim: Claim, kind: Kind, now: number): boolean =>
  (claim.holding.is === 'ended' && claim.holding.end.how === 'moved') || retentionOf(claim, kind, now) !== null

/** The candidate that the claims of one machine make; null when the best of them is not kept any more. */
const candidateOf = (own: Claim[], kind: Kind, now: number): Candidate | null => {
  const claim = own.toSorted(newestFirst(own))[0]!
  if (!retentionOf(claim, kind, now)) return null
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

const STRICTEST_FIRST: ConflictPolicy[] = ['strict-fail', 'skip-existing', 'replace-owned']

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
  const policy = STRICTEST_FIRST.find(one => claims.some(claim => claim.scope.policy.conflictPolicy === one))!
  const candidates = groupByMachine(claims).flatMap(own => candidateOf(own, kind, now) ?? [])
  candidates.sort(
    (a, b) => Number(b.claim.reserved) - Number(a.claim.reserved) || ORDER[policy](a, b) || byAddress(a.claim, b.claim),
  )
  const [first, ...rest] = candidates
  return { winner: first?.claim ?? null, beside: first?.beside ?? [], losers: rest.map(one => one.claim) }
}
