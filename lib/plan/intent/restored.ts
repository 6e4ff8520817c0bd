/*
 * The claim of a name that a person brought back, where no lease asks for the name any more.
 *
 * A lease that ended is still called by its name, so a restored name is as a rule kept by that lease (retention.ts). But its
 * client may have another name by now, or the lease may be another client's that is over too. Then the last record of the
 * name for which there is a claim says whose it was and where:
 *
 *     the address of the record                             claim
 *     its client holds it, under another name               A beside that name; the PTR is that name's
 *     nobody holds it, and no other name has it             A and PTR, as of a lease that is over
 *     another client holds it, or was kept there            none: a name never points at another's machine
 *     it was declined, or is in no scope                    none
 *     the name is promoted for other clients                none
 *
 * Of several addresses that the name had, one that its client holds comes first, whatever DNS holds or was told last. Of
 * several such the leases say which one has the name, as they do of any name (claim.ts): the one that was taken last.
 */
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { type Family, familyOf } from '../../address.ts'
import { type Claim, claimOf, resolveConflict } from '../claim.ts'
import { holdingOf } from '../lease/lease.ts'
import { isForward } from '../record.ts'
import { retentionOf } from '../scope/retention.ts'
import type { Scope } from '../scope/scope.ts'
import type { Scopes, StateView } from '../state-view.ts'
import { hostOf, type IntentView, isPromoted } from './intent.ts'

/** The client of a key, where no lease tells more of it; null for a key without an identifier. */
const clientOfKey = (key: string, name: string): Client | null => {
  const none = { key, clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null }
  if (key.startsWith('dhcid:')) return { ...none, dhcid: { value: key.slice('dhcid:'.length), under: name } }
  const [identifier = '', iaid] = key.split('/')
  const host = hostOf(identifier)
  if (!host.hwAddress && !host.clientId && !host.duid) return null
  return { ...none, ...host, iaid: iaid === undefined ? null : Number(iaid) }
}

/** A lease of the address that is over, as if that client had held it under that name; null where it is not known. */
const leaseOver = (
  { address, scope, client: key, name, updatedAt }: OwnedRecord,
  lease: Lease | undefined,
): Lease | null => {
  const client = lease?.grants.find(one => one.client.key === key)?.client ?? clientOfKey(key, name)
  if (!client) return null
  const grant = { client, hostname: '', cltt: 0, validLft: 0, subnetId: null }
  const end = { client, how: 'released' as const, cltt: 0, at: updatedAt }
  const none = { seenAt: [], notBefore: 0, endedAt: [] }
  return { address, family: familyOf(address), scope, grants: [grant], ends: [end], ...none, name, nameRule: 'named' }
}

/** True where the lease of the address is over, and its name is kept there. */
const isKept = (lease: Lease, scope: Scope, intents: IntentView, now: number): boolean => {
  const claim = lease.name === null ? null : claimOf(lease, scope, intents)
  return claim !== null && retentionOf(claim, 'forward', now) !== null
}

/** True where another client's name was brought back at the address before this one: the first has it. */
const isRestoredForOther = (known: StateView, { address, client, name }: OwnedRecord): boolean =>
  [...known.recordsOf(address)].some(other => {
    const pin = known.intents.pin(other.name)
    if (!pin?.restored || other.client === client || other.name === name) return false
    const own = known.intents.pin(name)!
    return pin.at === own.at ? pin.name < own.name : pin.at < own.at
  })

/** The claim, where the name is not promoted for others: whoever had it before does not have it any more. */
const ifPromotedTo = (claim: Claim | null, { intents }: StateView): Claim | null => {
  const promotion = claim && intents.promotion(claim.lease.name!)
  return promotion && !isPromoted(promotion, claim.client) ? null : claim
}

const claimOfRecord = (known: StateView, scopes: Scopes, record: OwnedRecord, now: number): Claim | null => {
  const { address, client, name } = record
  const scope = scopes.find(address)
  const lease = known.lease(address)
  const holding = lease && holdingOf(lease)
  if (!scope || (holding?.is === 'ended' && holding.end.how === 'declined')) return null
  if (lease && holding?.is === 'active') {
    if (holding.holder.client.key !== client) return null
    const claim = claimOf({ ...lease, name }, scope, known.intents)
    return claim && { ...claim, writes: { forward: true, ptr: false } }
  }
  const isTaken = isRestoredForOther(known, record) || (lease && isKept(lease, scope, known.intents, now))
  const over = isTaken ? null : leaseOver(record, lease)
  return over && claimOf(over, scope, known.intents)
}

/**
 * The records of a name in the order in which they may speak for it: what is wanted already, so that an answer of DNS, which
 * makes a record newer, moves the name to no other address; then the newest.
 */
const bySpeaker = (records: OwnedRecord[]): OwnedRecord[] =>
  records.toSorted((a, b) => Number(b.wanted !== null) - Number(a.wanted !== null) || b.updatedAt - a.updatedAt)

/** The claims of a restored name in the families in which no lease asks for it; none for a name that was not restored. */
export const claimsOfRestored = (
  known: StateView,
  scopes: Scopes,
  name: string,
  asked: ReadonlySet<Family>,
  now: number,
): Claim[] => {
  if (!known.intents.pin(name)?.restored) return []
  const records = [...known.recordsNamed(name)].filter(record => isForward(record) && record.stopped !== 'protected')
  const byFamily = Map.groupBy(records, ({ address }) => familyOf(address))
  return [...byFamily].flatMap(([family, own]) => {
    if (asked.has(family)) return []
    const claims = bySpeaker(own).flatMap(record => claimOfRecord(known, scopes, record, now) ?? [])
    const held = claims.filter(({ holding }) => holding.is === 'active')
    const claim = resolveConflict(held, 'forward', now).winner ?? claims[0]
    return claim ? (ifPromotedTo(claim, known) ?? []) : []
  })
}

/** Names that were restored and have, or had, one of these addresses: they are derived whenever the address is. */
export const restoredAt = (known: StateView, addresses: Iterable<string>): string[] =>
  [...addresses].flatMap(address =>
    [...known.recordsOf(address)].filter(one => known.intents.pin(one.name)?.restored).map(({ name }) => name),
  )
