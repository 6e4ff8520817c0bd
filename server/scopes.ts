/*
 * The scopes in force: those of leasehold.json, and those that Kea's configuration makes.
 *
 * The invariant: what Kea's configuration last said stays in force until Kea says something else, over a restart too, and
 * whoever looks up a scope sees one whole set of them. `refresh` asks one service; what it answers decides three things
 * together: the scopes and reservations, the zones that the embedded servers are authoritative for, and whether names are
 * to be derived anew. A change on which no lease depends (a logger) is none of these. While a service never told its
 * subnets, an address without a scope may be in one of them: what is heard of it waits.
 */

import type { FastifyBaseLogger } from 'fastify'
import { zoneFor } from '../lib/dns/zone/zone-names.ts'
import type { KeaConfiguration } from '../lib/kea/kea-config.ts'
import { type ConfiguredScope, domainIn, reservationsIn, scopesFrom } from '../lib/kea/subnet-scopes.ts'
import type { SkipRule } from '../lib/plan/rules.ts'
import { type BackendZones, buildScopes, type Scope, scopesAt, type ZoneRef, zonesAt } from '../lib/plan/scope/scope.ts'
import { type PlacedGroup, type ReservedAt, ScopeSet, type SilentSubnet } from '../lib/plan/scope/scope-set.ts'
import type { ReservationConfig, ScopeConfig } from '../schemas/config/leasehold.ts'
import { policyKey } from '../schemas/model/intent.ts'
import type { PolicyFields } from '../schemas/model/policy.ts'
import type { Dns } from './backends/open-backends.ts'
import type { Configurations, KeaService } from './control/configurations.ts'
import type { Store } from './store/store.ts'

interface Deps {
  configured: ScopeConfig[]
  reservations: ReservationConfig[]
  dns: Pick<Dns, 'targets' | 'serve'>
  configurations: Configurations
  store: Pick<Store, 'intents'>
  log: Pick<FastifyBaseLogger, 'warn'>
}

/**
 * What a refresh found. `trouble`: why the service's configuration is not known, or null. `isNew`: scopes or reservations
 * are others than before.
 */
export interface Refreshed {
  trouble: string | null
  isNew: boolean
}

export class LiveScopes {
  #deps: Deps
  #configs: ConfiguredScope[]
  #silent: SilentSubnet[] = []
  #groups: PlacedGroup[] = []
  #scopes = new ScopeSet([])
  #notes: readonly string[] = []
  /** The zones that are written at each server. */
  #zones: { endpoint: string; zones: ReadonlySet<string> }[] = []
  /** What is in force, as a text to compare. */
  #inForce: string | null = null
  #version = 0
  /** Reverse zones of scopes that are held by nobody, as they were told. */
  #ptrless = new Set<string>()

  #listeners: (() => void)[] = []
  /** Services that were asked since the start, whatever they said. */
  #asked = new Set<string>()

  constructor(deps: Deps) {
    this.#deps = deps
    this.#configs = deps.configured
    try {
      this.#adopt()
    } catch (error) {
      // What the last run kept of Kea's configuration cannot be used: Kea will tell it anew.
      deps.log.warn({ err: error }, "the configuration that was kept of Kea's is ignored")
      deps.configurations.forget()
      this.#adopt()
    }
  }

  get all(): readonly Scope[] {
    return this.#scopes.all
  }

  /** Another number each time Kea's configuration puts something else in force. */
  get version(): number {
    return this.#version
  }

  /** Sentences about what is wrong or missing in the Keas' configurations. */
  get notes(): readonly string[] {
    return this.#notes
  }

  find(address: string): Scope | null {
    return this.#scopes.find(address)
  }

  whyNone(address: string): SkipRule {
    return this.#scopes.whyNone(address)
  }

  isReserved(address: string): boolean {
    return this.#scopes.isReserved(address)
  }

  reservedAt(name: string): readonly ReservedAt[] {
    return this.#scopes.reservedAt(name)
  }

