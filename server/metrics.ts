import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { RULES } from '../lib/plan/rules.ts'
import type { FindingKind } from '../schemas/model/finding.ts'
import { EventKind, EventSource, type Service } from '../schemas/model/lease-event.ts'
import { openHolds, RunResult } from '../schemas/model/reconcile.ts'
import { OutcomeKind, Phase, type RecordType } from '../schemas/model/record.ts'
import { Refusal, Source } from '../schemas/model/source.ts'
import type { Gate } from './gate.ts'
import { type Minute, Pace } from './pace.ts'
import type { Store } from './store/store.ts'
import { STORE_TROUBLES, type StoreTrouble } from './store/trouble.ts'

type Family = 4 | 6
const EVENT_RESULTS = ['decided', 'skipped', 'failed'] as const
export type EventResult = (typeof EVENT_RESULTS)[number]

/** The record types that a family has. An alias is in the family of its target: v4 where that has both. */
const TYPES: [Family, RecordType][] = [
  [4, 'A'],
  [4, 'PTR'],
  [4, 'CNAME'],
  [6, 'AAAA'],
  [6, 'PTR'],
  [6, 'CNAME'],
]
/** What is counted of name change requests beside events, as they never became any. */
const LOST = ['malformed', 'dropped'] as const

/** What is read of a lane. */
interface LaneCounts {
  backend: string
  state: 'open' | 'refused' | 'unreachable' | 'gone'
  waiting: number
  retrying: number
}

/** The parts from which the gauges are read. */
export interface Scraped {
  store: Pick<Store, 'state' | 'holds'>
  queue: { status(): LaneCounts[] }
  gate: Pick<Gate, 'isActive'>
  scopes: { readonly all: readonly { name: string }[] }
  heard: { lastHeard(source: Source): number }
  sights: readonly { all(): { kea: string; service: Service; isReachable: boolean | null }[] }[]
  listings: { of(kea: string, service: Service): number | null }
  findings: { counts(): Record<FindingKind, number> }
  /** The names of the entries of `dns`. */
  backends: readonly string[]
}

/**
 * Counts what happens. A new counter or histogram is a function here and its name in `createMetrics`; a new gauge is
 * read in `scrape`. Every label has a closed set of values: never a name, an address or a raw error.
 */
export interface Metrics {
  event(source: EventSource, kind: EventKind, result: EventResult): void
  /** Name change requests that were not understood (malformed), or that the kernel dropped. */
  lostRequests(kind: (typeof LOST)[number], count: number): void
  /** Whoever tells of leases was refused. */
  sourceRefused(source: Source, why: Refusal, count: number): void
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
  /** The answers of DNS servers in each minute of the last hour. */
  minutes(): Minute[]
  /** All metrics in the text format of Prometheus. The gauges are read from `parts` now. */
  scrape(parts: Scraped): Promise<string>
  readonly contentType: string
}

const CALLOUT_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const APPLIED_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300]
const MESSAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

/** What is counted for each lease is told to its counter when the metrics are asked for: telling costs more than counting. */
class Tally {
  #counter: Counter
  #counts = new Map<string, { labels: Record<string, string | number>; count: number }>()

  constructor(counter: Counter) {
    this.#counter = counter
  }

