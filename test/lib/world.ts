import type { Change } from '../../lib/dns/rr.ts'
import type { Zone, ZoneUpdate } from '../../lib/dns/zone/zone.ts'
import { Crowds } from '../../lib/plan/crowd/crowds.ts'
import { derive, type Scopes, type StateView } from '../../lib/plan/derive.ts'
import { plan } from '../../lib/plan/plan.ts'
import { awaitsTarget, nextChange, targetsOf } from '../../lib/publish/change.ts'
import type { Marker } from '../../lib/publish/desired.ts'
import { judge } from '../../lib/publish/look.ts'
import { collapsed, grown, isNotInUse, permits, sameStates, stateOf } from '../../lib/publish/name-state.ts'
import { statesAfter, whenApplied, whenLooked, whenUnheard, withStates } from '../../lib/publish/outcome.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { NameState } from '../../schemas/model/name.ts'
import type { Decision } from '../../schemas/model/record.ts'
import { withWantedTtl } from '../../server/publish/looks.ts'
import { emptyDocument } from '../../server/store/document.ts'
import { State } from '../../server/store/state.ts'
import { isAtomic, ServerModel } from './server-models.ts'
import { ENDPOINT, type Fortune, liveScopes, scopesWith, zoneOf } from './site.ts'
import { copyOf, emptyZone } from './zones.ts'

/** The whole decision and publication, in memory: a state, scopes, and zones that answer as a DNS server would. */
export class World {
  readonly state = State.of(emptyDocument())
  /** What events are decided by: the state, or the crowds that are made of it. */
  known: StateView = this.state
  /** What it is found out by what events would decide. */
  foreseen: StateView = this.state
  readonly zones = new Map<string, Zone>()
  #names = new Set<string>()
  /** Names that are to be looked at before anything is written there. */
  #toLook = new Set<string>()
  scopes: Scopes
  now = 1_800_000_000_000
  readonly server = new ServerModel(name => this.zone(zoneOf(name)))
  /** How a name of ours is marked there. */
  marker: Marker = 'dhcid'
  /** What happens to the n-th message. */
  fortune: (message: number) => Fortune = () => 'answered'
  messages = 0
  /** How often a name was read. */
  looks = 0

  constructor(fields: object = {}, scopes: Scopes = scopesWith(fields)) {
    this.scopes = scopes
  }

  zone(apex: string): Zone {
    const known = this.zones.get(apex)
    if (known) return known
    const zone = emptyZone(apex)
    this.zones.set(apex, zone)
    return zone
  }

  /** A person's hand in DNS. */
  byHand(updates: ZoneUpdate[]): void {
    for (const update of updates) {
      const name = update.do === 'add' ? update.rr.name : update.name
      this.server.payDebts()
      this.#names.add(name)
      this.zone(zoneOf(name)).make([update])
    }
  }

  hear(...events: LeaseEvent[]): Decision[] {
    return events.flatMap(one => {
      const made = plan(this.known, this.scopes, one, this.now)
      for (const lease of made.leases) this.state.putLease(lease)
      for (const record of made.records) this.state.putRecord(record)
      for (const { name } of made.revisit ?? []) this.#toLook.add(name)
      return made.decisions
    })
  }

  /** A person makes a name an alias; with null takes it back. */
  alias(name: string, target: string | null): void {
    const meant = { kind: 'alias' as const, name, by: 'ann', at: this.now, why: null }
    if (target === null) this.state.intents.drop(`alias ${name}`)
    else this.state.intents.put({ ...meant, target })
    this.deriveNames([name])
  }

