/*
 * Why a name is as it is: a chain of sentences, each by a rule of the one table (rules.ts).
 *
 *     1. who asks        each lease of the name, and what a person meant of it
 *     2. who has it      where several machines ask
 *     3. why it stays    the rule of each record that is, or was, wanted
 *     4. what DNS said   whether it is there, what the server says against it, and what others have there
 *     5. what keeps it   what points to it, though its lease decides for now
 *
 * A sentence that two records share is said once.
 */
import type { Lease } from '../../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { Pointer } from '../../../schemas/model/survey.ts'
import type { IntentView } from '../intent/intent.ts'
import { pinInForce } from '../intent/intent.ts'
import { holdingOf } from '../lease/lease.ts'
import { isForward } from '../record.ts'
import { type Facts, type Rule, reasonOf } from '../rules.ts'

export interface Sentence {
  rule: string
  says: string
}

/** What is known of a name, for its explanation. `now` is in milliseconds. */
export interface Explained {
  name: string
  leases: readonly Lease[]
  /** As answers show them: with the rule and the reason as they are now. */
  records: readonly Pick<
    OwnedRecord,
    'type' | 'value' | 'rule' | 'reason' | 'client' | 'wanted' | 'applied' | 'problem' | 'address'
  >[]
  /** What is said of what others have there. */
  foreign: readonly Sentence[]
  intents: IntentView
  pointers: readonly Pointer[]
  now: number
}

const say = (rule: Rule, facts: Facts): Sentence => ({ rule, says: reasonOf(rule, facts) })

const iso = (at: number): string => new Date(at).toISOString()

const ofLease = ({ name }: Explained, lease: Lease): Sentence[] => {
  const holding = holdingOf(lease)
  if (holding.is === 'unknown') return []
  const facts = { name, address: lease.address, client: holding.holder.client.key }
  if (holding.is === 'active') return [say('asks-for-name', facts)]
  return [say('asked-for-name', { ...facts, detail: holding.end.how, due: iso(holding.end.at) })]
}

const ofIntents = ({ name, intents, now }: Explained): Sentence[] => {
  const pin = pinInForce(intents, name, now)
  const promotion = intents.promotion(name)
  const due = pin?.until == null ? {} : { due: iso(pin.until) }
  return [
    ...(pin ? [say('pin-set', { name, by: pin.by, why: pin.why, ...due })] : []),
    ...(promotion
      ? [say('promotion-set', { name, by: promotion.by, why: promotion.why, other: promotion.clients.join(', ') })]
      : []),
  ]
}

const ofContest = ({ name, leases, records }: Explained): Sentence[] => {
  const clients = new Set(
    leases.flatMap(lease => {
      const holding = holdingOf(lease)
      return holding.is === 'active' ? [holding.holder.client.key] : []
    }),
  )
  const winner = records.find(record => isForward(record) && record.wanted !== null)
  return clients.size > 1 && winner ? [say('has-name', { name, client: winner.client, address: winner.address })] : []
}

const inDns = ({ name }: Explained, record: Explained['records'][number]): Sentence[] => {
  const { type, value, wanted, applied, problem } = record
  const detail = `${type} ${value}`
  if (problem) return [say('server-says', { name, other: detail, detail: problem.detail })]
  if (applied) return [say(wanted ? 'in-dns' : 'leaving-dns', { name, detail })]
  return wanted ? [say('awaits-dns', { name, detail })] : []
}

/** The chain of sentences for a name. */
export const explain = (known: Explained): Sentence[] => {
  const { leases, records, foreign, pointers, name } = known
  const decided = records.map(({ rule, reason }) => ({ rule, says: reason }))
  const leading = pointers.map(({ type, owner }) => say('pointed-at', { name, other: `${type} ${owner}` }))
  const all = [
    ...leases.flatMap(lease => ofLease(known, lease)),
    ...ofIntents(known),
    ...ofContest(known),
    ...decided,
    ...records.filter(isForward).flatMap(record => inDns(known, record)),
    ...foreign,
    ...leading,
  ]
  return [...new Map(all.map(one => [one.says, one])).values()]
}
