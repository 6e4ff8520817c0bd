/*
 * Whatever is learnt becomes decisions here, and is put into the store.
 *
 * The invariant: the engine knows the store and nothing after it. It plans (lib/plan/plan.ts), keeps the plan, and writes the
 * audit; the queue and the timers hear of kept records from the store. So an event, a grace that is over, a changed
 * policy and an answer of a DNS server all take the same way, and none of them waits for DNS.
 *
 *     event ──► plan(known, scopes, event, now) ──► store.put ──► onDecision: queue, timers
 *                                                  └─► durable ──► the caller's 202
 *
 * What a person meant comes through a door of its own (`meant`): it is kept, and then exactly the names that it touches are
 * derived anew. Nothing else is done for it, as the intents are among what the derivation reads.
 */

import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { familyOf } from '../lib/address.ts'
import type { Outcome } from '../lib/dns/rr.ts'
import { Crowds, type LiveScopes } from '../lib/plan/crowd/crowds.ts'
import { derive, type StateView } from '../lib/plan/derive.ts'
import { entriesOf } from '../lib/plan/explain/audit-entries.ts'
import { entryOf, type Meant } from '../lib/plan/intent/meant.ts'
import { type Plan, plan, undecided } from '../lib/plan/plan.ts'
import { rederivation, renamings, type ScopesInForce } from '../lib/plan/rederive.ts'
import type { NameAt, Verdict } from '../lib/publish/look.ts'
import { lookDecision, statesAfter, stopped, whenLooked } from '../lib/publish/outcome.ts'
import type { LeaseEvent } from '../schemas/model/lease-event.ts'
import type { NameState } from '../schemas/model/name.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../schemas/model/record.ts'
import type { ForeignRR } from '../schemas/model/survey.ts'
import type { Audit } from './audit.ts'
import type { Announcer } from './log/announcer.ts'
import type { Metrics } from './metrics.ts'
import type { Answered, Store } from './store/store.ts'

interface Deps {
  store: Store
  scopes: ScopesInForce & LiveScopes
  audit: Audit
  metrics: Metrics
  tell: Pick<Announcer, 'learned' | 'looked' | 'decided' | 'named' | 'meant'>
  log: Pick<FastifyBaseLogger, 'error'>
  now(): number
}

/** What a batch of events decided. `tied` are addresses of which CLTT could not tell who holds them. */
export interface Taken {
  decisions: Decision[]
  tied: string[]
}

const SLICE = 200

export class Engine {
  #deps: Deps
  #crowds: Crowds

  constructor(deps: Deps) {
    this.#deps = deps
    const { state } = deps.store
    this.#crowds = new Crowds(state, deps.scopes)
    state.watchLeases(this.#crowds)
  }

  /** What is known and owned, to find out what events would decide; crowded names cost no more than others. */
  get foreseen(): StateView {
    return this.#crowds.foreseen
  }

  /**
   * Decides on events in order; resolves when the decisions are durable. `askedAt` (ms) is when Kea was asked, for events
   * that are its answer: these are never tied. @throws StoreFailed
   */
  async take(events: LeaseEvent[], askedAt: number | null = null): Promise<Taken> {
    const { store } = this.#deps
    const taken: Taken = { decisions: [], tied: [] }
    store.together(() => {
      for (const event of events) this.#takeOne(event, askedAt, taken)
    })
    await store.durable()
    return taken
  }

  #takeOne(event: LeaseEvent, askedAt: number | null, taken: Taken): void {
    const { store, metrics } = this.#deps
    const made = this.#planOf(event, askedAt)
    if (made.tied && askedAt === null) taken.tied.push(event.address)
    this.#keep(made, event.cause, event)
    if (made.revisit) store.tell(made.revisit)
    const skipped = made.decisions.every(decision => decision.verb === 'skip')
    metrics.event(event.source, event.kind, skipped ? 'skipped' : 'decided')
    for (const decision of made.decisions) {
      if (decision.verb === 'skip') metrics.skipped(decision.rule)
      taken.decisions.push(decision)
    }
  }

