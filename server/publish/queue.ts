/*
 * From what is wanted to what is in DNS.
 *
 * The invariant: the queue is not a second store. It is the set of names whose owned records differ from DNS, and it can
 * be found again from the records at any time; nothing is lost with it. So it holds names only. What is to be done for a
 * name is worked out from the records at the moment of sending: a newer decision cannot be overwritten by an older one,
 * because the older one no longer exists anywhere.
 *
 *     enqueue(red) ─► lane ─► change of red, from its possible states ─► durable ─► message ─► answer
 *                      ▲                                                                        │ applied: settled
 *                      └──────────── the name is read, and judged (looks.ts) ◄──────────────────┘ no: never concluded from
 *
 * A lane is one zone of one server (lane.ts). While one message of a lane is under way the next gathers; a name is in one
 * message at a time, so one name has one writer. What was decided is on disk before it is sent, and what was sent counts
 * as perhaps there until an answer says otherwise: a crash anywhere in between is a change that is asked for twice, and
 * its prerequisites make the second time harmless.
 */
import type { Change, Outcome } from '../../lib/dns/rr.ts'
import { isApplied } from '../../lib/plan/record.ts'
import { awaitsForward, nextChange } from '../../lib/publish/change.ts'
import { collapsed, contradicted, grown, isNotInUse, permits, sameStates } from '../../lib/publish/name-state.ts'
import { whenApplied, whenTroubled, whenUnheard, withStates } from '../../lib/publish/outcome.ts'
import { AWAITS_KEA, REFUSED, UNREACHABLE } from '../../lib/publish/retry.ts'
import type { NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Store } from '../store/store.ts'
import { Lane, type LaneStatus } from './lane.ts'
import type { Looks } from './looks.ts'

interface Deps {
  store: Store
  gate: Pick<Gate, 'isOpen' | 'awaitsKea'>
  backends: readonly Backend[]
  engine: Pick<Engine, 'learned' | 'looked'>
  looks: Pick<Looks, 'judge'>
  metrics: Pick<Metrics, 'messageTime'>
  log: Pick<Logger, 'info' | 'warn'>
  now(): number
  random(): number
}

/** A change that is under way, with the states that its name had when it was sent. */
interface Sent {
  change: Change
  before: NameState[]
}

/** Names in one message; fewer of those that were in one that the server refused for a prerequisite. */
const BATCH = 400
const FEWER = 8
/** So often a name is read, found to be ours, and yet refused: then it waits as one that is refused. */
const MOST_DOUBTS = 4
const READ_AT_ONCE = 2000
const CONTRADICTION = 'the server says no, though what it shows at the name is what the change asks for'

