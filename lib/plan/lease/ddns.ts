/*
 * Which records the DHCP server is to write for a client: the A or AAAA, the PTR, both or none.
 *
 * A client can ask to write its own name (RFC 4702 and 4704, flag S), or for no updates at all (flag N), and Kea's
 * configuration can override that. What Kea decided stands in its name change requests and in the flags of its leases.
 * Other feeds do not tell; then both are written.
 */
import type { Grant } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'

export type Ddns = Grant['ddns']

/** What an event says, with its CLTT; undefined when its feed does not tell. */
export const ddnsOf = ({ ddns, cltt }: LeaseEvent): Ddns => ddns && { ...ddns, cltt }

/** True when an event says no more than what is known: the same, or both where nothing else was said. */
export const saysSame = (known: Ddns, said: LeaseEvent['ddns']): boolean =>
  !said || ((known?.forward ?? true) === said.forward && (known?.reverse ?? true) === said.reverse)

/** Which of two words about one holding counts: the newer one. Of one second, what either leaves to the client is left. */
export const newerOf = (a: Ddns, b: Ddns): Ddns => {
  if (!a || !b) return a ?? b
  if (a.cltt !== b.cltt) return a.cltt > b.cltt ? a : b
  return { forward: a.forward && b.forward, reverse: a.reverse && b.reverse, cltt: a.cltt }
}
