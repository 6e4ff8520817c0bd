import type { Ncr } from '../../schemas/kea/ncr.ts'
import type { Client, Grant, Lease } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { dhcidOf } from '../dns/dhcid.ts'
import { type Holding, holdingOf } from '../plan/lease.ts'
import { type IgnoredRule, reasonOf } from '../plan/rules.ts'

type NcrEffect = { event: LeaseEvent } | { ask: 'lease'; address: string } | Ignored
interface Ignored {
  ignore: IgnoredRule
  address: string
  reason: string
}

/** `now` is in milliseconds. `canAsk`: whether Kea can be asked for a lease, which settles what a request leaves open. */
interface NcrContext {
  now: number
  canAsk: boolean
}

/** RFC 4702 §5: a TTL should not be above a third of the lease time, and by default Kea's is just that. */
const LIFETIMES_PER_TTL = 3
const ENDLESS = 4_294_967_295

/** Whether a client is the one that a request means: its DHCID under the name in the request is the request's. */
const isMeant = (client: Client, { fqdn, dhcid }: Ncr): boolean => dhcidOf(client, fqdn) === dhcid

/** Whether a hostname as Kea stored it, qualified or not, is the name in the request. */
const isNamed = (hostname: string, { fqdn }: Ncr): boolean => {
  const plain = hostname.toLowerCase().replace(/\.$/, '')
  return plain !== '' && (fqdn === plain || fqdn.startsWith(`${plain}.`))
}

const ignored = (rule: IgnoredRule, { address }: Ncr): Ignored => ({
  ignore: rule,
  address,
  reason: reasonOf(rule, { address }),
})

/** A lease that begins, or goes on. What the request leaves out is the holder's, where that is the same client. */
const grantEvent = (ncr: Ncr, cltt: number, holder: Grant | undefined): LeaseEvent => {
  const client = holder?.client
  return {
    source: 'ncr',
    cause: 'NCR add',
    kind: 'committed',
    family: ncr.family,
    type: ncr.family === 4 ? 'V4' : 'IA_NA',
    address: ncr.address,
    hostname: `${ncr.fqdn}.`,
    cltt,
    validLft: holder?.validLft ?? Math.min(ncr.ttl * LIFETIMES_PER_TTL, ENDLESS),
    subnetId: holder?.subnetId ?? null,
    clientId: client?.clientId ?? null,
    hwAddress: client?.hwAddress ?? null,
    hwType: client?.hwType ?? 1,
    duid: client?.duid ?? null,
    iaid: client?.iaid ?? null,
    dhcid: client ? (client.dhcid?.value ?? null) : ncr.dhcid,
  }
}

/** The end of a lease that began so. A request does not say which end: it expired if its time was over. */
const endEvent = (ncr: Ncr, began: LeaseEvent, now: number): LeaseEvent => {
  const cltt = ncr.cltt ?? began.cltt
  const isOver = (cltt + began.validLft) * 1000 <= now
  return { ...began, cause: 'NCR remove', kind: isOver ? 'expired' : 'released', cltt }
}

const newestOf = (is: Holding): number =>
  is.is === 'unknown' ? -1 : is.is === 'active' ? is.holder.cltt : Math.max(is.holder.cltt, is.end.cltt)

const added = (ncr: Ncr, is: Holding, { now, canAsk }: NcrContext): NcrEffect => {
  const { cltt } = ncr
  const newest = newestOf(is)
  const same = is.is !== 'unknown' && isMeant(is.holder.client, ncr) ? is.holder : undefined
  const isTold = is.is === 'active' && same !== undefined && isNamed(same.hostname, ncr)
  if (isTold && (cltt === null || cltt === newest)) return ignored('ncr-duplicate', ncr)
  if (cltt !== null && cltt < newest) return ignored('ncr-older', ncr)
  if (canAsk && (cltt === null || cltt === newest)) return { ask: 'lease', address: ncr.address }
  return { event: grantEvent(ncr, cltt ?? Math.floor(now / 1000), same) }
}

