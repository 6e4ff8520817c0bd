/*
 * Whether this node writes DNS now, for each address by itself.
 *
 * The invariant: a record is written only while nobody paused the writing, a Kea that this node is beside serves its
 * address, and that Kea was listed since anything last changed in its pair. It is state, not a process: whoever writes asks
 * it right before each message, and `takeover` (reconcile/takeover.ts) is what happens when the state changes.
 *
 *     Kea of this node     standby     | partner-down                  | waiting    | hot-standby
 *     caught up            yes         | no ..... run ends: yes        | no ... yes | no ... yes
 *     gate                 closed      | closed ........ open          | closed     | closed . open
 *     DNS                  untouched   |                 written       | untouched  |          written
 *
 * Kea's two services are two answers: a silent dhcp6 keeps no IPv4 address waiting. Beside both Keas of a pair one that
 * serves is enough. Where several processes share the store, the one that leads writes, whichever Kea serves, while it knows
 * that it leads. While a run is under way, the addresses that it has listed are open already, so that a take-over of a
 * large estate is not as long as its listing. Closing withdraws nothing: what is in DNS stays as it is, and what is decided
 * meanwhile waits in the store.
 *
 * A standby takes away one thing: what it wrote itself at an address that is another client's by now. Two clients can get
 * one address while the nodes are parted, each from one node, and the node that serves never heard of the other's client.
 * It does so only while its Kea works with its partner, and for some seconds after that Kea listed the new holder: what it
 * knows then, the partner knows too.
 */

import { familyOf } from '../lib/address.ts'
import { SERVICES } from '../lib/kea/lease-commands.ts'
import { isOver } from '../lib/plan/lease/lease.ts'
import { isLeftOver } from '../lib/plan/record.ts'
import type { Service } from '../schemas/model/lease-event.ts'
import type { OwnedRecord } from '../schemas/model/record.ts'
import type { Configurations } from './control/configurations.ts'
import type { HaWatch } from './control/ha-watch.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Pick<Store, 'paused' | 'state' | 'sharing'>
  /** Those of all Keas that are one of a pair; none where none is. */
  watches: readonly HaWatch[]
  configurations: Pick<Configurations, 'covering'>
  now(): number
}

type Addressed = Pick<OwnedRecord, 'address'>

/** Milliseconds in which a standby may act on what its Kea listed. */
const FRESH_MS = 10_000

/** One watched service, and how far it was listed since its pair last changed. */
interface Standing {
  watch: HaWatch
  /** How often anything of its pair changed: a listing that began before the last change proves nothing after it. */
  epoch: number
  isCaughtUp: boolean
  /** Whether it was ever listed. A standby is listed when this node starts, when its pair is together, with every poll. */
  wasListed: boolean
  /** Addresses that it was heard to have since. */
  listed: Set<string>
  /** Of a standby: addresses of what it left over, and until when (ms) its Kea's word of their new holders counts. */
  leftOver: Map<string, number>
}

/** Hears that records may be written that could not be before: of these addresses, or (null) any. */
export type OpenListener = (addresses: readonly string[] | null) => void

const isActive = ({ watch }: Standing): boolean => watch.current().active === 'active'
const isStandby = ({ watch }: Standing): boolean => watch.current().active === 'standby'
const isStandbyOfAPartner = (one: Standing): boolean => isStandby(one) && one.watch.current().isTogether

export class Gate {
  #deps: Deps
  #hasBegun = false
  #standings: Standing[]
  #listeners: OpenListener[] = []

