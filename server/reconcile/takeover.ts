import type { Gate } from '../gate.ts'
import type { Queue } from '../publish/queue.ts'
import type { Reconciler } from './reconciler.ts'

interface Deps {
  gate: Gate
  reconciler: Pick<Reconciler, 'runAnew'>
  queue: Pick<Queue, 'goOn'>
}

/**
 * What happens when this node's Kea begins or ceases to serve, or a person pauses or resumes. Becoming active catches up
 * before anything is written, also where it was only not known for a while who serves: it may have been the other node.
 * Becoming standby withdraws nothing.
 */
export class Takeover {
  #deps: Deps
  #isCatchingUp = false
  /** How often this node was not active: a run that began before such a lapse proves nothing after it. */
  #lapses = 0

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** To be called whenever a Kea's state or the pause may have changed, and once after subscribing to them. */
  async changed(): Promise<void> {
    const { gate, queue } = this.#deps
    if (!gate.isActive()) {
      gate.setCaughtUp(false)
      this.#lapses++
      return
    }
    if (!this.#isCatchingUp && !gate.hasCaughtUp()) {
      this.#isCatchingUp = true
      while (!gate.hasCaughtUp() && gate.isActive()) gate.setCaughtUp(await this.#catchUp())
      this.#isCatchingUp = false
    }
    if (gate.isOpen()) queue.goOn()
  }

  /** Whether all was caught up with, and this node was active all the while. */
  async #catchUp(): Promise<boolean> {
    const lapses = this.#lapses
    const run = await this.#deps.reconciler.runAnew('this node became active').catch(() => null)
    return lapses === this.#lapses && run?.result !== 'standby'
  }
}
