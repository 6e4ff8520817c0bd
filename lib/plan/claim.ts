import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { ConflictPolicy, Policy } from '../../schemas/model/policy.ts'
import type { Goal } from '../../schemas/model/record.ts'
import { dhcidOf } from '../dns/dhcid.ts'
import { claimedSince, type Holding, holdingOf } from './lease.ts'
import { type Kind, RETENTION, reservedPolicy } from './policy.ts'
import type { WantedRule } from './rules.ts'
import type { Scope } from './scope.ts'

/** One lease's claim to a name: how it stands, under which scope, and since when (CLTT) it has been held. */
export interface Claim {
  lease: Lease
  scope: Scope
  client: Client
  /** What the scope says of it, or of infrastructure where it is reserved. */
  policy: Policy
  reserved: boolean
  holding: Exclude<Holding, { is: 'unknown' }>
  since: number
}

export const claimOf = (lease: Lease, scope: Scope): Claim | null => {
  const now = holdingOf(lease)
  if (now.is === 'unknown') return null
  const { client } = now.holder
  const reserved = scope.reserved?.(client, lease.address) != null
  const policy = reserved ? reservedPolicy(scope.policy) : scope.policy
  return { lease, scope, client, policy, reserved, holding: now, since: claimedSince(lease) }
}

/** Whether and how a record of a claim is kept; `dueAt` (ms) is when it goes, null when nothing is due. */
export interface Retention {
  goal: Goal
  rule: WantedRule
  dueAt: number | null
}

/** What policy makes of a claim at `now` (ms) for one kind of record, or null when it is to go. */
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

const endedAt = (claim: Claim): number => (claim.holding.is === 'active' ? Infinity : claim.holding.end.cltt)

/** Of one machine's leases the living one that began last speaks for it, else the one that ended last. */
const speaksBefore = (a: Claim, b: Claim): number =>
  endedAt(b) - endedAt(a) || b.since - a.since || (a.lease.address < b.lease.address ? -1 : 1)

/** What a machine may be known by. Those known by a DHCID alone are looked for among the others. */
const identitiesOf = ({ client }: Claim, dhcids: { under: string }[]): string[] => {
  const { key, duid, hwAddress, dhcid } = client
  const found = [key]
  if (duid) found.push(`duid:${duid}`)
  if (hwAddress) found.push(`hw:${hwAddress}`)
  if (!dhcid) for (const { under } of dhcids) found.push(`dhcid:${dhcidOf(client, under)}`)
  return found
}

/** Leases of one machine, by any of its identities. */
const byMachine = (claims: Claim[]): Claim[][] => {
  const machines = new Map<string, Claim[]>()
  const dhcids = claims.flatMap(({ client }) => client.dhcid ?? [])
  for (const claim of claims) {
    const identities = identitiesOf(claim, dhcids)
    const own = identities.map(id => machines.get(id)).find(known => known) ?? []
    own.push(claim)
    for (const identity of identities) machines.set(identity, own)
  }
  return [...new Set(machines.values())]
}

interface Candidate {
  claim: Claim
  active: boolean
  since: number
}

type Order = (a: Candidate, b: Candidate) => number

const latest: Order = (a, b) => Number(b.active) - Number(a.active) || b.since - a.since
const earliest: Order = (a, b) => a.since - b.since

/** Which of several machines gets a name: the newest living one, or whoever has it. */
const ORDER: Record<ConflictPolicy, Order> = {
  'replace-owned': latest,
  'skip-existing': earliest,
  'strict-fail': earliest,
}

export interface Resolution {
  /** The lease whose address the name has, or null when nobody's claim stands any more. */
  winner: Claim | null
  /** Claims of other machines that stand, but lost. */
  losers: Claim[]
}

const STRICTEST_FIRST: ConflictPolicy[] = ['strict-fail', 'skip-existing', 'replace-owned']

/**
 * Decides which of the leases that want one name of one family gets it, for the forward RR or for the PTR. A function
 * of what is known of the leases, never of the order in which it was learnt; `now` (ms) only ends graces. Where the
 * leases' scopes disagree the strictest conflict policy holds.
 */
export const resolveConflict = (claims: Claim[], kind: Kind, now: number): Resolution => {
  const policy = STRICTEST_FIRST.find(one => claims.some(claim => claim.scope.policy.conflictPolicy === one))!
  const candidates: Candidate[] = []
  for (const own of byMachine(claims)) {
    const claim = own.sort(speaksBefore)[0]!
    if (!retentionOf(claim, kind, now)) continue
    const continues = (one: Claim) =>
      (one.holding.is === 'ended' && one.holding.end.how === 'moved') || retentionOf(one, kind, now) !== null
    const since = Math.min(...own.filter(continues).map(one => one.since))
    candidates.push({ claim, active: claim.holding.is === 'active', since })
  }
  candidates.sort(
    (a, b) =>
      Number(b.claim.reserved) - Number(a.claim.reserved) ||
      ORDER[policy](a, b) ||
      (a.claim.lease.address < b.claim.lease.address ? -1 : 1),
  )
  const [first, ...rest] = candidates
  return { winner: first?.claim ?? null, losers: rest.map(one => one.claim) }
}
