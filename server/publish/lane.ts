/*
 * One zone of one DNS server: what waits there, and how it goes.
 *
 * The invariant: what a server says no to for reasons of key, ACL or zone is a state of the lane, not of each name in it.
 * A lane that is refused sends one probe a minute, growing to five, however many names wait. A refusal that blames one
 * change is that change's own wait, and delays no other. Nothing wakes a waiting name but its own timer, a new decision
 * about it, or an operator.
 *
 *     minute 0  batch of 400: REFUSED   probe of one: REFUSED   -> the lane is refused
 *     minute 1  probe of another: REFUSED                       -> still, logged no second time
 *     minute 3  probe: NOERROR                                  -> open, all that waits goes out
 */
import { AWAITS_KEA, LATE, REFUSED, together, UNREACHABLE, type Waits, waitAfter } from '../../lib/publish/retry.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend } from '../backends/backend.ts'

/** `open`: it goes. `refused`: key, ACL or zone. `unreachable`: no answer. `gone`: no such entry in the configuration. */
export type LaneHealth = 'open' | 'refused' | 'unreachable' | 'gone'

/** One zone of one DNS server, as `/v1/status` shows it. Times are in milliseconds since the epoch. */
export interface LaneStatus {
  backend: string
  zone: string
  state: LaneHealth
  /** Since when it is in this state. */
  since: number
  /** When the server last answered; null where it never did. */
  lastAnswer: number | null
  /** Names that wait for their turn or for a retry. */
  waiting: number
  inFlight: number
  /** Names that wait for a retry of their own. */
  retrying: number
  /** Why nothing goes out, or why some names do not, as a sentence; null when all is well. */
  problem: string | null
  /** When the next try is, or null when none is set. */
  retryAt: number | null
}

interface Clock {
  now(): number
  random(): number
}

const GONE = 'its DNS server is no longer configured; the records stay owned until it is'

/** So long one state is told once, whatever else it is put down to: a proxy may give another reason at each try. */
const REASON_MS = 30_000

/** Two changes that are refused alone, with nothing that passed between them, are the lane's fault. */
const REFUSED_ALONE = 2

export class Lane {
  readonly backend: Backend | null
  readonly name: string
  readonly zone: string
  /** Names that wait for their turn. */
  readonly waiting = new Set<string>()
  /** Names of which a change is under way. */
  readonly inFlight = new Set<string>()
  /** Names of which something may not be written now: another node does, or this one has to catch up first. */
  readonly closed = new Set<string>()
  /** Names that are to be read before anything is written there. */
  readonly toLook = new Set<string>()
  /** How often a name was in a message that its server refused for a prerequisite, since that last passed. */
  readonly doubts = new Map<string, number>()
  /** Names whose own change was refused, or not answered: they go out alone, so as to hold up no other. */
  readonly alone = new Set<string>()
  /** Names of which a message was not answered, until they are read late: it may be made yet, whatever is seen now. */
  readonly unheard = new Set<string>()
  isBusy = false
  #clock: Clock
  #health: LaneHealth = 'open'
  #since: number
  #lastAnswer: number | null = null
  #problem: string | null = null
  #toldAt = 0
  #tries = 0
  #retryAt: number | null = null
  #timer: NodeJS.Timeout | null = null
  #ownWaits = new Map<string, { timer: NodeJS.Timeout; tries: number }>()
  #refusedAlone = new Set<string>()
  /** Names whose own change was refused, and why, until one of theirs is taken. */
  #refusals = new Map<string, string>()
  #lookTimer: NodeJS.Timeout | null = null
  #lookTries = 0
  #lastProbe = ''
  #wake: (lane: Lane) => void

  constructor(name: string, zone: string, backend: Backend | null, clock: Clock, wake: (lane: Lane) => void) {
    this.name = name
    this.zone = zone
    this.backend = backend
    this.#clock = clock
    this.#wake = wake
    this.#since = clock.now()
    if (backend === null) {
      this.#health = 'gone'
      this.#problem = GONE
    }
  }

  get health(): LaneHealth {
    return this.#health
  }

  /** Whether something may be sent, or read, now. */
  isReady(): boolean {
    return this.backend !== null && !this.isBusy && this.#retryAt === null
  }

  status(): LaneStatus {
    return {
      backend: this.name,
      zone: this.zone,
      state: this.#health,
      since: this.#since,
      lastAnswer: this.#lastAnswer,
      waiting: this.#countWaiting(),
      inFlight: this.inFlight.size,
      retrying: this.#ownWaits.size,
      problem: this.#problem ?? this.#whySome(),
      retryAt: this.#retryAt,
    }
  }

