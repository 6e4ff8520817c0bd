/**
 * From what is wanted to what is in DNS.
 *
 * The invariant: the queue is not a second store. It is the set of names whose owned records differ from what was
 * applied, and it can be found again from the records at any time; nothing is lost with it. So it holds names only, and
 * what is to be done for a name is worked out from the records at the moment of sending, never when it was planned: a
 * newer decision cannot be overwritten by an older one, because the older one no longer exists anywhere.
 *
 * One lane a zone of a server. While one batch of a lane is under way the next gathers; a name is in one batch at a
 * time, so one name has one writer. A lane that gets no answer waits and holds up nobody else. What was decided is on
 * disk before it is sent, and what was sent counts as perhaps there until an answer says otherwise: a crash anywhere in
 * between is a change asked for twice, and its prerequisites make the second time harmless.
 */

import type { Change, Outcome } from '../../lib/dns/rr.ts'
import { nextChange, type PendingChange } from '../../lib/publish/change.ts'
import { applyOutcome } from '../../lib/publish/outcome.ts'
import { AWAITS_KEA, REFUSED, UNREACHABLE, type Waits, waitAfter } from '../../lib/publish/retry.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Server } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { Metrics } from '../metrics.ts'
import type { Store } from '../store/store.ts'

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

interface Deps {
  store: Pick<Store, 'state' | 'noteSent' | 'durable'>
  gate: Pick<Gate, 'isOpen' | 'awaitsKea'>
  servers: readonly Server[]
  /** Keeps what an answer taught; called for each name as it is settled. */
  engine: Pick<Engine, 'learned'>
  metrics: Pick<Metrics, 'messageTime'>
  now(): number
  random(): number
}

interface Lane {
  server: Server | null
  endpoint: string
  zone: string
  waiting: Set<string>
  inFlight: Set<string>
  failures: number
  retryAt: number | null
  timer: NodeJS.Timeout | null
  problem: string | null
}

/** Names in one batch: about what one message holds; fewer while it is not known whether the server answers again. */
const BATCH = 400
const PROBE = 20

const MISSING = 'its DNS server is no longer configured; the records stay owned until it is'

export class Queue {
  #deps: Deps
  #lanes = new Map<string, Lane>()
  #delayed = new Set<NodeJS.Timeout>()
  #due = new Set<Lane>()
  #closed = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /**
   * Says that records may differ from DNS. Cheap, and harmless when they do not. Sending begins when the caller's turn is
   * over, so that what is decided in one turn goes out together.
   */
  enqueue(records: Iterable<OwnedRecord>): void {
    for (const record of records) {
      const lane = this.#laneOf(record)
      lane.waiting.add(record.name)
      if (this.#due.size === 0) queueMicrotask(() => this.#begin())
      this.#due.add(lane)
      this.#awaitsKea(record)
    }
  }

  #begin(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const lane of due) this.#go(lane)
  }

