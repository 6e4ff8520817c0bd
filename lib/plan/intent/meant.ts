/*
 * What a person does with a name or a client, as data: what is kept or taken back, and what the audit says of it.
 *
 * Each act is a function of what is known. It gives what is meant, or why that cannot be now. Nothing is done here; the
 * engine keeps what was meant, and derives anew what it touches.
 *
 *     act             keeps                takes back             touches
 *     pin             a pin                the pin before         the name
 *     unpin           nothing              the pin                the name
 *     promote         a promotion          the one before         the name, and all leases: others may no longer be called so
 *     demote          nothing              the promotion          the same
 *     release         nothing              the pin                the name (release.ts)
 *     restore         a pin                the pin before         the name (release.ts)
 *     assign          an assignment        the client's before    all leases: clients are called otherwise
 *     unassign        nothing              the assignment         the same
 *     alias           an alias             the alias before       the name, and the aliases that lead to it
 *     unalias         nothing              the alias              the same
 */
import type { Alias, Assignment, Intent, IntentVerb, Pin, Promotion } from '../../../schemas/model/intent.ts'
import { intentKey } from '../../../schemas/model/intent.ts'
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../../../schemas/model/record.ts'
import { holdingOf } from '../lease/lease.ts'
import { isForward } from '../record.ts'
import { type Facts, type MeantRule, reasonOf } from '../rules.ts'
import type { Scopes, StateView } from '../state-view.ts'
import { keysOf } from './intent.ts'

/** What a person meant, or took back; or the time of a pin is over. */
export interface Meant {
  verb: IntentVerb
  rule: MeantRule
  /** Where it came from: a call of the API, or a timer. */
  cause: string
  /** The person, where one did it now. */
  by?: string
  /** The name that it is about. */
  name: string
  /** What its sentence needs besides the name, the person and the client. */
  facts?: Facts
  client?: string
  scope?: string
  intents?: Intent[]
  /** Intents that are taken back, by `intentKey`. */
  undone?: string[]
  /** New versions that are part of it, as of a lease of which nothing is to stay. */
  leases?: Lease[]
  records?: OwnedRecord[]
  /** What is decided about those records. */
  decisions?: Decision[]
  /** Clients may be called otherwise now, so all leases are named anew. */
  renames?: boolean
}

/** Why something cannot be meant now, as a sentence. */
export interface Refused {
  refused: string
}

/** Who means it, when (ms), why, and where it came from. */
export interface Who {
  by: string
  at: number
  why: string | null
  cause: string
}

export const entryOf = ({
  verb,
  rule,
  cause,
  name,
  by,
  client,
  scope,
  facts,
}: Meant): Omit<AuditEntry, 'at' | 'what'> => {
  const found = { ...(by !== undefined && { by }), ...(client !== undefined && { client }) }
  const reason = reasonOf(rule, { name, ...found, ...facts })
  return { cause, verb, record: { name, type: null, value: null }, rule, reason, ...found, ...(scope && { scope }) }
}

/** What an intent says of who meant it. */
export const signed = ({ by, at, why }: Who) => ({ by, at, why })

/** What an act says of who does it. */
export const done = ({ by, why, cause }: Who, facts: Facts = {}) => ({ by, cause, facts: { why, ...facts } })

/** An address that a name lost: another client holds it now. */
export interface Loss {
  record: OwnedRecord
  /** `address client`, by which a pin remembers it. */
  key: string
}

/** The addresses that a name lost to other clients, in the families in which it has none now. */
export const lossesOf = (known: StateView, name: string): Loss[] => {
  const records = [...known.recordsNamed(name)].filter(isForward)
  const there = new Set(records.filter(({ wanted }) => wanted !== null).map(({ type }) => type))
  return records.flatMap(record => {
    if (record.wanted !== null || record.rule !== 'reassigned' || there.has(record.type)) return []
    const holder = known.lease(record.address)?.grants.at(-1)?.client.key
    return [{ record, key: `${record.address} ${holder}` }]
  })
}

/** `until` is in milliseconds; null for a pin without an end. */
export const pin = (known: StateView, name: string, until: number | null, who: Who): Meant => {
  const lost = lossesOf(known, name).map(({ key }) => key)
  const intent: Pin = { kind: 'pin', name, ...signed(who), until, ...(lost.length > 0 && { lost }) }
  const due = until === null ? {} : { due: new Date(until).toISOString() }
  return { verb: 'pin', rule: 'pin-set', ...done(who, due), name, intents: [intent] }
}

