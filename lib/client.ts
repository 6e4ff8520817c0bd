import type { Client } from '../schemas/lease.ts'
import type { LeaseEvent } from '../schemas/lease-event.ts'

type Identity = Pick<LeaseEvent, 'family' | 'clientId' | 'hwAddress' | 'hwType' | 'duid' | 'iaid'>

/** Kea says DUID "00" where a declined lease no longer has a holder. */
const real = (duid: string | null): boolean => duid !== null && duid !== '00'

/**
 * Who a lease belongs to: the client-id, else the hardware address (v4); DUID and IAID (v6, where the event's hardware
 * address can be a previous holder's). Null when the event names nobody, as a declined lease does.
 */
export const clientOf = (event: Identity): Client | null => {
  const { clientId, hwAddress, hwType, duid, iaid } = event
  if (event.family === 6) {
    return real(duid) ? { key: `duid:${duid}/${iaid ?? 0}`, clientId: null, hwAddress: null, hwType, duid, iaid } : null
  }
  if (clientId) return { key: `id:${clientId}`, clientId, hwAddress, hwType, duid: null, iaid: null }
  if (hwAddress) return { key: `hw:${hwAddress}`, clientId: null, hwAddress, hwType, duid: null, iaid: null }
  return null
}

/**
 * Whether two clients are one machine: the same identity; the same DUID (another IAID); or, for v4, the same hardware
 * address, which is all that links a machine to itself after its client-id changed (a boot loader, a new system).
 */
export const sameMachine = (a: Client, b: Client): boolean =>
  a.key === b.key || (a.duid !== null && a.duid === b.duid) || (a.hwAddress !== null && a.hwAddress === b.hwAddress)
