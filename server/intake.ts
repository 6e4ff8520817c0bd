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
 */

import type { FastifyBaseLogger } from 'fastify'
import type { LeaseEvent } from '../schemas/model/lease-event.ts'
import type { Decision } from '../schemas/model/record.ts'
import type { Engine } from './engine.ts'
import type { Reconciler } from './reconcile/reconciler.ts'

interface Deps {
  engine: Engine
  reconciler: Pick<Reconciler, 'noteHeard' | 'settleTie'>
  log: FastifyBaseLogger
}

export class Intake {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Decides on events in order; resolves when the decisions are durable. @throws StoreFailed */
  async take(events: LeaseEvent[]): Promise<Decision[]> {
    const { engine, reconciler } = this.#deps
    for (const { address } of events) reconciler.noteHeard(address)
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
