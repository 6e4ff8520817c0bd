/*
 * The door for whoever tells: hooks, events of the API, name change requests and lease files.
 *
 * The invariant: what is told while a listing of Kea is under way is newer than the listing, whatever the listing says.
 * So the intake notes the address at the reconciler before it hands the event to the engine. And where CLTT cannot tell
 * who holds an address, Kea is asked, once the decision is on disk.
 *
 *     hook: expired .20 (CLTT 1000) ─┐                     ┌─ noteHeard(.20): a listing under way ends nothing there
 *     hook: granted .20 (CLTT 1000) ─┴─► intake ─► engine ─┴─ a tie: settleTie(.20) asks Kea who has it
 *
 * The reconciler does not come through here: what Kea answers was asked for, and is told with the time of the question.
 *
 * A process that does not lead decides nothing: it keeps what it was told for the one that leads.
 *
 * The door is open before Kea told its subnets. An event that may belong to one of them is not skipped as out of scope:
 * who can be told to come again (HTTP) waits a moment and then is told so, and what cannot be told (name change requests,
 * rows of a lease file) is kept until the subnets are known.
 */

import type { FastifyBaseLogger } from 'fastify'
import type { LeaseEvent } from '../schemas/model/lease-event.ts'
import type { Decision } from '../schemas/model/record.ts'
import type { Engine } from './engine.ts'
import type { Reconciler } from './reconcile/reconciler.ts'
import type { LiveScopes } from './scopes.ts'
import { slices } from './slices.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Pick<Store, 'sharing'>
  engine: Pick<Engine, 'take'>
  reconciler: Pick<Reconciler, 'noteHeard' | 'settleTie' | 'run'>
  scopes: Pick<LiveScopes, 'isAwaited' | 'onTold'>
  log: Pick<FastifyBaseLogger, 'error' | 'warn'>
  /** Milliseconds that an event waits for its scope. Default 1000. */
  patience?: number
}

/** Whether an event has a scope is not known yet, so it was not taken. */
export class ScopesAwaited extends Error {
  override readonly name = 'ScopesAwaited'
}

const AWAITED = 'Kea has not told its subnets yet, so it is not known whose addresses these are. Nothing was taken.'
/** Events that are kept until their scopes are known. What is more is listed by the run that makes them known. */
const MOST_EARLY = 50_000

const SLICE = 500

export class Intake {
  #deps: Deps

  #early: LeaseEvent[] = []
  #hasLost = false
  #told = Promise.withResolvers<void>()

  constructor(deps: Deps) {
    this.#deps = deps
    deps.scopes.onTold(() => {
      this.#told.resolve()
      this.#told = Promise.withResolvers()
      this.#takeEarly().catch(error => deps.log.error({ err: error }, 'events that came early were not taken'))
    })
  }

  /**
   * Decides on events in order; resolves when the decisions are durable.
   * @throws StoreFailed, and ScopesAwaited when an event's scope is not known in time
   */
  async take(events: LeaseEvent[]): Promise<Decision[]> {
    await this.untilKnown(events)
    return this.#take(events)
  }

  /** As `take`, for who does not come again: what has no scope yet is kept, and taken when it has. */
  async hear(events: LeaseEvent[]): Promise<void> {
    const { scopes, reconciler } = this.#deps
    const early = events.filter(({ address }) => scopes.isAwaited(address))
    for (const event of early) {
      reconciler.noteHeard(event.address)
      if (this.#early.length < MOST_EARLY) this.#early.push(event)
      else this.#hasLost = true
    }
    const ready = early.length > 0 ? events.filter(event => !early.includes(event)) : events
    if (ready.length > 0) await this.#take(ready)
  }

  #areAwaited(events: readonly LeaseEvent[]): boolean {
    return events.some(({ address }) => this.#deps.scopes.isAwaited(address))
  }

  /**
   * Waits until it is known whether each event has a scope. Who takes a list in parts waits for all of it first.
   * @throws ScopesAwaited when that takes too long
   */
  async untilKnown(events: readonly LeaseEvent[]): Promise<void> {
    if (!this.#areAwaited(events)) return
    const end = AbortSignal.timeout(this.#deps.patience ?? 1000)
    const isOver = new Promise<void>(resolve => end.addEventListener('abort', () => resolve(), { once: true }))
    while (this.#areAwaited(events)) {
      if (end.aborted) throw new ScopesAwaited(AWAITED)
      await Promise.race([this.#told.promise, isOver])
    }
  }

  async #takeEarly(): Promise<void> {
    const { scopes, reconciler, log } = this.#deps
    const early = this.#early
    this.#early = early.filter(({ address }) => scopes.isAwaited(address))
    const ready = early.filter(({ address }) => !scopes.isAwaited(address))
    for await (const slice of slices(ready, SLICE)) await this.#take(slice)
    if (!this.#hasLost) return
    this.#hasLost = false
    log.warn(`more than ${MOST_EARLY} events came before Kea told its subnets; Kea is listed for the rest`)
    await reconciler.run('events came before the subnets were known')
  }

  async #take(events: LeaseEvent[]): Promise<Decision[]> {
    const { engine, reconciler } = this.#deps
    for (const { address } of events) reconciler.noteHeard(address)
    const sharing = this.#deps.store.sharing
    if (sharing && !sharing.leads) {
      await sharing.forward({ events })
      return []
    }
    const { decisions, tied } = await engine.take(events)
    for (const address of tied) this.ask(address)
    return decisions
  }

  /** Has Kea asked who holds an address, where one can be asked; what it answers is taken as soon as it comes. */
  ask(address: string): void {
    const { reconciler, log } = this.#deps
    reconciler.settleTie(address).catch(error => log.error({ err: error, address }, 'Kea was not asked'))
  }
}