  count(labels: Record<string, string | number>): void {
    let key = ''
    for (const label in labels) key += ` ${labels[label]}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { labels, count: 1 })
  }

  tell(): void {
    for (const { labels, count } of this.#counts.values()) this.#counter.inc(labels, count)
    this.#counts.clear()
  }
}

/** Names that wait until they, or their whole lane, are tried again: after silence, and after a refusal. */
const waitingForRetry = (lanes: LaneCounts[]): number =>
  lanes.reduce((sum, { state, waiting, retrying }) => {
    if (state === 'gone') return sum
    return sum + (state === 'open' ? retrying : waiting)
  }, 0)

/** Makes the metrics in a registry of their own, so that several sidecars can run in one process. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const pace = new Pace(Date.now)
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

  const heardAt = gauge('source_last_heard_timestamp_seconds', 'When a source was last heard; 0 is never.', 'source')
  const refusals = counter('source_refused_total', 'What came from a source and was refused.', 'source', 'why')
  const keaUp = gauge('kea_up', 'Whether a service of Kea answers.', 'kea', 'service')
  const listedAt = gauge(
    'kea_last_listing_timestamp_seconds',
    'When a service of Kea last listed all its leases; 0 is never.',
    'kea',
    'service',
  )
  const backendUp = gauge('backend_up', 'Whether a DNS server answers updates.', 'backend')
  const refusedAt = gauge('refused', 'Names that wait, as a DNS server refuses all updates of their zone.', 'backend')
  const found = gauge('findings', 'What is not as it should be.', 'kind')

  collectDefaultMetrics({ register: registry })
  for (const source of EventSource.options)
    for (const kind of EventKind.options) for (const result of EVENT_RESULTS) events.inc({ source, kind, result }, 0)
  for (const kind of LOST) events.inc({ source: 'ncr', kind, result: 'failed' }, 0)
  for (const rule of [...RULES, 'other']) skipped.inc({ rule }, 0)
  for (const [family, type] of TYPES)
    for (const result of OutcomeKind.options) {
      updates.inc({ family, type, result }, 0)
      deletes.inc({ family, type, result }, 0)
    }
  for (const result of RunResult.options) runs.inc({ result }, 0)
  for (const source of Source.options) for (const why of Refusal.options) refusals.inc({ source, why }, 0)

  const tallies = [events, updates, deletes].map(one => new Tally(one))
  const [eventTally, updateTally, deleteTally] = tallies as [Tally, Tally, Tally]

  return {
    event: (source, kind, result) => eventTally.count({ source, kind, result }),
    lostRequests: (kind, count) => events.inc({ source: 'ncr', kind, result: 'failed' }, count),
    sourceRefused: (source, why, count) => refusals.inc({ source, why }, count),
    skipped: rule => skipped.inc({ rule: RULES.has(rule) ? rule : 'other' }),
    update: (family, type, result) => {
      updateTally.count({ family, type, result })
      pace.note(result)
    },
    delete: (family, type, result) => {
      deleteTally.count({ family, type, result })
      pace.note(result)
    },
    minutes: () => pace.minutes(),
    calloutTime: seconds => callout.observe(seconds),
    eventToApplied: seconds => applied.observe(seconds),
    messageTime: seconds => message.observe(seconds),
    lastSuccess: at => success.set(at / 1000),
    lastError: at => failure.set(at / 1000),
    reconciled: result => runs.inc({ result }),
    storeTrouble: kind => troubles.inc({ kind }),
    scrape: parts => {
      const { store, queue, gate, scopes, heard, sights, listings, findings, backends } = parts
      for (const one of tallies) one.tell()
      for (const one of [owned, keaUp, listedAt, backendUp, refusedAt]) one.reset()
      for (const { name: scope } of scopes.all)
        for (const phase of Phase.options) if (phase !== 'removed') owned.set({ scope, phase }, 0)
      for (const { scope, phase, count } of store.state.counts())
        if (phase !== 'removed') owned.set({ scope, phase }, count)
      retries.set(waitingForRetry(queue.status()))
      holds.set(openHolds(store.holds.values()).length)
      active.set(gate.isActive() ? 1 : 0)
      for (const source of Source.options) heardAt.set({ source }, heard.lastHeard(source) / 1000)
      for (const { kea, service, isReachable } of sights.flatMap(sight => sight.all())) {
        keaUp.set({ kea, service }, isReachable ? 1 : 0)
        listedAt.set({ kea, service }, (listings.of(kea, service) ?? 0) / 1000)
      }
      const lanes = queue.status()
      for (const backend of backends) {
        const own = lanes.filter(lane => lane.backend === backend)
        backendUp.set({ backend }, own.some(({ state }) => state === 'unreachable') ? 0 : 1)
        const refused = own.filter(({ state }) => state === 'refused')
        refusedAt.set(
          { backend },
          refused.reduce((sum, { waiting }) => sum + waiting, 0),
        )
      }
      for (const [kind, count] of Object.entries(findings.counts())) found.set({ kind }, count)
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
