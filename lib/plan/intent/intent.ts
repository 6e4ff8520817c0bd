/*
 * What people meant, as the derivation reads it.
 *
 * The invariant: an intent is a fact beside the leases, and what is wanted follows from both. Whoever pins a name does not
 * write a record; the name is derived anew, with one more fact. So the order in which things were meant and heard does not
 * count, and an intent that is taken back leaves nothing behind.
 *
 *     intent                        asked for                            decides
 *     pin red                       by name (retention.ts)               what stays when a lease is over
 *     promotion red, client a       by name (claim.ts, naming.ts)        who may have the name, and that it stays
 *     assignment a is called red    by client, and by name (naming.ts)   what a lease is called, and who may not be
 *     alias www of red              by name, and by target (alias.ts)    that www is a CNAME, and no lease's name
 *
 * Three rows of the name red; a and b are machines, .1 and .2 are addresses, the scope keeps nothing:
 *
 *     leases                              intent            wanted at red
 *     .1 of a expired                     none              nothing
 *     .1 of a expired                     pin               A, PTR .1, as long as the pin is in force
 *     .1 went from a to b                 pin               nothing: a name never points at another's machine
 *     .2 granted to b, who says red       promotion of a    nothing: b gets no name, rule name-reserved
 *     .2 granted to b, who says green     b is called red   A, PTR .2
 *
 * All is found by look-up, however much was meant. A client is named by one identifier, and can show others: the rows of
 * identity.ts say when it is the same machine.
 */

import {
  type Alias,
  type Assignment,
  type Intent,
  intentKey,
  type Pin,
  type Promotion,
} from '../../../schemas/model/intent.ts'
import type { Client } from '../../../schemas/model/lease.ts'
import { dhcidOf } from '../../dns/dhcid.ts'
import { duidOf, type HostIdentity, isHost, macIn } from '../lease/identity.ts'

/** What was meant, by look-up. */
export interface IntentView {
  /** The pin of a name, whether or not it is over by now. */
  pin(name: string): Pin | undefined
  promotion(name: string): Promotion | undefined
  alias(name: string): Alias | undefined
  /** The aliases that lead to a name. */
  aliasesOf(target: string): Iterable<Alias>
  /** The name that was given to a client in a scope. Of several identifiers of it the hardware address comes first. */
  assignmentOf(client: Client, scope: string): Assignment | undefined
  /** The names that were given to clients and begin with a label. */
  assignmentsOf(label: string): Iterable<Assignment>
}

/** The identifiers of a client as `hw:…`, `id:…` and `duid:…`, the hardware addresses first. */
export const identifiersOf = (client: Client): string[] => {
  const { hwAddress, clientId } = client
  const duid = duidOf(client)
  const macInId = /^01:((?:..:){5}..)$/.exec(clientId ?? '')?.[1]
  const macs = [hwAddress, macIn(duid), macInId].filter(mac => mac != null)
  return [
    ...new Set([
      ...macs.map(mac => `hw:${mac}`),
      ...(clientId ? [`id:${clientId}`] : []),
      ...(duid ? [`duid:${duid}`] : []),
    ]),
  ]
}

/** What a promotion remembers of a client: its identifiers, or its DHCID where no more is known of it. */
export const keysOf = (client: Client): string[] => (client.dhcid ? [client.key] : identifiersOf(client))

/** The host that an identifier names: "hw:02:00:00:00:00:01" by its hardware address. */
export const hostOf = (identifier: string): HostIdentity => {
  const none: HostIdentity = { hwAddress: null, clientId: null, duid: null }
  const at = identifier.indexOf(':')
  const [kind, value] = [identifier.slice(0, at), identifier.slice(at + 1)]
  if (kind === 'hw') return { ...none, hwAddress: value }
  return kind === 'id' ? { ...none, clientId: value } : kind === 'duid' ? { ...none, duid: value } : none
}

/** True for a client that a promotion of the name remembers. */
export const isPromoted = ({ clients, name }: Promotion, client: Client): boolean => {
  const own = new Set([client.key, ...identifiersOf(client)])
  return clients.some(key => {
    if (own.has(key)) return true
    if (key.startsWith('dhcid:')) return !client.dhcid && key === `dhcid:${dhcidOf(client, name)}`
    return client.dhcid !== undefined && isHost(hostOf(key), client) === 'yes'
  })
}

