/*
 * The messages of a lane, one after the other.
 *
 * A server has one message of a lane at a time. While it works on that, the next one is made ready: its changes are noted
 * as sent, and what was decided is on disk. So it goes out the moment the answer is there, and only then is it taken in what
 * the answer says:
 *
 *     server  ───── message 1 ─────┐ ┌────── message 2 ──────┐ ┌── message 3
 *     lane    2 is made ready      └─┘ settle 1, ready 3     └─┘ settle 2
 *
 * The next goes out so early only where each change of the one before was made. Whatever else was said is taken in first, and
 * what was made ready is taken back: a lane that is refused sends no second message.
 */
import type { Change, Outcome } from '../../lib/dns/rr.ts'
import type { Backend } from '../backends/backend.ts'
import type { Gate } from '../gate.ts'
import type { Metrics } from '../metrics.ts'
import type { Store } from '../store/store.ts'
import type { Answers, Sent } from './answers.ts'
import type { Lane } from './lane.ts'
import type { Next } from './next.ts'

interface Deps {
  store: Pick<Store, 'durable' | 'putSerials'>
  gate: Pick<Gate, 'maySend'>
  metrics: Pick<Metrics, 'messageTime'>
  now(): number
}

/** Changes that are noted as sent; they may go out once all that was decided is on disk. */
interface Ready {
  sent: Sent[]
  isDurable: boolean
  durable: Promise<void>
}

/** A message that is under way. `made` are changes whose answer is yes, and not taken in yet. */
interface Going {
  made: [Sent, Outcome][]
  /** False once an answer was anything but yes. */
  isWell: boolean
  trouble: { kind: 'refused' | 'unreachable'; detail: string } | null
  answered: Promise<void>
}

/** Names that wait when the next message is made ready. Fewer are better gathered for a little longer. */
const ENOUGH = 150

export class Sending {
  #deps: Deps
  #answers: Answers
  #next: Next
  #isOver: () => boolean
  /** Lanes with a message under way, and what goes out after it. */
  #lanes = new Map<Lane, Ready | null>()

  /** `isOver` says that nothing more may be sent. */
  constructor(deps: Deps, answers: Answers, next: Next, isOver: () => boolean) {
    this.#deps = deps
    this.#answers = answers
    this.#next = next
    this.#isOver = isOver
  }

  /** Whether the message after the one that is under way may be made ready, and is worth it. */
  mayReady(lane: Lane, { capabilities }: Backend): boolean {
    const isAlone = this.#lanes.get(lane) === null
    return isAlone && capabilities.atomic && lane.health === 'open' && lane.waiting.size >= ENOUGH
  }

  /** Makes these changes ready for when the message that is under way is answered. */
  makeReady(lane: Lane, backend: Backend, sent: Sent[]): void {
    if (sent.length > 0) this.#lanes.set(lane, this.#note(lane, backend, sent))
  }

  #note(lane: Lane, backend: Backend, sent: Sent[]): Ready {
    for (const one of sent) this.#next.noteSent(backend, lane.zone, one)
    const durable = this.#deps.store.durable()
    const ready: Ready = { sent, isDurable: false, durable }
    const note = () => {
      ready.isDurable = true
    }
    // Whoever sends it hears of a store that keeps nothing.
    durable.then(note, () => {})
    return ready
  }

  /** Sends changes, and what is made ready meanwhile, until nothing is. @throws StoreFailed */
  async send(lane: Lane, backend: Backend, sent: Sent[]): Promise<void> {
    this.#lanes.set(lane, null)
    try {
      await this.#sendAll(lane, backend, this.#note(lane, backend, sent))
    } finally {
      this.#lanes.delete(lane)
    }
  }

  async #sendAll(lane: Lane, backend: Backend, first: Ready): Promise<void> {
    await first.durable
    let going = this.#begin(lane, backend, first)
    while (going) {
      await going.answered
      const ready = this.#lanes.get(lane) ?? null
      this.#lanes.set(lane, null)
      const mayGo = ready !== null && going.isWell
      let next = mayGo && ready.isDurable ? this.#begin(lane, backend, ready) : null
      this.#settle(lane, backend, going)
      if (ready !== null && !going.isWell) this.#takeBack(lane, ready)
      if (mayGo && !ready.isDurable) {
        await ready.durable
        next = this.#begin(lane, backend, ready)
      }
      going = next
    }
  }

  /** Takes changes back that were not sent. */
  #takeBack(lane: Lane, { sent }: Ready): null {
    for (const one of sent) this.#answers.takeBack(lane, one)
    return null
  }

  /** Sends a message, or takes its changes back and gives null: nothing more may be sent. */
  #begin(lane: Lane, backend: Backend, ready: Ready): Going | null {
    if (this.#isOver() || !this.#deps.gate.maySend()) return this.#takeBack(lane, ready)
    const { now, metrics } = this.#deps
    const start = now()
    const byChange = new Map(ready.sent.map(one => [one.change, one]))
    const going: Going = { made: [], isWell: true, trouble: null, answered: Promise.resolve() }
    const hear = (change: Change, outcome: Outcome): void => {
      const one = byChange.get(change)!
      if (going.isWell && backend.capabilities.atomic && outcome.kind === 'applied') {
        going.made.push([one, outcome])
        return
      }
      // In the order in which they came: what passed before says that a refusal is a change's own.
      if (going.isWell) this.#takeIn(lane, going)
      going.isWell &&= outcome.kind === 'applied'
      this.#settleOne(lane, one, outcome)
      if ('fault' in outcome && outcome.fault === 'lane') going.trouble = outcome
    }
    const done = backend.apply(lane.zone, [...byChange.keys()], hear)
    going.answered = done.then(() => metrics.messageTime((now() - start) / 1000))
    // It is awaited once the message before it was taken in.
    going.answered.catch(() => {})
    return going
  }

  #takeIn(lane: Lane, going: Going): void {
    const { made } = going
    going.made = []
    for (const [one, outcome] of made) this.#settleOne(lane, one, outcome)
  }

  #settleOne(lane: Lane, one: Sent, outcome: Outcome): void {
    lane.inFlight.delete(one.change.name)
    this.#answers.settle(lane, one, outcome)
  }

  #settle(lane: Lane, backend: Backend, going: Going): void {
    this.#takeIn(lane, going)
    if (going.trouble !== null) this.#answers.troubled(lane, going.trouble)
    this.#deps.store.putSerials([...backend.serials].map(([zone, serial]) => [`${lane.name} ${zone}`, serial]))
  }
}
