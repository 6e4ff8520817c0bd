/*
 * What is wanted, held against what is owned: the next version of each record, and the decision that makes it.
 *
 *     wanted   owned record               next version            decision
 *     an RR    none                       pending, wanted         publish (keep, await)
 *     an RR    wants the same             none                    none
 *     an RR    wants something else       the new wish            publish (keep, await)
 *     an RR    stopped by a conflict      tried again on retry    publish (keep, await)
 *     an RR    protected                  none: a person has it   none
 *     none     wanted so far              removing, or removed    remove, or forget when DNS never had it
 *     none     protected                  no longer wanted        forget; nothing is sent to DNS
 *     none     lost the name              in conflict, visible    conflict
 *
 * Each function gives at most one record and one decision. Both are null when nothing differs.
 */
import type { Decision, Goal, OwnedRecord, Phase, Shape, Verb } from '../../schemas/model/record.ts'
import type { Claim } from './claim.ts'
import { phaseOf, sameShape, subjectOf } from './record.ts'
import { RULE_GROUPS, reasonOf, type UnwantedRule } from './rules.ts'
import { originOf, rrOf, type Unwanted, type WantedRecord } from './wanted.ts'

/** One record's next version with the decision that makes it; both null when nothing differs. */
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

const decided = (record: OwnedRecord, verb: Verb): Difference => {
  const { name, type, value, rule, reason } = record
  return { record, decision: { verb, record: { name, type, value }, rule, reason } }
}

/** The first version of a record: DNS was not asked for it yet. It is a literal, as many records are kept for long. */
const newRecord = (
  fields: Omit<WantedRecord, 'rule' | 'shape'> & { rule: string },
  wanted: Shape | null,
  phase: Phase,
  now: number,
): OwnedRecord => ({
  key: fields.key,
  endpoint: fields.zoneRef.endpoint,
  zone: fields.zoneRef.zone,
  name: fields.name,
  type: fields.type,
  value: fields.value,
  scope: fields.scope,
  origin: fields.origin,
  phase,
  rule: fields.rule,
  reason: fields.reason,
  client: fields.client,
  address: fields.address,
  wanted,
  applied: null,
  sent: null,
  written: null,
  goal: fields.goal,
  stopped: null,
  dueAt: fields.dueAt,
  problem: null,
  updatedAt: now,
  ...(fields.alone && { alone: true }),
})

/** True when the record stays for the same reason: of a role the sentence says what it rests on, and that can change. */
const saysTheSame = (record: OwnedRecord, { rule, reason }: WantedRecord): boolean =>
  record.rule === rule && (record.reason === reason || !rule.startsWith('role-'))

/** True when the record wants just what is wanted now. A record that a person took over keeps its origin. */
const wantsTheSame = (record: OwnedRecord, wanted: WantedRecord): boolean =>
  sameShape(record.wanted, wanted.shape) &&
  record.goal === wanted.goal &&
  record.dueAt === wanted.dueAt &&
  (record.stopped !== null || saysTheSame(record, wanted)) &&
  record.client === wanted.client &&
  (record.origin === wanted.origin || record.origin === 'manual') &&
  record.scope === wanted.scope &&
  record.address === wanted.address &&
  Boolean(record.alone) === Boolean(wanted.alone)

const STOPPED_RULES: ReadonlySet<string> = new Set(Object.keys(RULE_GROUPS.STOPPED))

/** The record with the reason why it is wanted, where it still tells what stood in the way: that is over. */
const explained = (record: OwnedRecord, { rule, reason }: WantedRecord): Difference =>
  !record.stopped && STOPPED_RULES.has(record.rule) ? { record: { ...record, rule, reason }, decision: null } : SAME

/**
 * True for an alias that we took out of DNS. What we wrote before proves nothing of a CNAME that is there by now: it bears
 * no marker, and a person may have made it.
 */
const isGoneAlias = ({ type, wanted, applied, sent }: OwnedRecord): boolean =>
  type === 'CNAME' && wanted === null && applied === null && sent === null

/**
 * The difference that a wanted RR makes to its record.
 */
export const diffWanted = (wanted: WantedRecord, record: OwnedRecord | undefined, now: number): Difference => {
  if (!record) return decided(newRecord(wanted, wanted.shape, 'pending', now), VERB[wanted.goal])
  if (wantsTheSame(record, wanted)) return explained(record, wanted)
  const { scope, client, address, goal, rule, reason, dueAt, shape } = wanted
  const origin = record.origin === 'manual' ? record.origin : wanted.origin
  const stopped = record.wanted ? record.stopped : null
  const next = {
    ...record,
    wanted: shape,
    scope,
    client,
    address,
    origin,
    goal,
    rule,
    reason,
    dueAt,
    stopped,
    updatedAt: now,
    alone: wanted.alone,
    written: isGoneAlias(record) ? null : record.written,
  }
  if (!next.alone) delete next.alone
  next.phase = phaseOf(next)
  return decided(next, VERB[goal])
}

/** What becomes of a record that is not wanted: removed, but one that lost its name stays visible as a conflict. */
const goalOf = (rule: UnwantedRule): Goal =>
  rule === 'name-taken' || rule === 'forward-conflict' ? 'conflict' : 'removed'

/** The difference that it makes to a record that nothing wants it. A protected one is let go: DNS is not told. */
export const diffUnwanted = (record: OwnedRecord, { rule, other, alias }: Unwanted, now: number): Difference => {
  const goal = goalOf(rule)
  if (record.wanted === null && (record.stopped === 'protected' || (!record.stopped && record.goal === goal)))
    return SAME
  if (record.stopped === 'protected') {
    return decided({ ...record, wanted: null, goal: 'protected', dueAt: null, updatedAt: now }, 'forget')
  }
  const { address, client } = record
  const reason = reasonOf(rule, { name: subjectOf(record), address, client, other, alias })
  const next = { ...record, wanted: null, goal, rule, reason, dueAt: null, stopped: null, updatedAt: now }
  next.phase = phaseOf(next)
  const verb = goal === 'conflict' ? 'conflict' : next.phase === 'removing' ? 'remove' : 'forget'
  return decided(next, verb)
}

/**
 * A record for a claim that lost its name before it was ever published, so that a person sees the conflict. Null when
 * there is a record already, as diffUnwanted takes care of that, or when no zone holds the name.
 */
export const showLoser = (
  claim: Claim,
  { rule, other, alias }: Unwanted,
  recordAt: (key: string) => OwnedRecord | undefined,
  now: number,
): Difference | null => {
  const { lease, client, scope } = claim
  const rr = rrOf(claim, 'forward')
  if (!rr || recordAt(rr.key)) return null
  const whose = { scope: scope.name, client: client.key, address: lease.address, origin: originOf(claim) }
  const reason = reasonOf(rule, { name: rr.name, address: lease.address, client: client.key, other, alias })
  const fields = { ...rr, ...whose, goal: 'conflict' as const, rule, reason, dueAt: null }
  return decided(newRecord(fields, null, 'conflict', now), 'conflict')
}
