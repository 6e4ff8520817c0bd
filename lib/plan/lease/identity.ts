/*
 * Whether a client is the host of a reservation, by what each of the two tells.
 *
 * A reservation names one identifier, a client tells others. A hardware address can stand inside a DUID (DUID-LL, DUID-LLT;
 * RFC 8415 §11), and a DUID inside a DHCPv4 client-id (RFC 4361). A client that a name change request told of is known by
 * its DHCID alone, a hash of one identifier and the name; so the DHCIDs that the reserved host could have are computed.
 *
 *     reservation            client                          is it the host?
 *     hw 02:..:01            v4, hardware address 02:..:01   yes
 *     hw 02:..:01            v6, DUID 00:03:00:01:02:..:01   yes: the address in a DUID-LL
 *     id 01:02:..:01         v4, client-id 01:02:..:02       no
 *     hw 02:..:01            DHCID of a client-id            yes for the usual client-id of that address, else unknown
 *     circuit-id, flex-id    any                             unknown: Leasehold does not see these
 */
import type { Client } from '../../../schemas/model/lease.ts'
import { dhcidOf } from '../../dns/dhcid.ts'

/** The identifier of a reserved host; all null when it has one that Leasehold does not see. */
export interface HostIdentity {
  hwAddress: string | null
  clientId: string | null
  duid: string | null
}

/** DUID type (two bytes), hardware type (two), in a DUID-LLT the time (four), then the hardware address. */
const MAC_IN_DUID = /^00:(?:01:..:..:..:..:..:..|03:..:..):((?:..:)*..)$/

/** The hardware address inside a DUID-LL or DUID-LLT; null in any other DUID. */
export const macIn = (duid: string | null): string | null => MAC_IN_DUID.exec(duid ?? '')?.[1] ?? null

/** The DUID inside a client-id of RFC 4361: type 255, four bytes of IAID, the DUID. */
const duidIn = (clientId: string | null): string | null => /^ff(?::..){4}:(.+)$/.exec(clientId ?? '')?.[1] ?? null

export const duidOf = ({ duid, clientId }: Pick<Client, 'duid' | 'clientId'>): string | null => duid ?? duidIn(clientId)

/** The hardware address of a client: what Kea saw, or what stands in the client's DUID. */
export const macOf = (client: Client): string | null => client.hwAddress ?? macIn(duidOf(client))

const ofIdentifier = (fields: Partial<Client>): Client => ({
  key: '',
  clientId: null,
  hwAddress: null,
  hwType: 1,
  duid: null,
  iaid: null,
  ...fields,
})

/** The clients as which a reserved host could come: each gives another DHCID. */
const guises = ({ hwAddress, clientId, duid }: HostIdentity): Client[] => [
  ...(hwAddress
    ? [{ hwAddress }, { clientId: `01:${hwAddress}` }, { duid: `00:03:00:01:${hwAddress}` }].map(ofIdentifier)
    : []),
  ...(clientId ? [ofIdentifier({ clientId })] : []),
  ...(duid ? [ofIdentifier({ duid })] : []),
]

/** The client of a reserved host that was not seen yet; null when its identifier is one that Leasehold does not see. */
export const clientOfHost = (host: HostIdentity): Client | null => {
  const [first] = guises(host)
  const { hwAddress, clientId, duid } = host
  const key = hwAddress ? `hw:${hwAddress}` : clientId ? `id:${clientId}` : `duid:${duid}/0`
  return first ? { ...first, key } : null
}

/** `yes` and `no` when what both tell decides it, else `unknown`. */
export type IsHost = 'yes' | 'no' | 'unknown'

const byDhcid = (host: HostIdentity, { value, under }: NonNullable<Client['dhcid']>): IsHost => {
  const possible = guises(host)
  if (possible.some(one => dhcidOf(one, under) === value)) return 'yes'
  // A host that is reserved by its hardware address can have any client-id, and any DUID.
  const isOfHardware = value.startsWith('0000')
  return possible.length > 0 && (!host.hwAddress || isOfHardware) ? 'no' : 'unknown'
}

/** Whether a client is the host of a reservation. */
export const isHost = (host: HostIdentity, client: Client): IsHost => {
  if (client.dhcid) return byDhcid(host, client.dhcid)
  const duid = duidOf(client)
  const wanted = host.duid ?? duidIn(host.clientId)
  if (host.hwAddress && host.hwAddress === macOf(client)) return 'yes'
  if (host.clientId && host.clientId === client.clientId) return 'yes'
  if (wanted !== null && wanted === duid) return 'yes'
  if (!host.hwAddress && !host.clientId && !host.duid) return 'unknown'
  // Kea sees the hardware address of a DHCPv6 client by other ways than its DUID.
  return host.hwAddress && client.duid ? 'unknown' : 'no'
}
