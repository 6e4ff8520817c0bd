/*
 * Clients that change their names all the time, and addresses that go from hand to hand.
 *
 * Only what changes is remembered, and only for an hour: a renewal says nothing new. So a quiet site of any size costs
 * nothing here. It is forgotten at a restart, and found again when it goes on.
 */

import { macOf } from '../../lib/plan/lease/identity.ts'
import { holdingOf } from '../../lib/plan/lease/lease.ts'
import type { Scope } from '../../lib/plan/scope/scope.ts'
import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { FindingSource, Found } from './kinds.ts'

const HOUR = 3_600_000
/** More names of a client, or clients of an address, within an hour are churn. */
const MANY = 5
/** So many clients, or addresses, are remembered at least; those that were seen last. */
const REMEMBERED = 10_000
const NAMED = 3

interface OneValue {
  value: string
  at: number
}

/** What has one value alone, as nearly everything does, has no map of its own. */
type Things = Map<string, OneValue | Map<string, number>>

const mapOf = (seen: OneValue | Map<string, number>): Map<string, number> =>
  seen instanceof Map ? seen : new Map([[seen.value, seen.at]])

/** What was seen of one thing lately, each value with the time (ms) at which it was seen last. */
class Lately {
  #recent: Things = new Map()
  /** What was seen before the recent ones began. All of it is forgotten at once, when those are many. */
  #older: Things = new Map()

  note(thing: string, value: string, now: number): void {
    const known = this.#recent.get(thing) ?? this.#older.get(thing)
    const isAlone = known === undefined || (!(known instanceof Map) && known.value === value)
    this.#recent.set(thing, isAlone ? { value, at: now } : this.#withValue(mapOf(known), value, now))
    if (this.#recent.size < REMEMBERED) return
    this.#older = this.#recent
    this.#recent = new Map()
  }

  #withValue(known: Map<string, number>, value: string, now: number): Map<string, number> {
    known.delete(value)
    known.set(value, now)
    if (known.size > 4 * MANY) known.delete(known.keys().next().value!)
    return known
  }

  /** The things with more than so many values within the last hour. What is older is forgotten. */
  many(now: number): [thing: string, values: string[], since: number][] {
    const found: [string, string[], number][] = []
    for (const things of [this.#recent, this.#older]) {
      for (const [thing, seen] of things) {
        if (!(seen instanceof Map)) {
          if (now - seen.at > HOUR) things.delete(thing)
          continue
        }
        for (const [value, at] of seen) if (now - at > HOUR) seen.delete(value)
        if (seen.size === 0) things.delete(thing)
        const isKnownAnew = things === this.#older && this.#recent.has(thing)
        if (seen.size > MANY && !isKnownAnew) found.push([thing, [...seen.keys()], [...seen.values()][MANY]!])
      }
    }
    return found
  }
}

const machineOf = (client: Client): string => macOf(client) ?? client.duid ?? client.key

const holderOf = (lease: Lease | undefined): Client | null => {
  const holding = lease && holdingOf(lease)
  return holding?.is === 'active' ? holding.holder.client : null
}

const list = (values: string[]): string =>
  `${values.slice(-NAMED).join(', ')}${values.length > NAMED ? ` and ${values.length - NAMED} more` : ''}`

export class Churn {
  #names = new Lately()
  #clients = new Lately()
  #now: () => number
  #scopes: { find(address: string): Scope | null; isReserved(address: string): boolean }

  constructor(
    scopes: { find(address: string): Scope | null; isReserved(address: string): boolean },
    now: () => number,
  ) {
    this.#scopes = scopes
    this.#now = now
  }

  /** Takes the new version of a lease, and the one before it. */
  note(lease: Lease, before: Lease | undefined): void {
    const [client, was] = [holderOf(lease), holderOf(before)]
    if (!client) return
    const machine = machineOf(client)
    const isOther = was !== null && machineOf(was) !== machine
    if (lease.name !== null && (isOther || was === null || before?.name !== lease.name))
      this.#names.note(machine, lease.name, this.#now())
    if (was === null || isOther) this.#clients.note(lease.address, machine, this.#now())
  }

  readonly found: FindingSource = () => {
    const now = this.#now()
    const ofNames = this.#names.many(now).map(
      ([client, names, since]): Found => ({
        kind: 'churn',
        subject: client,
        at: `client ${client}`,
        since,
        reason: `The client ${client} had ${names.length} names within an hour: ${list(names)}. Each costs a change of DNS, and nobody can rely on any.`,
        remedy: `Give it one name, whatever it says: "curl -X PUT -H 'content-type: application/json' -d '{\\"name\\": \\"NAME\\"}' http://127.0.0.1:8053/v1/clients/hw:${client}/name"; or reserve its name in Kea.`,
      }),
    )
    const ofAddresses = this.#clients.many(now).map(([address, clients, since]): Found => {
      const isReserved = this.#scopes.isReserved(address)
      const reason = `${isReserved ? 'The reserved address' : 'The address'} ${address} had ${clients.length} clients within an hour: ${list(clients)}.`
      const remedy = isReserved
        ? `See who uses it beside the reserved host: the MAC of the reservation is wrong, two machines have the same one, or Kea's "reservations-out-of-pool" hides the reservation. Look at GET /v1/leases?address=${address}.`
        : `Make the pool of ${this.#scopes.find(address)?.subnet ?? 'its subnet'} larger, or its leases longer: addresses are handed on as soon as they are free. Look at GET /v1/audit?address=${address}.`
      return { kind: 'churn', subject: address, at: `address ${address}`, since, reason, remedy }
    })
    return [...ofNames, ...ofAddresses]
  }
}
