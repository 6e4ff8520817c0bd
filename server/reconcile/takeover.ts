import { setTimeout as pause } from 'node:timers/promises'
import type { Gate } from '../gate.ts'
import type { Queue } from '../publish/queue.ts'
import type { Restorer } from '../publish/restorer.ts'
import type { Reconciler } from './reconciler.ts'

interface Deps {
  gate: Pick<Gate, 'isBehind' | 'isOpen' | 'isActive'>
  reconciler: Pick<Reconciler, 'runAnew'>
  queue: Pick<Queue, 'goOn'>
  restorer: Pick<Restorer, 'goOn'>
}

/** Milliseconds until a Kea that could not be listed is listed again: first, and at most. */
const AGAIN = { first: 500, most: 10_000 }

/**
 * What happens when anything changes in a pair, or a person pauses or resumes. Each change is caught up with before
 * anything is written: while it was not known who serves, or between two answers that both say "active", it may have been
 * the other node. Becoming standby withdraws nothing; a standby lists too, so that it knows what it will have to keep.
 */
export class Takeover {
  #deps: Deps
  #catchingUp: Promise<void> | null = null
  #closing = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** To be called whenever a Kea's state or the pause may have changed, and once after subscribing to them. */
  changed(): void {
    const { gate, queue, restorer } = this.#deps
    if (!this.#closing.signal.aborted && gate.isBehind()) {
      this.#catchingUp ??= this.#catchUp().finally(() => {
        this.#catchingUp = null
        this.changed()
      })
    }
    if (!gate.isOpen()) return
    restorer.goOn()
    queue.goOn()
  }

  /** Begins no further run; one that is under way ends with the reconciler. */
  close(): void {
    this.#closing.abort()
  }

  /** Runs until nothing has changed since the last listing. */
  async #catchUp(): Promise<void> {
    const { gate, reconciler } = this.#deps
    const { signal } = this.#closing
    for (let wait = AGAIN.first; gate.isBehind() && !signal.aborted; wait = Math.min(2 * wait, AGAIN.most)) {
      const cause = gate.isActive() ? 'this node became active' : 'this node is a standby'
      await reconciler.runAnew(cause).catch(() => null)
      if (gate.isBehind()) await pause(wait, undefined, { signal }).catch(() => {})
    }
  }
}