export class Queue {
  #deps: Deps
  #lanes = new Map<string, Lane>()
  #due = new Set<Lane>()
  #closing = new AbortController()

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
      lane.enqueue(record.name)
      this.#awaitsKea(record)
      this.#soon(lane)
    }
  }

  /**
   * Takes up what the last run left: of every name that is not settled, a change may have been under way when it ended, so
   * that DNS may be as before or as after it. The queue is found again from the records.
   */
  takeUp(): void {
    const { state } = this.#deps.store
    const names = new Map([...state.records.values()].map(one => [`${one.endpoint} ${one.name}`, one]))
    for (const { endpoint, zone, name } of names.values()) {
      const lane = this.#laneOf({ endpoint, zone })
      const sent = lane.backend && this.#sentFor(lane, name, lane.backend)
      if (sent) this.#noteSent(lane, sent)
    }
    this.enqueue(state.records.values())
  }

  /** Goes on after a time in which this node did not write, or when an operator asks for it. */
  goOn(): void {
    for (const lane of this.#lanes.values()) {
      if (lane.health === 'refused' || lane.health === 'unreachable') lane.retryNow()
      else this.#go(lane)
    }
  }

  /** Has names read again that are in conflict, or were let go: their cause may be over. */
  isInFlight({ endpoint, zone, name }: Pick<OwnedRecord, 'endpoint' | 'zone' | 'name'>): boolean {
    const lane = this.#lanes.get(`${endpoint} ${zone}`)
    return lane !== undefined && (lane.inFlight.has(name) || lane.toLook.has(name))
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
    if (this.#due.size === 0) queueMicrotask(() => this.#begin())
    this.#due.add(lane)
  }

  #begin(): void {
    const due = [...this.#due]
    this.#due.clear()
    for (const lane of due) this.#go(lane)
  }

  #go(lane: Lane): void {
    const { backend } = lane
    if (this.#closing.signal.aborted || !backend || !lane.isReady() || !this.#deps.gate.isOpen()) return
    const sent = this.#gather(lane, backend)
    if (sent.length === 0 && lane.toLook.size === 0) return
    lane.isBusy = true
    const work = sent.length > 0 ? this.#send(lane, backend, sent) : this.#look(lane, backend)
    work
      .catch((error: Error) => lane.trouble('unreachable', error.message))
      .finally(() => {
        lane.isBusy = false
        for (const { change } of sent) if (lane.inFlight.delete(change.name)) lane.waiting.add(change.name)
        this.#go(lane)
      })
  }

  /** What is to be sent now: names of one degree of doubt, since those that were in doubt go out in small messages. */
  #gather(lane: Lane, backend: Backend): Sent[] {
    const sent: Sent[] = []
    let level: number | null = null
    for (const name of lane.candidates()) {
      if (lane.toLook.has(name)) continue
      const doubts = lane.doubts.get(name) ?? 0
      if (level !== null && doubts !== level) continue
      lane.waiting.delete(name)
      const one = this.#sentFor(lane, name, backend)
      if (!one) continue
      level = doubts
      sent.push(one)
      lane.inFlight.add(name)
      const most = lane.health === 'open' ? Math.max(1, Math.floor(BATCH / FEWER ** doubts)) : 1
      if (sent.length >= most) break
    }
    return sent
  }

  /** The change of one name, or null: it is settled, waits, or is to be read first. */
  #sentFor(lane: Lane, name: string, backend: Backend): Sent | null {
    const { state } = this.#deps.store
    const records = state.recordsAt(lane.name, name)
    if (records.some(record => this.#awaitsKea(record))) {
      lane.waitAlone(name, AWAITS_KEA)
      return null
    }
    if (records.some(record => record.stopped !== null && record.wanted !== null)) lane.toLook.add(name)
    const before = state.statesAt(lane.name, name)
    const change = nextChange(
      records.filter(record => !awaitsForward(record, state.recordsOf(record.address))),
      before,
      backend.marker,
    )
    if (change === null) {
      lane.settled(name)
      return null
    }
    if (change.attempts.length > 0 && !lane.toLook.has(name)) return { change, before }
    lane.toLook.add(name)
    return null
  }

  /** Whether Kea has yet to tell if a record is still to be put into DNS. Meanwhile the other node may have written it. */
  #awaitsKea(record: OwnedRecord): boolean {
    const { gate, store } = this.#deps
    const { endpoint, zone, name, wanted, applied, stopped } = record
    if (!wanted || applied || stopped || !gate.awaitsKea(record)) return false
    if (!record.sent) {
      const records = store.state.recordsAt(endpoint, name)
      const states = store.state.statesAt(endpoint, name)
      const perhaps = grown(
        states,
        nextChange(records, states, this.#laneOf(record).backend?.marker ?? 'dhcid')?.attempts ?? [],
      )
      store.noteStates({ endpoint, zone, name, states: perhaps }, withStates(records, perhaps, null))
    }
    return true
  }

  #noteSent(lane: Lane, { change, before }: Sent): void {
    const { store } = this.#deps
    const states = grown(before, change.attempts)
    const records = store.state.recordsAt(lane.name, change.name)
    const at = { endpoint: lane.name, zone: lane.zone, name: change.name }
    store.noteStates({ ...at, states }, withStates(records, states, null))
  }

  async #send(lane: Lane, backend: Backend, sent: Sent[]): Promise<void> {
    const { store, metrics, now } = this.#deps
    for (const one of sent) this.#noteSent(lane, one)
    await store.durable()
    const start = now()
    const byChange = new Map(sent.map(one => [one.change, one]))
    let trouble: { kind: 'refused' | 'unreachable'; detail: string } | null = null
    await backend.apply(lane.zone, [...byChange.keys()], (change, outcome) => {
      lane.inFlight.delete(change.name)
      this.#settle(lane, byChange.get(change)!, outcome)
      if ('fault' in outcome && outcome.fault === 'lane') trouble = outcome
    })
    metrics.messageTime((now() - start) / 1000)
    if (trouble !== null) this.#troubled(lane, trouble)
    store.putSerials([...backend.serials].map(([zone, serial]) => [`${lane.name} ${zone}`, serial]))
  }

  #settle(lane: Lane, { change, before }: Sent, outcome: Outcome): void {
    const { store, engine, now } = this.#deps
    const { name, attempts } = change
    const at = { endpoint: lane.name, zone: lane.zone, name }
    const records = store.state.recordsAt(lane.name, name)
    const back = () => store.noteStates({ ...at, states: before }, withStates(records, before, null))
    switch (outcome.kind) {
      case 'applied': {
        const states = collapsed(before, attempts, outcome.attempt)
        const wasNotInUse = before.some(state => isNotInUse(state) && permits(state, attempts[outcome.attempt]!))
        const learned = { records: whenApplied(records, states, wasNotInUse, now()), known: { ...at, states } }
        engine.learned(learned, outcome, before)
        this.#answered(lane)
        lane.settled(name)
        this.#enqueuePointers(lane, name)
        return
      }
      case 'conflict': {
        const states = outcome.alone ? contradicted(before, attempts) : before
        const known = states.length > 0 ? states : before
        store.noteStates({ ...at, states }, withStates(records, known, null))
        this.#answered(lane)
        this.#doubt(lane, name, outcome.detail)
        return
      }
      case 'refused': {
        back()
        if (outcome.fault === 'lane') lane.waiting.add(name)
        else if (lane.refusedOne(name, outcome.detail)) this.#say(lane)
        else
          engine.learned(
            { records: whenTroubled(records, 'refused', outcome.detail, now()), known: { ...at, states: before } },
            outcome,
          )
        return
      }
      case 'unreachable': {
        const states = store.state.statesAt(lane.name, name)
        const isNews = !sameStates(states, before)
        const unheard = outcome.fault === 'change' ? whenTroubled(records, 'unreachable', outcome.detail, now()) : []
        const troubled = [
          ...unheard,
          ...whenUnheard(records.filter(one => !unheard.some(({ key }) => key === one.key))),
        ]
        if (isNews || troubled.length > 0) engine.learned({ records: troubled, known: { ...at, states } }, outcome)
        if (outcome.fault === 'lane') lane.waiting.add(name)
        else lane.waitAlone(name, UNREACHABLE)
      }
    }
  }

  /** A server said no for a prerequisite: the name is read, or waits where it has been read and nothing explains it. */
  #doubt(lane: Lane, name: string, detail: string): void {
    const { store, engine, now } = this.#deps
    const doubts = (lane.doubts.get(name) ?? 0) + 1
    lane.doubts.set(name, doubts)
    lane.toLook.add(name)
    if (doubts < MOST_DOUBTS) return
    lane.doubts.delete(name)
    lane.toLook.delete(name)
    const records = store.state.recordsAt(lane.name, name)
    const troubled = whenTroubled(records, 'conflict', `${CONTRADICTION}: ${detail}`, now())
    const known = { endpoint: lane.name, zone: lane.zone, name, states: store.state.statesAt(lane.name, name) }
    engine.learned({ records: troubled, known }, { kind: 'conflict', alone: true, detail })
    lane.waitAlone(name, REFUSED)
  }

  /** Once a name is in DNS, what points at it may follow. */
  #enqueuePointers(lane: Lane, name: string): void {
    const { state } = this.#deps.store
    for (const { type, address } of state.recordsAt(lane.name, name)) {
      if (type === 'PTR') continue
      this.enqueue(
        [...state.recordsOf(address)].filter(one => one.type === 'PTR' && one.value === name && !one.applied),
      )
    }
  }

  /** Reads names and goes on by what is there (lib/publish/look.ts). */
  async #look(lane: Lane, backend: Backend): Promise<void> {
    const { store, looks, engine } = this.#deps
    const names = [...lane.toLook].slice(0, READ_AT_ONCE)
    const before = new Map(names.map(name => [name, store.state.recordsAt(lane.name, name)]))
    const reading = await backend.read(lane.zone, names, this.#closing.signal)
    for (const [name, records] of before) {
      lane.toLook.delete(name)
      const at = { endpoint: lane.name, zone: lane.zone, name }
      const judged = looks.judge(at, reading, records, backend.marker)
      if (judged.is === 'unread') lane.waitAlone(name, UNREACHABLE)
      else if (judged.is === 'outdated' || engine.looked(at, judged.verdict, 'look into DNS')) lane.waiting.add(name)
      else lane.settled(name)
      if (judged.is === 'unread') this.#unread(at, judged.detail)
    }
  }

  #unread(at: { endpoint: string; zone: string; name: string }, detail: string): void {
    const { store, engine, now } = this.#deps
    const records = whenTroubled(store.state.recordsAt(at.endpoint, at.name), 'unreachable', detail, now())
    if (records.length === 0) return
    const known = { ...at, states: store.state.statesAt(at.endpoint, at.name) }
    engine.learned({ records, known }, { kind: 'unreachable', fault: 'change', detail })
  }

  #answered(lane: Lane): void {
    if (lane.answered()) this.#say(lane)
  }

  #troubled(lane: Lane, { kind, detail }: { kind: 'refused' | 'unreachable'; detail: string }): void {
    if (lane.trouble(kind, detail)) this.#say(lane)
  }

  /** Tells a change of a lane's state, once. */
  #say(lane: Lane): void {
    const { backend, zone, state, problem, waiting } = lane.status()
    const event = `server.${state === 'open' ? 'answers' : state === 'refused' ? 'refused' : 'silent'}`
    const about = { event, backend, zone, state, waiting }
    if (state === 'open') this.#deps.log.info(about, `${backend} takes updates of ${zone} again`)
    else this.#deps.log.warn(about, `${backend} ${state} for ${zone}: ${problem}`)
  }
}