const removed = (ncr: Ncr, is: Holding, { now, canAsk }: NcrContext): NcrEffect => {
  const { cltt } = ncr
  if (is.is === 'unknown') return ignored('ncr-unknown', ncr)
  if (cltt !== null && cltt < newestOf(is)) return ignored('ncr-older', ncr)
  if (is.is !== 'active') return ignored('ncr-duplicate', ncr)
  if (canAsk) return { ask: 'lease', address: ncr.address }
  const { holder } = is
  if (!isMeant(holder.client, ncr) || !isNamed(holder.hostname, ncr)) return ignored('ncr-other', ncr)
  return { event: endEvent(ncr, grantEvent(ncr, holder.cltt, holder), now) }
}

/**
 * What one request teaches of its address, given what is known there. A removal does not say what ended, and is often
 * repeated, late, or one half of a renewal: eventsOfBatch sees it together with what follows it.
 */
const eventOfNcr = (ncr: Ncr, known: Lease | undefined, circumstances: NcrContext): NcrEffect => {
  const is: Holding = known ? holdingOf(known) : { is: 'unknown' }
  return ncr.change === 'add' ? added(ncr, is, circumstances) : removed(ncr, is, circumstances)
}

export interface Digest {
  /** Those of one address in the order in which they happened. */
  events: LeaseEvent[]
  /** Addresses whose lease is to be asked for, each once. */
  ask: string[]
  ignored: Ignored[]
}

/** What a removal teaches that comes after the last add of its address. */
const afterAdd = (
  removal: Ncr,
  add: Ncr,
  answer: NcrEffect,
  known: Lease | undefined,
  about: NcrContext,
): NcrEffect => {
  if ('ask' in answer) return answer
  if (!('event' in answer)) return eventOfNcr(removal, known, about)
  if (about.canAsk) return { ask: 'lease', address: removal.address }
  const isItsEnd = removal.fqdn === add.fqdn && removal.dhcid === add.dhcid
  return isItsEnd ? { event: endEvent(removal, answer.event, about.now) } : ignored('ncr-other', removal)
}

/** The requests for one address, in their order. The last add says all that those before it could. */
const answersFor = (own: readonly Ncr[], known: Lease | undefined, about: NcrContext): NcrEffect[] => {
  const at = own.findLastIndex(({ change }) => change === 'add')
  const add = own[at]
  const answer = add && eventOfNcr(add, known, about)
  const answers: NcrEffect[] = own.slice(0, Math.max(at, 0)).map(ncr => ignored('ncr-overtaken', ncr))
  if (answer) answers.push(answer)
  let isOver = false
  for (const removal of own.slice(at + 1)) {
    if (isOver) {
      answers.push(ignored('ncr-duplicate', removal))
      continue
    }
    const end = add && answer ? afterAdd(removal, add, answer, known, about) : eventOfNcr(removal, known, about)
    isOver = 'event' in end
    answers.push(end)
  }
  return answers
}

/**
 * What a batch of name change requests teaches, given what is known of each address. Kea sends a renaming, and with
 * ddns-update-on-renew each renewal, as a removal and an add: a removal is no end where an add of its address follows,
 * so that a batch must not be cut between the two. Where Kea can be asked, a removal alone ends nothing.
 */
export const eventsOfBatch = (
  batch: readonly Ncr[],
  knownOf: (address: string) => Lease | undefined,
  about: NcrContext,
): Digest => {
  const events: LeaseEvent[] = []
  const ask = new Set<string>()
  const unused: Ignored[] = []
  for (const [address, own] of Map.groupBy(batch, ncr => ncr.address)) {
    for (const answer of answersFor(own, knownOf(address), about)) {
      if ('event' in answer) events.push(answer.event)
      else if ('ask' in answer) ask.add(address)
      else unused.push(answer)
    }
  }
  return { events, ask: [...ask], ignored: unused }
}
