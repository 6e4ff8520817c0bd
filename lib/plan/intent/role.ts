/*
 * The role of a name: what others make of it, without anybody having said so here.
 *
 * The invariant: a role is read off what is known, like all that is wanted; nobody gives it, and it ends with its cause. A
 * name with a role is kept as infrastructure is when its lease ends (retention.ts), because something would break without it:
 *
 *     role          the name has it when                                          until
 *     pointed at    a CNAME, MX, SRV or NS of its zones leads to it               a complete reading shows none any more
 *     long held     one machine held it for `infrastructureAfter` without a break it is held again, and for less long
 *
 * A machine holds a name without a break from the first CLTT of its holding on. It may move to another address meanwhile,
 * if it got that one before the time of the old lease was over. `a` is a machine, the scope says 30 days:
 *
 *     leases of red                                      held for    role
 *     .1 of a since day 0, renewed, expired on day 40    40 days     long held
 *     .1 of a days 0 to 20, moved to .2, days 20 to 40   40 days     long held
 *     .1 of a days 0 to 20, ended; .1 of a days 25 to 40 15 days     none
 *     .1 of a for an hour; www CNAME red                 1 hour      pointed at
 *
 * An alias of our own is no pointer: it is published while its target is, and would keep it for ever. What a person says
 * of a name (a pin, a reservation, a promotion) is stronger than its role; the role is stronger than the scope's policy.
 */
import type { Client } from '../../../schemas/model/lease.ts'
import type { Policy } from '../../../schemas/model/policy.ts'
import type { Pointer } from '../../../schemas/model/survey.ts'
import { ENDLESS } from '../../../schemas/model/time.ts'
import { groupByMachine } from '../lease/client.ts'
import type { Holding } from '../lease/lease.ts'
import type { WantedRule } from '../rules.ts'

/** A role by the rule that keeps its name. `says` is what stands behind it, for the sentence of that rule. */
export interface Role {
  rule: Extract<WantedRule, `role-${string}`>
  says: string
}

/** What is known of one machine's hold on a name at one address. `since` is an order (told-time.ts). */
export interface NameHolder {
  client: Client
  holding: Exclude<Holding, { is: 'unknown' }>
  since: number
  policy: Pick<Policy, 'infrastructureAfter'>
}

const DAY = 86_400

/** Pointers that a sentence names. */
const NAMED = 3

const pointedAt = (pointers: readonly Pointer[]): Role | null => {
  if (pointers.length === 0) return null
  const named = pointers.slice(0, NAMED).map(({ type, owner }) => `${type} ${owner}`)
  const says = `${named.join(', ')}${pointers.length > NAMED ? ' and others' : ''}`
  return { rule: 'role-pointed-at', says }
}

/** When (in seconds) the time of a lease is over by itself. */
const timeOver = ({ holding: { holder } }: NameHolder): number =>
  holder.validLft === ENDLESS ? Infinity : holder.cltt + holder.validLft

const isMoved = ({ holding }: NameHolder): boolean => holding.is === 'ended' && holding.end.how === 'moved'

/** Since when (in seconds) the machine has had the name without a break; negative where no time but a doubtful one is known. */
const unbrokenSince = (one: NameHolder, own: readonly NameHolder[]): number => {
  let { since } = one
  for (let before: NameHolder | undefined = one; before; ) {
    before = own.find(other => isMoved(other) && other.since >= 0 && other.since < since && timeOver(other) >= since)
    if (before) since = before.since
  }
  return since
}

/** Until when (in seconds) an ended lease was held: its end was reported later, if its time was over before that. */
const heldUntil = (one: NameHolder): number => {
  const { holding } = one
  return Math.min(holding.is === 'active' ? Infinity : holding.end.at / 1000, timeOver(one))
}

const longHeld = (one: NameHolder, own: readonly NameHolder[]): Role | null => {
  const after = one.policy.infrastructureAfter
  const since = unbrokenSince(one, own)
  if (after === 0 || since < 0 || one.holding.is !== 'ended') return null
  const seconds = heldUntil(one) - since
  if (seconds < after) return null
  const says = seconds < 2 * DAY ? `${Math.floor(seconds / 3600)} hours` : `${Math.floor(seconds / DAY)} days`
  return { rule: 'role-long-held', says }
}

/** The holders of one name, each with the role that the name has for it, if any. */
export const withRoles = <T extends NameHolder>(
  holders: readonly T[],
  pointers: readonly Pointer[],
): (T & { role?: Role })[] => {
  const byPointers = pointedAt(pointers)
  const machines = holders.length > 1 ? groupByMachine([...holders]) : [[...holders]]
  const ownOf = new Map(machines.flatMap(own => own.map(one => [one, own] as const)))
  return holders.map(one => {
    const role = byPointers ?? longHeld(one, ownOf.get(one)!)
    return role ? { ...one, role } : one
  })
}