  /** Why names of an open lane are refused, by the first of them; null when none is. */
  #whySome(): string | null {
    const [first] = this.#refusals
    if (!first) return null
    const [name, detail] = first
    const { size } = this.#refusals
    return `${detail}, for ${name}${size > 1 ? ` and ${size - 1} more` : ''}`
  }

  /** Counted without a copy, as it is asked for every second and hundreds of thousands of names may wait. */
  #countWaiting(): number {
    const { waiting, closed, toLook } = this
    let count = waiting.size
    for (const name of closed) if (!waiting.has(name)) count++
    for (const name of toLook) if (!waiting.has(name) && !closed.has(name)) count++
    for (const name of this.#ownWaits.keys()) if (!waiting.has(name) && !closed.has(name) && !toLook.has(name)) count++
    return count
  }

  /** What keeps all that waits here from going out; null when nothing does. */
  problem(): OwnedRecord['problem'] {
    const health = this.#health
    if (health !== 'refused' && health !== 'unreachable') return null
    return { kind: health, detail: this.#problem ?? '', at: this.#since, tries: this.#tries }
  }

  /** A new decision about a name: its own wait is over. */
  enqueue(name: string): this {
    this.#endWait(name)
    this.waiting.add(name)
    return this
  }

  /** The name is to be read before anything is written there. */
  look(name: string): this {
    this.toLook.add(name)
    return this
  }

  /** Those of these names that might not be written are to be tried again. */
  reopen(names: Iterable<string>): void {
    for (const name of names) if (this.closed.delete(name)) this.waiting.add(name)
  }

  /** Names for one message, in their order; while the lane is in trouble one, each time another. */
  *candidates(): Generator<string> {
    if (this.#health === 'open') {
      yield* this.waiting
      return
    }
    const names = [...this.waiting]
    const from = names.indexOf(this.#lastProbe) + 1
    for (const name of [...names.slice(from), ...names.slice(0, from)]) {
      this.#lastProbe = name
      yield name
    }
  }

  /** The server took a message, or said that a prerequisite does not hold: it works. Gives whether that is news. */
  answered(): boolean {
    this.#lastAnswer = this.#clock.now()
    this.#refusedAlone.clear()
    this.#tries = 0
    return this.#become('open', null)
  }

  /** One change was refused alone. Gives whether it waits by itself, or the lane is refused, and whether that is news. */
  refusedOne(name: string, detail: string): 'alone' | 'lane' | 'news' {
    this.#lastAnswer = this.#clock.now()
    this.#refusedAlone.add(name)
    if (this.#health !== 'refused' && this.#refusedAlone.size < REFUSED_ALONE) {
      this.#refusals.set(name, detail)
      this.waitAlone(name, REFUSED)
      return 'alone'
    }
    for (const one of this.#refusedAlone) this.enqueue(one)
    return this.trouble('refused', detail) ? 'news' : 'lane'
  }

  /** The lane is refused, or does not answer: nothing more is sent before the next try. Gives whether that is news. */
  trouble(health: 'refused' | 'unreachable', detail: string): boolean {
    if (health === 'refused') this.#lastAnswer = this.#clock.now()
    if (health !== this.#health) this.#tries = 0
    const isKnown = this.#retryAt !== null && health === this.#health
    const isNews = this.#become(health, detail)
    if (isKnown) return isNews
    const wait = waitAfter(health === 'refused' ? REFUSED : UNREACHABLE, ++this.#tries, this.#clock.random())
    if (this.#timer) clearTimeout(this.#timer)
    this.#retryAt = this.#clock.now() + wait
    this.#timer = setTimeout(() => this.retryNow(), wait)
    return isNews
  }

  /** Ends the lane's wait: its time has come, or an operator says so. */
  retryNow(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#retryAt = null
    this.#wake(this)
  }

  /** Whether names are to be read, and may be now. */
  mayLook(): boolean {
    return this.toLook.size > 0 && this.#lookTimer === null
  }

  /** The server does not let names be read: none is read before the next try, while writing goes on. */
  unreadable(): void {
    const wait = waitAfter(UNREACHABLE, ++this.#lookTries, this.#clock.random())
    this.#lookTimer = setTimeout(() => {
      this.#lookTimer = null
      this.#wake(this)
    }, wait)
  }

  readable(): void {
    this.#lookTries = 0
  }

  /** A name waits by itself, ever longer, and holds up no other; then it is to be sent again, or to be read. */
  waitAlone(name: string, waits: Waits, then: Set<string> = this.waiting): void {
    const tries = (this.#ownWaits.get(name)?.tries ?? 0) + 1
    clearTimeout(this.#ownWaits.get(name)?.timer)
    const wait = waitAfter(waits, tries, this.#clock.random())
    const timer = setTimeout(
      () => {
        if (this.#ownWaits.get(name)?.timer !== timer) return
        if (waits === LATE) this.unheard.delete(name)
        then.add(name)
        // Whatever else ends its wait in this turn comes along.
        setImmediate(this.#wake, this)
      },
      waits === LATE ? together(wait, this.#clock.now()) : wait,
    )
    if (waits !== AWAITS_KEA && waits !== LATE) this.alone.add(name)
    // A decision that came while the change was under way is not held up by a late reading.
    if (waits !== LATE) this.waiting.delete(name)
    this.#ownWaits.set(name, { timer, tries })
  }

  /** The name's trouble is over, or something new was decided about it. */
  #endWait(name: string): void {
    clearTimeout(this.#ownWaits.get(name)?.timer)
    this.#ownWaits.delete(name)
  }

  /** A change of the name was made, or nothing is to be done: what was doubtful of it is forgotten, or seen once more. */
  settled(name: string): void {
    this.#endWait(name)
    this.doubts.delete(name)
    this.alone.delete(name)
    this.#refusals.delete(name)
    if (this.unheard.has(name)) this.waitAlone(name, LATE, this.toLook)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#lookTimer) clearTimeout(this.#lookTimer)
    for (const { timer } of this.#ownWaits.values()) clearTimeout(timer)
  }

  #become(health: LaneHealth, problem: string | null): boolean {
    const now = this.#clock.now()
    const isOther = health !== 'open' && problem !== this.#problem && now - this.#toldAt >= REASON_MS
    const isNews = health !== this.#health || isOther
    if (isNews) this.#toldAt = now
    if (health !== this.#health) this.#since = now
    this.#health = health
    this.#problem = problem
    return isNews
  }
}
