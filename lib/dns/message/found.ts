/*
 * What an answer tells of a name.
 *
 * A name can be read in two ways: from the zone as a whole, or by queries. Both must end in the same words, which are
 * those of a ZoneReading: the RRs there, nothing, a name below a cut, or a name that could not be read.
 *
 * A cut is where the zone stops being the one that answers. Below an NS RRset (and at it) another zone begins; below a
 * DNAME every name is another name. What stands in the zone below a cut is glue, or is occluded: nobody sees it.
 *
 *     lab.example.net  NS  ns1...         the apex: no cut
 *     sub              NS  ns.sub...      a cut: sub, ns.sub and all below are below it
 *     ns.sub           A   192.0.2.1      glue: not this zone's
 *     old              DNAME new...       a cut for what is below; `old` itself has an RR like any other
 *
 * RRSIG, NSEC and NSEC3 are left out everywhere: the server makes them from the other RRs of a name.
 */

import type { FoundRR } from '../rr.ts'
import type { Message, WireRecord } from './message.ts'
import { CLASS, TYPE, typeName } from './numbers.ts'
import { rcodeName } from './update-answer.ts'

const NXDOMAIN = 3

/** Types that the server makes by itself in a signed zone. */
const MADE_BY_SIGNING = new Set<number>([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3])

/** Types whose values are told; the values of all others are empty. */
const TOLD = new Set<number>(
  (['A', 'AAAA', 'PTR', 'DHCID', 'TXT', 'CNAME', 'NS', 'DNAME', 'MX', 'SRV'] as const).map(type => TYPE[type]),
)

/** The record as an RR that was found; null for one that the server made by signing, or that is not of the internet. */
export const foundRR = ({ name, type, class: rrClass, ttl, value }: WireRecord): FoundRR | null => {
  if (rrClass !== CLASS.IN || MADE_BY_SIGNING.has(type)) return null
  return { name, type: typeName(type), ttl, value: TOLD.has(type) ? (value ?? '') : '' }
}

const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1)

const isBelow = (name: string, ancestor: string): boolean => name.endsWith(`.${ancestor}`)

/** The cuts of a zone, as its RRs tell of them. A name can only be judged once all RRs have been noted. */
export const cutsOf = (zone: string) => {
  const delegations = new Set<string>()
  const redirections = new Set<string>()
  return {
    note: ({ name, type }: Pick<FoundRR, 'name' | 'type'>): void => {
      if (type === 'NS' && name !== zone) delegations.add(name)
      if (type === 'DNAME') redirections.add(name)
    },
    isBelowCut: (name: string): boolean => {
      for (let at = name; isBelow(at, zone); at = parentOf(at))
        if (delegations.has(at) || (at !== name && redirections.has(at))) return true
      return false
    },
  }
}

/** The names between a name and its zone, at which there may be a cut. */
export const namesAbove = (name: string, zone: string): string[] => {
  const above: string[] = []
  for (let at = parentOf(name); isBelow(at, zone); at = parentOf(at)) above.push(at)
  return above
}

/**
 * Gathers what a listing of `zone` has at the names given. A listing need not be of the whole zone, but must have all RRs
 * at these names, and at the names above them.
 */
export const foundAmong = (
  zone: string,
  names: Iterable<string>,
  listing: Iterable<FoundRR>,
): { rrs: Map<string, FoundRR[]>; belowCut: Set<string> } => {
  const asked = new Set(names)
  const rrs = new Map<string, FoundRR[]>()
  const cuts = cutsOf(zone)
  for (const rr of listing) {
    cuts.note(rr)
    if (!asked.has(rr.name)) continue
    const there = rrs.get(rr.name)
    if (there) there.push(rr)
    else rrs.set(rr.name, [rr])
  }
  const belowCut = new Set([...asked].filter(cuts.isBelowCut))
  for (const name of belowCut) rrs.delete(name)
  return { rrs, belowCut }
}

/**
 * Gathers what a transfer of `zone` brings of the names given, and forgets all else, so that it takes no more room than
 * they do. `end` is called once the zone is complete.
 */
export const gatherAt = (zone: string, names: Iterable<string>) => {
  const asked = new Map<string, string>()
  for (const name of names) asked.set(name, name)
  const rrs = new Map<string, FoundRR[]>()
  const { note, isBelowCut } = cutsOf(zone)

  return {
    add: (record: WireRecord): void => {
      note({ name: record.name, type: typeName(record.type) })
      const name = asked.get(record.name)
      const found = name === undefined ? null : foundRR(record)
      if (name === undefined || found === null) return
      const rr = { ...found, name }
      const there = rrs.get(name)
      if (there) there.push(rr)
      else rrs.set(name, [rr])
    },
    end: (): { rrs: Map<string, FoundRR[]>; belowCut: Set<string> } => {
      const belowCut = new Set([...asked.keys()].filter(isBelowCut))
      for (const name of belowCut) rrs.delete(name)
      return { rrs, belowCut }
    },
  }
}

/** What is known of a name. `rrs` may be empty: the name may have other types, or only names below it. */
export type NameFound =
  | { is: 'there'; rrs: FoundRR[] }
  /** The name does not exist: it has no type at all. */
  | { is: 'nothing' }
  | { is: 'below-cut' }
  /** It could not be read; a sentence without its subject, which is the server. */
  | { is: 'unread'; why: string }

const isReferral = ({ authoritative, authorities }: Message, zone: string, name: string): boolean =>
  !authoritative &&
  authorities.some(
    ({ type, name: cut }) => type === TYPE.NS && isBelow(cut, zone) && (cut === name || isBelow(name, cut)),
  )

/**
 * What the answer to one query says of a name of `zone`. An alias answers for every type, and goes on with its target,
 * which is another name. Its rcode speaks of that target, so that the RRs are looked at first.
 */
export const foundIn = (message: Message, zone: string, name: string): NameFound => {
  const { answers, rcode, truncated, authoritative } = message
  if (rcode !== 0 && rcode !== NXDOMAIN) return { is: 'unread', why: `says ${rcodeName(rcode)} to a query of ${name}` }
  if (truncated) return { is: 'unread', why: `gave a truncated answer for ${name}` }
  if (answers.some(({ type, name: owner }) => type === TYPE.DNAME && isBelow(name, owner))) return { is: 'below-cut' }
  if (isReferral(message, zone, name)) return { is: 'below-cut' }
  if (!authoritative) return { is: 'unread', why: `is not the server of ${name}` }
  const rrs = answers.flatMap(record => (record.name === name ? (foundRR(record) ?? []) : []))
  return rrs.length === 0 && rcode === NXDOMAIN ? { is: 'nothing' } : { is: 'there', rrs }
}
