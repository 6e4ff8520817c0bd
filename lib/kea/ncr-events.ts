/*
 * Makes lease events of name change requests. A request says little: an add names a client only by its DHCID, and a
 * removal does not say what ended. So each is compared with the lease that is known at its address, and Kea is asked
 * where it can be. An unknown time stays unknown (lib/plan/lease/told-time.ts): any removal of that client's ends such a lease.
 */

import type { Ncr } from '../../schemas/kea/ncr.ts'
import type { Client, Grant, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { ENDLESS } from '../../schemas/model/time.ts'
import { dhcidOf } from '../dns/dhcid.ts'
import { saysSame } from '../plan/lease/ddns.ts'
import { type Holding, holdingOf } from '../plan/lease/lease.ts'
import { isAhead, orderOf } from '../plan/lease/told-time.ts'
import { type IgnoredRule, reasonOf } from '../plan/rules.ts'

/** What a request leads to: an event, a question to Kea about the lease, or nothing, by a rule. */
type NcrEffect = { event: LeaseEvent } | { ask: 'lease'; address: string } | Ignored
interface Ignored {
  ignore: IgnoredRule
  address: string
  reason: string
}

/**
 * `now` is in milliseconds. `canAsk`: Kea has a control channel, so that a doubtful request can be settled by asking.
 */
interface NcrContext {
  now: number
  canAsk: boolean
}

/** A TTL should be at most a third of the lease's lifetime (RFC 4702 §5). By default Kea sends exactly that. */
const LIFETIMES_PER_TTL = 3

/** Whether a request is about this client: the client's DHCID under the request's name equals the request's DHCID. */
const isMeant = (client: Client, { fqdn, dhcid }: Ncr): boolean => dhcidOf(client, fqdn) === dhcid

/** Whether a hostname as Kea stored it is the name in the request. The hostname may lack the domain. */
const isNamed = (hostname: string, { fqdn }: Ncr): boolean => {
  const plain = hostname.toLowerCase().replace(/\.$/, '')
  return plain !== '' && (fqdn === plain || fqdn.startsWith(`${plain}.`))
}

const ignored = (rule: IgnoredRule, { address }: Ncr): Ignored => ({
  ignore: rule,
  address,
  reason: reasonOf(rule, { address }),
})

/**
 * The grant that an add tells of. `holder` is the grant we know, if it is the same client's; it fills what an add
 * lacks. A v6 add has no time: then that of our clock (`now`, ms) stands there, marked as made up.
 */
const grantEvent = (ncr: Ncr, now: number, holder: Grant | undefined): LeaseEvent => {
  const client = holder?.client
  return {
    source: 'ncr',
    cause: 'NCR add',
    kind: 'committed',
    family: ncr.family,
    type: ncr.family === 4 ? 'V4' : 'IA_NA',
    address: ncr.address,
    hostname: `${ncr.fqdn}.`,
    cltt: ncr.cltt ?? Math.floor(now / 1000),
    ...(ncr.cltt === null && { madeUp: true }),
    validLft: holder?.validLft ?? Math.min(ncr.ttl * LIFETIMES_PER_TTL, ENDLESS),
    subnetId: holder?.subnetId ?? null,
    clientId: client?.clientId ?? null,
    hwAddress: client?.hwAddress ?? null,
    hwType: client?.hwType ?? 1,
    duid: client?.duid ?? null,
    iaid: client?.iaid ?? null,
    dhcid: client ? (client.dhcid?.value ?? null) : ncr.dhcid,
    ddns: { forward: ncr.forward, reverse: ncr.reverse },
  }
}

/** The known grant that a removal ends, as an event. */
const knownEvent = (ncr: Ncr, holder: Grant): LeaseEvent => {
  const { madeUp: _, ...event } = grantEvent(ncr, 0, holder)
  return { ...event, cltt: holder.cltt, ...(holder.madeUp && { madeUp: true }) }
}

/** The end of a granted lease. A removal does not say how it ended: `expired` if its time was over, else `released`. */
const endEvent = (ncr: Ncr, grant: LeaseEvent, now: number): LeaseEvent => {
  const { madeUp, ...rest } = grant
  const cltt = ncr.cltt ?? grant.cltt
  const isOver = (cltt + grant.validLft) * 1000 <= now
  const doubt = ncr.cltt === null && madeUp ? { madeUp } : {}
  return { ...rest, ...doubt, cause: 'NCR remove', kind: isOver ? 'expired' : 'released', cltt }
}

/** The order of the newest grant or end of an address; less than that of any told time when nothing is known of it. */
const newestOf = (is: Holding): number =>
  is.is === 'unknown'
    ? -Infinity
    : is.is === 'active'
      ? orderOf(is.holder)
      : Math.max(orderOf(is.holder), orderOf(is.end))

/** The order of a request, null when it has no time. */
const orderOfNcr = ({ cltt }: Ncr, now: number): number | null =>
  cltt === null ? null : orderOf({ cltt, ahead: isAhead(cltt, now) })

const added = (ncr: Ncr, is: Holding, { now, canAsk }: NcrContext): NcrEffect => {
  const order = orderOfNcr(ncr, now)
  const newest = newestOf(is)
  const same = is.is !== 'unknown' && isMeant(is.holder.client, ncr) ? is.holder : undefined
  const isKnown = is.is === 'active' && same !== undefined && isNamed(same.hostname, ncr) && saysSame(same.ddns, ncr)
  if (isKnown && (order === null || order === newest)) return ignored('ncr-duplicate', ncr)
  if (order !== null && order < newest) return ignored('ncr-older', ncr)
  if (canAsk && (order === null || order === newest)) return { ask: 'lease', address: ncr.address }
  return { event: grantEvent(ncr, now, same) }
}

const removed = (ncr: Ncr, is: Holding, { now, canAsk }: NcrContext): NcrEffect => {
  const order = orderOfNcr(ncr, now)
  if (is.is === 'unknown') return ignored('ncr-unknown', ncr)
  if (order !== null && order < newestOf(is)) return ignored('ncr-older', ncr)
  if (is.is !== 'active') return ignored('ncr-duplicate', ncr)
  if (canAsk) return { ask: 'lease', address: ncr.address }
  const { holder } = is
  if (!isMeant(holder.client, ncr) || !isNamed(holder.hostname, ncr)) return ignored('ncr-other', ncr)
  return { event: endEvent(ncr, knownEvent(ncr, holder), now) }
}

/**
 * The effect of one request alone, given the lease that is known at its address. A removal can be repeated, late, or
 * one half of a renewal, so `eventsOfBatch` looks at the requests that follow it first.
 */
const effectOfNcr = (ncr: Ncr, known: Lease | undefined, context: NcrContext): NcrEffect => {
  const is: Holding = known ? holdingOf(known) : { is: 'unknown' }
  return ncr.change === 'add' ? added(ncr, is, context) : removed(ncr, is, context)
}

/** The effects of a batch of requests. */
export interface BatchEffects {
  /** The events of one address stand in the order in which they happened. */
  events: LeaseEvent[]
  /** Addresses whose lease Kea is to be asked for, each once. */
  ask: string[]
  ignored: Ignored[]
}

/** The effect of a removal that follows the last add of its address. `effect` is that of the add. */
const afterAdd = (
  removal: Ncr,
  add: Ncr,
  effect: NcrEffect,
  known: Lease | undefined,
  context: NcrContext,
): NcrEffect => {
  if ('ask' in effect) return effect
  if (!('event' in effect)) return effectOfNcr(removal, known, context)
  if (context.canAsk) return { ask: 'lease', address: removal.address }
  const isItsEnd = removal.fqdn === add.fqdn && removal.dhcid === add.dhcid
  return isItsEnd ? { event: endEvent(removal, effect.event, context.now) } : ignored('ncr-other', removal)
}

/** The effects of the requests for one address, in their order. Requests before the last add are overtaken by it. */
const effectsOf = (own: readonly Ncr[], known: Lease | undefined, context: NcrContext): NcrEffect[] => {
  const at = own.findLastIndex(({ change }) => change === 'add')
  const add = own[at]
  const effect = add && effectOfNcr(add, known, context)
  const effects: NcrEffect[] = own.slice(0, Math.max(at, 0)).map(ncr => ignored('ncr-overtaken', ncr))
  if (effect) effects.push(effect)
  let isOver = false
  for (const removal of own.slice(at + 1)) {
    if (isOver) {
      effects.push(ignored('ncr-duplicate', removal))
      continue
    }
    const end = add && effect ? afterAdd(removal, add, effect, known, context) : effectOfNcr(removal, known, context)
    isOver = 'event' in end
    effects.push(end)
  }
  return effects
}

/**
 * The effects of a batch of name change requests. `knownOf` gives the lease that is known at an address. Kea sends a
 * renaming, and with ddns-update-on-renew each renewal, as a removal and an add. So a removal is no end when an add of
 * its address follows, and a batch must not be cut between the two. Where Kea can be asked, a removal alone ends
 * nothing.
 */
export const eventsOfBatch = (
  batch: readonly Ncr[],
  knownOf: (address: string) => Lease | undefined,
  context: NcrContext,
): BatchEffects => {
  const events: LeaseEvent[] = []
  const ask = new Set<string>()
  const unused: Ignored[] = []
  for (const [address, own] of Map.groupBy(batch, ncr => ncr.address)) {
    for (const effect of effectsOf(own, knownOf(address), context)) {
      if ('event' in effect) events.push(effect.event)
      else if ('ask' in effect) ask.add(address)
      else unused.push(effect)
    }
  }
  return { events, ask: [...ask], ignored: unused }
}
