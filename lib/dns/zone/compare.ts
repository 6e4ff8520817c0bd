/*
 * A change, compared with what was read at its name: for servers that know no prerequisites.
 *
 * An UPDATE carries its prerequisites, and the server compares. Where a server only does as it is told, the name is read
 * right before, and its prerequisites are compared here, by the same rules (RFC 2136 §3.2). The first attempt whose
 * prerequisites hold becomes an edit; where none holds the change is a conflict, exactly as if the server had said so.
 *
 *     red has      attempt of the change                        so
 *     nothing      if not in use: add A .1, DHCID a             edit: A {.1}, DHCID {a}
 *     A .1 .9      if A = {.1 .9}: delete A .1, add A .2        edit: A {.9 .2}, of it .1 removed and .2 added
 *     A .7         if not in use: ...; if DHCID = a: ...        conflict: red is in use (A); red has no DHCID
 *
 * An edit says both which values come and go, and how each RRset is to be as a whole. So it serves servers that delete one
 * value, and those that only take whole RRsets. What others have in an RRset is in it, and stays.
 */

import type { Attempt, Change, FoundRR, RRType, Update } from '../rr.ts'
import { comparable, NameTree, type ZoneRR, type ZoneType } from './name-tree.ts'
import { applyTo, permits } from './zone.ts'

/** One RRset of an edit. */
export interface SetEdit {
  type: RRType
  /** The TTL that was found, in seconds; null where there was no such RRset. */
  ttlBefore: number | null
  /** The TTL that the RRset is to have, in seconds. */
  ttl: number
  /** Values as they were found, and as they are to be; none: the RRset is not there, or goes. */
  before: readonly string[]
  values: readonly string[]
  removed: readonly string[]
  added: readonly string[]
}

/** What is to be done at one name. It may have no sets: then the name is as it is to be. */
export interface Edit {
  name: string
  /** The index of the attempt of the change that it makes. */
  attempt: number
  /** RRsets that become others, in the order in which their first update stands in the attempt: the marker is last. */
  sets: readonly SetEdit[]
  /** All that was found at the name, of every type. */
  found: readonly FoundRR[]
  /** Why, in ASCII, for servers that keep a comment; else empty. */
  comment: string
}

const DISABLED = ' (disabled)'

/**
 * The type of an RR that a server keeps but does not serve, as a person can switch it off. It is no type of DNS, so that it
 * counts as something of a person's: the name is in use, and no RRset has it.
 */
export const disabledType = (type: string): string => type + DISABLED

/** The type that an RR would have if it were served; null for one that is served. */
export const typeIfEnabled = ({ type }: Pick<FoundRR, 'type'>): string | null =>
  type.endsWith(DISABLED) ? type.slice(0, -DISABLED.length) : null

const treeOf = (zone: string, found: readonly FoundRR[]): NameTree => {
  const tree = new NameTree(zone)
  for (const rr of found) tree.add({ ...rr, type: rr.type as ZoneType, value: comparable(rr.type, rr.value) })
  return tree
}

const typeOf = (update: Update): RRType => (update.do === 'add' ? update.rr.type : update.type)

/** Why the updates cannot be made though the prerequisites hold, as a sentence; null when they can. */
const whyNot = (tree: NameTree, updates: Update[], found: readonly FoundRR[]): string | null => {
  for (const update of updates) {
    if (update.do !== 'add') continue
    const { name, type, value } = update.rr
    if (!tree.has(update.rr)) return `${name} has what cannot stand beside ${type} ${value}`
    if (found.some(rr => typeIfEnabled(rr) === type && comparable(type, rr.value) === comparable(type, value)))
      return `${name} has ${type} ${value}, which is switched off there`
  }
  return null
}

const setsOf = (name: string, { updates }: Attempt, before: NameTree, after: NameTree): SetEdit[] =>
  [...new Set(updates.map(typeOf))].flatMap(type => {
    const [was, is] = [before.rrset(name, type), after.rrset(name, type)]
    const [old, values] = [was?.values ?? [], is?.values ?? []]
    const removed = old.filter(value => !values.includes(value))
    const added = values.filter(value => !old.includes(value))
    const ttl = is?.ttl ?? was?.ttl ?? 0
    if (removed.length === 0 && added.length === 0 && (!was || was.ttl === ttl)) return []
    return [{ type, ttlBefore: was?.ttl ?? null, ttl, before: old, values, removed, added }]
  })

/**
 * What a change means where these RRs were found at its name: an edit by the first attempt that holds, or a conflict. All
 * its prerequisites and updates must be of that name, else it is a conflict, as of other names nothing was read.
 */
export const compare = (change: Change, found: readonly FoundRR[]): Edit | { conflict: string } => {
  const { name, zone, attempts, comment = '' } = change
  if (name !== zone && !name.endsWith(`.${zone}`)) return { conflict: `${name} is not in the zone ${zone}` }
  const failures: string[] = []
  for (const [i, attempt] of attempts.entries()) {
    const names = [...attempt.prerequisites, ...attempt.updates.map(one => (one.do === 'add' ? one.rr : one))]
    const other = names.find(one => one.name !== name)
    const before = treeOf(zone, found)
    const after = treeOf(zone, found)
    const failure = other ? `${other.name} was not read for ${name}` : permits(before, attempt.prerequisites)
    if (failure === null) for (const update of attempt.updates) applyTo(after, update)
    const hindrance = failure ?? whyNot(after, attempt.updates, found)
    if (hindrance === null) return { name, attempt: i, sets: setsOf(name, attempt, before, after), found, comment }
    failures.push(hindrance)
  }
  return { conflict: failures.join('; ') || 'the change has no attempt' }
}

/** The RRs of a name as they are after an edit, for whoever keeps what was read. */
export const afterEdit = ({ name, found, sets }: Edit): (FoundRR | ZoneRR)[] => [
  ...found.filter(rr => !sets.some(set => set.type === rr.type)),
  ...sets.flatMap(({ type, ttl, values }) => values.map(value => ({ name, type, ttl, value }))),
]
