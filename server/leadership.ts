/*
 * What happens when this process begins to write, and when it no longer does, where several share the store.
 *
 *     the lock is got ─► what is desired is derived anew ─► what the last leader left is taken up ─► the gate opens
 *                                                                                                 └► Kea is asked
 *     another leads   ─► the gate closes; the state follows what the other commits
 *
 * Nothing is loaded: a standby has followed all along. What the last leader had under way counts as perhaps made, as after a
 * crash. Where the database went back, what is known is older than what is in DNS: then the gate opens only after a run in
 * which Kea and DNS answered, and what that run would remove is weighed and held as in any other.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Run } from '../schemas/model/reconcile.ts'
import type { Gate } from './gate.ts'
import type { Logger } from './logger.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Pick<Store, 'sharing'>
  gate: Pick<Gate, 'begin' | 'end' | 'changed'>
  /** Derives anew what is desired, and finds again what is to be done. */
  takeUp(cause: string): Promise<void>
  /** Whatever is to be done once the gate is open. */
  begun(cause: string): void
  reconciler: { runAnew(cause: string): Promise<Run> }
  log: Pick<Logger, 'error'>
}

/** Milliseconds until what could not be taken up, or looked at, is tried again. */
const AGAIN = 2000

export class Leadership {
  #deps: Deps
  /** Counts the changes of who leads: what was begun before the last one is not finished. */
  #turn = 0
  #working: Promise<void> = Promise.resolve()
  #closing = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
    const { sharing } = deps.store
    sharing?.onLead(({ wentBack }) => this.#lead(wentBack, 'this node leads'))
    sharing?.onChange(() => {
      if (!sharing.leads) this.#end()
      deps.gate.changed()
    })
  }

  /** Begins, unless another process leads; resolves when the gate is open, or it is known that another leads. */
  async begin(): Promise<void> {
    const { store, takeUp, gate, begun } = this.#deps
    if (store.sharing) {
      if (store.sharing.leads) this.#lead(false, 'start')
      return this.#working
    }
    await takeUp('start')
    gate.begin()
    begun('start')
  }

  #lead(wentBack: boolean, cause: string): void {
    const turn = ++this.#turn
    this.#deps.gate.end()
    this.#working = this.#working.then(() => this.#takeUp(turn, wentBack, cause))
  }

  #end(): void {
    this.#turn++
    this.#deps.gate.end()
  }

  async #takeUp(turn: number, wentBack: boolean, cause: string): Promise<void> {
    const { gate, takeUp, begun, log } = this.#deps
    const isOver = () => turn !== this.#turn || this.#closing.signal.aborted
    let isLookedAt = !wentBack
    while (!isOver()) {
      try {
        await takeUp(cause)
        isLookedAt ||= await this.#look()
        if (isLookedAt && !isOver()) {
          gate.begin()
          return begun(cause)
        }
      } catch (error) {
        log.error({ err: error }, 'what the last leader left is not taken up yet')
      }
      await pause(AGAIN, undefined, { signal: this.#closing.signal }).catch(() => {})
    }
  }

  /** Whether Kea and DNS answered to all that was asked. */
  async #look(): Promise<boolean> {
    const run = await this.#deps.reconciler.runAnew('PostgreSQL went back')
    return run.result !== 'unknown'
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#turn++
    await this.#working
  }
}
