/*
 * An alias: a CNAME that a person asked for, in DNS while its target is.
 *
 * The invariant: what is wanted of an alias is a function of what people meant and of the records at its target. So it
 * is derived right after them, and again whenever one of them differs. An alias of an alias follows that one's record.
 *
 *     www is an alias of db | db has              | CNAME www | rule
 *     meant                 | A .1, wanted        | publish   | alias
 *     meant                 | nothing (yet)       | remove    | alias-target-gone
 *     meant                 | A .1, a person's    | remove    | alias-target-gone
 *     meant, now of web     | whatever            | remove    | alias-changed; the CNAME of web is another record
 *     taken back            | whatever            | remove    | alias-removed
 *
 * Each place that holds the alias' name has a CNAME, as two sites can have one domain on servers of their own. Where a
 * server holds both names, its CNAME follows what that server has of the target.
 *
 * The record bears the scope, client and address of its target: the node that writes the one writes the other, and the
 * metrics count it in the family of that address. A lease that asks for an alias' name does not get it (wanted.ts).
 */
import type { Alias } from '../../../schemas/model/intent.ts'
import type { OwnedRecord, RecordType } from '../../../schemas/model/record.ts'
import { type Difference, diffUnwanted, diffWanted } from '../difference.ts'
import { keyOf } from '../record.ts'
import { reasonOf } from '../rules.ts'
import { isWrittenName } from '../scope/hostname.ts'
import type { ZoneRef } from '../scope/scope.ts'
import type { Unwanted, WantedRecord } from '../wanted.ts'
import type { IntentView } from './intent.ts'

/** What is known of names, with the differences that were found so far in it. */
export interface KnownNames {
  /** Those without the idle ones (record.ts): an alias is a person's, so its own are never idle. */
  openNamed(name: string): Iterable<OwnedRecord>
  readonly intents: Pick<IntentView, 'alias' | 'aliasesOf'>
}

/** The places that hold a name: each server with the zone. */
export type PlacesOf = (name: string) => readonly ZoneRef[]

/** The type whose record speaks for a target that has several. */
const SPEAKS: RecordType[] = ['A', 'AAAA', 'CNAME']

const bySpeaker = (a: OwnedRecord, b: OwnedRecord): number =>
  SPEAKS.indexOf(a.type) - SPEAKS.indexOf(b.type) || (a.key < b.key ? -1 : 1)

/** Where an alias can be: not at the apex of a zone, which has an SOA and NS beside which no CNAME may be. */
export const aliasPlaces = (name: string, placesOf: PlacesOf): ZoneRef[] =>
  placesOf(name).filter(({ zone }) => zone !== name)

/** True for a name that can be an alias: DNS holds it, and it is not the name of an address, where PTRs stand. */
export const mayBeAlias = (name: string): boolean => isWrittenName(name) && !/\.(in-addr|ip6)\.arpa$/.test(name)

/** True when an alias of the target would lead back to its own name, over other aliases. */
export const leadsBack = (name: string, target: string, intents: Pick<IntentView, 'alias'>): boolean => {
  const followed = new Set<string>()
  for (let at: string | undefined = target; at !== undefined && !followed.has(at); at = intents.alias(at)?.target) {
    if (at === name) return true
    followed.add(at)
  }
  return false
}

/** The records of a target that are ours to have in DNS, those that speak for it first; `at` is where the alias is. */
const targetAt = (at: ZoneRef, target: string, known: KnownNames, placesOf: PlacesOf): OwnedRecord[] => {
  const all = [...known.openNamed(target)].filter(one => one.type !== 'PTR' && one.wanted && !one.stopped)
  const isHere = placesOf(target).some(({ endpoint }) => endpoint === at.endpoint)
  return all.filter(({ endpoint }) => !isHere || endpoint === at.endpoint).sort(bySpeaker)
}

/** The CNAME that an alias wants at a place; null while its target is not published there. */
const wantedAt = (at: ZoneRef, { name, target }: Alias, known: KnownNames, placesOf: PlacesOf): WantedRecord | null => {
  const there = targetAt(at, target, known, placesOf)
  const [speaker] = there
  if (!speaker) return null
  const { scope, client, address } = speaker
  const ttl = Math.min(...there.map(one => one.wanted!.ttl))
  return {
    key: keyOf(at.endpoint, name, 'CNAME', target),
    zoneRef: at,
    name,
    type: 'CNAME',
    value: target,
    scope,
    client,
    address,
    shape: { ttl, dhcid: null },
    origin: 'manual',
    goal: 'published',
    rule: 'alias',
    reason: reasonOf('alias', { name, other: target }),
    dueAt: null,
  }
}

const whyUnwanted = ({ name, value, endpoint }: OwnedRecord, known: KnownNames, placesOf: PlacesOf): Unwanted => {
  const alias = known.intents.alias(name)
  if (!alias) return { rule: 'alias-removed' }
  if (alias.target !== value) return { rule: 'alias-changed', other: alias.target }
  const hasPlace = aliasPlaces(name, placesOf).some(one => one.endpoint === endpoint)
  return hasPlace ? { rule: 'alias-target-gone', other: value } : { rule: 'alias-zone-gone' }
}

/** What differs at the name of an alias. */
const differencesAt = (name: string, known: KnownNames, placesOf: PlacesOf, now: number): Difference[] => {
  const alias = known.intents.alias(name)
  const owned = [...known.openNamed(name)].filter(({ type }) => type === 'CNAME')
  const wanted = alias ? aliasPlaces(name, placesOf).flatMap(at => wantedAt(at, alias, known, placesOf) ?? []) : []
  const keys = new Set(wanted.map(({ key }) => key))
  return [
    ...wanted.map(one =>
      diffWanted(
        one,
        owned.find(({ key }) => key === one.key),
        now,
      ),
    ),
    ...owned
      .filter(({ key }) => !keys.has(key))
      .map(record => diffUnwanted(record, whyUnwanted(record, known, placesOf), now)),
  ]
}

/** False for a name at which no alias differs, whatever else does: it is none, has none, and none is owned there. */
export const concernsAliases = (name: string, known: KnownNames): boolean => {
  const { intents } = known
  if (intents.alias(name)) return true
  for (const _ of intents.aliasesOf(name)) return true
  for (const { type } of known.openNamed(name)) if (type === 'CNAME') return true
  return false
}

/**
 * What differs at the aliases of these names, and at the names themselves where they are aliases; `known` holds the
 * records of the names as they are to be. An alias that differs is looked at with those that follow it.
 */
export const deriveAliases = (
  known: KnownNames,
  placesOf: PlacesOf,
  names: Iterable<string>,
  now: number,
): Difference[] => {
  const fresh = new Map<string, OwnedRecord>()
  const withFresh: KnownNames = {
    intents: known.intents,
    openNamed: name => {
      const there = [...known.openNamed(name)].filter(({ key }) => !fresh.has(key))
      return [...there, ...[...fresh.values()].filter(one => one.name === name)]
    },
  }
  const found: Difference[] = []
  const followers = (name: string) => [...known.intents.aliasesOf(name)].map(alias => alias.name)
  const left = [...names].flatMap(name => [name, ...followers(name)])
  for (const name of left) {
    const different = differencesAt(name, withFresh, placesOf, now).filter(({ record }) => record !== null)
    if (different.length === 0) continue
    for (const { record } of different) fresh.set(record!.key, record!)
    found.push(...different)
    left.push(...followers(name))
  }
  return found
}
