/*
 * Who holds a lease, and which clients are one machine.
 *
 * Kea tells of a client by several identifiers, and not by all of them each time. So a client gets one key, the first of
 * these that its event names:
 *
 *     v4   client-id         id:01:02:00:00:00:00:01
 *          hardware address  hw:02:00:00:00:00:01
 *     v6   DUID and IAID     duid:00:03:00:01:02:00:00:00:00:01/1
 *     any  DHCID             dhcid:000201...  (a name change request tells no more)
 *
 * Two keys can still be one machine: a network card has one client-id while it boots and another once it runs.
 */
import type { Client } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { dhcidOf } from '../../dns/dhcid.ts'
import { plainName } from '../../dns/message/name.ts'

type Identity = Pick<
  LeaseEvent,
  'family' | 'clientId' | 'hwAddress' | 'hwType' | 'duid' | 'iaid' | 'dhcid' | 'hostname'
>

/** The DUIDs that Kea writes into a declined lease, which has no holder any more. Kea 3.1 and later write the second. */
const EMPTY_DUIDS = new Set(['00', '00:00:00'])

const isReal = (duid: string | null): boolean => duid !== null && !EMPTY_DUIDS.has(duid)

/** A client of which only the DHCID is known. A DHCID holds under one name only, so that name is kept with it. */
const byDhcid = ({ dhcid, hostname, hwType }: Identity): Client | null => {
  if (!dhcid) return null
  const none = { clientId: null, hwAddress: null, hwType, duid: null, iaid: null }
  return { key: `dhcid:${dhcid}`, ...none, dhcid: { value: dhcid, under: plainName(hostname) } }
}

/**
 * The client that an event names. Null when it names none, as the event of a declined lease does. The hardware address
 * of a v6 event is left out: it can be that of a previous holder.
 */
export const clientOf = (event: Identity): Client | null => {
  const { clientId, hwAddress, hwType, duid, iaid } = event
  if (event.family === 6 && isReal(duid)) {
    return { key: `duid:${duid}/${iaid ?? 0}`, clientId: null, hwAddress: null, hwType, duid, iaid }
  }
  if (event.family === 6) return byDhcid(event)
  if (clientId) return { key: `id:${clientId}`, clientId, hwAddress, hwType, duid: null, iaid: null }
  if (hwAddress) return { key: `hw:${hwAddress}`, clientId: null, hwAddress, hwType, duid: null, iaid: null }
  return byDhcid(event)
}

/** True when the first client is known by a DHCID that is the second's. */
const hasDhcidOf = ({ dhcid }: Client, other: Client): boolean =>
  dhcid !== undefined && (other.dhcid?.value ?? dhcidOf(other, dhcid.under)) === dhcid.value

/**
 * True when two clients are one machine: they share the key, the DUID (with another IAID), the hardware address (v4), or
 * a DHCID. Example: a machine that boots over the network has another client-id there, but the same hardware address.
 */
export const sameMachine = (a: Client, b: Client): boolean =>
  a.key === b.key ||
  (a.duid !== null && a.duid === b.duid) ||
  (a.hwAddress !== null && a.hwAddress === b.hwAddress) ||
  hasDhcidOf(a, b) ||
  hasDhcidOf(b, a)

/**
 * True when two clients are one holder of a lease: they share the key, the DUID, or the DHCID. A shared hardware address
 * is not enough: of three clients the first could then hold with the second, that with the third, but the first not with
 * the third, and since when a lease is held would depend on which was heard first.
 */
export const sameClient = (a: Client, b: Client): boolean =>
  a.key === b.key || (a.duid !== null && a.duid === b.duid) || hasDhcidOf(a, b) || hasDhcidOf(b, a)

/** All texts by which a client can be found again. `under` are the names of the DHCIDs that it is compared with. */
export const identitiesOf = (client: Client, under: ReadonlySet<string>): string[] => {
  const { key, duid, hwAddress, dhcid } = client
  const identities = [key]
  if (duid) identities.push(`duid:${duid}`)
  if (hwAddress) identities.push(`hw:${hwAddress}`)
  if (!dhcid) for (const name of under) identities.push(`dhcid:${dhcidOf(client, name)}`)
  return identities
}

/**
 * Groups items by the machine that their client is. Machines are joined through any client that shares something with
 * both (union-find). So it does not matter in which order the items come. Example, in which all three are one machine:
 *
 *     id:01 with MAC a    shares the MAC with    id:02 with MAC a    shares the client-id with    id:02 with MAC b
 */
export const groupByMachine = <T extends { client: Client }>(items: T[]): T[][] => {
  if (items.length < 2) return items.length === 0 ? [] : [items]
  const parents = items.map((_, i) => i)
  const rootOf = (i: number): number => {
    let root = i
    while (parents[root] !== root) root = parents[root]!
    parents[i] = root
    return root
  }
  const firstWith = new Map<string, number>()
  const dhcids = items.flatMap(({ client }) => (client.dhcid ? client : []))
  const under = new Set(dhcids.map(({ dhcid }) => dhcid!.under))
  const told = new Set(dhcids.map(({ key }) => key))
  for (const [i, { client }] of items.entries()) {
    for (const identity of identitiesOf(client, under)) {
      // A DHCID joins those that it was told of, never two others that it only happens to be computed for.
      if (identity.startsWith('dhcid:') && !told.has(identity)) continue
      const first = firstWith.get(identity)
      if (first === undefined) firstWith.set(identity, i)
      else parents[rootOf(i)] = rootOf(first)
    }
  }
  return [...Map.groupBy(items.keys(), rootOf).values()].map(own => own.map(i => items[i]!))
}
