/*
 * Everything derived anew, for another cause than an event: a start, another policy, another configuration of Kea.
 *
 * It goes in steps, so that events are taken between them, however much is known. Each step is a plan that is to be kept
 * before the next is asked for. All leases get their names first, so that no name is derived for a lease that is about to
 * leave it:
 *
 *     1. leases   each gets the name that its scope gives it by now
 *     2. records  of which the name is in another zone of the same server by now move there
 *     3. names    those of the leases, old and new, of reserved hosts without a lease, those that are pinned, and aliases;
 *                 each once
 *
 * What would be done is found by the same steps, on a view of what is known (overlay.ts).
 */
import type { Alias, Pin } from '../../schemas/model/intent.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { derive, placeOf } from './derive.ts'
import type { IntentView } from './intent/intent.ts'
import type { Plan } from './plan.ts'
import { isForward } from './record.ts'
import { named } from './scope/naming.ts'
import type { Scopes, StateView } from './state-view.ts'

/** All that is known and owned, to be gone through. */
export interface Estate extends StateView {
  readonly leases: ReadonlyMap<string, Lease>
  readonly records: ReadonlyMap<string, OwnedRecord>
  readonly intents: IntentView & { pins(): Iterable<Pin>; aliases(): Iterable<Alias> }
}

/** The scopes, and the names of the reserved hosts that are published before their first lease. */
export type ScopesInForce = Scopes & { publishedNames?(): Iterable<string> }

/** Names that are derived together, and addresses whose lease left one of them for another. */
interface Affected {
  names: string[]
  renamed: string[]
}

const SLICE = 200

/** The items in slices. None is kept in hand, so that each slice is what there is when it is asked for. */
function* slicesOf<T>(items: Iterable<T>): Generator<T[]> {
  let slice: T[] = []
  for (const item of items) {
    slice.push(item)
    if (slice.length < SLICE) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}

/** A lease with the name that it gets by now, and what that affects. */
export interface Renaming {
  fresh: Lease
  isRenamed: boolean
  affected: Affected
}

const renaming = (lease: Lease, known: Estate, scopes: Scopes, only: string | null): Renaming[] => {
  const scope = scopes.find(lease.address)
  if (!scope || (only !== null && scope.name !== only)) return []
  const fresh = named(lease, scope, known.intents)
  const isRenamed = fresh.name !== lease.name || fresh.scope !== lease.scope || fresh.nameRule !== lease.nameRule
  const names = [lease.name, fresh.name].filter(name => name !== null)
  return [{ fresh, isRenamed, affected: { names, renamed: isRenamed ? [lease.address] : [] } }]
}

/** All leases with the names that they get by now, in slices; with `only` those in the scope of that name. */
export function* renamings(known: Estate, scopes: Scopes, only: string | null = null): Generator<Renaming[]> {
  for (const leases of slicesOf(known.leases.values()))
    yield leases.flatMap(lease => renaming(lease, known, scopes, only))
}

/** A record in the zone that holds its name by now; none where that is its own zone, or another server's. */
const moved = (record: OwnedRecord, scopes: Scopes): OwnedRecord[] => {
  const zoneRef = placeOf(record, scopes)
  const isElsewhere = zoneRef && zoneRef.endpoint === record.endpoint && zoneRef.zone !== record.zone
  return isElsewhere ? [{ ...record, zone: zoneRef.zone }] : []
}

const publishedIn = (scopes: ScopesInForce, only: string | null): string[] =>
  [...(scopes.publishedNames?.() ?? [])].filter(
    name => only === null || scopes.reservedAt?.(name).some(({ scope }) => scope.name === only),
  )

/**
 * The steps by which all is derived anew, or with `only` what is in the scope of that name. A lease that no scope holds is
 * left as it is. `now` is in milliseconds.
 */
export function* rederivation(
  known: Estate,
  scopes: ScopesInForce,
  now: number,
  only: string | null = null,
): Generator<Plan> {
  const affected: Affected[] = publishedIn(scopes, only).map(name => ({ names: [name], renamed: [] }))
  for (const { name } of known.intents.pins()) affected.push({ names: [name], renamed: [] })
  if (only === null) for (const { name } of known.intents.aliases()) affected.push({ names: [name], renamed: [] })
  for (const found of renamings(known, scopes, only)) {
    affected.push(...found.map(one => one.affected))
    yield { leases: found.flatMap(one => (one.isRenamed ? one.fresh : [])), records: [], decisions: [] }
  }
  for (const records of slicesOf(known.records.values())) {
    const meant = records.filter(({ scope }) => only === null || scope === only)
    const isOfNoLease = (record: OwnedRecord) =>
      record.type === 'CNAME' || (record.rule === 'reserved-name' && isForward(record))
    affected.push(...meant.filter(isOfNoLease).map(({ name }) => ({ names: [name], renamed: [] })))
    // No policy decides which zone holds a name.
    yield { leases: [], records: only === null ? meant.flatMap(record => moved(record, scopes)) : [], decisions: [] }
  }
  const done = new Set<string>()
  for (const slice of slicesOf(affected)) {
    const names = new Set(slice.flatMap(one => one.names).filter(name => !done.has(name)))
    for (const name of names) done.add(name)
    const addresses = new Set(slice.flatMap(one => one.renamed))
    yield { leases: [], ...derive(known, scopes, names, addresses, now) }
  }
}
