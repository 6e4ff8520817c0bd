/*
 * What the services of Kea list, in one run, for one family.
 *
 * The invariant: a grant counts from whoever lists it, an end only from one that serves, and absence only where all that
 * may have the address listed completely (lib/reconcile/witnesses.ts). So the services are listed side by side, and one
 * that is silent holds up no other:
 *
 *     kea1 dhcp4  active   500 leases, complete     grants taken, ends proposed, absence counts
 *     kea2 dhcp4  standby  500 leases               grants taken: it knows what it will have to keep
 *     kea1 dhcp6  silent                            nothing, and nothing of IPv6 is concluded
 */
import type { Family } from '../../lib/address.ts'
import type { HaStatus } from '../../lib/kea/ha.ts'
import { SERVICES } from '../../lib/kea/lease-commands.ts'
import { controlOf, sourceOf, withTeller } from '../../lib/plan/lease/testimony.ts'
import { RECLAIM_MS } from '../../lib/plan/scope/policy.ts'
import {
  abandonedEnd,
  inferEnd,
  isHolders,
  isKnown,
  mayEnd,
  overdueEnd,
  reportedEnd,
} from '../../lib/reconcile/ends.ts'
import { areEnough, type Witness } from '../../lib/reconcile/witnesses.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Listed, ProposedEnd } from '../../schemas/model/reconcile.ts'
import type { Configurations, KeaService } from '../control/configurations.ts'
import { type Listing, listLeases } from '../control/kea.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { LiveScopes } from '../scopes.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'
import type { Holds } from './holds.ts'

interface Deps {
  store: Pick<Store, 'state'>
  engine: Pick<Engine, 'take' | 'rederiveAll'>
  scopes: Pick<LiveScopes, 'refresh' | 'find'>
  configurations: Pick<Configurations, 'services' | 'covering' | 'updatesDns'>
  gate: Pick<Gate, 'epochOf' | 'noteListed'>
  holds: Pick<Holds, 'held'>
  signal: AbortSignal
  now(): number
}

/** What one service told in a run. */
export interface Told extends Witness {
  of: KeaService
  epoch: number
  /** Whether all was listed, also by a standby. */
  isWhole: boolean
  listed: Listed
  /** Whether it told its configuration. */
  isConfigured: boolean
}

/** What the services of one family told together. */
export interface Findings {
  told: Told[]
  /** How many leases were new, or known otherwise. */
  begun: number
  /** Ends that Kea lists, and those that follow from what it no longer lists. */
  endings: ProposedEnd[]
  /** Addresses in open holds that are in use after all. */
  active: Set<string>
  /** Addresses that any of them told of. */
  seen: Set<string>
}

const SLICE = 2000

export class Listings {
  #deps: Deps
  #rederiving: Promise<void> = Promise.resolve()
  /** Since when (ms) this program listens. */
  #since: number

  constructor(deps: Deps) {
    this.#deps = deps
    this.#since = deps.now()
  }

