/*
 * The one door for what people mean.
 *
 * Whatever a person says of a name or a client comes through here, from the API or anywhere else. It is turned into data
 * (lib/plan/intent/meant.ts), kept, and what it touches is derived anew by the engine. When the answer is given all of it is on
 * disk. Whoever must know of the end of a pin subscribes; a pin that is over is taken back here, and the audit says so.
 *
 *     route ──► pin(name, who) ──► meant.ts: what is kept ──► engine.meant ──► store, audit, log
 *                                          └─► refused: 409
 */

import type { Scopes } from '../../lib/plan/derive.ts'
import { toGiveBack } from '../../lib/plan/intent/actions.ts'
import type { Meant, Refused, Who } from '../../lib/plan/intent/meant.ts'
import * as acts from '../../lib/plan/intent/meant.ts'
import { release, restore } from '../../lib/plan/intent/release.ts'
import { foreignAt } from '../../lib/publish/foreign.ts'
import { takenBack, whenGivenBack } from '../../lib/publish/give-back.ts'
import type { NameAt, Seen } from '../../lib/publish/look.ts'
import { abandonedEnd } from '../../lib/reconcile/ends.ts'
import type { Alias, Assignment } from '../../schemas/model/intent.ts'
import type { Decision, OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Queue } from '../publish/queue.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Store
  engine: Pick<Engine, 'meant' | 'take'>
  scopes: Scopes
  backends: readonly Pick<Backend, 'name' | 'read'>[]
  queue: Pick<Queue, 'isInFlight'>
  now(): number
}

/** Hears of a pin by its key, and when it ends (ms); null for one without an end, or that is taken back. */
export type PinListener = (key: string, until: number | null) => void

/** Why nothing was done. A route answers with 409. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

/** What was read at one name, and its records before that. */
interface ReadBack {
  at: NameAt
  before: OwnedRecord[]
  seen: Seen
  verdict: Extract<ReturnType<typeof takenBack>, { is: 'ours' }>
}

const publishing = ({ name, type, value, rule, reason }: OwnedRecord): Decision => ({
  verb: 'publish',
  record: { name, type, value },
  rule,
  reason,
})

