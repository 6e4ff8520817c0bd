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
import type { Marker, Step } from '../lib/change.ts'
import { stepTowards } from '../lib/change.ts'
import type { Change, Outcome } from '../lib/dns/rr.ts'
import { REFUSED, UNREACHABLE, UNTOLD, type Waits, waitAfter } from '../lib/retry.ts'
import { settle } from '../lib/settle.ts'
import type { OwnedRecord } from '../schemas/record.ts'
import type { Backend } from './backends/backend.ts'
import type { LaneStatus } from './sidecar.ts'
import type { Estate } from './store/estate.ts'

/** A DNS server that is configured, and how it shows whose a name is. */
export interface Server {
  backend: Backend
  marker: Marker
}

export interface QueueOptions {
  estate: Estate
  servers: Server[]
  /** Resolves when everything decided so far is on disk. */
  durable(): Promise<void>
  /** Whether this node writes DNS now; when that changes to yes, `resume` is called. */
  mayWrite(): boolean
  /** Whether it is to be heard from Kea first how the record's lease went on. */
  isOverdue(record: OwnedRecord): boolean
  /** Keeps what an answer taught; called for each name as it is settled. */
  learnt(records: OwnedRecord[], outcome: Outcome): void
  /** How long one message or batch took, in seconds. */
  timed?(seconds: number): void
  now(): number
  random(): number
}

interface Lane {
  server: Server | null
  endpoint: string
  zone: string
  waiting: Set<string>
  flying: Set<string>
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
  #options: QueueOptions
  #lanes = new Map<string, Lane>()
  #delayed = new Set<NodeJS.Timeout>()
  #due = new Set<Lane>()
  #closed = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Says that records may differ from DNS. Cheap, and harmless when they do not. */
  touch(records: Iterable<OwnedRecord>): void {
    for (const record of records) {
      const lane = this.#laneOf(record)
      lane.waiting.add(record.name)
      this.#due.add(lane)
      this.#noteUntold(record)
    }
    for (const lane of this.#due) this.#go(lane)
    this.#due.clear()
  }

  /** Goes on after a time in which this node did not write. */
  resume(): void {
    for (const lane of this.#lanes.values()) this.#go(lane)
  }

  /** Whether a change of the record's name is under way. */
  isFlying({ endpoint, zone, name }: OwnedRecord): boolean {
    return this.#lanes.get(`${endpoint} ${zone}`)?.flying.has(name) ?? false
  }

  status(): LaneStatus[] {
    return [...this.#lanes.values()].map(lane => ({
      backend: lane.server?.backend.name ?? lane.endpoint,
      zone: lane.zone,
      waiting: lane.waiting.size,
      inFlight: lane.flying.size,
      problem: lane.problem,
      retryAt: lane.retryAt,
    }))
  }

