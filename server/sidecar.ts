import type { Scope } from '../lib/scope.ts'
import type { AuditEntry } from '../schemas/audit.ts'
import type { Decision } from '../schemas/decision.ts'
import type { Hold } from '../schemas/hold.ts'
import type { Lease } from '../schemas/lease.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'
import type { OwnedRecord, Phase } from '../schemas/record.ts'
import type { Run } from '../schemas/run.ts'

/** One zone of one DNS server, as the queue sees it. */
export interface LaneStatus {
  backend: string
  zone: string
  /** Names that wait for their turn or for a retry. */
  waiting: number
  inFlight: number
  /** Why nothing goes out, as a sentence, or null when all is well. */
  problem: string | null
  /** Milliseconds since the epoch of the next try, or null when none is set. */
  retryAt: number | null
}

/** What the HTTP side may see and do. Everything but `take` only reads. */
export interface Sidecar {
  /** Decides on events and resolves when the decisions are durable; rejects with StoreFailed when they cannot be. */
  take(events: LeaseEvent[]): Promise<Decision[]>
  leases: ReadonlyMap<string, Lease>
  records: ReadonlyMap<string, OwnedRecord>
  recordsNamed(name: string): Iterable<OwnedRecord>
  recordsOf(address: string): Iterable<OwnedRecord>
  leasesNamed(name: string): Iterable<Lease>
  scopes: readonly Scope[]
  scopeOf(address: string): Scope | null
  /** Newest first, at most `limit` entries of one name (forward or reverse). */
  history(name: string, limit: number): AuditEntry[]
  /** Records per scope and phase, kept as they change. */
  counts(): Iterable<{ scope: string; phase: Phase; count: number }>
  lanes(): LaneStatus[]
  /** Ready: the store is open and takes commits. A sentence when it is not. */
  unready(): string | null
  startedAt: number
  /** Why this node does not write DNS now, or null when it does. */
  idle(): string | null
  isActive(): boolean
  isPaused(): boolean
  /** Stops or goes on writing DNS; events are taken all the same. Durable when it resolves. */
  setPaused(paused: boolean): Promise<void>
  /** Catches up with Kea now. */
  reconcile(): Promise<Run>
  lastRun(): Run | null
  holds(): Iterable<Hold>
  /** A person's word on an open hold. Null when there is none with this id, or it is decided. */
  decideHold(id: number, state: 'approved' | 'rejected'): Promise<Hold | null>
}
