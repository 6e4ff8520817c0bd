import type { Family } from '../lib/address.ts'
import { goneSince, isKnown, toldEnding } from '../lib/catch-up.ts'
import type { Scopes } from '../lib/plan.ts'
import type { HeldEnding } from '../schemas/hold.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'
import type { Listed, Run, RunResult } from '../schemas/run.ts'
import type { DnsCheck } from './dns-check.ts'
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
  /** Looks whether DNS still holds what was published. */
  dns: Pick<DnsCheck, 'make'>
  /** Takes up what the Keas' configurations say by now. */
  configured(): Promise<void>
  finished(run: Run): void
  now(): number
}

/** What the Keas of one run told together. */
interface Sweep {
  endings: HeldEnding[]
  /** Addresses that any of them told of. */
  seen: Record<Service, Set<string>>
  /** Those that told all that they have. */
  complete: { service: Service; covers: (address: string) => boolean }[]
  /** Addresses in open holds that are in use after all. */
  alive: Set<string>
}

const resultOf = (run: Run, keas: number, serving: number): RunResult => {
  if (keas > 0 && serving === 0) return 'standby'
  if (run.listed.some(one => !one.complete) || run.dns.some(one => !one.known)) return 'unknown'
  if (keas === 0) return 'off'
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
  #ending = new AbortController()
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

  /** A run that begins now: one that is under way may have passed by what has changed. */
  async runAnew(cause: string): Promise<Run> {
    await this.#running?.catch(() => {})
    return this.run(cause)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#ending.abort()
    await this.#running?.catch(() => {})
  }

  async #run(cause: string): Promise<Run> {
    const { now, finished } = this.#parts
    const nothing = { begun: 0, ended: 0, held: 0, checked: 0, missing: 0, changed: 0 }
    const run: Run = { cause, startedAt: now(), finishedAt: null, result: null, listed: [], ...nothing, dns: [] }
    this.last = run
    const heard = new Set<string>()
    this.#heard = heard
    try {
      run.result = await this.#make(run, heard)
    } catch (error) {
      run.result = 'unknown'
      throw error
    } finally {
      run.finishedAt = now()
      finished(run)
    }
    return run
  }

  async #make(run: Run, heard: Set<string>): Promise<RunResult> {
    const { keas } = this.#parts
    await this.#parts.configured()
    const sweep: Sweep = { endings: [], seen: { dhcp4: new Set(), dhcp6: new Set() }, complete: [], alive: new Set() }
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
      for (const service of kea.services) run.listed.push(await this.#list(kea, service, run, sweep))
    }
    this.#missing(sweep)
    const trusted = sweep.endings.filter(({ event }) => !heard.has(event.address))
    Object.assign(run, await this.#parts.sweeps.make(run.cause, trusted, sweep.alive))
    await this.#parts.dns.make(run, this.#ending.signal)
    return resultOf(run, keas.length, serving)
  }

  async #list(kea: Kea, service: Service, run: Run, sweep: Sweep): Promise<Listed> {
    const { store, engine, sweeps, now } = this.#parts
    const listed = { kea: kea.name, service, leases: 0, complete: false, reason: null as string | null }
    const covers = await kea.covers(service)
    if (typeof covers === 'string') return { ...listed, reason: covers }
    const seen = sweep.seen[service]
    const held = sweeps.held()
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
        if (event.kind === 'committed' && held.has(event.address)) sweep.alive.add(event.address)
        if (event.type === 'IA_PD' || isKnown(lease, event)) continue
        if (event.kind === 'committed') begun.push(event)
        else {
          const ending = toldEnding(lease, event)
          if (ending) sweep.endings.push(ending)
        }
      }
      if (begun.length > 0) await engine.take(begun, askedAt)
      run.begun += begun.length
      askedAt = now()
    }
    const after = await kea.standing()
    if (listed.complete && after.active !== 'active') Object.assign(listed, { complete: false, reason: after.reason })
    if (listed.complete) sweep.complete.push({ service, covers })
    return listed
  }

  /** What is known to live, should be in a complete answer, and is in none. */
  #missing({ endings, seen, complete }: Sweep): void {
    for (const lease of this.#parts.store.estate.leases.values()) {
      const { address } = lease
      const service = lease.family === 4 ? 'dhcp4' : 'dhcp6'
      if (seen[service].has(address)) continue
      if (!complete.some(one => one.service === service && one.covers(address))) continue
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
    this.hear(address)
    const askedAt = now()
    const known = store.estate.lease(address)
    for (const kea of keas) {
      if ((await kea.standing()).active !== 'active') continue
      const answer = await kea.lease(address)
      if (answer === 'unknown') continue
      if (answer !== 'none') return void (await engine.take(answer, askedAt))
      if (store.estate.lease(address) !== known) return
      const gone = known && goneSince(known, now())
      if (gone) await engine.take([gone.event])
      return
    }
  }
}
