/*
 * What the configuration of every Kea last said, and so which Kea may have a lease at an address.
 *
 * The invariant: a Kea whose configuration was never told may have any address. So absence can be read off the answers of
 * the others only where all that may have the address answered. The last known configurations stand in a file beside the
 * store, so that the scopes that come from Kea are known at a start at which Kea does not answer. What the file says of
 * Keas that leasehold.json no longer names is dropped; a file that cannot be read is ignored, as Kea is asked anyway.
 */

import { readFile, rename, writeFile } from 'node:fs/promises'
import { familyOf } from '../../lib/address.ts'
import type { KeaConfiguration } from '../../lib/kea/kea-config.ts'
import { SERVICES } from '../../lib/kea/lease-commands.ts'
import { ScopeTable } from '../../lib/plan/scope/scope.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Kea } from './kea.ts'

/** One service of one Kea of the configuration. */
export interface KeaService {
  kea: Kea
  service: Service
}

interface Known {
  configuration: KeaConfiguration
  table: ScopeTable<{ subnet: string }>
}

const keyOf = (kea: string, service: Service): string => `${kea} ${service}`

/** With its subnets by address. Throws where the configuration is not one, as after a torn write. */
const knownOf = (configuration: KeaConfiguration): Known => {
  const { family, subnets, reservations, issues } = configuration
  const isOne = (family === 4 || family === 6) && [subnets, reservations, issues].every(Array.isArray)
  if (!isOne) throw new Error('this is no configuration of Kea')
  return { configuration, table: new ScopeTable(new Map(subnets.map(one => [one.subnet, one])).values()) }
}

const readFrom = async (path: string): Promise<Map<string, Known>> => {
  try {
    const written = JSON.parse(await readFile(path, 'utf8')) as [string, KeaConfiguration][]
    return new Map(written.map(([key, configuration]) => [key, knownOf(configuration)]))
  } catch {
    return new Map()
  }
}

export class Configurations {
  readonly services: readonly KeaService[]
  #path: string
  #known: Map<string, Known>
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, services: KeaService[], known: Map<string, Known>) {
    this.#path = path
    this.services = services
    this.#known = known
  }

  /** Reads the file at `path`, and leaves out what it says of others than these Keas. */
  static async open(path: string, keas: readonly Kea[]): Promise<Configurations> {
    const services = keas.flatMap(kea => kea.services.map(service => ({ kea, service })))
    const keys = new Set(services.map(({ kea, service }) => keyOf(kea.name, service)))
    const known = [...(await readFrom(path))].filter(([key]) => keys.has(key))
    return new Configurations(path, services, new Map(known))
  }

  /** Every configuration that is known, by the Kea and its service: `kea1 dhcp4`; in the order of leasehold.json. */
  get byService(): ReadonlyMap<string, KeaConfiguration> {
    return new Map(
      this.services.flatMap(({ kea, service }) => {
        const key = keyOf(kea.name, service)
        const known = this.#known.get(key)
        return known ? [[key, known.configuration] as const] : []
      }),
    )
  }

  /** Every configuration that is known, in the order of leasehold.json. */
  get all(): KeaConfiguration[] {
    return [...this.byService.values()]
  }

  /** Whether a service's own DNS updates are known to be on. */
  updatesDns(kea: string, service: Service): boolean {
    return this.#known.get(keyOf(kea, service))?.configuration.updatesDns ?? false
  }

  /** Forgets all that is known, where it turns out that it cannot be used. */
  forget(): void {
    this.#known.clear()
  }

  /** Whether the service told its configuration at some time. */
  isKnown({ kea, service }: KeaService): boolean {
    return this.#known.has(keyOf(kea.name, service))
  }

  /** Whether every service that leases addresses of this family told its configuration at some time. */
  areKnownFor(address: string): boolean {
    return this.#ofFamily(address).every(one => this.isKnown(one))
  }

  /** The services that may have a lease at an address: those that have its subnet, or did not tell their subnets yet. */
  covering(address: string): KeaService[] {
    return this.#ofFamily(address).filter(({ kea, service }) => {
      const known = this.#known.get(keyOf(kea.name, service))
      return known === undefined || known.table.find(address) !== null
    })
  }

  /**
   * Asks one service. Without an answer, what is known of it stays; gives a sentence why then, else null. A service that
   * tells its configuration, but not the hosts in its database, has those that it had.
   */
  async refresh({ kea, service }: KeaService): Promise<string | null> {
    const answer = await kea.configuration(service)
    if (typeof answer === 'string') return answer
    try {
      const key = keyOf(kea.name, service)
      const before = this.#known.get(key)?.configuration
      const known = knownOf(before?.hosts && !answer.hosts ? { ...answer, hosts: before.hosts } : answer)
      const isSame = JSON.stringify(before) === JSON.stringify(known.configuration)
      this.#known.set(key, known)
      if (!isSame) await this.#write()
      return null
    } catch (error) {
      return `the configuration of ${kea.name} (${service}) was not kept: ${(error as Error).message}`
    }
  }

  #ofFamily(address: string): KeaService[] {
    const family = familyOf(address)
    return this.services.filter(({ service }) => SERVICES[service].family === family)
  }

  /** One write at a time; each writes what is known when its turn comes. */
  #write(): Promise<void> {
    this.#writing = this.#writing
      .catch(() => {})
      .then(async () => {
        const text = JSON.stringify([...this.#known].map(([key, { configuration }]) => [key, configuration]))
        await writeFile(`${this.#path}.new`, text, { mode: 0o600 })
        await rename(`${this.#path}.new`, this.#path)
      })
    return this.#writing
  }
}
