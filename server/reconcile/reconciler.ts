import type { FastifyBaseLogger } from 'fastify'
import type { Family } from '../../lib/address.ts'
import { serviceOf } from '../../lib/kea/lease-commands.ts'
import { inferEnd, isKnown, reportedEnd } from '../../lib/reconcile/ends.ts'
import type { LeaseEvent, Service } from '../../schemas/model/lease-event.ts'
import type { Listed, ProposedEnd, Run, RunResult } from '../../schemas/model/reconcile.ts'
import type { KeaAnswers } from '../control/configurations.ts'
import { type Kea, listLeases } from '../control/kea.ts'
import type { Engine } from '../engine.ts'
import { sayRun } from '../log/run-line.ts'
import type { Metrics } from '../metrics.ts'
import { coversOf, type LiveScopes } from '../scopes.ts'
import type { Store } from '../store/store.ts'
import type { DriftCheck } from './drift-check.ts'
import type { Holds } from './holds.ts'

interface Deps {
  store: Store
  engine: Engine
  scopes: LiveScopes
  keas: readonly Kea[]
  holds: Holds
  /** Looks whether DNS still holds what was published. */
  dns: Pick<DriftCheck, 'make'>
  metrics: Pick<Metrics, 'reconciled'>
  log: FastifyBaseLogger
  now(): number
}

/** A run that is under way, and the promise of its end. */
export interface Started {
  run: Run
  ended: Promise<Run>
}

/** What the Keas of one run told together. */
interface Findings {
  endings: ProposedEnd[]
  /** Addresses that any of them told of. */
  seen: Record<Service, Set<string>>
  /** Those that told all that they have. */
  complete: { service: Service; covers: (address: string) => boolean }[]
  /** Addresses in open holds that are in use after all. */
  active: Set<string>
}

/** How often DNS is looked at where no Kea can be asked. */
const LOOK_SECONDS = 300

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
export class Reconciler {
  #deps: Deps
  #running: Started | null = null
  #timers: NodeJS.Timeout[] = []
  #heard: Set<string> | null = null
  #ending = new AbortController()
  last: Run | null = null

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Runs every `pollSeconds` of each Kea, from now on; where there is no Kea, so that DNS is looked at all the same. */
  poll(): void {
    const { keas } = this.#deps
    for (const { pollSeconds } of keas.length > 0 ? keas : [{ pollSeconds: LOOK_SECONDS }]) {
      if (pollSeconds > 0) this.#timers.push(setInterval(() => this.run('poll').catch(() => {}), pollSeconds * 1000))
    }
  }

  /** Notes an address of which something was heard while a run is under way: the listing may be older than that. */
  noteHeard(address: string): void {
    this.#heard?.add(address)
  }

  /** One run; a call while one is under way gets that one. */
  run(cause: string): Promise<Run> {
    return this.start(cause).ended
  }

  /** As `run`, and gives the run itself too: it is filled as it goes on. */
  start(cause: string): Started {
    this.#running ??= this.#begin(cause)
    return this.#running
  }

  /** A run that begins after the call: one that is under way may have passed by what has changed. */
  async runAnew(cause: string): Promise<Run> {
    await this.#running?.ended.catch(() => {})
    return this.run(cause)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#ending.abort()
    await this.#running?.ended.catch(() => {})
  }

