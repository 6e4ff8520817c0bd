/**
 * From what is known to what should be.
 *
 * The invariant: what is wanted of a name is a function of what is known of its leases and of the scopes' policies,
 * and of nothing else: not of the order in which it was heard, not of what was planned before. So an event does two
 * things only. It adds to what is known of one address (lease.ts), and the names it touches are derived anew
 * (want.ts). The difference to the owned records is the plan; every difference is a decision that carries its rule and
 * its reason.
 *
 * Why so simple: planners that reason from the event ("it expired, so delete") need an answer for every order of
 * events and every crash between them. Here a late, repeated or missing event has no case of its own, and a timer, a
 * policy change, a restart and a catch-up all come through the same door: derive again.
 *
 * Nothing here reads a clock, and nothing is written: `now` is an argument, the plan is data.
 */
import type { Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Decision, OwnedRecord, RecordRef } from '../../schemas/model/record.ts'
import { isWritable } from '../dns/name.ts'
import { type Difference, diffUnwanted, diffWanted, showLoser } from './difference.ts'
import { nameOf, type Word } from './hostname.ts'
import { holdingOf, isTied, learn, unknown } from './lease.ts'
import { SKIPPED, type SkipRule } from './rules.ts'
import type { Scope } from './scope.ts'
import { type Unwanted, type WantedRecord, wantedAtName } from './wanted.ts'

/** What is known and owned; the store answers these by look-up, whatever their number. */
export interface StateView {
  lease(address: string): Lease | undefined
  leasesNamed(name: string): Iterable<Lease>
  record(key: string): OwnedRecord | undefined
  recordsNamed(name: string): Iterable<OwnedRecord>
  recordsOf(address: string): Iterable<OwnedRecord>
}

export interface Scopes {
  find(address: string): Scope | null
}

/** What to write, and why. `records` are whole new versions, `leases` too. */
export interface Plan {
  leases: Lease[]
  records: OwnedRecord[]
  decisions: Decision[]
  /** Kea is to be asked who holds the address: CLTT cannot tell. */
  tied?: boolean
  /** Records whose names are to be looked at again, as their lease was heard anew: what stopped them may be over. */
  revisit?: OwnedRecord[]
}

const FORWARD = (record: OwnedRecord): boolean => record.type !== 'PTR'

const ref = (lease: Pick<Lease, 'address' | 'family' | 'name'>): RecordRef => ({
  name: lease.name,
  type: lease.family === 4 ? 'A' : 'AAAA',
  value: lease.address,
})

const skip = (
  rule: SkipRule,
  lease: Pick<Lease, 'address' | 'family' | 'name'>,
  verb: 'skip' | 'keep' = 'skip',
): Decision => ({
  verb,
  record: ref(lease),
  rule,
  reason: SKIPPED[rule]({ address: lease.address, name: lease.name }),
})

/** A lease with the name that its scope's policy gives its present holder. */
export const named = (lease: Lease, scope: Scope): Lease => {
  const now = holdingOf(lease)
  const holder = now.is === 'unknown' ? null : now.holder
  const reserved = holder && scope.reserved?.(holder.client, lease.address)?.hostname
  const word: Word = reserved
    ? { hostname: reserved, by: 'operator' }
    : { hostname: holder?.hostname ?? '', by: 'client' }
  const naming = holder && nameOf(word, holder.client, scope.domain, scope.policy)
  const none = (nameRule: string): Lease => ({ ...lease, scope: scope.name, name: null, nameRule })
  if (!naming?.name) return none(naming?.rule ?? 'no-name')
  // The scope's domain may come from Kea, which takes suffixes that DNS does not.
  if (!isWritable(naming.name)) return none('no-name')
  if (!scope.zoneOf(naming.name)) return none('no-zone')
  return { ...lease, scope: scope.name, name: naming.name, nameRule: naming.rule }
}

/** Why a record of `address` is not wanted by anything that was derived. */
const whyUnwanted = (record: OwnedRecord, lease: Lease | undefined): Unwanted => {
  const now = lease ? holdingOf(lease) : { is: 'unknown' as const }
  if (now.is === 'unknown') return { rule: 'never-committed' }
  if (now.is === 'reassigned') return { rule: 'reassigned', other: now.end.client?.key }
  if (now.holder.client.key !== record.client) return { rule: 'reassigned', other: now.holder.client.key }
  if (now.is === 'ended') return { rule: now.end.how }
  return { rule: 'renamed', other: lease?.name ?? undefined }
}

/** Puts the leases of a plan over what the store knows. */
const overlay = (known: StateView, fresh: Map<string, Lease>): StateView => ({
  lease: address => fresh.get(address) ?? known.lease(address),
  record: key => known.record(key),
  recordsNamed: name => known.recordsNamed(name),
  recordsOf: address => known.recordsOf(address),
  leasesNamed: name => [
    ...[...known.leasesNamed(name)].filter(lease => !fresh.has(lease.address)),
    ...[...fresh.values()].filter(lease => lease.name === name),
  ],
})

