/*
 * What is wanted of names against what is owned of them: a difference is a record's next version, and why.
 *
 * The invariant: nothing that was planned before counts, and no event is seen here. A name is derived in three steps:
 *
 *     its row         who asks for it, and what is owned of it: of its leases, and of reserved hosts without a lease
 *     what is wanted  the claims of the row are judged, and each that loses has a reason (wanted.ts)
 *     what differs    what is wanted against what is owned (difference.ts); what nothing wants has a reason too
 *     its aliases     follow what differs at the name that they lead to (alias.ts)
 *
 * Of an owned record that no claim asks for, the lease of its address says why:
 *
 *     lease                          rule
 *     none, and it was reserved      unreserved
 *     none                           never-committed
 *     of another client              reassigned
 *     ended                          the rule of that end, or let-go
 *     goes on under another name     renamed
 *     goes on in no scope            none: the record is left alone
 */
import type { Lease } from '../../schemas/model/lease.ts'
import type { Decision, OwnedRecord } from '../../schemas/model/record.ts'
import { claimOf, claimOfReserved } from './claim.ts'
import { type Difference, diffUnwanted, diffWanted, showLoser } from './difference.ts'
import { concernsAliases, deriveAliases, type KnownNames } from './intent/alias.ts'
import { claimsOfRestored, restoredAt } from './intent/restored.ts'
import { withRoles } from './intent/role.ts'
import { type Holding, holdingOf } from './lease/lease.ts'
import { isForward, subjectOf } from './record.ts'
import type { ZoneRef } from './scope/scope.ts'
import type { ReservedAt } from './scope/scope-set.ts'
import type { NameDue, Scopes, StateView } from './state-view.ts'
import { type NameRow, type Unwanted, type WantedAtName, wantedAtName, whyEnded } from './wanted.ts'

export type { Scopes, StateView } from './state-view.ts'

/** The place of a record by the scopes in force: that of its lease's scope, for an alias that of its own name. */
export const placeOf = ({ type, name, endpoint, address }: OwnedRecord, scopes: Scopes): ZoneRef | null =>
  type === 'CNAME'
    ? (scopes.placesOf?.(name).find(place => place.endpoint === endpoint) ?? null)
    : (scopes.find(address)?.zoneOf(name) ?? null)

/** What differs: records in their next versions, and the decisions that made them. */
export interface Derived {
  records: OwnedRecord[]
  decisions: Decision[]
}

/** The row of a name, and the addresses of the leases that are judged for it and of its records. */
interface JudgedRow {
  row: NameRow
  involved: Set<string>
}

/** The row of a name: who asks for it, and what is owned of it. `due` are the addresses for which it is derived. */
const rowOf = (known: StateView, scopes: Scopes, name: string, due: Iterable<string>, now: number): JudgedRow => {
  const isNew = ({ address }: ReservedAt) => holdingAt(known, address).is === 'unknown'
  const hosts = scopes.reservedAt?.(name) ?? []
  const reserved = hosts.filter(isNew)
  const open = [...known.openNamed(name)]
  const dueNow = (): NameDue => ({
    addresses: [...due, ...open.map(({ address }) => address)],
    // Also of hosts that have a lease by now: what they joined until then is taken apart.
    clients: hosts.map(({ client }) => client),
    fresh: [],
    now,
  })
  const deciding = known.deciding?.(name, dueNow) ?? null
  const leases = deciding ?? [...known.leasesNamed(name)]
  const claims = leases.flatMap(lease => {
    const scope = scopes.find(lease.address)
    return (scope && claimOf(lease, scope, known.intents)) ?? []
  })
  for (const { client, address, scope } of reserved) claims.push(claimOfReserved(client, name, address, scope))
  const records = deciding ? open : [...known.recordsNamed(name)]
  const atName = records.filter(isForward)
  const addresses = [...leases, ...reserved, ...atName.filter(isReservedName)].map(({ address }) => address)
  const abandoned = atName.filter(record => record.wanted && isAbandoned(known, scopes, record))
  const families = new Set(claims.map(({ lease }) => lease.family))
  claims.push(...claimsOfRestored(known, scopes, name, families, now))
  const beside = atName.flatMap(record => (record.wanted ? recordsBeside(known, record) : []))
  const owned = [...atName, ...addresses.flatMap(one => recordsOfLease(known, one)), ...beside]
  const alias = known.intents.alias(name)
  const row = { name, claims: withRoles(claims, known.pointersTo(name)), owned, abandoned, alias }
  return { row, involved: new Set([...leases, ...records].map(({ address }) => address)) }
}

/** The records of an address but for the aliases that lead there: those are a person's, not the lease's. */
const recordsOfLease = (known: StateView, address: string): OwnedRecord[] =>
  [...known.recordsOf(address)].filter(({ type }) => type !== 'CNAME')

/** The records of the name of a record at its address. Of a restored name the lease there can be called otherwise. */
const recordsBeside = (known: StateView, { name, address }: OwnedRecord): OwnedRecord[] =>
  recordsOfLease(known, address).filter(record => subjectOf(record) === name)

const holdingAt = (known: StateView, address: string): Holding => {
  const lease = known.lease(address)
  return lease ? holdingOf(lease) : { is: 'unknown' }
}

const isReservedName = ({ rule }: OwnedRecord): boolean => rule === 'reserved-name'

