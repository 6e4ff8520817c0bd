import { isCurrent, type Limits, type Sweep, weigh } from '../lib/catch-up.ts'
import type { Scopes } from '../lib/plan.ts'
import type { HeldEnding, Hold } from '../schemas/hold.ts'
import type { Phase } from '../schemas/record.ts'
import type { Run } from '../schemas/run.ts'
import type { Engine } from './engine.ts'
import type { Store } from './store/store.ts'

interface Parts {
  store: Store
  engine: Engine
  scopes: Scopes
  limits: Limits
  now(): number
}

const OWNED: ReadonlySet<Phase> = new Set(['pending', 'published', 'retained', 'awaiting'])
const SLICE = 500

/** Ends of many leases at once: weighed scope by scope, made where they are believable, held for a person where not. */
export class Sweeps {
  #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Gives how many leases were ended, and how many wait in a hold. Durable when it resolves. */
  async make(cause: string, endings: HeldEnding[]): Promise<Pick<Run, 'ended' | 'held'>> {
    const { store, scopes, limits, now } = this.#parts
    const made = { ended: 0, held: 0 }
    const owned = (scope: string) => this.#owned(scope)
    for (const sweep of weigh(store.estate, scopes, endings, owned, store.holds.values(), limits, now())) {
      if (sweep.held) this.#hold(cause, sweep)
      else await this.#end(sweep.endings)
      made[sweep.held ? 'held' : 'ended'] += sweep.endings.length
    }
    await store.durable()
    return made
  }

  /** A person's word on an open hold: its endings, as far as they still are true, are made, or never again proposed. */
  async decide(hold: Hold, state: 'approved' | 'rejected'): Promise<Hold> {
    const { store, now } = this.#parts
    const decided: Hold = { ...hold, state, decidedAt: now() }
    if (state === 'approved') await this.#end(hold.endings)
    store.putHold(decided)
    await store.durable()
    return decided
  }

  #owned(scope: string): number {
    let owned = 0
    for (const { scope: of, phase, count } of this.#parts.store.estate.counts()) {
      if (of === scope && OWNED.has(phase)) owned += count
    }
    return owned
  }

  /** A scope has one open hold, which says what the newest look found. */
  #hold(cause: string, { scope, endings, records, owned }: Sweep): void {
    const { store, now } = this.#parts
    const open = [...store.holds.values()].find(hold => hold.scope === scope && hold.state === 'open')
    const id = open?.id ?? Math.max(0, ...store.holds.keys()) + 1
    const percent = Math.round((records * 100) / owned)
    const reason = `${records} of the ${owned} records owned in ${scope} (${percent} %) would go at once, so none does until a person decides.`
    const openedAt = open?.openedAt ?? now()
    store.putHold({ id, scope, state: 'open', cause, reason, records, owned, openedAt, decidedAt: null, endings })
  }

  async #end(endings: HeldEnding[]): Promise<void> {
    const { store, engine } = this.#parts
    for (let i = 0; i < endings.length; i += SLICE) {
      const slice = endings.slice(i, i + SLICE).filter(one => isCurrent(store.estate.lease(one.event.address), one))
      await engine.take(slice.map(one => one.event))
    }
  }
}
