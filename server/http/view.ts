import { expiryOf, standing } from '../../lib/lease.ts'
import type { Scope } from '../../lib/scope.ts'
import type { HistoryEntry, LeaseAnswer, RecordAnswer, ScopeAnswer } from '../../schemas/answers.ts'
import type { AuditEntry } from '../../schemas/audit.ts'
import type { Beginning, Client, Lease } from '../../schemas/lease.ts'
import type { OwnedRecord, Shape } from '../../schemas/record.ts'
import type { Estate } from '../store/estate.ts'

/** Milliseconds since the epoch as ISO 8601 in UTC. */
export function iso(at: number): string
export function iso(at: number | null): string | null
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

const shown = (shape: Shape | null): { ttl: number } | null => shape && { ttl: shape.ttl }

/** Kea's word while the lease lasts, then how it ended. */
const wordOf = (lease: Lease): LeaseAnswer['state'] => {
  const now = standing(lease)
  if (now.is === 'alive') return 'default'
  return now.is === 'unknown' ? (lease.ended[0]?.how ?? 'unknown') : now.ending.how
}

const beginningOf = (lease: Lease): Beginning | null => {
  const now = standing(lease)
  return now.is === 'unknown' ? null : now.holder
}

/** Who holds an address, or held it last; null where nobody is known. */
export const holderOf = (lease: Lease | undefined): Client | null => (lease && beginningOf(lease)?.client) ?? null

/** The A or AAAA that the lease's name has for its address. */
export const forwardOf = (lease: Lease, estate: Pick<Estate, 'recordsOf'>): OwnedRecord | null => {
  for (const record of estate.recordsOf(lease.address)) {
    if (record.type !== 'PTR' && record.name === lease.name) return record
  }
  return null
}

export const recordView = (record: OwnedRecord, estate: Pick<Estate, 'leases'>): RecordAnswer => {
  const { name, type, value, zone, scope, origin, phase, rule, reason, client, address, wanted, applied, sent } = record
  const lease = estate.leases.get(address)
  return {
    name,
    type,
    value,
    ttl: (wanted ?? applied ?? sent)?.ttl ?? null,
    zone,
    scope,
    origin,
    phase,
    rule,
    reason,
    dueAt: iso(record.dueAt),
    client,
    lease: lease
      ? { address, client: holderOf(lease)?.key ?? null, expiry: iso(expiryOf(lease)), state: wordOf(lease) }
      : null,
    applied: shown(applied),
    wanted: shown(wanted),
    problem: record.problem && { ...record.problem, at: iso(record.problem.at) },
    updatedAt: iso(record.updatedAt),
  }
}

export const leaseView = (lease: Lease, estate: Pick<Estate, 'recordsOf'>): LeaseAnswer => {
  const begun = beginningOf(lease)
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
    phase: forwardOf(lease, estate)?.phase ?? null,
    cltt: iso(begun && begun.cltt * 1000),
    expiry: iso(expiryOf(lease)),
    subnetId: begun?.subnetId ?? null,
  }
}

export const historyView = (entry: AuditEntry): HistoryEntry => ({ ...entry, at: iso(entry.at) })

export const scopeView = ({ name, subnet, domain, policy }: Scope): ScopeAnswer => ({ name, subnet, domain, policy })
