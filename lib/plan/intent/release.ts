/*
 * What a person lets go, and what a person brings back.
 *
 * What stays of a name after its lease ended can be released: it goes now, and not when policy says. What has gone can be
 * brought back while its address is free, or its client's. Both are said once and kept: that a lease was let go stands in
 * the lease, so that a run or a restart does not bring its name back; that a name was restored is a pin of it.
 *
 *     the name                                         release                             restore
 *     has a living lease in a scope in force           no: it would only come back         no: it is there
 *     stays after its lease (retained, awaiting)       its lease is let go                 no: it is there
 *     is pinned, and stays by that                     the same, and the pin is dropped    no: it is there
 *     is of a scope that is gone                       its lease ends                      no: it is in no scope
 *     is at a server that is gone                      forgotten; DNS may still hold it    no: it is there
 *     has gone                                         no: nothing is left                 pinned, rule restored
 *     has gone, and another client has its address     no: nothing is left                 no: invariant 6
 */
import { intentKey, type Pin } from '../../../schemas/model/intent.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { Decision, OwnedRecord } from '../../../schemas/model/record.ts'
import { derive, type Scopes, type StateView } from '../derive.ts'
import { holdingOf } from '../lease/lease.ts'
import { orderOf } from '../lease/told-time.ts'
import { isForward, phaseOf, subjectOf } from '../record.ts'
import { reasonOf } from '../rules.ts'
import { done, type Meant, type Refused, signed, type Who } from './meant.ts'
import { withIntents } from './with-intents.ts'

/** A release; `abandoned` are leases of no scope, which are to end. */
export interface Release extends Meant {
  abandoned: Lease[]
}

/** The records that are about a name: its own, and the PTRs of its addresses that point at it. */
export const recordsAbout = (known: StateView, name: string): OwnedRecord[] => {
  const own = [...known.recordsNamed(name)]
  const addresses = new Set([...own, ...known.leasesNamed(name)].map(({ address }) => address))
  const all = [...addresses].flatMap(address => [...known.recordsOf(address)])
  return [...new Set([...own, ...all.filter(record => subjectOf(record) === name)])]
}

const isThere = ({ wanted, applied, sent }: OwnedRecord): boolean =>
  wanted !== null || applied !== null || sent !== null

/** A record at a server that is gone is forgotten: nobody can be asked to take it away. */
const forgotten = (record: OwnedRecord, now: number): OwnedRecord => {
  const rule = 'server-gone'
  const reason = reasonOf(rule, { name: record.name, other: record.endpoint })
  const none = { wanted: null, applied: null, sent: null, written: null, stopped: null, problem: null, dueAt: null }
  const next = { ...record, ...none, goal: 'removed' as const, rule, reason, updatedAt: now }
  return { ...next, phase: phaseOf(next) }
}

const decisionOf = ({ name, type, value, rule, reason }: OwnedRecord): Decision => ({
  verb: 'forget',
  record: { name, type, value },
  rule,
  reason,
})

/** The lease once nothing of it is to stay; none while it is not over. */
const letGo = (lease: Lease): Lease[] => {
  const holding = holdingOf(lease)
  return holding.is === 'ended' ? [{ ...lease, letGo: orderOf(holding.end) }] : []
}

/** `hasServer` says whether a record's server is still in the configuration. */
export const release = (
  known: StateView,
  scopes: Scopes,
  hasServer: (endpoint: string) => boolean,
  name: string,
  who: Who,
): Release | Refused => {
  const records = recordsAbout(known, name).filter(isThere)
  const lost = records.filter(({ endpoint }) => !hasServer(endpoint)).map(record => forgotten(record, who.at))
  const leases = [...known.leasesNamed(name)]
  const pin = known.intents.pin(name)
  const living = leases.find(lease => holdingOf(lease).is === 'active' && scopes.find(lease.address) !== null)
  if (living && lost.length === 0)
    return {
      refused: `The lease of ${living.address} lives, so ${name} would only come back. It can be released once the lease is over.`,
    }
  if (records.some(record => record.wanted !== null && record.rule === 'reserved-name'))
    return { refused: `${name} is published as its address is reserved, before any lease.` }
  if (lost.length === 0 && records.every(({ type }) => type === 'CNAME') && !pin)
    return { refused: `Nothing of ${name} is left that could be released.` }
  const over = living ? [] : leases
  return {
    verb: 'release',
    rule: 'release-asked',
    ...done(who),
    name,
    undone: pin && !living ? [intentKey(pin)] : [],
    leases: over.filter(lease => scopes.find(lease.address) !== null).flatMap(letGo),
    records: lost,
    decisions: lost.map(decisionOf),
    abandoned: over.filter(lease => scopes.find(lease.address) === null),
  }
}

/** Why nothing of a name that has gone can be brought back. */
const whyNot = (known: StateView, scopes: Scopes, { address, client, name }: OwnedRecord): string => {
  const lease = known.lease(address)
  const holding = lease && holdingOf(lease)
  if (!scopes.find(address)) return `${address} is in no scope any more.`
  if (holding?.is === 'active' && holding.holder.client.key !== client)
    return `${address} belongs to another client now, ${holding.holder.client.key}.`
  if (holding?.is === 'ended' && holding.end.how === 'declined')
    return `${address} was declined: another machine is using it.`
  return `${address} is kept for another name, or ${name} is another client's.`
}

export const restore = (known: StateView, scopes: Scopes, name: string, who: Who): Meant | Refused => {
  const records = [...known.recordsNamed(name)].filter(isForward)
  const there = records.find(({ wanted }) => wanted !== null)
  if (there) return { refused: `${name} was not removed: ${there.reason}` }
  const gone = records.filter(({ goal }) => goal === 'removed').toSorted((a, b) => b.updatedAt - a.updatedAt)
  if (gone.length === 0) return { refused: `It is not known that ${name} was ever removed.` }
  const pin: Pin = { kind: 'pin', name, ...signed(who), until: null, restored: true }
  const made = derive(withIntents(known, [pin]), scopes, new Set([name]), new Set(), who.at)
  if (!made.records.some(record => isForward(record) && record.name === name && record.wanted !== null))
    return { refused: `${name} cannot be brought back: ${whyNot(known, scopes, gone[0]!)}` }
  return { verb: 'restore', rule: 'restore-asked', ...done(who), name, intents: [pin] }
}
