/*
 * From what is known to what should be.
 *
 * The invariant: what is wanted of a name is a function of what is known of its leases and of the scopes' policies,
 * and of nothing else. The order in which it was heard does not count, nor what was planned before. So an event does two
 * things only. It adds to what is known of one address (lease.ts), and the names that it touches are derived anew
 * (derive.ts).
 *
 * To derive is to fill in one row a name. The leases that ask for it and the records that are owned of it give what is
 * wanted (wanted.ts); what is wanted against what is owned gives the plan (difference.ts). Each difference is a decision
 * with its rule and its reason. Five rows of the name red; a and b are machines, .1 and .2 are addresses:
 *
 *     name | leases                            | owned     | plan
 *     red  | .1 granted to a                   | nothing   | A, PTR .1 publish lease-active
 *     red  | .1 of a expired                   | A, PTR .1 | A .1 keep retained-on-expiry; PTR .1 await grace-on-expiry
 *     red  | .1 of b expired, .2 granted to b  | A, PTR .1 | A, PTR .2 publish lease-active; A, PTR .1 remove superseded
 *     red  | .1 granted to a, .2 granted to b  | A, PTR .1 | A, PTR .2 publish lease-active; A, PTR .1 conflict name-taken
 *     red  | none: .1 went to b, who is green  | A, PTR .1 | A, PTR .1 remove reassigned
 *
 * Why so simple: a planner that reasons from the event ("it expired, so delete") needs an answer for every order of
 * events and every crash between them. Here a late, repeated or missing event has no case of its own. A timer, a policy
 * change, a restart and a reconcile run all come through the same door: derive again.
 *
 * Nothing here reads a clock, and nothing is written: `now` is an argument, the plan is data.
 */
import type { Client, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Decision, OwnedRecord, RecordRef } from '../../schemas/model/record.ts'
import { type Derived, derive, type Scopes, type StateView } from './derive.ts'
import { deriveFresh } from './fresh.ts'
import { type Effect, holdingOf, isTied, type Learned, learn, unknown } from './lease/lease.ts'
import { isForward, subjectOf } from './record.ts'
import { reasonOf, type SkipRule } from './rules.ts'
import { named, namingOf } from './scope/naming.ts'
import { overdueAt, RECLAIM_MS } from './scope/policy.ts'
import type { Scope } from './scope/scope.ts'
import { type NameDue, SameView } from './state-view.ts'
import { addressType, ptrNameOf } from './wanted.ts'

/** What to write, and why. `leases` and `records` are whole new versions. */
export interface Plan extends Derived {
  leases: Lease[]
  /** What became of the event's own lease, where the decisions tell of others alone. Only the audit log says it. */
  aside?: Decision | undefined
  /** True when CLTT cannot tell who holds the address, so that Kea is to be asked. */
  tied?: boolean
  /** Records whose names are to be looked at again: their lease was heard anew, so what stopped them may be over. */
  revisit?: OwnedRecord[]
}

/** What a decision says of a lease; an event that was not taken has no lease, and no name. */
type Subject = Pick<Lease, 'address' | 'family' | 'name'>

const refOf = ({ address, family, name }: Subject): RecordRef => ({ name, type: addressType(family), value: address })

const skip = (rule: SkipRule, subject: Subject, verb: 'skip' | 'keep' = 'skip'): Decision => ({
  verb,
  record: refOf(subject),
  rule,
  reason: reasonOf(rule, { address: subject.address, name: subject.name }),
})

/** What is known, with a newer version of one lease in it. */
class WithLease extends SameView {
  #fresh: Lease

  constructor(known: StateView, fresh: Lease) {
    super(known)
    this.#fresh = fresh
  }

  override lease(address: string): Lease | undefined {
    return address === this.#fresh.address ? this.#fresh : this.known.lease(address)
  }

