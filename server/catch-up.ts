import { goneSince, isCurrent, isKnown, type Limits, toldEnding, weigh } from '../lib/catch-up.ts'
import type { Scopes } from '../lib/plan.ts'
import type { HeldEnding, Hold } from '../schemas/hold.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'
import type { Phase } from '../schemas/record.ts'
import type { Listed, Run } from '../schemas/run.ts'
import type { Engine } from './engine.ts'
import type { Service } from './kea/about.ts'
import type { Kea } from './kea/kea.ts'
import { listLeases } from './kea/pages.ts'
import type { Store } from './store/store.ts'

interface Parts {
  store: Store
  engine: Engine
  scopes: Scopes
  keas: Kea[]
  limits: Limits
  /** Takes up what the Keas' configurations say by now. */
  configured(): Promise<void>
  finished(run: Run): void
  now(): number
}

const OWNED: ReadonlySet<Phase> = new Set(['pending', 'published', 'retained', 'awaiting'])
const SLICE = 500

/**
 * Converges to what Kea knows. Beginnings are taken as they are listed; ends are weighed when all is listed, scope by
 * scope, and too many at once wait for a person. What is absent from an answer ends only when that answer was complete,
 * trusted, and from the server that serves.
 */
export class CatchUp {
  #parts: Parts
  #running: Promise<Run> | null = null
  #timers: NodeJS.Timeout[] = []
  #heard: Set<string> | null = null
  last: Run | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Runs every `pollSeconds` of each Kea, from now on. */
  poll(): void {
    for (const { pollSeconds } of this.#parts.keas) {
      if (pollSeconds > 0) this.#timers.push(setInterval(() => this.run('poll').catch(() => {}), pollSeconds * 1000))
    }
  }

  /** Notes an address of which something was heard while a run is under way: the listing may be older than that. */
  hear(address: string): void {
    this.#heard?.add(address)
  }

  /** One run; a call while one is under way gets that one. */
  run(cause: string): Promise<Run> {
    this.#running ??= this.#run(cause).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#running?.catch(() => {})
  }

  async #run(cause: string): Promise<Run> {
    const { keas, now, finished } = this.#parts
    const nothing = { begun: 0, ended: 0, held: 0, checked: 0, missing: 0, changed: 0 }
    const run: Run = { cause, startedAt: now(), finishedAt: null, result: null, listed: [], ...nothing }
    this.last = run
    this.#heard = new Set()
    await this.#parts.configured()
    const endings: HeldEnding[] = []
    let serving = keas.length
    for (const kea of keas) {
      const standing = await kea.standing()
      if (standing.active !== 'active') {
        serving -= standing.active === 'standby' ? 1 : 0
        const listed = { leases: 0, complete: false, reason: standing.reason }
        if (standing.active === 'unknown')
          for (const service of kea.services) run.listed.push({ kea: kea.name, service, ...listed })
        continue
      }
      for (const service of kea.services) run.listed.push(await this.#list(kea, service, run, endings))
    }
    await this.#weigh(run, endings)
    run.finishedAt = now()
    run.result =
      keas.length === 0
        ? 'off'
        : serving === 0
          ? 'standby'
          : run.listed.some(one => !one.complete)
            ? 'unknown'
            : run.held > 0
              ? 'held'
              : 'ok'
    this.#heard = null
    finished(run)
    return run
  }

