/*
 * From what is wanted to what is in DNS.
 *
 * The invariant: the queue is not a second store. It is the set of names whose owned records differ from DNS, and it can
 * be found again from the records at any time; nothing is lost with it. So it holds names only. What is to be done for a
 * name is worked out from the records at the moment of sending (next.ts): a newer decision cannot be overwritten by an
 * older one, because the older one no longer exists anywhere.
 *
 *     enqueue(red) ─► lane ─► change of red, from its possible states ─► durable ─► message ─► answer
 *                      ▲                                                                        │ applied: settled
 *                      └──────────── the name is read, and judged (looks.ts) ◄──────────────────┘ no: never concluded from
 *
 * A lane is one zone of one server (lane.ts). While one message of a lane is under way the next gathers (sending.ts); a name
 * is in one message at a time, so one name has one writer. What was decided is on disk before it is sent, and what was sent counts
 * as perhaps there until an answer says otherwise: a crash anywhere in between is a change that is asked for twice, and
 * its prerequisites make the second time harmless.
 */
import { isApplied } from '../../lib/plan/record.ts'
import type { NameAt } from '../../lib/publish/look.ts'
import { AWAITS_KEA, UNREACHABLE } from '../../lib/publish/retry.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'
import { Answers, type Sent } from './answers.ts'
import { Lane, type LaneStatus } from './lane.ts'
import type { Looks } from './looks.ts'
import { Next } from './next.ts'
import { Sending } from './sending.ts'

interface Deps {
  store: Store
  gate: Pick<Gate, 'isOpen' | 'isActive' | 'maySend' | 'awaitsKea'>
  backends: readonly Backend[]
  engine: Pick<Engine, 'learned' | 'looked'>
  looks: Pick<Looks, 'judge'>
  metrics: Pick<Metrics, 'messageTime'>
  log: Pick<Logger, 'info' | 'warn'>
  now(): number
  random(): number
}

/** So many times fewer names in a message of those that were in one that the server refused for a prerequisite. */
const FEWER = 8
/** So many doubts that a message holds one name. */
const ALONE = 9
const UNTOLD = 'none of the states in which it may be is one that can be changed'
/** Names that are looked at for one message: of many that may not be written, the others wait for the next turn. */
const MOST_TRIED = 2000
const SLICE = 500