  #begin(cause: string): Started {
    const { now } = this.#deps
    const nothing = { begun: 0, ended: 0, held: 0, checked: 0, missing: 0, changed: 0 }
    const run: Run = { cause, startedAt: now(), finishedAt: null, result: null, listed: [], ...nothing, dns: [] }
    this.last = run
    const ended = this.#run(run).finally(() => {
      this.#running = null
      this.#heard = null
    })
    return { run, ended }
  }

  async #run(run: Run): Promise<Run> {
    const { now } = this.#deps
    const heard = new Set<string>()
    this.#heard = heard
    try {
      run.result = await this.#make(run, heard)
    } catch (error) {
      run.result = 'unknown'
      throw error
    } finally {
      run.finishedAt = now()
      this.#tell(run)
    }
    return run
  }

  #tell(run: Run): void {
    const { metrics, log } = this.#deps
    metrics.reconciled(run.result!)
    sayRun(log, run)
  }

  async #make(run: Run, heard: Set<string>): Promise<RunResult> {
    const { keas, scopes, engine } = this.#deps
    const told = await scopes.refresh()
    if (told.isNew) await engine.rederiveAll("Kea's configuration")
    const findings: Findings = {
      endings: [],
      seen: { dhcp4: new Set(), dhcp6: new Set() },
      complete: [],
      active: new Set(),
    }
    let serving = keas.length
    for (const kea of keas) {
      const status = await kea.serving()
      if (status.active !== 'active') {
        serving -= status.active === 'standby' ? 1 : 0
        const listed = { leases: 0, complete: false, reason: status.reason }
        if (status.active === 'unknown')
          for (const service of kea.services) run.listed.push({ kea: kea.name, service, ...listed })
        continue
      }
      for (const service of kea.services) run.listed.push(await this.#list(kea, service, told.answers, run, findings))
    }
    this.#missing(findings)
    const trusted = findings.endings.filter(({ event }) => !heard.has(event.address))
    Object.assign(run, await this.#deps.holds.make(run.cause, trusted, findings.active))
    await this.#deps.dns.make(run, this.#ending.signal)
    return resultOf(run, keas.length, serving)
  }

  async #list(kea: Kea, service: Service, told: KeaAnswers, run: Run, findings: Findings): Promise<Listed> {
    const { store, engine, holds, now } = this.#deps
    const listed = { kea: kea.name, service, leases: 0, complete: false, reason: null as string | null }
    const covers = coversOf(told, kea.name, service)
    if (typeof covers === 'string') return { ...listed, reason: covers }
    const seen = findings.seen[service]
    const held = holds.held()
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
        const lease = store.state.lease(event.address)
        if (event.kind === 'committed' && held.has(event.address)) findings.active.add(event.address)
        if (event.type === 'IA_PD' || isKnown(lease, event)) continue
        if (event.kind === 'committed') begun.push(event)
        else {
          const ending = reportedEnd(lease, event)
          if (ending) findings.endings.push(ending)
        }
      }
      if (begun.length > 0) await engine.take(begun, askedAt)
      run.begun += begun.length
      askedAt = now()
    }
    const after = await kea.serving()
    if (listed.complete && after.active !== 'active') Object.assign(listed, { complete: false, reason: after.reason })
    if (listed.complete) findings.complete.push({ service, covers })
    return listed
  }

  /** What is known to live, should be in a complete answer, and is in none. */
  #missing({ endings, seen, complete }: Findings): void {
    for (const lease of this.#deps.store.state.leases.values()) {
      const { address } = lease
      const service = serviceOf(lease.family)
      if (seen[service].has(address)) continue
      if (!complete.some(one => one.service === service && one.covers(address))) continue
      const ending = inferEnd(lease, this.#deps.now())
      if (ending) endings.push(ending)
    }
  }

  /**
   * What a lease file, read wholly, does not tell of any more. It tells nothing of the moment in which it was read, so
   * what is younger than a minute is left for the next time.
   */
  async reconcileLeaseFile(family: Family, addresses: Set<string>, cause: string): Promise<void> {
    const { store, scopes, holds, now } = this.#deps
    const young = now() / 1000 - 60
    const endings: ProposedEnd[] = []
    for (const lease of store.state.leases.values()) {
      if (lease.family !== family || addresses.has(lease.address) || !scopes.find(lease.address)) continue
      const ending = inferEnd(lease, now())
      if (ending && ending.cltt < young) endings.push(ending)
    }
    await holds.make(cause, endings)
  }

  /** Asks Kea who holds an address, where CLTT could not tell; what it answers settles that. */
  async settleTie(address: string): Promise<void> {
    const { keas, engine, store, now } = this.#deps
    this.noteHeard(address)
    const askedAt = now()
    const known = store.state.lease(address)
    for (const kea of keas) {
      if ((await kea.serving()).active !== 'active') continue
      const answer = await kea.lease(address)
      if (answer === 'unknown') continue
      if (answer !== 'none') return void (await engine.take(answer, askedAt))
      if (store.state.lease(address) !== known) return
      const ended = known && inferEnd(known, now())
      if (ended) await engine.take([ended.event])
      return
    }
  }
}