  override *leasesNamed(name: string): Generator<Lease> {
    for (const lease of this.known.leasesNamed(name)) if (lease.address !== this.#fresh.address) yield lease
    if (this.#fresh.name === name) yield this.#fresh
  }

  deciding(name: string, due: () => NameDue): Lease[] | null {
    const fresh = this.#fresh
    const dueWithFresh = (): NameDue => {
      const { addresses, clients, now } = due()
      const client = holderOf(fresh)
      const own = fresh.name === name && client ? [...clients, client] : clients
      return { addresses, clients: own, fresh: [fresh], now }
    }
    const leases = this.known.deciding?.(name, dueWithFresh) ?? null
    return leases && withFresh(leases, fresh, name)
  }
}

const holderOf = (lease: Lease): Client | null => {
  const holding = holdingOf(lease)
  return holding.is === 'unknown' ? null : holding.holder.client
}

/** The leases of a name once one of them is in a newer version. */
const withFresh = (leases: Lease[], fresh: Lease, name: string): Lease[] => [
  ...leases.filter(({ address }) => address !== fresh.address),
  ...(fresh.name === name ? [fresh] : []),
]

/** True for a lease with a name at which no PTR can point, as no zone holds its reverse name. */
const isPtrless = ({ address, name }: Lease, scope: Scope): boolean =>
  name !== null && scope.zoneOf(ptrNameOf(scope, address)) === null

/** The PTR that is not published beside the A or AAAA that is: a decision of its own. */
const ptrSkipped = ({ address, name }: Lease, scope: Scope): Decision => {
  const rule = scope.derivesPtr ? 'ptr-derived' : 'no-reverse-zone'
  return {
    verb: 'skip',
    record: { name: ptrNameOf(scope, address), type: 'PTR', value: name },
    rule,
    reason: reasonOf(rule, { address, name }),
  }
}

/** Why an event that was taken changed no record. The first that is true is said. */
const whyUnchanged = (known: StateView, lease: Lease, scope: Scope, effect: Effect): Decision => {
  if (effect === 'stale' || effect === 'duplicate') return skip(effect, lease)
  if (lease.name === null) {
    return skip(holdingOf(lease).is === 'unknown' ? 'not-ours' : (lease.nameRule as SkipRule), lease)
  }
  const isMeant = (record: OwnedRecord) =>
    isForward(record) === scope.policy.forward && subjectOf(record) === lease.name
  const owned = [...known.recordsOf(lease.address)].find(isMeant)
  if (!owned && !scope.policy.forward && isPtrless(lease, scope)) return ptrSkipped(lease, scope)
  const holding = holdingOf(lease)
  if (!owned && holding.is === 'active' && holding.holder.ddns?.forward === false)
    return skip('updates-declined', lease)
  if (!owned) return skip('not-ours', lease)
  if (owned.wanted && !owned.stopped) return skip('unchanged', lease, 'keep')
  return { verb: 'skip', record: refOf(lease), rule: owned.rule, reason: owned.reason }
}

/**
 * True for a lease that Kea or its lease file still has as granted though its time has been over for long: Kea does not
 * reclaim it. A lease that is active here already is left to the reconciler, which weighs how many would end at once.
 */
const isListedOverdue = (before: Lease | undefined, event: LeaseEvent, { policy }: Scope, now: number): boolean =>
  event.kind === 'committed' &&
  (event.source === 'control' || event.source === 'lease-file') &&
  (before === undefined || holdingOf(before).is !== 'active') &&
  overdueAt(event, policy) <= now - RECLAIM_MS

const withOverdueEnd = ({ lease, effect }: Learned, event: LeaseEvent, now: number): Learned => {
  const isOpen = holdingOf(lease).is === 'active'
  return isOpen ? learn(lease, { ...event, kind: 'expired', overdue: true }, now) : { lease, effect }
}

/** True when one of these records is of the lease itself: of its address and, while it has one, of its holder. */
const isToldOf = (lease: Lease, records: OwnedRecord[]): boolean => {
  const holding = holdingOf(lease)
  return records.some(
    ({ address, client }) =>
      address === lease.address && (holding.is !== 'active' || client === holding.holder.client.key),
  )
}

const nothing = (decision: Decision): Plan => ({ leases: [], records: [], decisions: [decision] })

/** The plan of an event that could not be decided on: a skip of its own, so that its neighbours in a batch go on. */
export const undecided = ({ address, family }: LeaseEvent): Plan =>
  nothing(skip('undecided', { address, family, name: null }))

/**
 * What an event changes at an address that is in no scope (any more). A lease that is known there goes on being known, so
 * that its end takes away what is owned of it, whatever kind of end it is: no policy keeps it.
 */
const planWithoutScope = (known: StateView, scopes: Scopes, event: LeaseEvent, now: number): Plan => {
  const { address, family } = event
  const before = known.lease(address)
  const none = skip(scopes.whyNone?.(address) ?? 'out-of-scope', { address, family, name: before?.name ?? null })
  if (!before || [...known.recordsOf(address)].length === 0) return nothing(none)
  const isEnd = event.kind !== 'committed' && event.kind !== 'renewed'
  const { lease } = learn(before, isEnd ? { ...event, kind: 'abandoned' } : event, now)
  if (event.kind === 'renewed' || lease === before) return nothing(none)
  const names = new Set(before.name === null ? [] : [before.name])
  const { records, decisions } = derive(new WithLease(known, lease), scopes, names, new Set([address]), now)
  return {
    leases: [lease],
    records,
    decisions: decisions.length > 0 ? decisions : [none],
    aside: decisions.length === 0 || isToldOf(lease, records) ? undefined : none,
  }
}

/** What differs once a lease is known in a newer version; `before` is undefined for the first. */
const derivedOf = (
  known: StateView,
  scopes: Scopes,
  before: Lease | undefined,
  { address, name }: Lease,
  now: number,
): Derived => {
  const fresh = before === undefined && name !== null ? deriveFresh(known, scopes, name, address, now) : null
  const names = [before?.name, name].filter(one => one != null)
  return fresh ?? derive(known, scopes, new Set(names), new Set([address]), now)
}

/**
 * What one event changes: always at least one decision, as a skip is a decision too. `now` is in milliseconds. `askedAt`
 * (ms) is when Kea was asked, for an event that is its answer.
 */
export const plan = (
  known: StateView,
  scopes: Scopes,
  event: LeaseEvent,
  now: number,
  askedAt: number | null = null,
): Plan => {
  const { address, family } = event
  const nameless = { address, family, name: null }
  const scope = scopes.find(address)
  if (event.type === 'IA_PD') return nothing(skip('prefix-delegation', nameless))
  if (!scope) return planWithoutScope(known, scopes, event, now)
  const before = known.lease(address)
  if (event.kind === 'abandoned') return nothing(skip('in-scope-again', before ?? nameless))
  if (event.kind === 'renewed') return nothing(skip('hint', before ?? nameless))
  const heard = learn(
    before ?? unknown(event, scope.name),
    event,
    now,
    askedAt,
    grant => namingOf(scope, grant, address, known.intents).name,
  )
  const { lease: learned, effect } = isListedOverdue(before, event, scope, now)
    ? withOverdueEnd(heard, event, now)
    : heard
  if (effect === 'no-client') return nothing(skip('nobody', before ?? nameless))
  const lease = learned === before ? learned : named(learned, scope, known.intents)
  const { records, decisions } = derivedOf(new WithLease(known, lease), scopes, before, lease, now)
  const isPublished = decisions.some(({ verb, record }) => verb === 'publish' && record.value === address)
  const skipped = isPublished && isPtrless(lease, scope) ? [ptrSkipped(lease, scope)] : []
  const isHeard = effect === 'begun' || effect === 'confirmed'
  const unchanged = () => whyUnchanged(known, lease, scope, effect)
  return {
    leases: learned === before ? [] : [lease],
    records,
    decisions: decisions.length > 0 ? [...decisions, ...skipped] : [unchanged()],
    aside: decisions.length === 0 || isToldOf(lease, records) ? undefined : unchanged(),
    tied: isTied(lease, event.kind),
    revisit: isHeard ? [...known.recordsOf(address)].filter(record => record.stopped && record.wanted) : [],
  }
}
