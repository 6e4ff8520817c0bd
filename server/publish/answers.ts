/*
 * What becomes of a name once its change is answered, or its reading failed.
 *
 * The invariant: an answer speaks only of what was sent. What it says of DNS goes into the states of the name
 * (lib/publish/name-state.ts), what it means for the records stands in lib/publish/outcome.ts; here is who waits, for what,
 * and who is told. What says nothing new is neither stored nor logged.
 *
 *     answer         the name                                      its lane
 *     applied        settled; what points at it may follow         open
 *     conflict       is read; after too many waits as refused      open
 *     refused        as before; waits alone, or with the lane      refused, where that blames no single change
 *     unreachable    as before, or as after; waits alone or with   unreachable, where that blames no single change
 */
import type { Change, Outcome } from '../../lib/dns/rr.ts'
import type { NameAt } from '../../lib/publish/look.ts'
import { collapsed, distinct, isNotInUse, permits, sameStates } from '../../lib/publish/name-state.ts'
import { whenApplied, whenTroubled, whenUnheard, withStates } from '../../lib/publish/outcome.ts'
import { REFUSED, UNREACHABLE } from '../../lib/publish/retry.ts'
import type { KnownName, NameState } from '../../schemas/model/name.ts'
import type { Engine } from '../engine.ts'
import type { Logger } from '../logger.ts'
import type { Store } from '../store/store.ts'
import type { Lane } from './lane.ts'

interface Deps {
  store: Pick<Store, 'state' | 'noteStates'>
  engine: Pick<Engine, 'learned'>
  log: Pick<Logger, 'info' | 'warn'>
  now(): number
}

/** A change that is under way, with the states that its name had when it was sent. */
export interface Sent {
  change: Change
  before: NameState[]
}

/** So often a name is read, found to be ours, and yet refused: then it waits as one that is refused. */
const MOST_DOUBTS = 4
const CONTRADICTION = 'the server says no, though what it shows at the name is what the change asks for'

export class Answers {
  #deps: Deps
  #published: (lane: Lane, name: string) => void

  /** `published` hears of each name of which a change was made. */
  constructor(deps: Deps, published: (lane: Lane, name: string) => void) {
    this.#deps = deps
    this.#published = published
  }

  /** Takes the answer to one change. */
  settle(lane: Lane, { change, before }: Sent, outcome: Outcome): void {
    const { store, engine, now } = this.#deps
    const { name, attempts } = change
    const at = { endpoint: lane.name, zone: lane.zone, name }
    const records = store.state.openAt(lane.name, name)
    switch (outcome.kind) {
      case 'applied': {
        const states = collapsed(before, attempts, outcome.attempt)
        const wasNotInUse = before.some(state => isNotInUse(state) && permits(state, attempts[outcome.attempt]!))
        const learned = { records: whenApplied(records, states, wasNotInUse, now()), known: { ...at, states } }
        engine.learned(learned, outcome, before)
        this.#answered(lane)
        lane.settled(name)
        this.#published(lane, name)
        return
      }
      case 'conflict':
        // None of what was thought possible is true, or a neighbour's was not. The look needs to know what was thought.
        if (!outcome.perhapsMade) this.takeBack(lane, { change, before })
        else this.unheard(lane, name)
        this.#answered(lane)
        this.doubt(lane, name, outcome.detail)
        return
      case 'refused': {
        this.takeBack(lane, { change, before })
        if (outcome.fault === 'lane') lane.waiting.add(name)
        else this.#refusedOne(lane, { ...at, states: before }, outcome)
        return
      }
      case 'unreachable': {
        this.unheard(lane, name)
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
  doubt(lane: Lane, name: string, detail: string): void {
    const { store } = this.#deps
    const doubts = (lane.doubts.get(name) ?? 0) + 1
    lane.doubts.set(name, doubts)
    lane.toLook.add(name)
    if (doubts < MOST_DOUBTS) return
    lane.doubts.delete(name)
    lane.toLook.delete(name)
    const states = store.state.statesAt(lane.name, name)
    const trouble = { kind: 'conflict' as const, alone: true, detail: `${CONTRADICTION}: ${detail}` }
    this.#troubledName({ endpoint: lane.name, zone: lane.zone, name, states }, trouble)
    lane.waitAlone(name, REFUSED)
  }

  /** A change was not made, or not sent: the name is as it was before. */
  takeBack(lane: Lane, { change: { name }, before }: Sent): void {
    const { store } = this.#deps
    const records = withStates(store.state.openAt(lane.name, name), before, null)
    store.noteStates({ endpoint: lane.name, zone: lane.zone, name, states: before }, records)
  }

  /** A message of the name may be made yet: the name is to be read late, be it by a later run. */
  unheard(lane: Lane, name: string): void {
    const { store } = this.#deps
    const at = { endpoint: lane.name, zone: lane.zone, name }
    const states = store.state.statesAt(lane.name, name)
    const unheard = distinct([...(store.state.known(at)?.unheard ?? []), ...states])
    lane.unheard.add(name)
    store.noteStates({ ...at, states, unheard }, [])
  }

  /** The name was read: late, where nothing is to be read late any more. */
  read(lane: Lane, name: string): void {
    const { store } = this.#deps
    const at = { endpoint: lane.name, zone: lane.zone, name }
    const known = store.state.known(at)
    if (known?.unheard && !lane.unheard.has(name)) store.noteStates({ ...at, states: known.states, unheard: [] }, [])
  }

  /** A name could not be read. */
  unread(at: NameAt, detail: string): void {
    const states = this.#deps.store.state.statesAt(at.endpoint, at.name)
    this.#troubledName({ ...at, states }, { kind: 'unreachable', fault: 'change', detail })
  }

  /** All of the lane is in trouble. */
  troubled(lane: Lane, { kind, detail }: { kind: 'refused' | 'unreachable'; detail: string }): void {
    if (lane.trouble(kind, detail)) this.#say(lane)
  }

  #refusedOne(lane: Lane, known: KnownName, outcome: Outcome & { kind: 'refused' }): void {
    const is = lane.refusedOne(known.name, outcome.detail)
    if (is === 'news') this.#say(lane)
    if (is === 'alone') this.#troubledName(known, outcome)
  }

  /** Notes the trouble of one name, where it is news. */
  #troubledName(known: KnownName, outcome: Exclude<Outcome, { kind: 'applied' }>): void {
    const { store, engine, now } = this.#deps
    const there = store.state.openAt(known.endpoint, known.name)
    const records = whenTroubled(there, outcome.kind, outcome.detail, now())
    if (records.length > 0) engine.learned({ records, known }, outcome)
  }

  #answered(lane: Lane): void {
    if (lane.answered()) this.#say(lane)
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
