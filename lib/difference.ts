import type { Decision, Verb } from '../schemas/decision.ts'
import type { Goal, OwnedRecord } from '../schemas/record.ts'
import type { Claim } from './claim.ts'
import { phaseOf, sameShape } from './phase.ts'
import { UNWANTED, type UnwantedRule } from './rules.ts'
import { keyOf, type Loss, type Want } from './want.ts'

/** One record's next version with the decision that makes it; both null where nothing differs. */
export interface Difference {
  record: OwnedRecord | null
  decision: Decision | null
}

const SAME: Difference = { record: null, decision: null }

const VERB: Record<Goal, Verb> = {
  published: 'publish',
  retained: 'keep',
  awaiting: 'await',
  removed: 'remove',
  conflict: 'conflict',
  protected: 'skip',
}

const decided = (record: OwnedRecord, verb: Verb): Difference => ({
  record,
  decision: {
    verb,
    record: { name: record.name, type: record.type, value: record.value },
    rule: record.rule,
    reason: record.reason,
  },
})

const fresh = (want: Want, now: number): OwnedRecord => ({
  id: 0,
  key: want.key,
  endpoint: want.place.endpoint,
  zone: want.place.zone,
  name: want.name,
  type: want.type,
  value: want.value,
  scope: want.scope,
  origin: want.origin,
  phase: 'pending',
  rule: want.rule,
  reason: want.reason,
  client: want.client,
  address: want.address,
  wanted: want.shape,
  applied: null,
  sent: null,
  goal: want.goal,
  stopped: null,
  dueAt: want.dueAt,
  problem: null,
  updatedAt: now,
})

/** What a wanted RR means for its record. `again` tries a claim that DNS refused before. */
export const compare = (want: Want, record: OwnedRecord | undefined, now: number, again: boolean): Difference => {
  if (!record) return decided(fresh(want, now), VERB[want.goal])
  if (record.stopped === 'protected' && record.wanted) return SAME
  const retried = again && record.stopped === 'conflict'
  const settled =
    sameShape(record.wanted, want.shape) &&
    record.goal === want.goal &&
    record.dueAt === want.dueAt &&
    record.client === want.client &&
    (record.origin === want.origin || record.origin === 'manual') &&
    record.scope === want.scope
  if (settled && !retried) return SAME
  const { scope, client, goal, rule, reason, dueAt } = want
  const origin = record.origin === 'manual' ? record.origin : want.origin
  const stopped = retried || !record.wanted ? null : record.stopped
  const next = {
    ...record,
    wanted: want.shape,
    scope,
    client,
    origin,
    goal,
    rule,
    reason,
    dueAt,
    stopped,
    updatedAt: now,
  }
  next.phase = phaseOf(next)
  return decided(next, VERB[goal])
}

/** What becomes of a record that nothing wants: a name that somebody else has stays visible as a conflict. */
const LEFT: Partial<Record<UnwantedRule, Goal>> = { 'name-taken': 'conflict', 'forward-conflict': 'conflict' }

/** What an RR that is not wanted means for its record. One that a person changed is let go without a word to DNS. */
export const relinquish = (record: OwnedRecord, loss: Loss, now: number): Difference => {
  const goal = LEFT[loss.rule] ?? 'removed'
  if (record.wanted === null && (record.stopped === 'protected' || (!record.stopped && record.goal === goal)))
    return SAME
  if (record.stopped === 'protected') {
    return decided({ ...record, wanted: null, goal: 'protected', dueAt: null, updatedAt: now }, 'forget')
  }
  const reason = UNWANTED[loss.rule]({
    name: record.type === 'PTR' ? record.value : record.name,
    address: record.address,
    client: record.client,
    other: loss.other,
  })
  const next = { ...record, wanted: null, goal, rule: loss.rule, reason, dueAt: null, stopped: null, updatedAt: now }
  next.phase = phaseOf(next)
  const verb = goal === 'conflict' ? 'conflict' : next.phase === 'removing' ? 'remove' : 'forget'
  return decided(next, verb)
}

/** The record that shows a claim that lost its name to another client, where there is none yet. */
export const refuse = (
  claim: Claim,
  loss: Loss,
  recordAt: (key: string) => OwnedRecord | undefined,
  now: number,
): Difference | null => {
  const { lease, client, scope } = claim
  const place = lease.name === null ? null : scope.place(lease.name)
  if (!place) return null
  const type = lease.family === 4 ? ('A' as const) : ('AAAA' as const)
  const key = keyOf(place.endpoint, lease.name!, type, lease.address)
  if (recordAt(key)) return null
  const want: Want = {
    key,
    place,
    name: lease.name!,
    type,
    value: lease.address,
    scope: scope.name,
    client: client.key,
    address: lease.address,
    shape: { ttl: 0, dhcid: null },
    origin: claim.reserved ? 'reservation' : 'dynamic',
    goal: 'conflict',
    rule: 'lease-active',
    reason: '',
    dueAt: null,
  }
  const reason = UNWANTED[loss.rule]({
    name: lease.name,
    address: lease.address,
    client: client.key,
    other: loss.other,
  })
  const record: OwnedRecord = { ...fresh(want, now), wanted: null, rule: loss.rule, reason, phase: 'conflict' }
  return decided(record, 'conflict')
}
