import type { Family } from '../lib/address.ts'
import { goneSince, isKnown, toldEnding } from '../lib/catch-up.ts'
import type { Scopes } from '../lib/plan.ts'
import type { HeldEnding } from '../schemas/hold.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'
import type { Listed, Run, RunResult } from '../schemas/run.ts'
import type { Engine } from './engine.ts'
import type { Service } from './kea/about.ts'
import type { Kea } from './kea/kea.ts'
import { listLeases } from './kea/pages.ts'
import type { Store } from './store/store.ts'
import type { Sweeps } from './sweeps.ts'

interface Parts {
  store: Store
  engine: Engine
  scopes: Scopes
  keas: Kea[]
  sweeps: Sweeps
  /** Takes up what the Keas' configurations say by now. */
  configured(): Promise<void>
  finished(run: Run): void
  now(): number
}

const resultOf = (run: Run, keas: number, serving: number): RunResult => {
  if (keas === 0) return 'off'
  if (serving === 0) return 'standby'
  if (run.listed.some(one => !one.complete)) return 'unknown'
  return run.held > 0 ? 'held' : 'ok'
}

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
      this.#heard = null
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
    const heard = new Set<string>()
    this.#heard = heard
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
    const trusted = endings.filter(({ event }) => !heard.has(event.address))
    Object.assign(run, await this.#parts.sweeps.make(cause, trusted))
    run.finishedAt = now()
    run.result = resultOf(run, keas.length, serving)
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

  /**
   * What a lease file, read wholly, does not tell of any more. It tells nothing of the moment in which it was read, so
   * what is younger than a minute is left for the next time.
   */
  async told(family: Family, addresses: Set<string>, cause: string): Promise<void> {
    const { store, scopes, sweeps, now } = this.#parts
    const young = now() / 1000 - 60
    const endings: HeldEnding[] = []
    for (const lease of store.estate.leases.values()) {
      if (lease.family !== family || addresses.has(lease.address) || !scopes.find(lease.address)) continue
      const ending = goneSince(lease, now())
      if (ending && ending.cltt < young) endings.push(ending)
    }
    await sweeps.make(cause, endings)
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