/**
 * Derives names and addresses anew and gives what differs. Costs what the leases and records of these names and addresses cost, whatever else is owned.
 */
export const derive = (
  known: StateView,
  scopes: Scopes,
  names: Set<string>,
  addresses: Set<string>,
  now: number,
): Pick<Plan, 'records' | 'decisions'> => {
  const wanted = new Map<string, WantedRecord>()
  const unwanted = new Map<string, Unwanted>()
  const touched = new Map<string, OwnedRecord>()
  const touch = (records: Iterable<OwnedRecord>) => {
    for (const record of records) touched.set(record.key, record)
  }
  const found: Difference[] = []
  for (const address of addresses) touch(known.recordsOf(address))
  for (const name of names) {
    const leases = [...known.leasesNamed(name)]
    touch([...known.recordsNamed(name)].filter(FORWARD))
    for (const lease of leases) touch(known.recordsOf(lease.address))
    const blocked = (want: WantedRecord) => (known.record(want.key)?.stopped ?? null) !== null
    const abandoned = [...known.recordsNamed(name)].filter(record => record.wanted && !scopes.find(record.address))
    const abandonedTo = (want: WantedRecord) =>
      abandoned.find(({ type, endpoint }) => type === want.type && endpoint === want.zoneRef.endpoint)?.client ?? null
    const atName = wantedAtName(leases, lease => scopes.find(lease.address), blocked, abandonedTo, now)
    for (const want of atName.wanted) wanted.set(want.key, want)
    for (const [address, why] of atName.unwanted) unwanted.set(`${name} ${address}`, why)
    for (const claim of atName.losers) {
      const refused = showLoser(claim, unwanted.get(`${name} ${claim.lease.address}`)!, key => known.record(key), now)
      if (refused) found.push(refused)
    }
  }
  for (const want of wanted.values()) found.push(diffWanted(want, touched.get(want.key), now))
  for (const record of touched.values()) {
    if (wanted.has(record.key) || !scopes.find(record.address)) continue
    const name = record.type === 'PTR' ? record.value : record.name
    const lease = known.lease(record.address)
    const why = lease?.name === name ? unwanted.get(`${name} ${record.address}`) : undefined
    found.push(diffUnwanted(record, why ?? whyUnwanted(record, lease), now))
  }
  return {
    records: found.flatMap(one => one.record ?? []),
    decisions: found.flatMap(one => one.decision ?? []),
  }
}

const nothing = (decision: Decision): Plan => ({ leases: [], records: [], decisions: [decision] })

/** The plan where one event could not be decided on: it is that event's own skip, and nothing else suffers. */
export const undecided = ({ address, family }: LeaseEvent): Plan =>
  nothing(skip('undecided', { address, family, name: null }))

/** What one event changes. `now` is in milliseconds. Always at least one decision: a skip is a decision too. */
export const plan = (
  known: StateView,
  scopes: Scopes,
  event: LeaseEvent,
  now: number,
  askedAt: number | null = null,
): Plan => {
  const { address, family } = event
  const bare = { address, family, name: null }
  const scope = scopes.find(address)
  if (event.type === 'IA_PD') return nothing(skip('prefix-delegation', bare))
  if (!scope) return nothing(skip('out-of-scope', bare))
  const before = known.lease(address)
  if (event.kind === 'renewed') return nothing(skip('hint', before ?? bare))
  const { lease: learned, effect } = learn(before ?? unknown(event, scope.name), event, now, askedAt)
  if (effect === 'no-client') return nothing(skip('nobody', before ?? bare))
  const lease = learned === before ? learned : named(learned, scope)
  const names = new Set([before?.name, lease.name].filter(name => name != null))
  const view = overlay(known, new Map([[address, lease]]))
  const { records, decisions } = derive(view, scopes, names, new Set([address]), now)
  const isHeard = effect === 'begun' || effect === 'confirmed'
  const revisit = isHeard ? [...view.recordsOf(address)].filter(record => record.stopped && record.wanted) : []
  const leases = learned === before ? [] : [lease]
  const tied = isTied(lease, event.kind)
  if (decisions.length > 0) return { leases, records, decisions, tied, revisit }
  if (effect === 'stale' || effect === 'duplicate')
    return { leases, records, tied, revisit, decisions: [skip(effect, lease)] }
  if (lease.name === null && lease.nameRule !== 'named') {
    const rule = holdingOf(lease).is === 'unknown' ? 'not-ours' : (lease.nameRule as SkipRule)
    return { leases, records, tied, revisit, decisions: [skip(rule, lease)] }
  }
  const owned = [...view.recordsOf(address)].find(record => FORWARD(record) && record.name === lease.name)
  if (owned?.wanted && !owned.stopped)
    return { leases, records, tied, revisit, decisions: [skip('unchanged', lease, 'keep')] }
  const { rule, reason } = owned ?? { rule: 'not-ours', reason: SKIPPED['not-ours']({ address }) }
  return { leases, records, tied, revisit, decisions: [{ verb: 'skip', record: ref(lease), rule, reason }] }
}
