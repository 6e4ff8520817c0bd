import type { Decision, Goal, OwnedRecord, Verb } from '../../schemas/model/record.ts'
import type { Claim } from './claim.ts'
import { keyOf, phaseOf, sameShape } from './record.ts'
import { UNWANTED, type UnwantedRule } from './rules.ts'
import type { Unwanted, WantedRecord } from './wanted.ts'

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

const fresh = (wanted: WantedRecord, now: number): OwnedRecord => ({
  key: wanted.key,
  endpoint: wanted.zoneRef.endpoint,
  zone: wanted.zoneRef.zone,
  name: wanted.name,
  type: wanted.type,
  value: wanted.value,
  scope: wanted.scope,
  origin: wanted.origin,
  phase: 'pending',
  rule: wanted.rule,
  reason: wanted.reason,
  client: wanted.client,
  address: wanted.address,
  wanted: wanted.shape,
  applied: null,
  sent: null,
  written: null,
  goal: wanted.goal,
  stopped: null,
  dueAt: wanted.dueAt,
  problem: null,
  updatedAt: now,
})

/** What a wanted RR means for its record. */
export const diffWanted = (wanted: WantedRecord, record: OwnedRecord | undefined, now: number): Difference => {
  if (!record) return decided(fresh(wanted, now), VERB[wanted.goal])
  const settled =
    sameShape(record.wanted, wanted.shape) &&
    record.goal === wanted.goal &&
    record.dueAt === wanted.dueAt &&
    record.client === wanted.client &&
    (record.origin === wanted.origin || record.origin === 'manual') &&
    record.scope === wanted.scope
  if (settled) return SAME
  const { scope, client, goal, rule, reason, dueAt } = wanted
  const origin = record.origin === 'manual' ? record.origin : wanted.origin
  const stopped = record.wanted ? record.stopped : null
  const next = {
    ...record,
    wanted: wanted.shape,
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
export const diffUnwanted = (record: OwnedRecord, unwanted: Unwanted, now: number): Difference => {
  const goal = LEFT[unwanted.rule] ?? 'removed'
  if (record.wanted === null && (record.stopped === 'protected' || (!record.stopped && record.goal === goal)))
    return SAME
  if (record.stopped === 'protected') {
    return decided({ ...record, wanted: null, goal: 'protected', dueAt: null, updatedAt: now }, 'forget')
  }
  const reason = UNWANTED[unwanted.rule]({
    name: record.type === 'PTR' ? record.value : record.name,
    address: record.address,
    client: record.client,
    other: unwanted.other,
  })
  const next = {
    ...record,
    wanted: null,
    goal,
    rule: unwanted.rule,
    reason,
    dueAt: null,
    stopped: null,
    updatedAt: now,
  }
  next.phase = phaseOf(next)
  const verb = goal === 'conflict' ? 'conflict' : next.phase === 'removing' ? 'remove' : 'forget'
  return decided(next, verb)
}

/** The record that shows a claim that lost its name to another client, where there is none yet. */
export const showLoser = (
  claim: Claim,
  unwanted: Unwanted,
  recordAt: (key: string) => OwnedRecord | undefined,
  now: number,
): Difference | null => {
  const { lease, client, scope } = claim
  const zoneRef = lease.name === null ? null : scope.zoneOf(lease.name)
  if (!zoneRef) return null
  const type = lease.family === 4 ? ('A' as const) : ('AAAA' as const)
  const key = keyOf(zoneRef.endpoint, lease.name!, type, lease.address)
  if (recordAt(key)) return null
  const wanted: WantedRecord = {
    key,
    zoneRef,
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
  const reason = UNWANTED[unwanted.rule]({
    name: lease.name,
    address: lease.address,
    client: client.key,
    other: unwanted.other,
  })
  const record: OwnedRecord = { ...fresh(wanted, now), wanted: null, rule: unwanted.rule, reason, phase: 'conflict' }
  return decided(record, 'conflict')
}