  /** Goes on after a time in which this node did not write. */
  goOn(): void {
    for (const lane of this.#lanes.values()) this.#go(lane)
  }

  /** Whether a change of the record's name is under way. */
  isInFlight({ endpoint, zone, name }: OwnedRecord): boolean {
    return this.#lanes.get(`${endpoint} ${zone}`)?.inFlight.has(name) ?? false
  }

  status(): LaneStatus[] {
    return [...this.#lanes.values()].map(lane => ({
      backend: lane.server?.backend.name ?? lane.endpoint,
      zone: lane.zone,
      waiting: lane.waiting.size,
      inFlight: lane.inFlight.size,
      problem: lane.problem,
      retryAt: lane.retryAt,
    }))
  }

  /** Starts nothing more and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    for (const lane of this.#lanes.values()) if (lane.timer) clearTimeout(lane.timer)
    for (const timer of this.#delayed) clearTimeout(timer)
    while ([...this.#lanes.values()].some(lane => lane.inFlight.size > 0))
      await new Promise(done => setTimeout(done, 5))
  }

  #laneOf({ endpoint, zone }: OwnedRecord): Lane {
    const key = `${endpoint} ${zone}`
    const known = this.#lanes.get(key)
    if (known) return known
    const server = this.#deps.servers.find(one => one.backend.endpoint === endpoint) ?? null
    const lane: Lane = {
      server,
      endpoint,
      zone,
      waiting: new Set(),
      inFlight: new Set(),
      failures: 0,
      retryAt: null,
      timer: null,
      problem: server ? null : MISSING,
    }
    this.#lanes.set(key, lane)
    return lane
  }

  #go(lane: Lane): void {
    if (
      this.#closed ||
      !this.#deps.gate.isOpen() ||
      !lane.server ||
      lane.inFlight.size > 0 ||
      lane.retryAt !== null ||
      lane.waiting.size === 0
    )
      return
    const steps = this.#gather(lane)
    if (steps.size > 0) this.#send(lane, lane.server, steps).catch(error => this.#requeue(lane, steps, error as Error))
  }

  #gather(lane: Lane): Map<Change, PendingChange> {
    const steps = new Map<Change, PendingChange>()
    const { store } = this.#deps
    const most = lane.failures > 0 ? PROBE : BATCH
    for (const name of lane.waiting) {
      if (steps.size >= most) break
      lane.waiting.delete(name)
      if (this.#nameAwaitsKea(lane, name)) continue
      const step = nextChange(this.#recordsAt(lane, name), lane.server!.marker)
      if (!step) continue
      steps.set(step.change, step)
      lane.inFlight.add(name)
      store.noteSent(step)
    }
    return steps
  }

  /** The records of one name at one server; a PTR counts as not yet wanted while its name is on its way. */
  #recordsAt(lane: Lane, name: string): OwnedRecord[] {
    return this.#allAt(lane, name).filter(
      record => record.type !== 'PTR' || record.applied || record.sent || !this.#isAwaited(record),
    )
  }

  #allAt({ endpoint }: Lane, name: string): OwnedRecord[] {
    return [...this.#deps.store.state.recordsNamed(name)].filter(record => record.endpoint === endpoint)
  }

  /** Whether a name waits for what Kea has yet to tell of one of its records. */
  #nameAwaitsKea(lane: Lane, name: string): boolean {
    const waiting = this.#allAt(lane, name).filter(record => this.#awaitsKea(record))
    if (waiting.length > 0) this.#later(lane, name, AWAITS_KEA, 1)
    return waiting.length > 0
  }

  /**
   * Whether Kea has yet to tell if a record is still to be put into DNS. It counts as perhaps there, written by the
   * other node, so that it is looked for should it be to remove.
   */
  #awaitsKea(record: OwnedRecord): boolean {
    const { gate, store } = this.#deps
    const { key, wanted, applied, stopped } = record
    if (!wanted || applied || stopped || !gate.awaitsKea(record)) return false
    store.noteSent({ target: { key, shape: wanted }, removed: [] })
    return true
  }

  /**
   * Whether the name that a new PTR points at has yet to be tried: a PTR must not point at somebody else's name. A name
   * whose server does not answer is not waited for.
   */
  #isAwaited(ptr: OwnedRecord): boolean {
    for (const record of this.#deps.store.state.recordsOf(ptr.address)) {
      if (record.type === 'PTR' || record.name !== ptr.value || !record.wanted || record.stopped) continue
      if (!record.applied && !record.problem && this.#laneOf(record).failures === 0) return true
    }
    return false
  }

  async #send(lane: Lane, { backend }: Server, steps: Map<Change, PendingChange>): Promise<void> {
    const { store, metrics, now } = this.#deps
    await store.durable()
    const start = now()
    const failed: string[] = []
    await backend.apply(lane.zone, [...steps.keys()], (change, outcome) => {
      lane.inFlight.delete(change.name)
      this.#settle(lane, steps.get(change)!, outcome, failed)
    })
    metrics.messageTime((now() - start) / 1000)
    for (const name of failed) lane.waiting.add(name)
    if (failed.length > 0) this.#wait(lane)
    else {
      lane.failures = 0
      this.#go(lane)
    }
  }

  #settle(lane: Lane, step: PendingChange, outcome: Outcome, failed: string[]): void {
    const { store, engine, now } = this.#deps
    const { name } = step.change
    const at = this.#allAt(lane, name)
    const after = applyOutcome(at, step, outcome, now())
    engine.learned(after, outcome)
    lane.problem = outcome.kind === 'unreachable' || outcome.kind === 'refused' ? outcome.detail : null
    if (outcome.kind === 'unreachable') failed.push(name)
    else if (outcome.kind === 'refused') this.#later(lane, name, REFUSED, after[0]?.problem?.tries ?? 1)
    // A step changes one RRset, so that only a name of several RRs can need another one; a newer decision touches it itself.
    else if (at.length > 1) lane.waiting.add(name)
    this.enqueue(
      after.flatMap(record => [...store.state.recordsOf(record.address)]).filter(record => record.name !== name),
    )
  }

  #wait(lane: Lane): void {
    const { now, random } = this.#deps
    lane.failures++
    const wait = waitAfter(UNREACHABLE, lane.failures, random())
    lane.retryAt = now() + wait
    lane.timer = setTimeout(() => {
      lane.retryAt = null
      lane.timer = null
      this.#go(lane)
    }, wait)
  }

  #later(lane: Lane, name: string, waits: Waits, tries: number): void {
    const timer = setTimeout(
      () => {
        this.#delayed.delete(timer)
        lane.waiting.add(name)
        this.#go(lane)
      },
      waitAfter(waits, tries, this.#deps.random()),
    )
    this.#delayed.add(timer)
  }

  /** The disk or a backend failed in a way that is no answer: nothing was settled, all waits. */
  #requeue(lane: Lane, steps: Map<Change, PendingChange>, error: Error): void {
    for (const change of steps.keys()) {
      if (lane.inFlight.delete(change.name)) lane.waiting.add(change.name)
    }
    lane.problem = error.message
    this.#wait(lane)
  }
}