/** The pin of a name, where it is in force at `now` (ms). */
export const pinInForce = (intents: IntentView, name: string, now: number): Pin | undefined => {
  const pin = intents.pin(name)
  return pin && (pin.until === null || pin.until > now) ? pin : undefined
}

const firstLabel = (name: string): string => name.split('.')[0]!

type Groups<T> = Map<string, Map<string, T>>

const add = <T extends Intent>(groups: Groups<T>, group: string, intent: T): void => {
  const known = groups.get(group)
  if (known) known.set(intentKey(intent), intent)
  else groups.set(group, new Map([[intentKey(intent), intent]]))
}

const remove = <T>(groups: Groups<T>, group: string, key: string): void => {
  const known = groups.get(group)
  if (known?.delete(key) && known.size === 0) groups.delete(group)
}

/** Everything that was meant and not taken back, indexed by what it is asked for. */
export class Intents implements IntentView {
  #all: Map<string, Intent>
  #byLabel: Groups<Assignment> = new Map()
  #byTarget: Groups<Alias> = new Map()
  #assigned = 0

  /** `all` are the intents by `intentKey`; from now on they change through `put` and `drop` alone. */
  constructor(all: Map<string, Intent> = new Map()) {
    this.#all = all
    for (const intent of all.values()) this.#link(intent)
  }

  get all(): ReadonlyMap<string, Intent> {
    return this.#all
  }

  /** How often an assignment was given or taken back: it is another number once clients may be called otherwise. */
  get assigned(): number {
    return this.#assigned
  }

  put(intent: Intent): void {
    const key = intentKey(intent)
    this.#unlink(key)
    this.#all.set(key, intent)
    this.#link(intent)
  }

  drop(key: string): void {
    this.#unlink(key)
    this.#all.delete(key)
  }

  pin(name: string): Pin | undefined {
    return this.#get('pin', name)
  }

  *pins(): Generator<Pin> {
    for (const intent of this.#all.values()) if (intent.kind === 'pin') yield intent
  }

  *aliases(): Generator<Alias> {
    for (const intent of this.#all.values()) if (intent.kind === 'alias') yield intent
  }

  promotion(name: string): Promotion | undefined {
    return this.#get('promote', name)
  }

  alias(name: string): Alias | undefined {
    return this.#get('alias', name)
  }

  aliasesOf(target: string): Iterable<Alias> {
    return this.#byTarget.get(target)?.values() ?? []
  }

  assignmentOf(client: Client, scope: string): Assignment | undefined {
    if (this.#byLabel.size === 0) return undefined
    const found = client.dhcid
      ? this.#ofDhcid(client)
      : identifiersOf(client).flatMap(identifier => this.#get('assign', identifier) ?? [])
    return found.find(one => one.scope === null || one.scope === scope)
  }

  assignmentsOf(label: string): Iterable<Assignment> {
    return this.#byLabel.get(label)?.values() ?? []
  }

  /** A DHCID is a hash of an identifier and a name, so each given name is tried. Other feeds tell the identifier itself. */
  #ofDhcid(client: Client): Assignment[] {
    const given = [...this.#byLabel.values()].flatMap(named => [...named.values()])
    return given.filter(one => isHost(hostOf(one.client), client) === 'yes')
  }

  #get<K extends Intent['kind']>(kind: K, subject: string): Extract<Intent, { kind: K }> | undefined {
    return this.#all.get(`${kind} ${subject}`) as Extract<Intent, { kind: K }> | undefined
  }

  #unlink(key: string): void {
    const before = this.#all.get(key)
    if (before?.kind === 'assign') {
      this.#assigned++
      remove(this.#byLabel, firstLabel(before.name), key)
    }
    if (before?.kind === 'alias') remove(this.#byTarget, before.target, key)
  }

  #link(intent: Intent): void {
    if (intent.kind === 'assign') {
      this.#assigned++
      add(this.#byLabel, firstLabel(intent.name), intent)
    }
    if (intent.kind === 'alias') add(this.#byTarget, intent.target, intent)
  }
}
