/*
 * All scopes together with the host reservations: what a lease's address is in, and which names are not for its client.
 *
 *     address ──► longest prefix ──► scope          its names follow its policy
 *                              └───► silent subnet  no names, by Kea's own configuration; the rule says so
 *                                    (or pool)
 *     name ─────► hosts that have it reserved       no other client gets it
 */
import type { Client } from '../../../schemas/model/lease.ts'
import { plainName } from '../../dns/message/name.ts'
import { clientOfHost } from '../lease/identity.ts'
import type { SkipRule } from '../rules.ts'
import { reservedNameIn } from './naming.ts'
import { hostsByName, isForOthers, type ReservationGroup, type ReservedName, reservationIndex } from './reservations.ts'
import { type Scope, ScopeTable } from './scope.ts'

/** A reserved host at one of its addresses, in the scope of that address. */
export interface ReservedAt {
  client: Client
  address: string
  scope: Scope
}

/** A subnet without names, and the rule by which it has none. `at` says at which of its addresses, where not at all. */
export interface SilentSubnet {
  subnet: string
  rule: SkipRule
  at?: (address: string) => boolean
}

/** Where the reservations of a group are in force, for the host names that have no address beside them. */
export interface PlacedGroup extends ReservationGroup {
  /** One address of each place. */
  places: string[]
}

interface Entry {
  subnet: string
  scope: Scope | null
  rule: SkipRule
}

/** A client for a host whose identifier Leasehold does not see: DNS needs some marker, and the first lease replaces it. */
const unseenClient = (address: string): Client => {
  const clientId = Array.from(address, char => char.charCodeAt(0).toString(16).padStart(2, '0')).join(':')
  return { key: `reserved:${address}`, clientId, hwAddress: null, hwType: 1, duid: null, iaid: null }
}

export class ScopeSet {
  readonly all: readonly Scope[]
  #table: ScopeTable<Entry>
  /** Subnets of which some pools have no names. */
  #partly: ScopeTable<SilentSubnet>
  #names: ReservedName[] = []
  #hosts: ReadonlyMap<string, ReservedName['host'][]>
  #published = new Map<string, ReservedAt[]>()
  #reserved = new Set<string>()

  constructor(scopes: Scope[], silent: SilentSubnet[] = [], groups: PlacedGroup[] = []) {
    const reserved = reservationIndex(groups)
    const domains = new Set(scopes.map(({ domain }) => domain))
    const domainByScope = new Map(scopes.map(({ name, domain }) => [name, domain]))
    this.all = scopes.map(scope => ({
      ...scope,
      reserved,
      domainOfScope: name => domainByScope.get(name),
      refuses: (name, client, address) => {
        if (domains.has(name)) return 'name-denied'
        const hosts = this.#hosts.get(name)
        return hosts && isForOthers(hosts, client, address) ? 'name-reserved' : null
      },
    }))
    this.#partly = new ScopeTable(silent.filter(({ at }) => at))
    const whole = silent.filter(({ at }) => !at)
    const off = new Map(whole.map(({ subnet, rule }) => [subnet, { subnet, scope: null, rule }]))
    const on = this.all.filter(({ subnet }) => !off.has(subnet))
    this.#table = new ScopeTable<Entry>([
      ...on.map(scope => ({ subnet: scope.subnet, scope, rule: 'out-of-scope' as const })),
      ...off.values(),
    ])
    for (const group of groups) this.#addNames(group)
    for (const { hosts, mayReserve } of groups)
      for (const address of hosts.flatMap(({ addresses }) => addresses))
        if (mayReserve(address)) this.#reserved.add(address)
    this.#hosts = hostsByName(this.#names)
  }

  find(address: string): Scope | null {
    return this.#silentPool(address) ? null : (this.#table.find(address)?.scope ?? null)
  }

  #silentPool(address: string): SilentSubnet | null {
    const partly = this.#partly.find(address)
    return partly?.at?.(address) ? partly : null
  }

  /** Why an address is in no scope. */
  whyNone(address: string): SkipRule {
    return this.#silentPool(address)?.rule ?? this.#table.find(address)?.rule ?? 'out-of-scope'
  }

  /** Whether an address is reserved for a host. */
  isReserved(address: string): boolean {
    return this.#reserved.has(address)
  }

  /** The reserved hosts of a name that are published before their first lease. */
  reservedAt(name: string): readonly ReservedAt[] {
    return this.#published.get(name) ?? []
  }

  /** All names of reserved hosts that are published before their first lease. */
  publishedNames(): Iterable<string> {
    return this.#published.keys()
  }

  #addNames({ hosts, places, mayReserve }: PlacedGroup): void {
    for (const host of hosts) {
      if (plainName(host.hostname) === '') continue
      const addresses = host.addresses.filter(mayReserve)
      for (const place of addresses.length > 0 ? addresses : places) {
        const scope = this.find(place)
        const name = scope && reservedNameIn(scope, host.hostname, place)
        if (!name) continue
        this.#names.push({ name, host })
        if (!addresses.includes(place) || !scope.policy.publishReservations) continue
        const client = clientOfHost(host) ?? unseenClient(place)
        this.#published.set(name, [...(this.#published.get(name) ?? []), { client, address: place, scope }])
      }
    }
  }
}