/** Null where the name is not pinned: nothing is to be done. */
export const unpin = ({ intents }: StateView, name: string, who: Who): Meant | null => {
  const before = intents.pin(name)
  return before ? { verb: 'unpin', rule: 'pin-taken-back', ...done(who), name, undone: [intentKey(before)] } : null
}

/** The time of a pin is over. */
export const pinOver = (before: Pin): Meant => ({
  verb: 'unpin',
  rule: 'pin-over',
  cause: 'pin over',
  facts: { by: before.by },
  name: before.name,
  undone: [intentKey(before)],
})

/** The client that a record of a lease is for; undefined where the lease is no longer known. */
const clientOf = (known: StateView, { address, client: key }: OwnedRecord): Client | undefined => {
  const grants = known.lease(address)?.grants ?? []
  return grants.find(({ client }) => client.key === key)?.client
}

/** The clients that hold a name: those whose A or AAAA is wanted there. */
const holdersOf = (known: StateView, name: string): Client[] => {
  const wanted = [...known.recordsNamed(name)].filter(record => isForward(record) && record.wanted !== null)
  return wanted.flatMap(record => clientOf(known, record) ?? [])
}

/** The clients that hold a lease of that name, whether or not DNS has it. */
const leasersOf = (known: StateView, name: string): Client[] =>
  [...known.leasesNamed(name)].flatMap(lease => {
    const holding = holdingOf(lease)
    return holding.is === 'active' ? [holding.holder.client] : []
  })

export const promote = (known: StateView, name: string, who: Who): Meant | Refused => {
  const holders = holdersOf(known, name)
  const clients = holders.length > 0 ? holders : leasersOf(known, name)
  if (clients.length === 0)
    return { refused: `No client holds ${name} now, so there is none for which it could be kept.` }
  const keys = [...new Set(clients.flatMap(keysOf))]
  const other = [...new Set(clients.map(({ key }) => key))].join(', ')
  const intent: Promotion = { kind: 'promote', name, ...signed(who), clients: keys }
  return { verb: 'promote', rule: 'promotion-set', ...done(who, { other }), name, intents: [intent], renames: true }
}

/** Null where the name is not promoted: nothing is to be done. */
export const demote = ({ intents }: StateView, name: string, who: Who): Meant | null => {
  const before = intents.promotion(name)
  if (!before) return null
  const undone = [intentKey(before)]
  return { verb: 'demote', rule: 'promotion-taken-back', ...done(who), name, undone, renames: true }
}

/** `client` is `hw:…`, `id:…` or `duid:…`; `scope` null for all. */
export const assign = (client: string, name: string, scope: string | null, who: Who): Meant => {
  const intent: Assignment = { kind: 'assign', client, ...signed(who), name, scope }
  const about = { name, client, ...(scope && { scope }) }
  return { verb: 'assign', rule: 'assignment-set', ...done(who), ...about, intents: [intent], renames: true }
}

export const unassign = (before: Assignment, who: Who): Meant => {
  const { name, client, scope } = before
  const about = { name, client, ...(scope && { scope }) }
  const undone = [intentKey(before)]
  return { verb: 'unassign', rule: 'assignment-taken-back', ...done(who), ...about, undone, renames: true }
}

/** A name that a lease has, or that is published for a reserved host, is no alias. */
export const alias = (known: StateView, scopes: Scopes, name: string, target: string, who: Who): Meant | Refused => {
  const before = known.intents.alias(name)
  // Where it is an alias already, a lease that asks for the name does not have it.
  const [holder] = before ? [] : leasersOf(known, name)
  if (holder) return { refused: `A lease of ${holder.key} has the name ${name}, so it cannot be an alias now.` }
  const [reserved] = before ? [] : (scopes.reservedAt?.(name) ?? [])
  if (reserved) return { refused: `${name} is reserved for the host at ${reserved.address}, so it cannot be an alias.` }
  const intent: Alias = { kind: 'alias', name, ...signed(who), target }
  return { verb: 'alias', rule: 'alias-set', ...done(who, { other: target }), name, intents: [intent] }
}

export const unalias = (before: Alias, who: Who): Meant => {
  const { name, target } = before
  const undone = [intentKey(before)]
  return { verb: 'unalias', rule: 'alias-taken-back', ...done(who, { other: target }), name, undone }
}
