/*
 * The one door for what people mean.
 *
 * Whatever a person says of a name or a client comes through here, from the API or anywhere else. It is turned into data
 * (lib/plan/meant.ts), kept, and what it touches is derived anew by the engine. When the answer is given all of it is on
 * disk. Whoever must know of the end of a pin subscribes; a pin that is over is taken back here, and the audit says so.
 *
 *     route ──► pin(name, who) ──► meant.ts: what is kept ──► engine.meant ──► store, audit, log
 *                                          └─► refused: 409
 */
import type { Scopes } from '../lib/plan/derive.ts'
import type { Meant, Refused, Who } from '../lib/plan/meant.ts'
import * as acts from '../lib/plan/meant.ts'
import type { Scope } from '../lib/plan/scope.ts'
import type { Assignment } from '../schemas/model/intent.ts'
import type { Engine } from './engine.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Store
  engine: Pick<Engine, 'meant'>
  scopes: Scopes & { readonly all: readonly Scope[] }
  now(): number
}

/** Hears of a pin by its key, and when it ends (ms); null for one without an end, or that is taken back. */
export type PinListener = (key: string, until: number | null) => void

/** Why nothing was done. A route answers with 409. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

export class IntentDoor {
  #deps: Deps
  #listeners: PinListener[] = []

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Adds a listener for the ends of pins, and tells it of those in force. */
  onPin(listener: PinListener): void {
    this.#listeners.push(listener)
    for (const [key, intent] of this.#deps.store.intents) if (intent.kind === 'pin') listener(key, intent.until)
  }

  /** The pins of these keys are over, where their time has come. */
  async over(keys: string[]): Promise<void> {
    const { store, now } = this.#deps
    for (const key of keys) {
      const intent = store.intents.get(key)
      if (intent?.kind === 'pin' && intent.until !== null && intent.until <= now())
        await this.#keep(acts.pinOver(intent))
    }
  }

  pin(name: string, until: number | null, who: Who): Promise<void> {
    return this.#keep(acts.pin(name, until, who))
  }

  unpin(name: string, who: Who): Promise<void> {
    return this.#keep(acts.unpin(this.#deps.store.state, name, who))
  }

  promote(name: string, who: Who): Promise<void> {
    return this.#keep(acts.promote(this.#deps.store.state, name, who))
  }

  demote(name: string, who: Who): Promise<void> {
    return this.#keep(acts.demote(this.#deps.store.state, name, who))
  }

  /** `client` is `hw:…`, `id:…` or `duid:…`; `scope` null for all. */
  assign(client: string, name: string, scope: string | null, who: Who): Promise<void> {
    return this.#keep(acts.assign(client, name, scope, who))
  }

  unassign(before: Assignment, who: Who): Promise<void> {
    return this.#keep(acts.unassign(before, who))
  }

  /** Keeps what was meant; resolves when it is durable. @throws NotNow when it cannot be now, StoreFailed */
  async #keep(meant: Meant | Refused | null): Promise<void> {
    if (meant === null) return
    if ('refused' in meant) throw new NotNow(meant.refused)
    await this.#deps.engine.meant(meant)
    for (const listener of this.#listeners) {
      for (const key of meant.undone ?? []) listener(key, null)
      for (const intent of meant.intents ?? []) if (intent.kind === 'pin') listener(`pin ${intent.name}`, intent.until)
    }
  }
}
