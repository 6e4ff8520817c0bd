/*
 * Answers that several routes share: a record, a lease, a run, and whether this node writes DNS. An answer that one
 * route alone gives stands in that route.
 */

import { expiryOf, holdingOf, isOver } from '../../lib/plan/lease/lease.ts'
import { isForward } from '../../lib/plan/record.ts'
import { reasonOf } from '../../lib/plan/rules.ts'
import type { HistoryEntry, LeaseAnswer, RecordAnswer } from '../../schemas/api/answers.ts'
import type { ActivityAnswer, RunSummary } from '../../schemas/api/operation.ts'
import type { Client, Grant, Lease } from '../../schemas/model/lease.ts'
import type { Run } from '../../schemas/model/reconcile.ts'
import type { AuditEntry, OwnedRecord, Shape } from '../../schemas/model/record.ts'
import type { Gate } from '../gate.ts'
import type { Queue } from '../publish/queue.ts'
import type { State } from '../store/state.ts'

/** A time in milliseconds since the epoch as ISO 8601 in UTC; null stays null. */
export function iso(at: number): string
export function iso(at: number | null): string | null
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

const shown = (shape: Shape | null): { ttl: number } | null => shape && { ttl: shape.ttl }

/**
 * `default` (Kea's word) while the lease is active, then how it ended, as `expired`. `unknown` where nothing was heard.
 */
const wordOf = (lease: Lease): LeaseAnswer['state'] => {
  const now = holdingOf(lease)
  if (now.is === 'active') return 'default'
  return now.is === 'unknown' ? (lease.ends[0]?.how ?? 'unknown') : now.end.how
}

const grantOf = (lease: Lease): Grant | null => {
  const now = holdingOf(lease)
  return now.is === 'unknown' ? null : now.holder
}

/** The client that holds the address of a lease, or held it last; null where no grant is known. */
export const holderOf = (lease: Lease | undefined): Client | null => (lease && grantOf(lease)?.client) ?? null

/** The owned A or AAAA record of the lease's name at its address, or null. */
export const forwardOf = (lease: Lease, state: Pick<State, 'recordsOf'>): OwnedRecord | null => {
  for (const record of state.recordsOf(lease.address)) {
    if (isForward(record) && record.name === lease.name) return record
  }
  return null
}

/** Why a record is wanted, as it is now: the time of its lease may be over, and nobody told how it went on. */
const whyNow = ({ rule, reason, client, address }: OwnedRecord, lease: Lease | undefined) =>
  rule === 'lease-active' && lease && isOver(lease, Date.now())
    ? { rule: 'lease-overdue', reason: reasonOf('lease-overdue', { client, address }) }
    : { rule, reason }

/** A record as answers show it. Where its lane is in trouble, that is its problem too, until it has one of its own. */
export const recordView = (
  record: OwnedRecord,
  state: Pick<State, 'leases'>,
  queue: Pick<Queue, 'problemOf'>,
): RecordAnswer => {
  const problem = record.problem ?? queue.problemOf(record)
  const { name, type, value, zone, scope, origin, phase, client, address, wanted, applied, sent } = record
  const lease = state.leases.get(address)
  return {
    name,
    type,
    value,
    ttl: (wanted ?? applied ?? sent)?.ttl ?? null,
    zone,
    scope,
    origin,
    phase,
    ...whyNow(record, lease),
    dueAt: iso(record.dueAt),
    client,
    lease: lease
      ? { address, client: holderOf(lease)?.key ?? null, expiry: iso(expiryOf(lease)), state: wordOf(lease) }
      : null,
    applied: shown(applied),
    wanted: shown(wanted),
    problem: problem && { ...problem, at: iso(problem.at) },
    updatedAt: iso(record.updatedAt),
  }
}

export const leaseView = (lease: Lease, state: Pick<State, 'recordsOf'>): LeaseAnswer => {
  const begun = grantOf(lease)
  const client = begun?.client
  return {
    address: lease.address,
    family: lease.family,
    scope: lease.scope,
    state: wordOf(lease),
    client: client?.key ?? null,
    clientId: client?.clientId ?? null,
    hwAddress: client?.hwAddress ?? null,
    duid: client?.duid ?? null,
    iaid: client?.iaid ?? null,
    hostname: begun?.hostname ?? '',
    name: lease.name,
    rule: lease.nameRule,
    phase: forwardOf(lease, state)?.phase ?? null,
    cltt: iso(begun && begun.cltt * 1000),
    expiry: iso(expiryOf(lease)),
    subnetId: begun?.subnetId ?? null,
    ...(isOver(lease, Date.now()) && { overdue: true }),
    ...(begun?.ahead && { clockAhead: true }),
  }
}

/** An entry of the audit log. That it changes who holds an address is its index's affair. */
export const entryView = ({ holds: _holds, ...entry }: AuditEntry): HistoryEntry => ({ ...entry, at: iso(entry.at) })

export const activityView = (gate: Gate): ActivityAnswer => ({
  paused: gate.isPaused(),
  active: gate.isActive(),
  idle: gate.why(),
})

export const runSummary = ({ cause, startedAt, finishedAt, result, begun, ended, held }: Run): RunSummary => ({
  cause,
  startedAt: iso(startedAt),
  finishedAt: iso(finishedAt),
  result,
  begun,
  ended,
  held,
})
