/*
 * The host reservations in force, by who holds an address and by name.
 *
 * A reserved lease is infrastructure, and its host name is the operator's. A reserved name belongs to its host, in both
 * families and in every scope: no other client gets it, not even while the host has no lease. Which reservation is a
 * lease's follows from this list; the first that is found counts:
 *
 *     1. `reservations` of leasehold.json for the scope
 *     2. Kea's in the subnet, where `reservations-in-subnet` is on
 *     3. Kea's global ones, where `reservations-global` is on
 *
 * In each the client's identifiers are looked for, then the address: a host that Kea knows by a circuit-id or a flex-id is
 * only found by the address that is reserved for it.
 */
import type { Client } from '../../../schemas/model/lease.ts'
import { type Family, familyOf } from '../../address.ts'
import { plainName } from '../../dns/message/name.ts'
import { clientOfHost, duidOf, type HostIdentity, isHost, macIn } from '../lease/identity.ts'

/** One reserved host. */
export interface ReservedHost extends HostIdentity {
  /** Canonical. */
  addresses: string[]
  /** As the operator wrote it; may be empty. */
  hostname: string
}

/** The reservations of one place: leasehold.json for a scope, a subnet of Kea, or all subnets of Kea. */
export interface ReservationGroup {
  family: Family
  hosts: ReservedHost[]
  /** Whether these are in force for an address at all, and for one that is reserved. */
  isInForce: (address: string) => boolean
  mayReserve: (address: string) => boolean
}

interface IndexedGroup extends ReservationGroup {
  byIdentity: Map<string, ReservedHost>
  byAddress: Map<string, ReservedHost>
  /** By the first label of the host name. */
  byLabel: Map<string, ReservedHost[]>
}

const identitiesOf = ({ hwAddress, clientId, duid }: HostIdentity): string[] => [
  ...(hwAddress ? [`hw:${hwAddress}`] : []),
  ...(clientId ? [`id:${clientId}`] : []),
  ...(duid ? [`duid:${duid}`] : []),
]

const firstLabel = (name: string): string => plainName(name).split('.')[0]!

const indexed = (group: ReservationGroup): IndexedGroup => {
  const index: IndexedGroup = { ...group, byIdentity: new Map(), byAddress: new Map(), byLabel: new Map() }
  for (const host of group.hosts) {
    for (const identity of identitiesOf(host)) index.byIdentity.set(identity, host)
    for (const address of host.addresses) if (group.mayReserve(address)) index.byAddress.set(address, host)
    const label = firstLabel(host.hostname)
    if (label !== '') index.byLabel.set(label, [...(index.byLabel.get(label) ?? []), host])
  }
  return index
}

/** As Kea looks for a host: by the identifiers of the family. */
const identitiesIn = (client: Client, family: Family): string[] =>
  identitiesOf({
    hwAddress: family === 4 ? client.hwAddress : macIn(client.duid),
    clientId: client.clientId,
    duid: duidOf(client),
  })

const hostIn = (group: IndexedGroup, client: Client, address: string): ReservedHost | undefined => {
  for (const identity of identitiesIn(client, group.family)) {
    const host = group.byIdentity.get(identity)
    if (host) return host
  }
  const { dhcid } = client
  const byName = dhcid && group.byLabel.get(firstLabel(dhcid.under))?.find(host => isHost(host, client) === 'yes')
  if (byName) return byName
  const atAddress = group.byAddress.get(address)
  return atAddress && isHost(atAddress, client) !== 'no' ? atAddress : undefined
}

/** Returns the reservation of a client that holds an address, or null. */
export type ReservationOf = (client: Client, address: string) => ReservedHost | null

/** Indexes the reservations; the groups stand in the order in which they are looked through. */
export const reservationIndex = (groups: ReservationGroup[]): ReservationOf => {
  const all = groups.filter(group => group.hosts.length > 0).map(indexed)
  return (client, address) => {
    const family = familyOf(address)
    for (const group of all) {
      if (group.family !== family || !group.isInForce(address)) continue
      const host = hostIn(group, client, address)
      if (host) return host
    }
    return null
  }
}

/** A reserved host with a name in DNS and, where it has any, the addresses that are reserved for it. */
export interface ReservedName {
  name: string
  host: ReservedHost
}

/** The hosts that have each name. */
export const hostsByName = (names: Iterable<ReservedName>): Map<string, ReservedHost[]> => {
  const hosts = new Map<string, ReservedHost[]>()
  for (const { name, host } of names) hosts.set(name, [...(hosts.get(name) ?? []), host])
  return hosts
}

/** A host is known when an identifier or an address tells it from others. */
const isKnown = (host: ReservedHost): boolean => clientOfHost(host) !== null || host.addresses.length > 0

/**
 * True when a name is reserved for hosts, and this client at this address is none of them. A client that may be the host
 * is not refused: only its DHCID is known, and what the DHCID was made of is not reserved.
 */
export const isForOthers = (hosts: readonly ReservedHost[], client: Client, address: string): boolean => {
  const known = hosts.filter(isKnown)
  const mayBe = (host: ReservedHost) => {
    const is = isHost(host, client)
    if (is !== 'unknown') return is === 'yes'
    return client.dhcid !== undefined && clientOfHost(host) !== null ? true : host.addresses.includes(address)
  }
  return known.length > 0 && !known.some(mayBe)
}
