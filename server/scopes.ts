/*
 * The scopes in force: those of leasehold.json, and those that Kea's configuration makes.
 *
 * The invariant: what Kea's configuration last said stays in force until Kea says something else, over a restart too, and
 * whoever looks up a scope sees one whole set of them. `refresh` asks every Kea once; what it answers decides three
 * things together: the scopes and reservations, the zones that the embedded servers are authoritative for, and whether
 * names are to be derived anew. A change on which no lease depends (a logger) is none of these.
 */

import type { FastifyBaseLogger } from 'fastify'
import type { KeaConfiguration } from '../lib/kea/kea-config.ts'
import { reservationIndex, scopesFrom } from '../lib/kea/subnet-scopes.ts'
import { type BackendZones, buildScopes, type Scope, ScopeTable, scopesAt, zonesAt } from '../lib/plan/scope.ts'
import type { ScopeConfig } from '../schemas/config/leasehold.ts'
import type { Service } from '../schemas/model/lease-event.ts'
import type { Dns } from './backends/open-backends.ts'
import type { Configurations, KeaAnswers } from './control/configurations.ts'
import type { Kea } from './control/kea.ts'

interface Deps {
  configured: ScopeConfig[]
  dns: Pick<Dns, 'targets' | 'serve'>
  configurations: Configurations
  keas: readonly Kea[]
  log: Pick<FastifyBaseLogger, 'warn'>
}

/** What a refresh found. `isNew` says that scopes or reservations are others than before. */
export interface Refreshed {
  answers: KeaAnswers
  isNew: boolean
}

export class LiveScopes {
  #deps: Deps
  #configs: ScopeConfig[]
  #scopes: Scope[] = []
  #table = new ScopeTable<Scope>([])
  #notes: readonly string[] = []
  /** What is in force, as a text to compare. */
  #inForce: string | null = null

  constructor(deps: Deps) {
    this.#deps = deps
    this.#configs = deps.configured
    this.#adopt()
  }

  get all(): readonly Scope[] {
    return this.#scopes
  }

  /** Sentences about what is wrong or missing in the Keas' configurations. */
  get notes(): readonly string[] {
    return this.#notes
  }

  find(address: string): Scope | null {
    return this.#table.find(address)
  }

  /** Asks the Keas for their configurations, and takes up what they say. What does not answer stays as it was known. */
  async refresh(): Promise<Refreshed> {
    const { configurations, keas } = this.#deps
    const answers = await configurations.refresh(keas)
    return { answers, isNew: this.#adopt() }
  }

  /** The zones that the scopes of one server need. */
  #zonesOf({ name, zones }: BackendZones): string[] {
    return zonesAt(zones, scopesAt(name, this.#configs, this.#deps.dns.targets[0]!.name))
  }

  /** Takes what the Keas' configurations say. Gives whether anything is in force that was not. */
  #adopt(): boolean {
    const { configured, dns, configurations, log } = this.#deps
    const keas = configurations.all
    const inForce = relevantOf(keas)
    if (inForce === this.#inForce) return false
    this.#inForce = inForce
    const { scopes: wanted, notes } = scopesFrom(configured, keas)
    const isServer = (name: string | undefined) =>
      name === undefined || dns.targets.some(target => target.name === name)
    const scopes = wanted.map(scope => (isServer(scope.backend) ? scope : { ...scope, backend: undefined }))
    for (const { subnet, backend } of wanted) {
      if (!isServer(backend))
        notes.push(`subnet ${subnet}: user-context.leasehold.backend: there is no "${backend}" in dns`)
    }
    for (const note of notes) log.warn(note)
    this.#notes = notes
    const reserved = reservationIndex(keas)
    this.#configs = scopes
    this.#scopes = buildScopes(scopes, dns.targets).map(scope => ({ ...scope, reserved }))
    this.#table = new ScopeTable(this.#scopes)
    dns.serve(target => this.#zonesOf(target))
    return true
  }
}

/** What of the Keas' configurations any lease depends on. */
const relevantOf = (keas: KeaConfiguration[]): string =>
  JSON.stringify(keas.map(({ family, subnets, reservations, issues }) => ({ family, subnets, reservations, issues })))

/** Says of an address whether it is in a subnet of a service, by its configuration; or a sentence why that is not known. */
export const coversOf = (
  answers: KeaAnswers,
  kea: string,
  service: Service,
): ((address: string) => boolean) | string => {
  const known = answers.get(`${kea} ${service}`) ?? `${kea} (${service}) was not asked for its configuration`
  if (typeof known === 'string') return known
  const table = new ScopeTable(new Map(known.subnets.map(one => [one.subnet, one])).values())
  return address => table.find(address) !== null
}
