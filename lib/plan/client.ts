import type { Client } from '../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { dhcidOf } from '../dns/dhcid.ts'

type Identity = Pick<
  LeaseEvent,
  'family' | 'clientId' | 'hwAddress' | 'hwType' | 'duid' | 'iaid' | 'dhcid' | 'hostname'
>

/** How Kea writes the DUID of a declined lease, which no longer has a holder; the second since 3.1. */
const NOBODY = new Set(['00', '00:00:00'])

const real = (duid: string | null): boolean => duid !== null && !NOBODY.has(duid)

const byDhcid = ({ dhcid, hostname, hwType }: Identity): Client | null => {
  if (!dhcid) return null
  const under = hostname.toLowerCase().replace(/\.$/, '')
  const none = { clientId: null, hwAddress: null, hwType, duid: null, iaid: null }
  return { key: `dhcid:${dhcid}`, ...none, dhcid: { value: dhcid, under } }
}

/**
 * Who a lease belongs to: the client-id, else the hardware address (v4); DUID and IAID (v6, where the event's hardware
 * address can be a previous holder's); else the DHCID that a name change request gave. Null when the event names nobody,
 * as a declined lease does.
 */
export const clientOf = (event: Identity): Client | null => {
  const { clientId, hwAddress, hwType, duid, iaid } = event
  if (event.family === 6 && real(duid)) {
    return { key: `duid:${duid}/${iaid ?? 0}`, clientId: null, hwAddress: null, hwType, duid, iaid }
  }
  if (event.family === 6) return byDhcid(event)
  if (clientId) return { key: `id:${clientId}`, clientId, hwAddress, hwType, duid: null, iaid: null }
  if (hwAddress) return { key: `hw:${hwAddress}`, clientId: null, hwAddress, hwType, duid: null, iaid: null }
  return byDhcid(event)
}

/** Whether a client known by no more than a DHCID is the other one. */
const hasDhcid = ({ dhcid }: Client, other: Client): boolean =>
  dhcid !== undefined && (other.dhcid?.value ?? dhcidOf(other, dhcid.under)) === dhcid.value

/**
 * Whether two clients are one machine: the same identity; the same DUID (another IAID); or, for v4, the same hardware
 * address, which is all that links a machine to itself after its client-id changed (a boot loader, a new system).
 */
export const sameMachine = (a: Client, b: Client): boolean =>
  a.key === b.key ||
  (a.duid !== null && a.duid === b.duid) ||
  (a.hwAddress !== null && a.hwAddress === b.hwAddress) ||
  hasDhcid(a, b) ||
  hasDhcid(b, a)
