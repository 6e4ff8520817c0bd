/*
 * Whether this node writes DNS now.
 *
 * The invariant: the gate is open only while nobody paused the writing, the Kea of this node serves, and this node has
 * caught up since it began to serve. It is state, not a process: whoever writes asks it right before each message, and
 * `takeover` (reconcile/takeover.ts) is what happens when the state changes.
 *
 *     Kea of this node     standby     | partner-down                  | waiting    | hot-standby
 *     caught up            no          | no ..... run ends: yes        | no         | no ... yes
 *     gate                 closed      | closed ........ open          | closed     | closed . open
 *     DNS                  untouched   |                 written       | untouched  |          written
 *
 * Closing withdraws nothing: what is in DNS stays as it is, and what is decided meanwhile waits in the store.
 */

import { isOver } from '../lib/plan/lease.ts'
import type { OwnedRecord } from '../schemas/model/record.ts'
import type { HaWatch } from './control/ha-watch.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Pick<Store, 'paused' | 'state'>
  /** Those of all Keas that are one of a pair; none where none is. */
  watches: readonly HaWatch[]
  now(): number
}

export class Gate {
  #deps: Deps
  #caughtUp: boolean

  constructor(deps: Deps) {
    this.#deps = deps
    this.#caughtUp = deps.watches.length === 0
  }

  /** Why nothing is written, as a sentence; null when this node writes. */
  why(): string | null {
    if (this.isPaused()) return 'A person paused the writing of DNS.'
    const waits = this.#deps.watches.map(watch => watch.current()).find(({ active }) => active !== 'active')
    if (waits)
      return `This node is ${waits.active === 'standby' ? 'a standby' : 'not known to be active'}: its Kea ${waits.reason}.`
    return this.#caughtUp ? null : 'This node has just become active and catches up with Kea.'
  }

  isOpen(): boolean {
    return this.why() === null
  }

  isPaused(): boolean {
    return this.#deps.store.paused
  }

  /** Whether the Kea of this node serves; always true where there is no pair. */
  isActive(): boolean {
    return this.#deps.watches.every(watch => watch.current().active === 'active')
  }

  isOneOfAPair(): boolean {
    return this.#deps.watches.length > 0
  }

  hasCaughtUp(): boolean {
    return this.#caughtUp
  }

  /** Says whether this node has caught up with Kea since it became active. */
  setCaughtUp(caughtUp: boolean): void {
    this.#caughtUp = caughtUp || !this.isOneOfAPair()
  }

  /**
   * Whether Kea is to say first how the record's lease went on. In a pair, the end of a lease whose time is over may only
   * not be told here yet: the other node may have heard it, and seen to the records.
   */
  awaitsKea({ address }: OwnedRecord): boolean {
    const lease = this.isOneOfAPair() ? this.#deps.store.state.lease(address) : undefined
    return lease !== undefined && isOver(lease, this.#deps.now())
  }
}
