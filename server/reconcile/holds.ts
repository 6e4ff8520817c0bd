import type { Scopes } from '../../lib/plan/derive.ts'
import { entryOfWord } from '../../lib/plan/explain/audit-entries.ts'
import { isAbandonment, isCurrent, isPending } from '../../lib/reconcile/ends.ts'
import { checkLimit, type Limits, ownedIn, type ScopeRemovals, tooMuch } from '../../lib/reconcile/limit.ts'
import {
  type EndingsHold,
  type Hold,
  ofEndings,
  openHolds,
  type PolicyHold,
  type ProposedEnd,
  type Run,
} from '../../schemas/model/reconcile.ts'
import type { AuditEntry } from '../../schemas/model/record.ts'
import type { Audit } from '../audit.ts'
import type { Engine } from '../engine.ts'
import { nextHoldId, type Policies } from '../policies.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Store
  engine: Engine
  scopes: Scopes
  limits: Limits
  policies: Pick<Policies, 'carryOut'>
  audit: Pick<Audit, 'add'>
  now(): number
}

const SLICE = 500

/** True when these are the same ends of the same grants, in any order. A hold can have many, so it is not written anew. */
const sameEnds = (held: ProposedEnd[], found: ProposedEnd[]): boolean => {
  const idOf = ({ event, cltt }: ProposedEnd) => `${event.address} ${cltt} ${event.kind}`
  const known = new Set(held.map(idOf))
  return held.length === found.length && found.every(end => known.has(idOf(end)))
}

const decisionEntry = (hold: Hold, state: 'approved' | 'rejected', by: string): AuditEntry => {
  const verb = state === 'approved' ? ('approve' as const) : ('reject' as const)
  const { id, scope, reason } = hold
  const said = `${by} ${state} the hold ${id}. ${reason}`
  return entryOfWord({ call: `POST /v1/holds/${id}/${verb}`, verb, scope, by, at: hold.decidedAt!, reason: said })
}

/** Ends of many leases at once: weighed scope by scope, made where they are believable, held for a person where not. */
export class Holds {
  #deps: Deps
  #deciding = new Set<number>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** The addresses whose leases' ends wait for a person. */
  held(): Set<string> {
    return new Set(this.#open().flatMap(hold => hold.endings.map(({ event }) => event.address)))
  }

  /**
   * Gives how many leases were ended, and how many wait in a hold. `alive` are addresses that are in use after all.
   * Durable when it resolves.
   */
  async make(
    cause: string,
    endings: ProposedEnd[],
    active: ReadonlySet<string> = new Set(),
  ): Promise<Pick<Run, 'ended' | 'held'>> {
    const { store, engine, scopes, limits, now } = this.#deps
    const made = { ended: 0, held: 0 }
    const owned = (scope: string) => ownedIn(scope, store.state.counts())
    for (const removals of checkLimit(engine.foreseen, scopes, endings, owned, store.holds.values(), limits, now())) {
      if (removals.held) this.#hold(cause, removals)
      else await this.#end(removals.endings)
      made[removals.held ? 'held' : 'ended'] += removals.endings.length
    }
    this.#withdraw(active)
    await store.durable()
    return made
  }

  /**
   * A person's word on an open hold: what it proposes is done, as far as it still is true, or never again proposed. Null
   * when there is no such hold, or another word came first. Before ends are made `inUse` proves them again: it gives the
   * addresses that are in use, or throws, and then the hold stays open.
   */
  async decide(
    id: number,
    state: 'approved' | 'rejected',
    by: string,
    inUse: (endings: ProposedEnd[]) => Promise<ReadonlySet<string>> = async () => new Set(),
  ): Promise<Hold | null> {
    const { store, audit } = this.#deps
    const hold = store.holds.get(id)
    if (hold?.state !== 'open' || this.#deciding.has(id)) return null
    this.#deciding.add(id)
    try {
      const decided =
        'endings' in hold ? await this.#decideEnds(hold, state, inUse) : await this.#decidePolicy(hold, state)
      if (!decided) return null
      store.putHold(decided)
      audit.add([decisionEntry(decided, state, by)])
      await store.durable()
      return decided
    } finally {
      this.#deciding.delete(id)
    }
  }

  async #decideEnds(
    hold: EndingsHold,
    state: 'approved' | 'rejected',
    inUse: (endings: ProposedEnd[]) => Promise<ReadonlySet<string>>,
  ): Promise<EndingsHold> {
    const active = state === 'approved' ? await inUse(hold.endings) : new Set<string>()
    const endings = hold.endings.filter(({ event }) => !active.has(event.address))
    const isGone = endings.length === 0 && active.size > 0
    if (state === 'approved') await this.#end(endings)
    const decidedAt = this.#deps.now()
    return { ...hold, state: isGone ? 'withdrawn' : state, decidedAt, ...(!isGone && { endings }) }
  }

  /** Null when another policy was set meanwhile, which withdrew the hold. */
  async #decidePolicy(hold: PolicyHold, state: 'approved' | 'rejected'): Promise<PolicyHold | null> {
    const isDone = state === 'rejected' || (await this.#deps.policies.carryOut(hold))
    return isDone ? { ...hold, state, decidedAt: this.#deps.now() } : null
  }

  #open(): EndingsHold[] {
    return ofEndings(openHolds(this.#deps.store.holds.values()))
  }

  /** Takes out of open holds what has ended or begun anew since, and what lives after all. */
  #withdraw(active: ReadonlySet<string>): void {
    const { store, scopes, now } = this.#deps
    for (const hold of this.#open()) {
      // That a lease is in use, or is in a scope again, tells against one kind of end each.
      const isDisproved = (one: ProposedEnd) =>
        isAbandonment(one) ? scopes.find(one.event.address) !== null : active.has(one.event.address)
      const waits = (one: ProposedEnd) => isPending(store.state.lease(one.event.address), one)
      const endings = hold.endings.filter(one => !isDisproved(one) && waits(one))
      if (endings.length === hold.endings.length || this.#deciding.has(hold.id)) continue
      if (endings.length > 0) store.putHold({ ...hold, endings })
      else store.putHold({ ...hold, state: 'withdrawn', decidedAt: now() })
    }
  }

  /** A scope has one open hold, which says what the newest look found. */
  #hold(cause: string, { scope, endings, records, owned }: ScopeRemovals): void {
    const { store, now } = this.#deps
    const open = this.#open().find(hold => hold.scope === scope)
    const id = open?.id ?? nextHoldId(store.holds)
    const reason = tooMuch(records, owned, scope, 'none does')
    const openedAt = open?.openedAt ?? now()
    if (open && open.records === records && open.owned === owned && sameEnds(open.endings, endings)) return
    store.putHold({ id, scope, state: 'open', cause, reason, records, owned, openedAt, decidedAt: null, endings })
  }

  async #end(endings: ProposedEnd[]): Promise<void> {
    const { store, engine } = this.#deps
    for (let i = 0; i < endings.length; i += SLICE) {
      const slice = endings.slice(i, i + SLICE).filter(one => isCurrent(store.state.lease(one.event.address), one))
      await engine.take(slice.map(one => one.event))
    }
  }
}