  async #list(kea: Kea, service: Service, run: Run, endings: HeldEnding[]): Promise<Listed> {
    const { store, engine, now } = this.#parts
    const listed = { kea: kea.name, service, leases: 0, complete: false, reason: null as string | null }
    const covers = await kea.covers(service)
    if (typeof covers === 'string') return { ...listed, reason: covers }
    const seen = new Set<string>()
    let askedAt = now()
    for await (const part of listLeases(kea.channel, service)) {
      if (part.is === 'end') {
        Object.assign(listed, {
          leases: part.leases,
          complete: part.complete,
          reason: part.complete ? null : part.reason,
        })
        break
      }
      const begun: LeaseEvent[] = []
      for (const { address } of part.unreadable) seen.add(address)
      for (const event of part.events) {
        seen.add(event.address)
        const lease = store.estate.lease(event.address)
        if (event.type === 'IA_PD' || isKnown(lease, event)) continue
        if (event.kind === 'committed') begun.push(event)
        else {
          const ending = toldEnding(lease, event)
          if (ending) endings.push(ending)
        }
      }
      if (begun.length > 0) await engine.take(begun, askedAt)
      run.begun += begun.length
      askedAt = now()
    }
    if (listed.complete) this.#missing(service, covers, seen, endings)
    return listed
  }

  /** What is known to live, and a complete answer did not tell of. */
  #missing(service: Service, covers: (address: string) => boolean, seen: Set<string>, endings: HeldEnding[]): void {
    const family = service === 'dhcp4' ? 4 : 6
    for (const lease of this.#parts.store.estate.leases.values()) {
      const { address } = lease
      if (lease.family !== family || seen.has(address) || this.#heard?.has(address) || !covers(address)) continue
      const ending = goneSince(lease, this.#parts.now())
      if (ending) endings.push(ending)
    }
  }

  async #weigh(run: Run, endings: HeldEnding[]): Promise<void> {
    const { store, scopes, limits, now } = this.#parts
    const heard = this.#heard
    const trusted = endings.filter(({ event }) => !heard?.has(event.address))
    for (const sweep of weigh(
      store.estate,
      scopes,
      trusted,
      scope => this.#owned(scope),
      store.holds.values(),
      limits,
      now(),
    )) {
      if (sweep.held) {
        this.#hold(run, sweep)
        run.held += sweep.endings.length
      } else {
        await this.#end(sweep.endings)
        run.ended += sweep.endings.length
      }
    }
    await store.durable()
  }

  #owned(scope: string): number {
    let owned = 0
    for (const { scope: of, phase, count } of this.#parts.store.estate.counts())
      if (of === scope && OWNED.has(phase)) owned += count
    return owned
  }

  #hold(run: Run, { scope, endings, records, owned }: ReturnType<typeof weigh>[number]): void {
    const { store, now } = this.#parts
    const open = [...store.holds.values()].find(hold => hold.scope === scope && hold.state === 'open')
    const id = open?.id ?? Math.max(0, ...store.holds.keys()) + 1
    const percent = Math.round((records * 100) / owned)
    const reason = `${records} of the ${owned} records owned in ${scope} (${percent} %) would go at once, so none does until a person decides.`
    const openedAt = open?.openedAt ?? now()
    store.putHold({
      id,
      scope,
      state: 'open',
      cause: run.cause,
      reason,
      records,
      owned,
      openedAt,
      decidedAt: null,
      endings,
    })
  }

  async #end(endings: HeldEnding[]): Promise<void> {
    const { store, engine } = this.#parts
    for (let i = 0; i < endings.length; i += SLICE) {
      const slice = endings.slice(i, i + SLICE).filter(one => isCurrent(store.estate.lease(one.event.address), one))
      await engine.take(slice.map(one => one.event))
    }
  }

  /** A person's word on an open hold: its endings, as far as they still are true, are taken, or never again proposed. */
  async decide(hold: Hold, state: 'approved' | 'rejected'): Promise<Hold> {
    const { store, now } = this.#parts
    const decided: Hold = { ...hold, state, decidedAt: now() }
    if (state === 'approved') await this.#end(hold.endings)
    store.putHold(decided)
    await store.durable()
    return decided
  }

  /** Asks Kea who holds an address, where CLTT could not tell; what it answers settles that. */
  async ask(address: string): Promise<void> {
    const { keas, engine, store, now } = this.#parts
    const askedAt = now()
    for (const kea of keas) {
      const answer = await kea.lease(address)
      if (answer === 'unknown') continue
      if (answer !== 'none') return void (await engine.take(answer, askedAt))
      const lease = store.estate.lease(address)
      const gone = lease && goneSince(lease, now())
      if (gone) await engine.take([gone.event])
      return
    }
  }
}
