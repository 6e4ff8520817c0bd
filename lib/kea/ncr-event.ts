import type { Beginning, Client, Lease } from '../../schemas/lease.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Ncr } from '../../schemas/ncr.ts'
import { dhcidOf } from '../dhcid.ts'
import { type Standing, standing } from '../lease.ts'

/** Why a request teaches nothing. */
export const IGNORED = {
  'ncr-duplicate': 'This was already known of the lease.',
  'ncr-older': 'Something newer is already known of the lease.',
  'ncr-overtaken': 'A later request of the same batch tells what became of the address.',
  'ncr-unknown': 'No lease of the address is known that could end.',
  'ncr-other': 'The address is held by another client, or under another name than the one that goes.',
} as const
export type IgnoredRule = keyof typeof IGNORED

export type Answer = { event: LeaseEvent } | { ask: 'lease'; address: string } | Ignored
export interface Ignored {
  ignore: IgnoredRule
  address: string
  reason: string
}

/** `now` is in milliseconds. `canAsk`: whether Kea can be asked for a lease, which settles what a request leaves open. */
export interface Circumstances {
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

export const ignored = (rule: IgnoredRule, { address }: Ncr): Ignored => ({
  ignore: rule,
  address,
  reason: IGNORED[rule],
})

/** A lease that begins, or goes on. What the request leaves out is the holder's, where that is the same client. */
const beginningOf = (ncr: Ncr, cltt: number, holder: Beginning | undefined): LeaseEvent => {
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
export const endingOf = (ncr: Ncr, began: LeaseEvent, now: number): LeaseEvent => {
  const cltt = ncr.cltt ?? began.cltt
  const isOver = (cltt + began.validLft) * 1000 <= now
  return { ...began, cause: 'NCR remove', kind: isOver ? 'expired' : 'released', cltt }
}

const newestOf = (is: Standing): number =>
  is.is === 'unknown' ? -1 : is.is === 'alive' ? is.holder.cltt : Math.max(is.holder.cltt, is.ending.cltt)

const added = (ncr: Ncr, is: Standing, { now, canAsk }: Circumstances): Answer => {
  const { cltt } = ncr
  const newest = newestOf(is)
  const same = is.is !== 'unknown' && isMeant(is.holder.client, ncr) ? is.holder : undefined
  const isTold = is.is === 'alive' && same !== undefined && isNamed(same.hostname, ncr)
  if (isTold && (cltt === null || cltt === newest)) return ignored('ncr-duplicate', ncr)
  if (cltt !== null && cltt < newest) return ignored('ncr-older', ncr)
  if (canAsk && (cltt === null || cltt === newest)) return { ask: 'lease', address: ncr.address }
  return { event: beginningOf(ncr, cltt ?? Math.floor(now / 1000), same) }
}

const removed = (ncr: Ncr, is: Standing, { now, canAsk }: Circumstances): Answer => {
  const { cltt } = ncr
  if (is.is === 'unknown') return ignored('ncr-unknown', ncr)
  if (cltt !== null && cltt < newestOf(is)) return ignored('ncr-older', ncr)
  if (is.is !== 'alive') return ignored('ncr-duplicate', ncr)
  if (canAsk) return { ask: 'lease', address: ncr.address }
  const { holder } = is
  if (!isMeant(holder.client, ncr) || !isNamed(holder.hostname, ncr)) return ignored('ncr-other', ncr)
  return { event: endingOf(ncr, beginningOf(ncr, holder.cltt, holder), now) }
}

/**
 * What one request teaches of its address, given what is known there. A removal does not say what ended, and is often
 * repeated, late, or one half of a renewal: digestNcrs sees it together with what follows it.
 */
export const eventOfNcr = (ncr: Ncr, known: Lease | undefined, circumstances: Circumstances): Answer => {
  const is: Standing = known ? standing(known) : { is: 'unknown' }
  return ncr.change === 'add' ? added(ncr, is, circumstances) : removed(ncr, is, circumstances)
}
