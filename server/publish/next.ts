/*
 * What is to be done for a name now, read off its records and the states in which it may be.
 *
 * The invariant: nothing is remembered here. Each step is worked out anew, so it fits the newest decision. What may be in
 * DNS without this node's knowledge is noted in the states of the name before anything is concluded from them.
 *
 *     what is found of a name                               step
 *     all that is owned of it may not be written here       closed: until the gate opens
 *     Kea has yet to tell whether it is still wanted        awaits-kea: tried again later
 *     each state that is possible is as desired             settled
 *     some of them can be changed                           change: one attempt for each
 *     none of them can be changed                           untold: the name is read
 *
 * Who waits, and for how long, is the lane's affair (queue.ts, lane.ts).
 */
import type { Change } from '../../lib/dns/rr.ts'
import { isLeftOver } from '../../lib/plan/record.ts'
import { awaitsTarget, nextChange, targetsOf } from '../../lib/publish/change.ts'
import { commentOf } from '../../lib/publish/comment.ts'
import { grown } from '../../lib/publish/name-state.ts'
import { withStates } from '../../lib/publish/outcome.ts'
import type { NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import type { Backend } from '../backends/backend.ts'
import type { Gate } from '../gate.ts'
import type { Store } from '../store/store.ts'
import type { Sent } from './answers.ts'
import type { Lane } from './lane.ts'

interface Deps {
  store: Pick<Store, 'state' | 'noteStates'>
  gate: Pick<Gate, 'isOpen' | 'isActive' | 'awaitsKea'>
  backends: readonly Backend[]
}

/** What is to be done for a name. `isHeld` where something of it would be changed, and may not be written now. */
type NextStep = { isHeld: boolean } & (
  | { is: 'change'; sent: Sent }
  | { is: 'closed' | 'awaits-kea' | 'settled' | 'untold' }
)

const NONE: ReadonlySet<RecordType> = new Set()

const READ_AT_ONCE = 2000

export class Next {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** What is to be done for a name now. */
  stepOf(backend: Backend, name: string): NextStep {
    const { state } = this.#deps.store
    const all = state.openAt(backend.name, name)
    const before = state.statesAt(backend.name, name, all)
    const records = this.#withoutOthers(all)
    const closed = this.#closedAt(records)
    const isHeld =
      records.length < all.length || (closed.size > 0 && nextChange(records, before, backend.marker) !== null)
    if (closed.size > 0 && records.every(record => closed.has(record.type))) return { is: 'closed', isHeld }
    if (records.some(record => !closed.has(record.type) && this.awaitsKea(record))) return { is: 'awaits-kea', isHeld }
    const change = this.#changeOf(backend, records, before, { closed })
    if (change === null) return { is: 'settled', isHeld }
    return change.attempts.length > 0 ? { is: 'change', isHeld, sent: { change, before } } : { is: 'untold', isHeld }
  }

  /**
   * Takes a name up as the last run left it: the change that is due may have been under way when it ended. Gives whether the
   * server may make a message of it yet: that one, or one that was not answered before.
   */
  takeUp({ name: endpoint, zone, backend }: Pick<Lane, 'name' | 'zone' | 'backend'>, name: string): boolean {
    const { state } = this.#deps.store
    const records = state.openAt(endpoint, name)
    const before = state.statesAt(endpoint, name, records)
    const change = backend && this.#changeOf(backend, records, before, { perhaps: true })
    const isPerhapsSent = change !== null && change.attempts.length > 0
    if (isPerhapsSent) this.noteSent(backend!, zone, { change, before })
    const wasUnheard = state.known({ endpoint, name })?.unheard || records.some(({ sent }) => sent !== null)
    return isPerhapsSent || Boolean(wasUnheard)
  }

  /** Whether something of the name is wanted and stopped: somebody else had the name when it was last read. */
  isStopped({ endpoint, name }: OwnedRecord): boolean {
    for (const record of this.#deps.store.state.openNamed(name))
      if (record.endpoint === endpoint && record.stopped !== null && record.wanted !== null) return true
    return false
  }

  /**
   * What waited for this name: what leads to it, once it is in DNS; and where something of it `wasChanged`, its own alias,
   * for which what was ours there went first.
   */
  waitingFor(endpoint: string, name: string, wasChanged: boolean): OwnedRecord[] {
    const { state } = this.#deps.store
    const waiting: OwnedRecord[] = []
    const own = state.openAt(endpoint, name)
    const there = own.filter(({ type, applied }) => type !== 'PTR' && applied)
    if (there.length > 0)
      for (const alias of state.intents.aliasesOf(name))
        for (const record of state.openNamed(alias.name)) if (record.value === name) waiting.push(record)
    for (const { address } of there)
      for (const record of state.recordsOf(address))
        if (record.type === 'PTR' && record.value === name) waiting.push(record)
    if (wasChanged) for (const record of own) if (record.type === 'CNAME') waiting.push(record)
    return waiting.filter(one => one.wanted && !one.applied && !one.stopped && (wasChanged || !one.problem))
  }

  /** Whether Kea has yet to tell if a record is still to be put into DNS. Meanwhile the other node may have written it. */
  awaitsKea(record: OwnedRecord): boolean {
    const { gate } = this.#deps
    const { wanted, applied, stopped } = record
    if (!wanted || applied || stopped || !gate.awaitsKea(record)) return false
    if (!record.sent) this.noteOther(record)
    return true
  }

  /**
   * Notes that another node may have made the change that is due at a name: what is wanted counts as perhaps there, and what
   * is to go as perhaps gone. That it was made is likelier, so it is what is tried first.
   */
  noteOther({ endpoint, zone, name }: Pick<OwnedRecord, 'endpoint' | 'zone' | 'name'>): void {
    const { store, backends } = this.#deps
    const records = store.state.openAt(endpoint, name)
    const before = store.state.statesAt(endpoint, name)
    const backend = backends.find(one => one.name === endpoint)
    const change = nextChange(records, before, backend?.marker ?? 'dhcid')
    const states = grown(before, change?.attempts ?? [], backend?.capabilities.atomic)
    const made = states.slice(before.length)
    const perhaps = [...made, ...before]
    if (made.length > 0) store.noteStates({ endpoint, zone, name, states: perhaps }, withStates(records, perhaps, null))
  }

  /** Notes that a change is sent: until it is answered, the name may be as before or as after it. */
  noteSent({ name: endpoint, capabilities }: Backend, zone: string, { change, before }: Sent): void {
    const { store } = this.#deps
    const states = grown(before, change.attempts, capabilities.atomic)
    const records = store.state.openAt(endpoint, change.name)
    store.noteStates({ endpoint, zone, name: change.name, states }, withStates(records, states, null))
  }

  /** Names of a lane that are to be read now. Where this node serves nobody, these are names of what it left over. */
  toLook({ name: endpoint, toLook }: Pick<Lane, 'name' | 'toLook'>): string[] {
    const { gate, store } = this.#deps
    const isLeft = (name: string) => store.state.openAt(endpoint, name).some(record => gate.isOpen(record))
    const names = gate.isActive() ? [...toLook] : [...toLook].filter(isLeft)
    return names.slice(0, READ_AT_ONCE)
  }

  /** Where a PTR is left over, the one that comes in its place is the other node's to write. */
  #withoutOthers(records: OwnedRecord[]): OwnedRecord[] {
    const { gate } = this.#deps
    if (!records.some(record => record.type === 'PTR' && isLeftOver(record) && gate.isOpen(record))) return records
    return records.filter(record => record.wanted === null || record.applied || gate.isOpen(record))
  }

  /** The types of a name's records that may not be written now. */
  #closedAt(records: readonly OwnedRecord[]): ReadonlySet<RecordType> {
    const { gate } = this.#deps
    const closed = records.filter(record => !gate.isOpen(record))
    return closed.length === 0 ? NONE : new Set(closed.map(({ type }) => type))
  }

  /** What brings a name to what is desired; `perhaps` as in `awaitsTarget`, `closed` as in `nextChange`. */
  #changeOf(
    backend: Backend,
    records: readonly OwnedRecord[],
    states: NameState[],
    { perhaps = false, closed }: { perhaps?: boolean; closed?: ReadonlySet<RecordType> } = {},
  ): Change | null {
    const { state } = this.#deps.store
    const isReady = (record: OwnedRecord) => !awaitsTarget(record, targetsOf(record, state), perhaps)
    const ready = records.filter(isReady)
    const change = nextChange(ready, states, backend.marker, closed)
    const comment = commentOf(ready, backend.capabilities.comment)
    return change && comment !== '' ? { ...change, comment } : change
  }
}