  /** Derives names and addresses anew, for a cause other than an event; resolves when the difference is durable. */
  async rederive(names: Iterable<string>, addresses: Iterable<string>, cause: string): Promise<void> {
    await this.#derive(this.#deps.store.state, names, addresses, cause)
  }

  async #derive(known: StateView, names: Iterable<string>, addresses: Iterable<string>, cause: string): Promise<void> {
    const { store, scopes, now } = this.#deps
    try {
      const made = derive(known, scopes, new Set(names), new Set(addresses), now())
      this.#keep({ leases: [], ...made }, cause)
    } catch (error) {
      this.#crowds.forget()
      throw error
    }
    await store.durable()
  }

  /**
   * Names all leases anew and derives all names, as scopes and policies may have changed: at a start, and when Kea's
   * configuration says something else. A lease that no scope holds any more is left as it is. No turn of the event loop is
   * long: events are taken meanwhile.
   */
  rederiveAll(cause: string): Promise<void> {
    return this.#carryOut(null, cause)
  }

  /** As `rederiveAll`, for the leases of one scope: its policy has changed. */
  rederiveScope(scope: string, cause: string): Promise<void> {
    return this.#carryOut(scope, cause)
  }

  async #carryOut(only: string | null, cause: string): Promise<void> {
    const { store, scopes, now } = this.#deps
    for (const { leases, ...derived } of rederivation(store.state, scopes, now(), only)) {
      store.put(leases, [])
      this.#keep({ leases: [], ...derived }, cause)
      await turn()
    }
    await store.durable()
  }

  /**
   * Keeps what a person meant, and derives anew what it touches: the name, and where clients may be called otherwise the
   * names of all leases that are. Resolves with what was decided when it is durable. @throws StoreFailed
   */
  async meant(meant: Meant): Promise<Decision[]> {
    const { store, scopes, audit, tell, now } = this.#deps
    const { name, cause, intents = [], undone = [], leases = [], records = [], decisions = [] } = meant
    store.putIntents(intents, undone)
    const entry = entryOf(meant)
    audit.add([{ at: now(), what: 'intent', ...entry }])
    tell.meant(entry)
    const because = meant.by === undefined ? cause : `${meant.verb} by ${meant.by}`
    this.#keep({ leases, records, decisions }, because)
    const made = derive(store.state, scopes, new Set([name]), new Set(), now())
    this.#keep({ leases: [], ...made }, because)
    const renamed = meant.renames ? await this.#renameAll(because) : []
    await store.durable()
    return [...decisions, ...made.decisions, ...renamed]
  }

  /** Names all leases anew, and derives the names that some of them leave or get. */
  async #renameAll(cause: string): Promise<Decision[]> {
    const { store, scopes, now } = this.#deps
    const names = new Set<string>()
    const addresses = new Set<string>()
    for (const slice of renamings(store.state, scopes)) {
      const renamed = slice.filter(one => one.isRenamed)
      store.put(
        renamed.map(({ fresh }) => fresh),
        [],
      )
      for (const { fresh, affected } of renamed) {
        for (const name of affected.names) names.add(name)
        addresses.add(fresh.address)
      }
      await turn()
    }
    const made = derive(store.state, scopes, names, addresses, now())
    this.#keep({ leases: [], ...made }, cause)
    return made.decisions
  }

  /** A person's records stand in the place of these names: they are let go. */
  displaced(names: { endpoint: string; name: string }[]): void {
    const { store, now } = this.#deps
    const detail = 'it is a record of the configuration'
    for (const { endpoint, name } of names) {
      const own = [...store.state.recordsNamed(name)].filter(one => one.endpoint === endpoint && one.applied)
      store.put(
        [],
        own.map(record => stopped(record, 'protected', detail, now())),
      )
    }
  }

  /** The graces of these records are over. */
  async graceOver(keys: string[]): Promise<void> {
    const { state } = this.#deps.store
    const records = keys.flatMap(key => state.record(key) ?? [])
    for (let i = 0; i < records.length; i += SLICE) {
      const slice = records.slice(i, i + SLICE)
      const names = slice.map(record => (record.type === 'PTR' ? record.value : record.name))
      await this.#derive(
        this.#crowds.known,
        names,
        slice.map(record => record.address),
        'grace over',
      )
    }
  }

  /** What an answer of a DNS server taught of one name; `before` is what DNS may have held when the change was sent. */
  learned(answered: Answered, outcome: Outcome, before: readonly NameState[] = []): void {
    const { store, metrics, now, audit, tell } = this.#deps
    const versions = answered.records.map(record => store.state.record(record.key))
    const kept = store.putAnswer(answered)
    const steps = kept.map((record, i) => ({ was: versions[i], record }))
    tell.learned(steps, outcome, before)
    const at = now()
    if (outcome.kind === 'applied') metrics.lastSuccess(at)
    else metrics.lastError(at)
    const entries = steps.map(({ was, record }): AuditEntry => {
      const removing = was?.wanted === null
      metrics[removing ? 'delete' : 'update'](familyOf(record.address), record.type, outcome.kind)
      if (record.applied && !was?.applied) metrics.eventToApplied((at - (was?.updatedAt ?? at)) / 1000)
      return this.#outcomeEntry(record, removing, outcome, at)
    })
    audit.add(entries)
  }

  /**
   * What a look into DNS means for one name, by its verdict. Gives whether the name is to be brought to what is desired:
   * it is ours, and may not be as it should. Where somebody else has it, what depends on it is derived anew. `foreign` is
   * what others have there; null where that was not seen.
   */
  looked(at: NameAt, verdict: Verdict, cause: string, foreign: ForeignRR[] | null): boolean {
    const { store, audit, metrics, now, tell } = this.#deps
    if (foreign) store.putSeen({ foreign: [{ endpoint: at.endpoint, name: at.name, rrs: foreign }] })
    const before = store.state.recordsAt(at.endpoint, at.name)
    const records = whenLooked(before, verdict, now())
    const kept = store.putAnswer({ records, known: { ...at, states: statesAfter(verdict) } })
    const was = new Map(before.map(record => [record.key, record]))
    tell.looked(kept.map(record => ({ was: was.get(record.key), record })))
    const decisions = kept.flatMap(record => lookDecision(was.get(record.key), record) ?? [])
    for (const decision of decisions) if (decision.verb === 'skip') metrics.skipped(decision.rule)
    audit.add(entriesOf({ leases: [], records: kept, decisions }, { at: now(), cause }))
    const isOurs = (record: OwnedRecord | undefined) => record !== undefined && record.stopped === null
    const changed = kept.some(record => isOurs(record) !== isOurs(was.get(record.key)) && record.type !== 'PTR')
    if (changed)
      this.#derive(this.#crowds.known, [at.name], [], cause).catch(error =>
        this.#deps.log.error({ err: error, ...at }, 'not derived'),
      )
    return verdict.is !== 'conflict'
  }

  #outcomeEntry(record: OwnedRecord, removing: boolean, outcome: Outcome, at: number): AuditEntry {
    const { name, type, value, client, address, scope } = record
    const done = removing ? 'Removed from DNS.' : 'DNS holds it.'
    return {
      at,
      what: 'outcome',
      cause: 'answer of the DNS server',
      verb: outcome.kind,
      record: { name, type, value },
      rule: record.rule,
      reason: outcome.kind === 'applied' ? done : outcome.detail,
      client,
      address,
      scope,
    }
  }

  /** The plan of one event. What is wrong with it alone is its own skip: those beside it are taken all the same. */
  #planOf(event: LeaseEvent, askedAt: number | null): Plan {
    const { scopes, now, log } = this.#deps
    try {
      return plan(this.#crowds.known, scopes, event, now(), askedAt)
    } catch (error) {
      this.#crowds.forget()
      log.error({ err: error, address: event.address, cause: event.cause }, 'an event could not be decided on')
      return undecided(event)
    }
  }

  #keep(made: Plan, cause: string, event?: LeaseEvent): void {
    const { store, audit, now, tell } = this.#deps
    const before = event && store.state.lease(event.address)
    for (const lease of made.leases) tell.named(lease, store.state.lease(lease.address), made.decisions)
    const kept = store.put(made.leases, made.records)
    tell.decided(made.decisions, kept)
    audit.add(entriesOf(made, { at: now(), cause, ...(event && { event, before }) }))
  }
}