  #derive(names: Iterable<string>, addresses: Iterable<string>, known = this.state as StateView): void {
    const made = derive(known, this.scopes, new Set(names), new Set(addresses), this.now)
    for (const record of made.records) this.state.putRecord(record)
  }

  /** Derives everything anew, as when time has passed. */
  wait(seconds: number): void {
    this.now += seconds * 1000
    const ofLeases = [...this.state.leases.values()].flatMap(lease => lease.name ?? [])
    const ofRecords = [...this.state.records.values()].map(record => record.name)
    this.#derive([...ofLeases, ...ofRecords], this.state.leases.keys())
  }

  /** Has names that more than `few` ask for be decided by the few that matter, as the engine does. */
  withCrowds(few: number): this {
    const crowds = new Crowds(
      this.state,
      liveScopes(() => this.scopes),
      few,
    )
    this.state.watchLeases(crowds)
    this.known = crowds.known
    this.foreseen = crowds.foreseen
    return this
  }

  /** Derives what a grace that ended made due, as the engine does. */
  pass(seconds: number): void {
    this.now += seconds * 1000
    const due = [...this.state.records.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= this.now)
    const names = due.map(({ type, name, value }) => (type === 'PTR' ? value : name))
    const addresses = due.map(({ address }) => address)
    this.#derive(names, addresses, this.known)
  }

  /** Derives names anew of which there may be no lease. */
  deriveNames(names: Iterable<string>): void {
    this.#derive(names, [])
  }

  /** One message for each name that has something to say; forward names before the PTRs that point at them. */
  send(): number {
    return this.#ordered().filter(name => this.#one(name)).length
  }

  /** Publishes until nothing is left to do. */
  publish(): this {
    for (let round = 0; round < 1000; round++) if (this.send() === 0) return this
    throw new Error('publishing does not come to an end')
  }

  /** The zones as they are now, to be put back, or to be read from, later. */
  backup(): Map<string, Zone> {
    return new Map([...this.zones].map(([apex, zone]) => [apex, copyOf(zone)]))
  }

  /** Puts the zones back as they were: an operator restores a backup. */
  restore(backup: Map<string, Zone>): void {
    for (const apex of this.zones.keys()) this.zones.set(apex, copyOf(backup.get(apex) ?? emptyZone(apex)))
  }

  /** The server begins with empty zones, and has no serial by which that could be told: its memory was all it had. */
  forget(): void {
    for (const apex of this.zones.keys()) this.zones.set(apex, emptyZone(apex))
    this.#newest.clear()
    this.server.forget()
  }

  /** The zones that are read instead, as at a secondary that lags behind. */
  #readFrom: Map<string, Zone> | null = null
  #newest = new Map<string, number>()

  #isOld(apex: string): boolean {
    const { serial } = this.#readFrom?.get(apex) ?? this.zone(apex)
    return serial < (this.#newest.get(apex) ?? 0)
  }

  /**
   * A run: every name of which something is owned, or wanted, is read and judged; then what differs is published. With
   * `lagging` it is read at a secondary that has these zones, while the updates go to the primary.
   */
  run(lagging: Map<string, Zone> | null = null): this {
    this.#readFrom = lagging
    for (const name of this.#ordered()) {
      const records = this.state.recordsAt(ENDPOINT, name)
      const isOld = this.#isOld(zoneOf(name))
      if (records.some(({ applied, wanted, stopped, written }) => applied || (wanted && stopped) || (isOld && written)))
        this.#look(name)
    }
    this.#readFrom = null
    return this.publish()
  }

  /** A restart, at which nothing is known of what was sent last: of each name that is not settled a change may be made. */
  restart(): this {
    for (const name of this.#ordered()) {
      const change = this.#change(name)
      if (!change || change.attempts.length === 0) continue
      this.#note(name, this.#grown(this.state.statesAt(ENDPOINT, name), change))
      this.#noteUnheard(name)
    }
    return this
  }

  /** Messages that are made late. */
  #late: Change[] = []
  /** Names of which a message may be made late, and to which states: they are read after it. */
  #unheard = new Map<string, NameState[]>()
  #toReadLate = new Set<string>()

  #noteUnheard(name: string): void {
    this.#unheard.set(name, [...(this.#unheard.get(name) ?? []), ...this.state.statesAt(ENDPOINT, name)])
  }

  /** The server makes all that is on its way to it. */
  makeLate(): this {
    for (const change of this.#late.splice(0)) this.#make(change, Infinity)
    for (const name of this.#unheard.keys()) this.#toReadLate.add(name)
    return this
  }

  #ordered(): string[] {
    const names = new Set([...this.state.records.values()].map(record => record.name))
    return [...names].sort((a, b) => Number(a.endsWith('.arpa')) - Number(b.endsWith('.arpa')))
  }

  #change(name: string): Change | null {
    const records = this.state.recordsAt(ENDPOINT, name)
    const ready = records.filter(record => !awaitsTarget(record, targetsOf(record, this.state)))
    return nextChange(ready, this.state.statesAt(ENDPOINT, name), this.marker)
  }

  /** As the store does: what the records say by themselves is not kept beside them. */
  #note(
    name: string,
    states: NameState[] | null,
    records = withStates(this.state.recordsAt(ENDPOINT, name), states ?? [], this.now),
  ): void {
    for (const record of records) this.state.putRecord(record)
    const at = { endpoint: ENDPOINT, name }
    const own = stateOf(this.state.recordsAt(ENDPOINT, name))
    if (states === null || sameStates(states, [own])) this.state.dropKnown(at)
    else this.state.putKnown({ ...at, zone: zoneOf(name), states })
  }

  #one(name: string): boolean {
    if (this.#toReadLate.delete(name)) return this.#look(name) && this.#unheard.delete(name)
    if (this.#toLook.delete(name)) return this.#look(name)
    const before = this.state.statesAt(ENDPOINT, name)
    const change = this.#change(name)
    if (!change) return false
    if (change.attempts.length === 0) return this.#look(name)
    this.messages++
    this.#note(name, this.#grown(before, change))
    const fortune = this.fortune(this.messages)
    const most = fortune === 'broken off' ? 1 : fortune === 'broken off later' ? 2 : Infinity
    const isLate = fortune === 'late' || fortune === 'killed late'
    if (isLate) this.#late.push(change)
    if (fortune !== 'answered') this.#noteUnheard(name)
    const made = fortune === 'lost' || isLate ? null : this.#make(change, most)
    if (fortune === 'killed' || fortune === 'killed late') {
      this.#note(name, before)
      this.restart()
    } else if (fortune === 'answered' && made !== null && made >= 0) {
      const states = collapsed(before, change.attempts, made)
      const wasNotInUse = before.some(state => isNotInUse(state) && permits(state, change.attempts[made]!))
      this.#note(name, states, whenApplied(this.state.recordsAt(ENDPOINT, name), states, wasNotInUse, this.now))
    } else if (fortune === 'answered') {
      this.#note(name, before)
      this.#toLook.add(name)
    }
    if (fortune !== 'answered' && !fortune.startsWith('killed'))
      for (const record of whenUnheard(this.state.recordsAt(ENDPOINT, name))) this.state.putRecord(record)
    this.wait(0)
    return true
  }

  #grown(states: NameState[], { attempts }: Change): NameState[] {
    return grown(states, attempts, isAtomic(this.server.kind))
  }

  /** Makes a change, or the first calls of it, and gives which attempt; -1 for none. */
  #make(change: Change, most: number): number {
    this.#names.add(change.name)
    return this.server.make(change, most, ({ apex, serial }) => this.#newest.set(apex, serial))
  }

  #look(name: string): boolean {
    this.looks++
    const records = this.state.recordsAt(ENDPOINT, name)
    const apex = zoneOf(name)
    const zone = this.#readFrom?.get(apex) ?? this.zone(apex)
    const newest = Math.max(this.#newest.get(apex) ?? 0, zone.serial)
    this.#newest.set(apex, newest)
    const found = this.server.read(name, zone)
    const states = [...this.state.statesAt(ENDPOINT, name), ...(this.#unheard.get(name) ?? [])]
    const context = { records, states, marker: this.marker }
    const verdict = judge(
      { rrs: this.server.hasTtl ? found : withWantedTtl(found, records), isOldCopy: zone.serial < newest },
      { ...context, hasPartner: this.hasPartner, replacesPtr: false },
    )
    this.#note(name, statesAfter(verdict), whenLooked(records, verdict, this.now))
    this.wait(0)
    return true
  }

  /** Whether a partner of a pair may write for the same clients. */
  hasPartner = false

  /** What is in DNS, as sorted lines "name type value"; DHCIDs only where asked for. */
  dns(dhcids = false): string[] {
    return [...this.#names]
      .flatMap(name => this.zone(zoneOf(name)).lookup(name, 'ANY').rrs)
      .filter(rr => dhcids || rr.type !== 'DHCID')
      .map(rr => `${rr.name} ${rr.type} ${rr.value}`)
      .sort()
  }
}
