/*
 * What the audit log says of a plan: an entry for each decision, with all by which a person may ask for it.
 *
 * The client, the address and the scope of an entry are those of the record that was decided on. A skip has no record, so
 * it has those of the event. One entry also says that the holder of the event's address is another from here on:
 *
 *     event                         entries                             holds
 *     .1 granted to a, named red    publish red A .1 (client a)         true: from here on a holds .1
 *                                   publish PTR .1   (client a)
 *     .1 of a expired               await red A .1   (client a)         false: from here on nobody does
 *     .1 granted to b, nameless     remove red A .1  (client a)
 *                                   skip no-name     (client b)         true: from here on b holds .1
 *
 * So whoever had an address at some time is found by the last of these entries before it.
 */

import type { IntentVerb } from '../../../schemas/model/intent.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../../../schemas/model/record.ts'
import { clientOf } from '../lease/client.ts'
import { holdingOf } from '../lease/lease.ts'
import type { Plan } from '../plan.ts'

/** When and why a plan was made. With an event, what was known of its address before it. */
export interface Occasion {
  /** Milliseconds since the epoch. */
  at: number
  cause: string
  event?: LeaseEvent
  before?: Lease | undefined
}

type About = Pick<AuditEntry, 'client' | 'address' | 'scope'>

/** The record of a decision. It mostly stands at the same place of the plan, as each difference makes both. */
const recordAt = ({ records, decisions }: Plan, index: number): OwnedRecord | undefined => {
  const { name, type, value } = decisions[index]!.record
  const isMeant = (one: OwnedRecord | undefined) => one?.name === name && one.type === type && one.value === value
  return isMeant(records[index]) ? records[index] : records.find(isMeant)
}

const ofRecord = ({ client, address, scope }: OwnedRecord): About => ({ client, address, scope })

const ofEvent = (event: LeaseEvent, { leases: [lease] }: Plan, before: Lease | undefined): About => {
  const client = clientOf(event)?.key
  const scope = (lease ?? before)?.scope
  return { ...(client !== undefined && { client }), address: event.address, ...(scope !== undefined && { scope }) }
}

const entryFor = (decision: Decision, found: About, { at, cause }: Occasion): AuditEntry => {
  const { verb, record, rule, reason } = decision
  return { at, what: 'decision', cause, verb, record, rule, reason, ...found }
}

/** The key of the client that holds the address of a lease now; null when none does. */
const holderOf = (lease: Lease | undefined): string | null => {
  const holding = lease && holdingOf(lease)
  return holding?.is === 'active' ? holding.holder.client.key : null
}

/** Of the entries about an address the one that tells most of its client: rather that a name comes than that one goes. */
const tellingOf = (entries: AuditEntry[], address: string, client: string | null): number => {
  const ranks = entries.map((entry): number => {
    if (entry.address !== address || (client !== null && entry.client !== client)) return 0
    return entry.verb === 'remove' || entry.verb === 'forget' ? 1 : entry.verb === 'publish' ? 3 : 2
  })
  const best = Math.max(...ranks)
  return best === 0 ? -1 : ranks.indexOf(best)
}

/** The entries of a plan, in the order of its decisions. */
export const entriesOf = (made: Plan, occasion: Occasion): AuditEntry[] => {
  const { event, before } = occasion
  const about = event ? ofEvent(event, made, before) : {}
  const entries = made.decisions.map((decision, i) => {
    const record = recordAt(made, i)
    return entryFor(decision, record ? ofRecord(record) : about, occasion)
  })
  const [lease] = made.leases
  const holder = holderOf(lease)
  const isNews = event !== undefined && lease !== undefined && holder !== holderOf(before)
  // An end told of one client can leave the address to another, of the same second: what is said aside is about that one.
  if (made.aside) entries.push(entryFor(made.aside, isNews && holder ? { ...about, client: holder } : about, occasion))
  if (!isNews) return entries
  const telling = tellingOf(entries, lease.address, holder)
  return entries.map((entry, i) => (i === telling ? { ...entry, holds: holder !== null } : entry))
}

/** What a person asked for. `call` is what was called, `name` and `scope` what it is about, where it is about such. */
export interface PersonsWord {
  at: number
  by: string
  call: string
  verb: IntentVerb
  reason: string
  name?: string
  scope?: string
}

/** The entry of a person's word. Its rule is its verb. */
export const entryOfWord = ({ at, by, call, verb, reason, name, scope }: PersonsWord): AuditEntry => ({
  at,
  what: 'intent',
  cause: call,
  verb,
  record: { name: name ?? null, type: null, value: null },
  rule: verb,
  reason,
  by,
  ...(scope !== undefined && { scope }),
})