  constructor(deps: Deps) {
    this.#deps = deps
    this.#standings = deps.watches.map(watch => {
      const standing: Standing = {
        watch,
        epoch: 0,
        isCaughtUp: false,
        wasListed: false,
        listed: new Set(),
        leftOver: new Map(),
      }
      watch.onChange(() => {
        standing.epoch++
        standing.isCaughtUp = false
        standing.listed = new Set()
        standing.leftOver = new Map()
      })
      return standing
    })
  }

  onOpen(listener: OpenListener): void {
    this.#listeners.push(listener)
  }

  /** Nothing is written before what the last run left was taken up. */
  begin(): void {
    this.#hasBegun = true
    this.#tell(null)
  }

  /** Nothing is written any more before `begin`: another process leads, or what it left is to be taken up. */
  end(): void {
    this.#hasBegun = false
  }

  /** Whether this process leads may have changed. */
  changed(): void {
    if (this.isOpen()) this.#tell(null)
  }

  hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Why nothing is written, as a sentence; null when this node writes. */
  why(): string | null {
    if (this.isPaused()) return 'A person paused the writing of DNS.'
    const unsure = this.#sharing?.why() ?? null
    if (unsure !== null) return unsure
    if (!this.#hasBegun) return 'Leasehold is starting.'
    const [first] = this.#standings
    if (!first || this.#sharing) return null
    const active = this.#standings.filter(isActive)
    if (active.length === 0) {
      const { active: is, reason } = first.watch.current()
      return `This node is ${is === 'standby' ? 'a standby' : 'not known to be active'}: its Kea ${reason}.`
    }
    return active.some(one => one.isCaughtUp) ? null : 'This node has just become active and catches up with Kea.'
  }

  /** Whether a record may be written; without one, whether any may. */
  isOpen(record?: OwnedRecord): boolean {
    if (this.isPaused() || !this.#hasBegun || (this.#sharing?.why() ?? null) !== null) return false
    if (this.#standings.length === 0 || this.#sharing) return true
    if (!record) return this.#standings.some(one => isActive(one) && (one.isCaughtUp || one.listed.size > 0))
    const responsible = this.#responsibleFor(record)
    return responsible?.some(one => this.#isOpenAt(one, record)) ?? true
  }

  /** Whether anything may be sent: any record may be written, or what this node left over may be taken away. */
  maySend(): boolean {
    if (this.isOpen()) return true
    if (this.isPaused() || !this.#hasBegun || this.#sharing) return false
    return this.#standings.some(one => [...one.leftOver.keys()].some(address => this.#mayTakeAway(one, address)))
  }

  #isOpenAt(one: Standing, record: OwnedRecord): boolean {
    if (isActive(one)) return one.isCaughtUp || one.listed.has(record.address)
    return isLeftOver(record) && this.#mayTakeAway(one, record.address)
  }

  #mayTakeAway(one: Standing, address: string): boolean {
    return isStandbyOfAPartner(one) && (one.leftOver.get(address) ?? 0) > this.#deps.now()
  }

  get #sharing(): Store['sharing'] {
    return this.#deps.store.sharing
  }

  isPaused(): boolean {
    return this.#deps.store.paused
  }

  /**
   * Whether a Kea of this node serves the record's address, or any at all; always true where there is no pair. Where the
   * store is shared: whether this process leads.
   */
  isActive(record?: Addressed): boolean {
    if (this.#sharing) return this.#sharing.leads
    if (this.#standings.length === 0) return true
    if (!record) return this.#standings.some(isActive)
    return this.#responsibleFor(record)?.some(isActive) ?? true
  }

  isOneOfAPair(): boolean {
    return this.#standings.length > 0
  }

  /** Whether a Kea of a pair is to be listed, as something changed since it was. */
  isBehind(): boolean {
    if (this.#sharing?.leads === false) return false
    const isBehind = (one: Standing) =>
      isActive(one) || isStandbyOfAPartner(one) ? !one.isCaughtUp : isStandby(one) && !one.wasListed
    return this.#standings.some(isBehind)
  }

  /** The number of changes so far in the pair of a service; to be given back with what a listing found. */
  epochOf(kea: string, service: Service): number {
    return this.#standingOf(kea, service)?.epoch ?? 0
  }

  /**
   * A listing that began in this epoch has come by these addresses. Of a standby's these are given whose holder it lists
   * is the one that is known.
   */
  noteListed(kea: string, service: Service, epoch: number, addresses: readonly string[]): void {
    const standing = this.#standingOf(kea, service)
    if (standing?.epoch !== epoch) return
    if (isStandby(standing)) this.#noteLeftOver(standing, addresses)
    if (isStandby(standing) || standing.isCaughtUp) return
    for (const address of addresses) standing.listed.add(address)
    this.#tell(addresses)
  }

  #noteLeftOver(standing: Standing, addresses: readonly string[]): void {
    const { store, now } = this.#deps
    for (const [address, until] of standing.leftOver) if (until <= now()) standing.leftOver.delete(address)
    const left = addresses.filter(address => [...store.state.recordsOf(address)].some(isLeftOver))
    for (const address of left) standing.leftOver.set(address, now() + FRESH_MS)
    if (left.length > 0) this.#tell(left)
  }

  /** A listing that began in this epoch was complete, and what it showed is decided. */
  noteCaughtUp(kea: string, service: Service, epoch: number): void {
    const standing = this.#standingOf(kea, service)
    if (standing?.epoch !== epoch) return
    standing.isCaughtUp = true
    standing.wasListed = true
    standing.listed = new Set()
    this.#tell(null)
  }

  /**
   * Whether Kea is to say first how the record's lease went on. In a pair, the end of a lease whose time is over may only
   * not be told here yet: the other node may have heard it, and seen to the records.
   */
  awaitsKea({ address }: Addressed): boolean {
    const lease = this.isOneOfAPair() ? this.#deps.store.state.lease(address) : undefined
    return lease !== undefined && isOver(lease, this.#deps.now())
  }

  #tell(addresses: readonly string[] | null): void {
    for (const listener of this.#listeners) listener(addresses)
  }

  #standingOf(kea: string, service: Service): Standing | undefined {
    return this.#standings.find(({ watch }) => watch.kea === kea && watch.service === service)
  }

  /** The watched services of which one must serve the address; null where a Kea without a partner has it. */
  #responsibleFor({ address }: Addressed): Standing[] | null {
    const covering = this.#deps.configurations.covering(address)
    const watched = covering.flatMap(({ kea, service }) => this.#standingOf(kea.name, service) ?? [])
    if (watched.length > 0) return watched
    const ofFamily = this.#standings.filter(({ watch }) => SERVICES[watch.service].family === familyOf(address))
    return covering.length > 0 || ofFamily.length === 0 ? null : ofFamily
  }
}