  placesOf(name: string): ZoneRef[] {
    return this.#zones.flatMap(({ endpoint, zones }) => {
      const zone = zoneFor(name, zones)
      return zone === null ? [] : { endpoint, zone }
    })
  }

  publishedNames(): Iterable<string> {
    return this.#scopes.publishedNames()
  }

  /** Whether an address has no scope yet, and may get one from a service that never told its configuration. */
  isAwaited(address: string): boolean {
    return this.find(address) === null && !this.#deps.configurations.areKnownFor(address)
  }

  /** Services that are being asked for the first time, and were not known before, as texts like "kea1 (dhcp4)". */
  get unasked(): string[] {
    const { configurations } = this.#deps
    const unknown = configurations.services.filter(one => !configurations.isKnown(one))
    return unknown.map(({ kea, service }) => `${kea.name} (${service})`).filter(label => !this.#asked.has(label))
  }

  /** The listener is called when a service told its configuration. */
  onTold(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Asks a service for its configuration, and takes up what it says. Without an answer all stays as it was known. */
  async refresh(one: KeaService): Promise<Refreshed> {
    const trouble = await this.#deps.configurations.refresh(one)
    this.#asked.add(`${one.kea.name} (${one.service})`)
    const isNew = this.#adopt()
    if (trouble === null) for (const listener of this.#listeners) listener()
    return { trouble, isNew }
  }

  /** The policy fields that were set for a scope by the API. They are kept for a scope that is gone, should it come back. */
  fieldsSet(scope: string): PolicyFields {
    const meant = this.#deps.store.intents.get(policyKey(scope))
    return meant?.kind === 'policy' ? meant.fields : {}
  }

  /** The scopes as they would be with these fields set for one of them. Those in force stay as they are. */
  withFields(scope: string, fields: PolicyFields): ScopeSet {
    return this.#built(name => (name === scope ? fields : this.fieldsSet(name)))
  }

  /** Puts in force what is kept of the policies that were set. */
  takeUpPolicies(): void {
    this.#scopes = this.#built(scope => this.fieldsSet(scope))
  }

  #built(fieldsSet: (scope: string) => PolicyFields): ScopeSet {
    const scopes = buildScopes(this.#configs, this.#deps.dns.targets, fieldsSet).map((scope, i) => {
      const { pools } = this.#configs[i]!
      return pools ? { ...scope, domainOf: domainIn(pools) } : scope
    })
    return new ScopeSet(scopes, this.#silent, this.#groups)
  }

  /** Says once of each scope which of its addresses get no PTR. */
  #tellPtrless(): void {
    for (const { name: scope, ptrless = [] } of this.#scopes.all) {
      for (const zone of ptrless) {
        const key = `${scope} ${zone}`
        if (this.#ptrless.has(key)) continue
        this.#ptrless.add(key)
        this.#deps.log.warn(
          { scope, zone },
          `no zone of the backend of the scope ${scope} holds ${zone}: addresses there get no PTR`,
        )
      }
    }
  }

  /** The zones that the scopes of one server need. */
  #zonesOf({ name, zones }: BackendZones): string[] {
    return zonesAt(zones, scopesAt(name, this.#configs, this.#deps.dns.targets[0]!.name))
  }

  /** Takes what the Keas' configurations say. Gives whether anything is in force that was not. */
  #adopt(): boolean {
    const { configured, reservations, dns, configurations, log } = this.#deps
    const keas = configurations.all
    const inForce = relevantOf(keas)
    if (inForce === this.#inForce) return false
    const { scopes: wanted, silent, notes } = scopesFrom(configured, keas)
    const isServer = (name: string | undefined) =>
      name === undefined || dns.targets.some(target => target.name === name)
    const scopes = wanted.map(scope => (isServer(scope.backend) ? scope : { ...scope, backend: undefined }))
    for (const { subnet, backend } of wanted) {
      if (!isServer(backend))
        notes.push(`subnet ${subnet}: user-context.leasehold.backend: there is no "${backend}" in dns`)
    }
    for (const note of notes) log.warn(note)
    this.#notes = notes
    this.#inForce = inForce
    this.#version++
    this.#configs = scopes
    this.#silent = silent
    this.#groups = reservationsIn(reservations, scopes, keas)
    this.#zones = dns.targets.map(one => ({ endpoint: one.endpoint, zones: new Set(this.#zonesOf(one)) }))
    this.takeUpPolicies()
    this.#tellPtrless()
    dns.serve(target => this.#zonesOf(target))
    return true
  }
}

/** What of the Keas' configurations any lease depends on. */
const relevantOf = (keas: KeaConfiguration[]): string =>
  JSON.stringify(
    keas.map(({ family, subnets, reservations, hosts, issues }) => ({ family, subnets, reservations, hosts, issues })),
  )
