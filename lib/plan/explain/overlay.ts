/*
 * What would be known if plans were kept: newer versions over what is known, which itself stays as it is.
 *
 *     known     lease .1 red     A red .1 wanted
 *     overlay                    A red .1 not wanted
 *     seen      lease .1 red     A red .1 not wanted
 *
 * A question costs what its answer costs, as it does of what is known.
 */
import type { Lease } from '../../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { Plan } from '../plan.ts'
import { isIdle } from '../record.ts'
import type { Estate } from '../rederive.ts'

const add = (index: Map<string, Set<string>>, group: string, key: string): void => {
  const keys = index.get(group)
  if (keys) keys.add(key)
  else index.set(group, new Set([key]))
}

export class Overlay implements Estate {
  #known: Estate
  #leases = new Map<string, Lease>()
  #records = new Map<string, OwnedRecord>()
  /** Addresses and keys in the overlay by what they are looked up by. A record's name never changes; an alias can move to another address. */
  #leasesByName = new Map<string, Set<string>>()
  #recordsByName = new Map<string, Set<string>>()
  #recordsByAddress = new Map<string, Set<string>>()

  constructor(known: Estate) {
    this.#known = known
  }

  /** Those that are known; what is laid over them is found by look-up alone. */
  get leases(): ReadonlyMap<string, Lease> {
    return this.#known.leases
  }

  get records(): ReadonlyMap<string, OwnedRecord> {
    return this.#known.records
  }

  get intents(): Estate['intents'] {
    return this.#known.intents
  }

  pointersTo(name: string): ReturnType<Estate['pointersTo']> {
    return this.#known.pointersTo(name)
  }

  keep({ leases, records }: Pick<Plan, 'leases' | 'records'>): void {
    for (const lease of leases) {
      this.#leases.set(lease.address, lease)
      if (lease.name !== null) add(this.#leasesByName, lease.name, lease.address)
    }
    for (const record of records) {
      this.#records.set(record.key, record)
      add(this.#recordsByName, record.name, record.key)
      add(this.#recordsByAddress, record.address, record.key)
    }
  }

  lease(address: string): Lease | undefined {
    return this.#leases.get(address) ?? this.#known.lease(address)
  }

  record(key: string): OwnedRecord | undefined {
    return this.#records.get(key) ?? this.#known.record(key)
  }

  /** As the store has them: a lease that is kept anew comes last. */
  leasesNamed(name: string): Lease[] {
    const known = [...this.#known.leasesNamed(name)].filter(({ address }) => !this.#leases.has(address))
    const own = [...(this.#leasesByName.get(name) ?? [])].map(address => this.#leases.get(address)!)
    return [...known, ...own.filter(lease => lease.name === name)]
  }

  recordsNamed(name: string): OwnedRecord[] {
    return this.#newest(this.#known.recordsNamed(name), this.#recordsByName.get(name))
  }

  openNamed(name: string): OwnedRecord[] {
    return this.recordsNamed(name).filter(record => !isIdle(record))
  }

  recordsOf(address: string): OwnedRecord[] {
    const all = this.#newest(this.#known.recordsOf(address), this.#recordsByAddress.get(address))
    return all.filter(record => record.address === address)
  }

  /** As the store has them: those that are known in their order, then those that are new. */
  #newest(known: Iterable<OwnedRecord>, own: Iterable<string> = []): OwnedRecord[] {
    const keys = new Set([...known].map(({ key }) => key))
    for (const key of own) keys.add(key)
    return [...keys].map(key => this.record(key)!)
  }
}
