import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { RULES } from '../lib/plan/rules.ts'
import type { EventKind, EventSource } from '../schemas/model/lease-event.ts'
import type { RunResult } from '../schemas/model/reconcile.ts'
import type { OutcomeKind, RecordType } from '../schemas/model/record.ts'
import type { Gate } from './gate.ts'
import type { Store } from './store/store.ts'
import { STORE_TROUBLES, type StoreTrouble } from './store/trouble.ts'

type Family = 4 | 6
export type EventResult = 'decided' | 'skipped' | 'failed'

/** The parts from which the gauges are read. */
export interface Scraped {
  store: Pick<Store, 'state' | 'holds'>
  queue: { status(): { waiting: number; retryAt: number | null }[] }
  gate: Pick<Gate, 'isActive'>
}

/**
 * Counts what happens. A new counter or histogram is a function here and its name in `createMetrics`; a new gauge is
 * read in `scrape`. Every label has a closed set of values: never a name, an address or a raw error.
 */
export interface Metrics {
  event(source: EventSource, kind: EventKind, result: EventResult): void
  /** Name change requests that were not understood (malformed), or that the kernel dropped. */
  lostRequests(kind: 'malformed' | 'dropped', count: number): void
  /** An event was skipped by this rule. A rule that is not in lib/plan/rules.ts counts as `other`. */
  skipped(rule: string): void
  update(family: Family, type: RecordType, result: OutcomeKind): void
  delete(family: Family, type: RecordType, result: OutcomeKind): void
  calloutTime(seconds: number): void
  eventToApplied(seconds: number): void
  messageTime(seconds: number): void
  reconciled(result: RunResult): void
  /** Milliseconds since the epoch. */
  lastSuccess(at: number): void
  /** Milliseconds since the epoch. */
  lastError(at: number): void
  /** The store's disk began to give trouble, of this kind. */
  storeTrouble(trouble: StoreTrouble): void
  /** All metrics in the text format of Prometheus. The gauges are read from `parts` now. */
  scrape(parts: Scraped): Promise<string>
  readonly contentType: string
}

const CALLOUT_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const APPLIED_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300]
const MESSAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

const waitingForRetry = (lanes: ReturnType<Scraped['queue']['status']>): number =>
  lanes.reduce((sum, lane) => sum + (lane.retryAt === null ? 0 : lane.waiting), 0)

/** Makes the metrics in a registry of their own, so that several sidecars can run in one process. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `dhcp_ddns_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `dhcp_ddns_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `dhcp_ddns_${name}`, help, buckets, registers })

  const events = counter('events_total', 'Lease events that came in.', 'source', 'kind', 'result')
  const skipped = counter('skipped_total', 'Lease events that changed nothing, by the rule.', 'rule')
  const updates = counter('updates_total', 'Answers to publishing a DNS record.', 'family', 'type', 'result')
  const deletes = counter('deletes_total', 'Answers to removing a DNS record.', 'family', 'type', 'result')
  const runs = counter('reconcile_runs_total', 'Reconcile runs.', 'result')
  const troubles = counter('store_troubles_total', "Times that the store's disk began to give trouble.", 'kind')
  for (const kind of STORE_TROUBLES) troubles.inc({ kind }, 0)
  const retries = gauge('pending_retries', 'Names that wait until a DNS server is tried again.')
  const success = gauge('last_success_timestamp_seconds', 'When a DNS server last took a change; 0 is never.')
  const failure = gauge('last_error_timestamp_seconds', 'When a DNS server last refused or did not answer; 0 is never.')
  const owned = gauge('owned_records', 'Records that are owned.', 'scope', 'phase')
  const holds = gauge('holds', 'Sets of decisions that wait for a person.')
  const active = gauge('active', 'Whether this node writes DNS.')
  const callout = histogram('callout_duration_seconds', 'Time to answer a callout.', CALLOUT_BUCKETS)
  const applied = histogram('event_to_applied_seconds', 'Time from an event until DNS has its change.', APPLIED_BUCKETS)
  const message = histogram('update_message_duration_seconds', 'Time of one DNS update message.', MESSAGE_BUCKETS)

  return {
    event: (source, kind, result) => events.inc({ source, kind, result }),
    lostRequests: (kind, count) => events.inc({ source: 'ncr', kind, result: 'failed' }, count),
    skipped: rule => skipped.inc({ rule: RULES.has(rule) ? rule : 'other' }),
    update: (family, type, result) => updates.inc({ family, type, result }),
    delete: (family, type, result) => deletes.inc({ family, type, result }),
    calloutTime: seconds => callout.observe(seconds),
    eventToApplied: seconds => applied.observe(seconds),
    messageTime: seconds => message.observe(seconds),
    lastSuccess: at => success.set(at / 1000),
    lastError: at => failure.set(at / 1000),
    reconciled: result => runs.inc({ result }),
    storeTrouble: kind => troubles.inc({ kind }),
    scrape: ({ store, queue, gate }) => {
      owned.reset()
      for (const { scope, phase, count } of store.state.counts())
        if (phase !== 'removed') owned.set({ scope, phase }, count)
      retries.set(waitingForRetry(queue.status()))
      holds.set([...store.holds.values()].filter(hold => hold.state === 'open').length)
      active.set(gate.isActive() ? 1 : 0)
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