  /** Lists all services of a family. Takes grants as they come, and gives what the answers say of ends. */
  async ofFamily(family: Family): Promise<Findings> {
    const services = this.#deps.configurations.services.filter(({ service }) => SERVICES[service].family === family)
    const findings: Findings = { told: [], begun: 0, endings: [], active: new Set(), seen: new Set() }
    findings.told = await Promise.all(services.map(one => this.#ofService(one, findings)))
    await this.#missing(family, findings)
    if (findings.told.every(one => one.isConfigured)) this.#abandoned(family, findings)
    return findings
  }

  async #ofService(of: KeaService, findings: Findings): Promise<Told> {
    const { gate } = this.#deps
    const { kea, service } = of
    const [trouble, status] = await Promise.all([this.#refresh(of), kea.serving(service)])
    const epoch = gate.epochOf(kea.name, service)
    const told = { ...this.#before(of, status, epoch), isConfigured: trouble === null }
    if (status.active === 'unknown' || trouble !== null) {
      told.listed.reason = status.active === 'unknown' ? status.reason : trouble
      return told
    }
    await this.#list(told, findings)
    return told
  }

  /** What is known of a service before it is listed. One that says that it has a partner is one of a pair all the same. */
  #before(of: KeaService, { active: standing, state }: HaStatus, epoch: number): Omit<Told, 'isConfigured'> {
    const { kea, service } = of
    const isPaired = kea.watches.some(watch => watch.service === service) || state !== null
    const listed: Listed = { kea: kea.name, service, standing, leases: 0, complete: false, reason: null }
    return { of, epoch, isPaired, isWhole: false, isComplete: false, listed }
  }

  /** Asks for the configuration; where it says something else, all is derived anew before the leases are listed. */
  async #refresh(of: KeaService): Promise<string | null> {
    const { scopes, engine } = this.#deps
    const { trouble, isNew } = await scopes.refresh(of)
    if (isNew) {
      this.#rederiving = this.#rederiving.catch(() => {}).then(() => engine.rederiveAll("Kea's configuration"))
    }
    await this.#rederiving
    return trouble
  }

  async #list(told: Told, findings: Findings): Promise<void> {
    const { store, gate, configurations, now, signal } = this.#deps
    const { of, epoch, listed } = told
    const { kea, service } = of
    const updatesDns = configurations.updatesDns(kea.name, service)
    let askedAt = now()
    for await (const part of listLeases(kea.channel, service, { signal, updatesDns })) {
      if (part.is === 'end') {
        listed.leases = part.leases
        told.isWhole = part.complete
        if (!part.complete) listed.reason = part.reason
        break
      }
      await this.#takePage(told, part, findings, askedAt)
      const isHeld = (event: LeaseEvent) =>
        listed.standing === 'active' || isHolders(store.state.lease(event.address), event)
      gate.noteListed(
        kea.name,
        service,
        epoch,
        part.events.filter(isHeld).map(({ address }) => address),
      )
      askedAt = now()
    }
    const after = await kea.serving(service)
    if (told.isWhole && after.active !== 'active') listed.reason = after.reason
    if (after.active !== listed.standing) told.isWhole = false
    told.isComplete = told.isWhole && listed.standing === 'active'
    listed.complete = told.isComplete
  }

  /** A standby can lag behind its partner: it settles no tie, and tells of no end. */
  async #takePage(
    { listed }: Told,
    part: Listing & { is: 'page' },
    findings: Findings,
    askedAt: number,
  ): Promise<void> {
    const { store, engine, holds } = this.#deps
    const isActive = listed.standing === 'active'
    const held = holds.held()
    const begun: LeaseEvent[] = []
    if (isActive) for (const { address } of part.unreadable) findings.seen.add(address)
    for (const event of part.events) {
      const lease = store.state.lease(event.address)
      if (isActive) findings.seen.add(event.address)
      if (isActive && event.kind === 'committed' && held.has(event.address)) findings.active.add(event.address)
      if (event.type === 'IA_PD' || isKnown(lease, event)) continue
      if (event.kind === 'committed') {
        begun.push(event)
        if (!isKnown(lease && { ...lease, toldBy: withTeller(lease.toldBy, sourceOf(event)) }, event)) findings.begun++
      }
      const ending = isActive ? reportedEnd(lease, event) : null
      if (ending) findings.endings.push(ending)
    }
    if (begun.length === 0) return
    if (isActive) await engine.take(begun, askedAt)
    else await engine.take(begun.map(event => ({ ...event, asOf: askedAt })))
  }

  /**
   * Ends what is known to live and is in no answer, where all that may have it answered; and what is over for long, where
   * no Kea can be asked, or where Kea lists it still.
   */
  async #missing(family: Family, { told, seen, endings }: Findings): Promise<void> {
    const { store, configurations, now } = this.#deps
    const witnessOf = ({ kea, service }: KeaService): Witness =>
      told.find(({ of }) => of.kea.name === kea.name && of.service === service) ?? NOBODY
    for await (const slice of slices(store.state.leases.values(), SLICE)) {
      for (const lease of slice) {
        if (lease.family !== family) continue
        const isListed = seen.has(lease.address)
        const overdue = isListed || told.length === 0 ? this.#overdue(lease, isListed) : null
        if (overdue) endings.push(overdue)
        const covering = configurations.covering(lease.address)
        if (isListed || !areEnough(covering.map(witnessOf))) continue
        const sources = new Set(covering.map(({ kea, service }) => controlOf(kea.name, service)))
        const ending = mayEnd(lease, sources, sources) ? inferEnd(lease, now()) : null
        if (ending) endings.push(ending)
      }
    }
  }

  /**
   * Leases with names whose scope is gone: from leasehold.json, from Kea, or as its subnet lost its suffix. That is only
   * known where every Kea of the family told its configuration.
   */
  #abandoned(family: Family, { endings }: Findings): void {
    const { scopes, store } = this.#deps
    for (const lease of store.state.leases.values()) {
      if (lease.family !== family || scopes.find(lease.address)) continue
      if (![...store.state.recordsOf(lease.address)].some(({ wanted }) => wanted !== null)) continue
      const ending = abandonedEnd(lease)
      if (ending) endings.push(ending)
    }
  }

  /** The end of a lease whose time is over for long. Kea, which lists it still, is given the time to reclaim it. */
  #overdue(lease: Lease, isListed: boolean): ProposedEnd | null {
    const { scopes, now } = this.#deps
    const policy = scopes.find(lease.address)?.policy
    if (!policy) return null
    return isListed ? overdueEnd(lease, policy, now() - RECLAIM_MS) : overdueEnd(lease, policy, now(), this.#since)
  }
}

const NOBODY: Witness = { isPaired: false, isComplete: false }