export class IntentDoor {
  #deps: Deps
  #listeners: PinListener[] = []

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Adds a listener for the ends of pins, and tells it of those in force. */
  onPin(listener: PinListener): void {
    this.#listeners.push(listener)
    for (const [key, intent] of this.#deps.store.intents) if (intent.kind === 'pin') listener(key, intent.until)
  }

  /** The pins of these keys are over, where their time has come. */
  async over(keys: string[]): Promise<void> {
    const { store, now } = this.#deps
    for (const key of keys) {
      const intent = store.intents.get(key)
      if (intent?.kind === 'pin' && intent.until !== null && intent.until <= now())
        await this.#keep(acts.pinOver(intent))
    }
  }

  /** What stays after its lease goes now. @throws NotNow while the lease lives, or where nothing is left */
  async release(name: string, who: Who): Promise<Decision[]> {
    const { store, scopes, backends, engine } = this.#deps
    const hasServer = (endpoint: string) => backends.some(one => one.name === endpoint)
    const made = release(store.state, scopes, hasServer, name, who)
    if ('refused' in made) throw new NotNow(made.refused)
    const ends = made.abandoned.flatMap(lease => abandonedEnd(lease)?.event ?? [])
    const because = ends.map(event => ({ ...event, cause: `release by ${who.by}` }))
    const { decisions } = because.length > 0 ? await engine.take(because) : { decisions: [] }
    return [...decisions, ...(await this.#keep(made))]
  }

  /** What was removed is back, as if pinned. @throws NotNow where it is there, or its address is another's */
  restore(name: string, who: Who): Promise<Decision[]> {
    const { store, scopes } = this.#deps
    return this.#keep(restore(store.state, scopes, name, who))
  }

  /**
   * What a person made or changed in DNS is taken up as ours, and replaced by what is wanted. It is read first: the change is
   * made under exactly what was read. @throws NotNow where nothing is stopped or wanted, or DNS does not say what is there
   */
  async giveBack(name: string, who: Who): Promise<Decision[]> {
    const { store } = this.#deps
    const wanted = toGiveBack(store.state, name)
    if ('refused' in wanted) throw new NotNow(wanted.refused)
    const places = [...new Map(wanted.map(record => [`${record.endpoint} ${record.name}`, record])).values()]
    const readings = await Promise.all(places.map(at => this.#readBack(at)))
    for (const reading of readings) this.#checkStill(reading)
    const records = readings.flatMap(reading => this.#takeBack(reading))
    const decisions = records.filter(one => one.wanted !== null).map(publishing)
    const signed = { by: who.by, cause: who.cause, facts: { why: who.why } }
    return this.#keep({ verb: 'give-back', rule: 'give-back-asked', ...signed, name, records, decisions })
  }

  /** Reads one name, with its records as they were before. */
  async #readBack({ endpoint, zone, name }: NameAt): Promise<ReadBack> {
    const at = { endpoint, zone, name }
    const before = this.#deps.store.state.recordsAt(endpoint, name)
    const seen = await this.#read(at)
    const isAlias = before.some(({ type, wanted }) => type === 'CNAME' && wanted !== null)
    const verdict = takenBack(seen, isAlias)
    if ('refused' in verdict) throw new NotNow(`${name} cannot be given back: ${verdict.refused}.`)
    return { at, before, seen, verdict }
  }

  /** @throws NotNow where something was decided about the name while it was read, or is being sent */
  #checkStill({ at, before }: ReadBack): void {
    const { store, queue } = this.#deps
    const records = store.state.recordsAt(at.endpoint, at.name)
    const isSame = records.length === before.length && records.every((record, i) => record === before[i])
    if (!isSame || queue.isInFlight(at)) throw new NotNow(`${at.name} is changing just now; try again.`)
  }

  /** Notes what is at a name as ours. Gives the records of the name as they are then. */
  #takeBack({ at, before, seen, verdict }: ReadBack): OwnedRecord[] {
    const { store, now } = this.#deps
    const rrs = foreignAt(seen.rrs, before, verdict, store.state.seen.foreignAt(at), now())
    store.putSeen({ foreign: [{ endpoint: at.endpoint, name: at.name, rrs }] })
    const records = whenGivenBack(before, verdict, now())
    store.putAnswer({ records, known: { ...at, states: verdict.states } })
    return records
  }

  async #read({ endpoint, zone, name }: NameAt): Promise<Seen> {
    const backend = this.#deps.backends.find(one => one.name === endpoint)
    if (!backend) throw new NotNow(`${name} is at "${endpoint}", which is no entry of dns any more.`)
    const reading = await backend.read(zone, [name])
    const unread = reading.known ? reading.unread.get(name) : reading.detail
    if (!reading.known || unread !== undefined) throw new NotNow(`It is not known what DNS has at ${name}: ${unread}.`)
    return { rrs: reading.rrs.get(name) ?? [], isBelowCut: reading.belowCut.has(name), isOldCopy: reading.isOldCopy }
  }

  pin(name: string, until: number | null, who: Who): Promise<Decision[]> {
    return this.#keep(acts.pin(this.#deps.store.state, name, until, who))
  }

  unpin(name: string, who: Who): Promise<Decision[]> {
    return this.#keep(acts.unpin(this.#deps.store.state, name, who))
  }

  promote(name: string, who: Who): Promise<Decision[]> {
    return this.#keep(acts.promote(this.#deps.store.state, name, who))
  }

  demote(name: string, who: Who): Promise<Decision[]> {
    return this.#keep(acts.demote(this.#deps.store.state, name, who))
  }

  /** `client` is `hw:…`, `id:…` or `duid:…`; `scope` null for all. */
  assign(client: string, name: string, scope: string | null, who: Who): Promise<Decision[]> {
    return this.#keep(acts.assign(client, name, scope, who))
  }

  unassign(before: Assignment, who: Who): Promise<Decision[]> {
    return this.#keep(acts.unassign(before, who))
  }

  alias(name: string, target: string, who: Who): Promise<Decision[]> {
    const { store, scopes } = this.#deps
    return this.#keep(acts.alias(store.state, scopes, name, target, who))
  }

  unalias(before: Alias, who: Who): Promise<Decision[]> {
    return this.#keep(acts.unalias(before, who))
  }

  /** Keeps what was meant; resolves with what was decided, when it is durable. @throws NotNow when it cannot be now, StoreFailed */
  async #keep(meant: Meant | Refused | null): Promise<Decision[]> {
    if (meant === null) return []
    if ('refused' in meant) throw new NotNow(meant.refused)
    const decisions = await this.#deps.engine.meant(meant)
    for (const listener of this.#listeners) {
      for (const key of meant.undone ?? []) listener(key, null)
      for (const intent of meant.intents ?? []) if (intent.kind === 'pin') listener(`pin ${intent.name}`, intent.until)
    }
    return decisions
  }
}