/**
 * True for a record of no scope whose lease goes on: it is left alone until the end of that lease is decided on (a run
 * proposes it), or the lease ends by itself, or the address goes to another client.
 */
const isAbandoned = (known: StateView, scopes: Scopes, { address, client, rule }: OwnedRecord): boolean => {
  if (scopes.find(address) || rule === 'reserved-name') return false
  const holding = holdingAt(known, address)
  if (holding.is === 'unknown' || holding.is === 'reassigned') return false
  const isOver = holding.is === 'ended' && holding.end.how === 'abandoned'
  return !isOver && holding.holder.client.key === client
}

/** Why nothing that was derived wants a record, read off the lease of its address. */
const whyUnwanted = (record: OwnedRecord, lease: Lease | undefined): Unwanted => {
  const holding = lease ? holdingOf(lease) : { is: 'unknown' as const }
  if (holding.is === 'unknown' && isReservedName(record)) return { rule: 'unreserved' }
  if (holding.is === 'unknown') return { rule: 'never-committed' }
  if (holding.is === 'reassigned') return { rule: 'reassigned', other: holding.end.client?.key }
  if (holding.holder.client.key !== record.client) return { rule: 'reassigned', other: holding.holder.client.key }
  if (lease && holding.is === 'ended') return { rule: whyEnded(lease, holding) }
  return { rule: 'renamed', other: lease?.name ?? undefined }
}

/** What is wanted at each name against what is owned: shown losers first, then what is wanted, then what is not. */
const differences = (
  known: StateView,
  scopes: Scopes,
  atNames: Map<string, WantedAtName>,
  owned: Map<string, OwnedRecord>,
  now: number,
): Difference[] => {
  const recordAt = (key: string) => known.record(key)
  const whyOf = (record: OwnedRecord): Unwanted => {
    const lease = known.lease(record.address)
    const name = subjectOf(record)
    const atName = lease?.name === name ? atNames.get(name) : undefined
    return atName?.unwanted.get(record.address) ?? whyUnwanted(record, lease)
  }
  const rows = [...atNames.values()]
  const wanted = rows.flatMap(row => row.wanted)
  const wantedKeys = new Set(wanted.map(({ key }) => key))
  const isLeft = (record: OwnedRecord) => isAbandoned(known, scopes, record)
  const unwanted = [...owned.values()].filter(record => !wantedKeys.has(record.key) && !isLeft(record))
  const shown = rows.flatMap(({ losers, unwanted }) =>
    losers.map(claim => showLoser(claim, unwanted.get(claim.lease.address)!, recordAt, now)),
  )
  return [
    ...shown.filter(one => one !== null),
    ...wanted.map(one => diffWanted(one, owned.get(one.key) ?? recordAt(one.key), now)),
    ...unwanted.map(record => diffUnwanted(record, whyOf(record), now)),
  ]
}

/** What is known of names, with newer versions of records in it. */
const withRecords = (known: StateView, fresh: readonly OwnedRecord[]): KnownNames => {
  const byKey = new Map(fresh.map(record => [record.key, record]))
  const byName = Map.groupBy(fresh, ({ name }) => name)
  return {
    intents: known.intents,
    openNamed: name => [
      ...[...known.openNamed(name)].filter(({ key }) => !byKey.has(key)),
      ...(byName.get(name) ?? []),
    ],
  }
}

/**
 * Derives names and addresses anew and gives what differs. With an address the records of all its names are compared,
 * also of a name that it had before, so that the names of those that are wanted are derived too. The cost is that of the
 * leases and records of these names and addresses, however much is owned besides; of a crowded name it is that of the few
 * that matter (crowds.ts).
 */
export const derive = (
  known: StateView,
  scopes: Scopes,
  names: Set<string>,
  addresses: Set<string>,
  now: number,
): Derived => {
  const owned = new Map<string, OwnedRecord>()
  const atNames = new Map<string, WantedAtName>()
  const derived = new Set([...names, ...restoredAt(known, addresses)])
  for (const address of addresses) {
    for (const record of recordsOfLease(known, address)) {
      owned.set(record.key, record)
      if (record.wanted !== null) derived.add(subjectOf(record))
    }
  }
  const asked = new Set(addresses)
  // It grows on the way: the records of a lease of a name can be a restored name's, and are compared too.
  for (const name of derived) {
    const { row, involved } = rowOf(known, scopes, name, addresses, now)
    for (const record of row.owned) owned.set(record.key, record)
    atNames.set(name, wantedAtName(row, now))
    const left = [...involved].filter(address => !asked.has(address))
    for (const restored of restoredAt(known, left)) derived.add(restored)
    for (const address of left) asked.add(address)
  }
  const ofLeases = differences(known, scopes, atNames, owned, now)
  const fresh = ofLeases.flatMap(one => one.record ?? [])
  const touched = new Set([...derived, ...fresh.map(record => record.name)])
  const concerned = [...touched].filter(name => concernsAliases(name, known))
  const placesOf = (name: string) => scopes.placesOf?.(name) ?? []
  const ofAliases = concerned.length > 0 ? deriveAliases(withRecords(known, fresh), placesOf, concerned, now) : []
  const found = [...ofLeases, ...ofAliases]
  return {
    records: found.flatMap(one => one.record ?? []),
    decisions: found.flatMap(one => one.decision ?? []),
  }
}