  /** Starts nothing more and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    for (const lane of this.#lanes.values()) if (lane.timer) clearTimeout(lane.timer)
    for (const timer of this.#delayed) clearTimeout(timer)
    while ([...this.#lanes.values()].some(lane => lane.flying.size > 0)) await new Promise(done => setTimeout(done, 5))
  }

  #laneOf({ endpoint, zone }: OwnedRecord): Lane {
    const key = `${endpoint} ${zone}`
    const known = this.#lanes.get(key)
    if (known) return known
    const server = this.#options.servers.find(one => one.backend.endpoint === endpoint) ?? null
    const lane: Lane = {
      server,
      endpoint,
      zone,
      waiting: new Set(),
      flying: new Set(),
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
      !this.#options.mayWrite() ||
      !lane.server ||
      lane.flying.size > 0 ||
      lane.retryAt !== null ||
      lane.waiting.size === 0
    )
      return
    const steps = this.#gather(lane)
    if (steps.size > 0) this.#send(lane, lane.server, steps).catch(error => this.#stumble(lane, steps, error as Error))
  }

  #gather(lane: Lane): Map<Change, Step> {
    const steps = new Map<Change, Step>()
    const { estate } = this.#options
    const most = lane.failures > 0 ? PROBE : BATCH
    for (const name of lane.waiting) {
      if (steps.size >= most) break
      lane.waiting.delete(name)
      if (this.#isUntold(lane, name)) continue
      const step = stepTowards(this.#recordsAt(lane, name), lane.server!.marker)
      if (!step) continue
      steps.set(step.change, step)
      lane.flying.add(name)
      estate.noteSent(step)
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
    return [...this.#options.estate.recordsNamed(name)].filter(record => record.endpoint === endpoint)
  }

  /** Whether a name waits for what Kea has yet to tell of one of its records. */
  #isUntold(lane: Lane, name: string): boolean {
    const untold = this.#allAt(lane, name).filter(record => this.#noteUntold(record))
    if (untold.length > 0) this.#later(lane, name, UNTOLD, 1)
    return untold.length > 0
  }

  /**
   * Whether Kea has yet to tell if a record is still to be put into DNS. It counts as perhaps there, written by the
   * other node, so that it is looked for should it be to remove.
   */
  #noteUntold(record: OwnedRecord): boolean {
    const { key, wanted, applied, stopped } = record
    if (!wanted || applied || stopped || !this.#options.isOverdue(record)) return false
    this.#options.estate.noteSent({ target: { key, shape: wanted }, gone: [] })
    return true
  }

  /**
   * Whether the name that a new PTR points at has yet to be tried: a PTR must not point at somebody else's name. A name
   * whose server does not answer is not waited for.
   */
  #isAwaited(ptr: OwnedRecord): boolean {
    for (const record of this.#options.estate.recordsOf(ptr.address)) {
      if (record.type === 'PTR' || record.name !== ptr.value || !record.wanted || record.stopped) continue
      if (!record.applied && !record.problem && this.#laneOf(record).failures === 0) return true
    }
    return false
  }

  async #send(lane: Lane, { backend }: Server, steps: Map<Change, Step>): Promise<void> {
    const { durable, timed, now } = this.#options
    await durable()
    const start = now()
    const failed: string[] = []
    await backend.apply(lane.zone, [...steps.keys()], (change, outcome) => {
      lane.flying.delete(change.name)
      this.#settle(lane, steps.get(change)!, outcome, failed)
    })
    timed?.((now() - start) / 1000)
    for (const name of failed) lane.waiting.add(name)
    if (failed.length > 0) this.#wait(lane)
    else {
      lane.failures = 0
      this.#go(lane)
    }
  }

  #settle(lane: Lane, step: Step, outcome: Outcome, failed: string[]): void {
    const { estate, learnt, now } = this.#options
    const { name } = step.change
    const at = this.#allAt(lane, name)
    const after = settle(at, step, outcome, now())
    learnt(after, outcome)
    lane.problem = outcome.kind === 'unreachable' || outcome.kind === 'refused' ? outcome.detail : null
    if (outcome.kind === 'unreachable') failed.push(name)
    else if (outcome.kind === 'refused') this.#later(lane, name, REFUSED, after[0]?.problem?.tries ?? 1)
    // A step changes one RRset, so that only a name of several RRs can need another one; a newer decision touches it itself.
    else if (at.length > 1) lane.waiting.add(name)
    this.touch(after.flatMap(record => [...estate.recordsOf(record.address)]).filter(record => record.name !== name))
  }

  #wait(lane: Lane): void {
    const { now, random } = this.#options
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
      waitAfter(waits, tries, this.#options.random()),
    )
    this.#delayed.add(timer)
  }

  /** The disk or a backend failed in a way that is no answer: nothing was settled, all waits. */
  #stumble(lane: Lane, steps: Map<Change, Step>, error: Error): void {
    for (const change of steps.keys()) {
      if (lane.flying.delete(change.name)) lane.waiting.add(change.name)
    }
    lane.problem = error.message
    this.#wait(lane)
  }
}
