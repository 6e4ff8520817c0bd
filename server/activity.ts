import type { Run } from '../schemas/run.ts'
import type { HaWatch } from './kea/ha-watch.ts'

interface Parts {
  /** Those of all Keas that are one of a pair; none where none is. */
  watches: () => HaWatch[]
  paused(): boolean
  /** Catches up with Kea, when this node has become active. */
  catchUp(): Promise<Run>
  resume(): void
}

/**
 * Whether this node writes DNS: not while a person paused it, and, in a pair, only while its Kea serves. Becoming active
 * catches up before anything is written, also where it was only not known for a while who serves: it may have been the
 * other. Becoming standby withdraws nothing.
 */
export class Activity {
  #parts: Parts
  #caughtUp = false
  #catching = false
  /** How often it was not active. */
  #lapses = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Why nothing is written, as a sentence; null when this node writes. */
  why(): string | null {
    if (this.#parts.paused()) return 'A person paused the writing of DNS.'
    const watches = this.#parts.watches()
    const waits = watches.map(watch => watch.current()).find(standing => standing.active !== 'active')
    if (waits)
      return `This node is ${waits.active === 'standby' ? 'a standby' : 'not known to be active'}: its Kea ${waits.reason}.`
    return watches.length === 0 || this.#caughtUp ? null : 'This node has just become active and catches up with Kea.'
  }

  isActive(): boolean {
    return this.#parts.watches().every(watch => watch.current().active === 'active')
  }

  /** To be called whenever a Kea's standing or the pause may have changed. */
  async changed(): Promise<void> {
    if (!this.isActive()) {
      this.#caughtUp = false
      this.#lapses++
      return
    }
    if (!this.#catching && this.#parts.watches().length > 0) {
      this.#catching = true
      while (!this.#caughtUp && this.isActive()) this.#caughtUp = await this.#catchUp()
      this.#catching = false
    }
    if (this.why() === null) this.#parts.resume()
  }

  /** Whether all was caught up with, and this node was active all the while. */
  async #catchUp(): Promise<boolean> {
    const lapses = this.#lapses
    const run = await this.#parts.catchUp().catch(() => null)
    return lapses === this.#lapses && run?.result !== 'standby'
  }
}