export class Queue {
  #deps: Deps
  #answers: Answers
  #next: Next
  #sending: Sending
  #lanes = new Map<string, Lane>()
  #due = new Set<Lane>()
  #closing = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
    this.#answers = new Answers(deps, (lane, name) => this.#enqueueFollowers(lane, name))
    this.#next = new Next(deps)
    this.#sending = new Sending(deps, this.#answers, this.#next, () => this.#closing.signal.aborted)
  }

  /**
   * Says that records may differ from DNS. Cheap, and harmless when they do not. Sending begins when the caller's turn is
   * over, so that what is decided in one turn goes out together.
   */
  enqueue(records: Iterable<OwnedRecord>): void {
    for (const record of records) {
      const lane = this.#laneOf(record)
      lane.enqueue(record.name)
      if (this.#next.isStopped(record)) lane.toLook.add(record.name)
      if (this.#deps.gate.isActive(record)) this.#next.awaitsKea(record)
      else this.#next.noteOther(record)
      this.#soon(lane)
    }
  }

  /** Says that a name may differ from DNS, and that it has just been read. */
  enqueueRead(at: NameAt): void {
    this.#soon(this.#laneOf(at).enqueue(at.name))
  }

  /** Says that names may be another's, or gone: they are read. */
  look(names: Iterable<NameAt>): void {
    for (const at of names) this.#soon(this.#laneOf(at).look(at.name))
  }

  /**
   * Takes up what the last run left: of every name that is not settled, a change may have been under way when it ended, so
   * that DNS may be as before or as after it. The queue is found again from the records. Nothing may be sent meanwhile.
   */
  async takeUp(): Promise<void> {
    const { state } = this.#deps.store
    const names = new Map<string, OwnedRecord>()
    for await (const records of slices(state.records.values(), SLICE)) {
      for (const one of records) names.set(`${one.endpoint} ${one.name}`, one)
    }
    for (const isPointer of [false, true]) {
      for await (const slice of slices(names.values(), SLICE)) {
        for (const { endpoint, zone, name, type } of slice) {
          if ((type === 'PTR') !== isPointer) continue
          const lane = this.#laneOf({ endpoint, zone })
          if (this.#next.takeUp(lane, name)) this.#answers.unheard(lane, name)
        }
      }
    }
    for await (const records of slices(state.records.values(), SLICE)) this.enqueue(records)
  }

  /** More may be written than before, of these addresses or of all: what waited for that is tried. */
  opened(addresses: Iterable<string> | null): void {
    const { state } = this.#deps.store
    for (const address of addresses ?? []) {
      for (const record of state.recordsOf(address)) this.#laneOf(record).reopen([record.name])
    }
    for (const lane of this.#lanes.values()) {
      if (addresses === null) lane.reopen(lane.closed)
      this.#soon(lane)
    }
  }

  /** Goes on after a time in which this node did not write, or when an operator asks for it. */
  goOn(): void {
    for (const lane of this.#lanes.values()) {
      lane.reopen(lane.closed)
      if (lane.health === 'refused' || lane.health === 'unreachable') lane.retryNow()
      else this.#go(lane)
    }
  }

  /** Whether a change of the name is under way, or the name is about to be read. */
  isInFlight(at: NameAt): boolean {
    return this.isSent(at) || this.#lanes.get(`${at.endpoint} ${at.zone}`)?.toLook.has(at.name) === true
  }

  /** Whether a change of the name is under way. */
  isSent({ endpoint, zone, name }: NameAt): boolean {
    return this.#lanes.get(`${endpoint} ${zone}`)?.inFlight.has(name) === true
  }

  /** What keeps a record from being in DNS as it is wanted, where that is its lane's trouble; else null. */
  problemOf(record: OwnedRecord): OwnedRecord['problem'] {
    const { endpoint, zone, wanted, applied, stopped } = record
    const isSettled = stopped !== null || (wanted === null ? applied === null : isApplied(record))
    return isSettled ? null : (this.#lanes.get(`${endpoint} ${zone}`)?.problem() ?? null)
  }

  status(): LaneStatus[] {
    return [...this.#lanes.values()].map(lane => lane.status())
  }

  /** Starts nothing more and waits for what is under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const lane of this.#lanes.values()) lane.close()
    while ([...this.#lanes.values()].some(lane => lane.isBusy)) await new Promise(done => setTimeout(done, 5))
  }

  #laneOf({ endpoint, zone }: Pick<OwnedRecord, 'endpoint' | 'zone'>): Lane {
    const key = `${endpoint} ${zone}`
    const known = this.#lanes.get(key)
    if (known) return known
    const { backends, now, random } = this.#deps
    const backend = backends.find(one => one.name === endpoint) ?? null
    const lane = new Lane(endpoint, zone, backend, { now, random }, woken => this.#go(woken))
    this.#lanes.set(key, lane)
    return lane
  }

  #soon(lane: Lane): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#goDue())
    this.#due.add(lane)
  }

  #goDue(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const lane of due) this.#go(lane)
  }

  #go(lane: Lane): void {
    const { backend } = lane
    if (this.#closing.signal.aborted || !backend || !this.#deps.gate.maySend()) return
    if (this.#sending.mayReady(lane, backend)) this.#sending.makeReady(lane, backend, this.#gather(lane, backend))
    if (!lane.isReady()) return
    const sent = this.#gather(lane, backend)
    const toLook = sent.length === 0 && lane.mayLook() ? this.#next.toLook(lane) : []
    if (sent.length === 0 && toLook.length === 0) {
      if (lane.waiting.size > 0) setImmediate(() => this.#go(lane))
      return
    }
    lane.isBusy = true
    const work = sent.length > 0 ? this.#sending.send(lane, backend, sent) : this.#look(lane, backend, toLook)
    work
      .catch((error: Error) => lane.trouble('unreachable', error.message))
      .finally(() => {
        lane.isBusy = false
        // What was not answered waits again.
        for (const name of lane.inFlight) lane.waiting.add(name)
        lane.inFlight.clear()
        // A server in this process answers at once: message after message would let nobody else have a turn.
        setImmediate(() => this.#go(lane))
      })
  }

  /** What is to be sent now: names of one degree of doubt, since those that were in doubt go out in small messages. */
  #gather(lane: Lane, backend: Backend): Sent[] {
    const sent: Sent[] = []
    let level: number | null = null
    let tried = 0
    for (const name of lane.candidates()) {
      if (tried++ >= MOST_TRIED) break
      if (lane.toLook.has(name)) {
        lane.waiting.delete(name)
        continue
      }
      const doubts = lane.alone.has(name) ? ALONE : (lane.doubts.get(name) ?? 0)
      if (level !== null && doubts !== level) continue
      lane.waiting.delete(name)
      const one = this.#sentFor(lane, name, backend)
      if (!one) continue
      level = doubts
      sent.push(one)
      lane.inFlight.add(name)
      const most = lane.health === 'open' ? Math.max(1, Math.floor(backend.capabilities.batch / FEWER ** doubts)) : 1
      if (sent.length >= most) break
    }
    return sent
  }

  /** The change of one name, or null: it is settled, waits, or is to be read first. */
  #sentFor(lane: Lane, name: string, backend: Backend): Sent | null {
    const step = this.#next.stepOf(backend, name)
    if (step.isHeld) lane.closed.add(name)
    switch (step.is) {
      case 'change':
        return step.sent
      case 'awaits-kea':
        lane.waitAlone(name, AWAITS_KEA)
        break
      case 'settled':
        lane.settled(name)
        // A look can find the name as it should be: another node wrote it. Then nobody else brings its PTR.
        this.#enqueueFollowers(lane, name, false)
        break
      case 'untold':
        this.#answers.doubt(lane, name, UNTOLD)
    }
    return null
  }

  /** Once a name is in DNS, what leads to it may follow. Where it has been there before, what is in trouble waits on. */
  #enqueueFollowers(lane: Lane, name: string, isNew = true): void {
    this.enqueue(this.#next.waitingFor(lane.name, name, isNew))
  }

  /** Reads names and goes on by what is there (lib/publish/look.ts). */
  async #look(lane: Lane, backend: Backend, names: string[]): Promise<void> {
    const { store, looks, engine } = this.#deps
    const before = new Map(names.map(name => [name, store.state.recordsAt(lane.name, name)]))
    const reading = await backend.read(lane.zone, names, this.#closing.signal)
    if (reading.known) lane.readable()
    else lane.unreadable()
    for (const [name, records] of before) {
      const at = { endpoint: lane.name, zone: lane.zone, name }
      const judged = looks.judge(at, reading, records, backend)
      if (judged.is === 'unread') this.#answers.unread(at, judged.detail)
      if (!reading.known) continue
      if (judged.is === 'judged') this.#answers.read(lane, name)
      lane.toLook.delete(name)
      if (judged.is === 'unread') lane.waitAlone(name, UNREACHABLE, lane.toLook)
      else if (judged.is === 'outdated') lane.toLook.add(name)
      else if (engine.looked(at, judged.verdict, 'look into DNS', judged.foreign)) lane.waiting.add(name)
      else lane.settled(name)
    }
  }
}
