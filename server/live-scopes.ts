import type { KeaConfiguration } from '../lib/kea/kea-config.ts'
import { reservationIndex, scopesFrom } from '../lib/kea/kea-scopes.ts'
import { type Scope, ScopeTable } from '../lib/scope.ts'
import type { ScopeConfig } from '../schemas/config.ts'
import { buildScopes, scopesAt, type Target, zonesAt } from './scopes.ts'

/** The scopes in force: those of leasehold.json, and those that Kea's configuration makes. */
export class LiveScopes {
  #configured: ScopeConfig[]
  #targets: Target[]
  #configs: ScopeConfig[]
  #scopes: Scope[] = []
  #table = new ScopeTable<Scope>([])

  constructor(configured: ScopeConfig[], targets: Target[]) {
    this.#configured = configured
    this.#targets = targets
    this.#configs = configured
    this.adopt([])
  }

  get all(): readonly Scope[] {
    return this.#scopes
  }

  find(address: string): Scope | null {
    return this.#table.find(address)
  }

  /** The zones that the scopes of one server need. */
  zonesOf({ name, zones }: Target): string[] {
    return zonesAt(zones, scopesAt(name, this.#configs, this.#targets[0]!.name))
  }

  /** Takes what Kea's configurations say; gives sentences for a person. */
  adopt(keas: KeaConfiguration[]): string[] {
    const { scopes: wanted, notes } = scopesFrom(this.#configured, keas)
    const isServer = (name: string | undefined) =>
      name === undefined || this.#targets.some(target => target.name === name)
    const scopes = wanted.map(scope => (isServer(scope.backend) ? scope : { ...scope, backend: undefined }))
    for (const { subnet, backend } of wanted) {
      if (!isServer(backend))
        notes.push(`subnet ${subnet}: user-context.leasehold.backend: there is no "${backend}" in dns`)
    }
    const reserved = reservationIndex(keas)
    this.#configs = scopes
    this.#scopes = buildScopes(scopes, this.#targets).map(scope => ({ ...scope, reserved }))
    this.#table = new ScopeTable(this.#scopes)
    return notes
  }
}
