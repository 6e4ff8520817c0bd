import type { FastifyBaseLogger } from 'fastify'
import type { Family } from '../../lib/address.ts'
import { canList, hasTold, type SourceId } from '../../lib/plan/lease/testimony.ts'
import { inferEnd, isAbandonment, mayEnd } from '../../lib/reconcile/ends.ts'
import type { Listed, ProposedEnd, Run, RunResult } from '../../schemas/model/reconcile.ts'
import type { Configurations } from '../control/configurations.ts'
import type { Kea } from '../control/kea.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import { sayRun } from '../log/run-line.ts'
import type { Metrics } from '../metrics.ts'
import type { LiveScopes } from '../scopes.ts'
import type { Store } from '../store/store.ts'
import type { DriftCheck } from './drift-check.ts'
import type { Holds } from './holds.ts'
import { Listings, type Told } from './listings.ts'
import { Questions } from './questions.ts'

interface Deps {
  store: Store
  engine: Engine
  scopes: LiveScopes
  configurations: Configurations
  gate: Pick<Gate, 'epochOf' | 'noteListed' | 'noteCaughtUp'>
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

/** Kea cannot be asked whether what a hold proposes is still true, so it is not done. */
export class Unproven extends Error {
  override readonly name = 'Unproven'
}

/** How often DNS is looked at where no Kea can be asked. */
const LOOK_SECONDS = 300

const FAMILIES: Family[] = [4, 6]

const resultOf = (run: Run, told: Told[]): RunResult => {
  const isStandby = ({ listed }: Told) => listed.standing === 'standby'
  if (told.length > 0 && told.every(isStandby)) return 'standby'
  const isUnknown = told.some(one => !isStandby(one) && !one.isComplete) || run.dns.some(one => !one.known)
  if (isUnknown) return 'unknown'
  if (told.length === 0) return 'off'
  return run.held > 0 ? 'held' : 'ok'
}

/** The sources that told of a lease beside its file and the Kea whose file it is, and that could list it. */
const othersThan = (file: SourceId, toldBy: string[] = []): Set<SourceId> => {
  const serviceIn = (source: SourceId) => source.slice(source.indexOf(' '))
  return new Set(toldBy.filter(source => canList(source) && serviceIn(source) !== serviceIn(file)))
}

/**
 * Converges to what Kea knows, each family by itself, in these steps:
 *
 *     1. each service is asked for its configuration, whether it serves, and for its leases (listings.ts)
 *     2. grants are taken as they are listed
 *     3. ends are weighed when all of the family is listed, scope by scope; too many at once wait for a person (holds.ts)
 *     4. the gate hears that the family's services are caught up with
 *     5. when both families are through, DNS is read, and compared with what was published (drift-check.ts)
 *
 * No step concludes anything from an answer that is missing.
 */
export class Reconciler {
  #deps: Deps
  #running: Started | null = null
  #timers: NodeJS.Timeout[] = []
  #heard: Set<string> | null = null
  #ending = new AbortController()
  #listings: Listings
  #questions: Questions
  /** The lease file reading that is being taken in. */
  #takingFile: Promise<void> = Promise.resolve()
  last: Run | null = null

  constructor(deps: Deps) {
    this.#deps = deps
    const { signal } = this.#ending
    this.#listings = new Listings({ ...deps, signal })
    this.#questions = new Questions({ ...deps, signal })
  }

  /** Runs every `pollSeconds` of each Kea, from now on; where there is no Kea, so that DNS is looked at all the same. */
  poll(): void {
    const { keas } = this.#deps
    for (const { pollSeconds } of keas.length > 0 ? keas : [{ pollSeconds: LOOK_SECONDS }]) {
      if (pollSeconds > 0) this.#timers.push(setInterval(() => this.#poll(), pollSeconds * 1000))
    }
  }

  /** Where another process leads, it is the one that asks. */
  #poll(): void {
    if (this.#deps.store.sharing?.leads !== false) this.run('poll').catch(() => {})
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
    const told = (await Promise.all(FAMILIES.map(family => this.#makeFamily(family, run, heard)))).flat()
    await this.#deps.dns.make(run, this.#ending.signal)
    return resultOf(run, told)
  }

  async #makeFamily(family: Family, run: Run, heard: Set<string>): Promise<Told[]> {
    const { holds, gate, configurations } = this.#deps
    const { told, begun, endings, active } = await this.#listings.ofFamily(family)
    run.begun += begun
    const placeOf = ({ kea: name, service }: Listed) =>
      configurations.services.findIndex(one => one.kea.name === name && one.service === service)
    run.listed = [...run.listed, ...told.map(one => one.listed)].sort((a, b) => placeOf(a) - placeOf(b))
    const trusted = endings.filter(({ event }) => !heard.has(event.address))
    const made = await holds.make(run.cause, trusted, active)
    run.ended += made.ended
    run.held += made.held
    for (const { of, epoch, isWhole } of told) if (isWhole) gate.noteCaughtUp(of.kea.name, of.service, epoch)
    return told
  }

  /**
   * What a lease file, read wholly, does not tell of any more, of the leases that it told. It tells nothing of the moment
   * in which it was read, so what is younger than a minute is left for the next time. What it has is in use after all,
   * whatever a hold proposes.
   */
  reconcileLeaseFile(family: Family, addresses: Set<string>, cause: string, file: SourceId): Promise<void> {
    const taking = this.#takeFile(family, addresses, cause, file)
    this.#takingFile = Promise.allSettled([this.#takingFile, taking]).then(() => {})
    return taking
  }

  async #takeFile(family: Family, addresses: Set<string>, cause: string, file: SourceId): Promise<void> {
    const { store, scopes, holds, now } = this.#deps
    const young = now() / 1000 - 60
    const endings: ProposedEnd[] = []
    for (const lease of store.state.leases.values()) {
      if (lease.family !== family || addresses.has(lease.address) || !scopes.find(lease.address)) continue
      if (!hasTold(lease, file) || !mayEnd(lease, new Set([file]), othersThan(file, lease.toldBy))) continue
      const ending = inferEnd(lease, now())
      if (ending && ending.cltt < young) endings.push(ending)
    }
    await holds.make(cause, endings, addresses)
  }

  /** Asks Kea who holds an address, where CLTT could not tell; what it answers settles that. */
  async settleTie(address: string): Promise<void> {
    this.noteHeard(address)
    await this.#questions.ask(address, { ends: true })
  }

  /**
   * Asks Kea anew for the leases that a hold would end, once lease files that are being taken in are. Gives the addresses
   * that are in use after all. @throws Unproven
   */
  async inUse(endings: readonly ProposedEnd[]): Promise<Set<string>> {
    await this.#takingFile
    const toAsk = endings.filter(one => !isAbandonment(one))
    const addresses = [...new Set(toAsk.map(({ event }) => event.address))]
    const asked = addresses.map(
      async address => [address, await this.#questions.ask(address, { ends: false })] as const,
    )
    const answers = await Promise.all(asked)
    const unknown = answers.filter(([, said]) => said === 'unknown')
    if (unknown.length > 0) {
      const which = `${unknown.length} of ${answers.length} leases, such as ${unknown[0]![0]}`
      throw new Unproven(`Kea does not say whether it has ${which}. Nothing was done; the hold stays open.`)
    }
    return new Set(answers.flatMap(([address, said]) => (said === 'alive' ? [address] : [])))
  }
}
