/*
 * What stays in DNS once a lease is over, and for how long.
 *
 * While a lease is active its records are published. When it is over some ends leave no choice: a client that moved has its
 * name elsewhere, and an address that was declined is another machine's. (Of a name that was restored after a move that is
 * known, so it stays.) After any other end the first keeper that has a word decides:
 *
 *     keeper       has a word when                              and says
 *     pin          the name is pinned, or was restored          it stays, until the pin is over
 *     letting go   a person released what stayed of this lease  it goes
 *     promotion    a person made the name infrastructure        it stays, as a reserved host's does
 *     role         others rely on the name (role.ts)            the same
 *     policy       always                                       what the scope says of this end
 *
 * The policy of a reserved host is that of infrastructure (policy.ts), so its row is the last one.
 *
 *     balanced, released   no intent                   at once
 *     balanced, released   promoted                    for good
 *     balanced, expired    released by a person        at once
 *     balanced, released   pinned until Monday         until Monday, and then at once
 *     balanced, declined   pinned                      at once
 */
import type { Pin } from '../../../schemas/model/intent.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { Policy } from '../../../schemas/model/policy.ts'
import type { Goal } from '../../../schemas/model/record.ts'
import type { Role } from '../intent/role.ts'
import type { Holding } from '../lease/lease.ts'
import { orderOf } from '../lease/told-time.ts'
import type { WantedRule } from '../rules.ts'
import { type Kind, RETENTION, reservedPolicy } from './policy.ts'

/** What the retention of a claim's records depends on. */
export interface Keepable {
  lease: Lease
  holding: Exclude<Holding, { is: 'unknown' }>
  /** The scope's policy, or what it becomes for infrastructure. */
  policy: Policy
  /** Set for a reserved host that has had no lease yet. */
  isBeforeLease?: true
  /** The pin of its name. */
  pin?: Pin
  /** The name is promoted for its client. */
  promoted?: true
  /** The operator reserved the address or the name for its client. */
  reserved?: boolean
  /** What others make of its name. */
  role?: Role
}

/** How a claim's record is kept. `dueAt` (ms) is when it goes; null when it has no end. */
export interface Retention {
  goal: Goal
  rule: WantedRule
  dueAt: number | null
}

type Ended = Keepable & { holding: Extract<Holding, { is: 'ended' }> }

/** Undefined where the keeper has no word; null where the record is to go. */
type Keeper = (claim: Ended, kind: Kind, now: number) => Retention | null | undefined

const byPin: Keeper = ({ pin }, _kind, now) => {
  if (!pin || (pin.until !== null && pin.until <= now)) return undefined
  return { goal: 'retained', rule: pin.restored ? 'restored' : 'pinned', dueAt: pin.until }
}

const byLettingGo: Keeper = ({ lease, holding }) => (lease.letGo === orderOf(holding.end) ? null : undefined)

const byPromotion: Keeper = ({ promoted, holding, policy }, kind) =>
  promoted && RETENTION[holding.end.how](policy, kind).keep === 'for-good'
    ? { goal: 'retained', rule: 'promoted', dueAt: null }
    : undefined

const byRole: Keeper = ({ role, reserved, policy, holding }, kind) =>
  role && !reserved && RETENTION[holding.end.how](reservedPolicy(policy), kind).keep === 'for-good'
    ? { goal: 'retained', rule: role.rule, dueAt: null }
    : undefined

const byPolicy: Keeper = ({ holding, policy }, kind, now) => {
  const { how, at } = holding.end
  const end = how === 'expired' ? 'expiry' : 'release'
  const rule = RETENTION[how](policy, kind)
  if (rule.keep === 'for-good') return { goal: 'retained', rule: `retained-on-${end}`, dueAt: null }
  const dueAt = rule.keep === 'for' ? at + rule.grace * 1000 : now
  return dueAt > now ? { goal: 'awaiting', rule: `grace-on-${end}`, dueAt } : null
}

/** The strongest first. */
const KEEPERS: readonly Keeper[] = [byPin, byLettingGo, byPromotion, byRole, byPolicy]

/** False where the end itself takes the name away. A restored name has lost it before: only a decline takes it again. */
const leavesChoice = ({ holding: { end }, policy, pin }: Ended, kind: Kind): boolean =>
  pin?.restored ? end.how !== 'declined' : RETENTION[end.how](policy, kind).keep !== 'no'

const isEnded = (claim: Keepable): claim is Ended => claim.holding.is === 'ended'

/**
 * How the record of a claim is kept at `now` (ms), or null when it is to go. The A and the PTR of one lease can differ:
 * a scope may retain names on expiry, but not their PTRs.
 */
export const retentionOf = (claim: Keepable, kind: Kind, now: number): Retention | null => {
  if (claim.isBeforeLease) return { goal: 'published', rule: 'reserved-name', dueAt: null }
  if (claim.holding.is === 'active') return { goal: 'published', rule: 'lease-active', dueAt: null }
  if (!isEnded(claim) || !leavesChoice(claim, kind)) return null
  for (const keeper of KEEPERS) {
    const word = keeper(claim, kind, now)
    if (word !== undefined) return word
  }
  return null
}
