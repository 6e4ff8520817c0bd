/*
 * The first lease of a name of which nothing is known: the commonest plan of all, without the search for what is not there.
 *
 * Of a name that nobody had, that nobody else asks for and of which no person said anything, the row has one claim and owns
 * nothing. So what is wanted is published, the A or AAAA first and then its PTR:
 *
 *     red | .1 granted to a | owned: nothing | nobody else | no pin, alias, reservation     A .1, PTR .1 publish
 *
 * Whatever is not so simple is no case of this file. The general way (derive.ts) is its oracle: a property test holds each
 * answer against what that would have said.
 */

import { claimOf } from './claim.ts'
import type { Derived } from './derive.ts'
import { diffWanted } from './difference.ts'
import { concernsAliases } from './intent/alias.ts'
import { withRoles } from './intent/role.ts'
import type { Scopes, StateView } from './state-view.ts'
import { wantedRecord } from './wanted.ts'

const isEmpty = (items: Iterable<unknown>): boolean => {
  for (const _ of items) return false
  return true
}

const isOne = (items: Iterable<unknown>): boolean => {
  let count = 0
  for (const _ of items) if (++count > 1) return false
  return count === 1
}

/** True where the lease of an address alone asks for its name, and nothing else is known of either. */
const isFresh = (known: StateView, scopes: Scopes, name: string, address: string): boolean =>
  known.lease(address)?.name === name &&
  isEmpty(known.openNamed(name)) &&
  isEmpty(known.recordsNamed(name)) &&
  isEmpty(known.recordsOf(address)) &&
  isOne(known.leasesNamed(name)) &&
  known.intents.pin(name) === undefined &&
  !concernsAliases(name, known) &&
  isEmpty(scopes.reservedAt?.(name) ?? [])

/** What is published of a fresh name; null where the name is not fresh, or more is to be weighed. */
export const deriveFresh = (
  known: StateView,
  scopes: Scopes,
  name: string,
  address: string,
  now: number,
): Derived | null => {
  if (!isFresh(known, scopes, name, address)) return null
  const scope = scopes.find(address)
  if (!scope?.policy.forward) return null
  const claim = claimOf(known.lease(address)!, scope, known.intents)
  if (!claim?.policy.forward || !claim.writes.forward || claim.holding.is !== 'active') return null
  const [judged] = withRoles([claim], known.pointersTo(name))
  const forward = wantedRecord(judged!, 'forward', now)
  if (!forward) return null
  const pointer = wantedRecord(judged!, 'ptr', now)
  if (pointer && (known.record(pointer.key) || concernsAliases(pointer.name, known))) return null
  const found = [diffWanted(forward, undefined, now)]
  if (pointer) found.push(diffWanted(pointer, undefined, now))
  return { records: found.map(({ record }) => record!), decisions: found.map(({ decision }) => decision!) }
}
