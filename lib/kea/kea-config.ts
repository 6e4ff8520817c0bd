import type { z } from 'zod'
import {
  HaParameters,
  KeaPolicy,
  type KeaReservation,
  type KeaServer,
  KeaServerAnswer,
  type KeaSubnet,
  type Shared,
} from '../../schemas/kea/server.ts'
import { type Family, networkOf } from '../address.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'
import { address4, address6, type Check, hex } from './lease-fields.ts'

/** A host reservation. Kea knows the host by one of the three, or by what Leasehold does not see (all three null). */
export interface Reservation {
  /** Null: in every subnet. */
  subnet: string | null
  hwAddress: string | null
  clientId: string | null
  duid: string | null
  /** Canonical; none where only the name is reserved. Prefixes are not among them. */
  addresses: string[]
  /** As it stands there: may be empty, qualified or not. */
  hostname: string
}

const HW_ADDRESS = hex(20)
const CLIENT_ID = hex(255)
const DUID = hex(130)

const readOr = <T>(check: Check<T>, value: string | undefined): T | null =>
  value === undefined ? null : (check.read(value) ?? null)

const reservationsOf = (family: Family, subnet: string | null, told: readonly KeaReservation[]): Reservation[] =>
  told.map(one => {
    const addresses = family === 4 ? [one['ip-address'] ?? ''] : (one['ip-addresses'] ?? [])
    const check = family === 4 ? address4 : address6
    return {
      subnet,
      hwAddress: readOr(HW_ADDRESS, one['hw-address']),
      clientId: readOr(CLIENT_ID, one['client-id']),
      duid: readOr(DUID, one.duid),
      addresses: addresses.flatMap(address => check.read(address) ?? []),
      hostname: one.hostname,
    }
  })

export interface Subnet {
  /** Kea's number for it, which another configuration may give to another subnet. */
  id: number
  /** In its canonical form, like "192.0.2.0/24". */
  subnet: string
  /** Lower case, without the trailing dot; null when there is none. */
  ddnsSuffix: string | null
  /** What user contexts say, the nearest of subnet, shared network and whole for each field; null when it is wrong. */
  leasehold: KeaPolicy | null
  /** Seconds. */
  validLifetime: number | null
}

export interface HaConfig {
  thisServer: string
  mode: string
  peers: { name: string; role: string }[]
}

/** What a Kea's configuration says of names. `issues` says what in it is wrong, by subnet. */
export interface KeaConfiguration {
  family: Family
  subnets: Subnet[]
  reservations: Reservation[]
  /** Changes when anything in the configuration changes; null before Kea 2.4. */
  hash: string | null
  /** One for each partner; none without the HA hook library. */
  ha: HaConfig[]
  issues: Issue[]
}

const MOST_ISSUES = 20

const suffixOf = (levels: readonly Shared[]): string | null => {
  const nearest = levels.findLast(level => level['ddns-qualifying-suffix'] !== undefined)
  return nearest?.['ddns-qualifying-suffix']?.toLowerCase().replace(/\.$/, '') || null
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input)

const issuesFor = (where: string, faults: readonly z.core.$ZodIssue[], input: unknown): Issue[] =>
  faults.flatMap(fault => {
    const keys = fault.code === 'unrecognized_keys' ? fault.keys.map(key => [key]) : [[]]
    const expected = keys[0]!.length > 0 ? 'no such key' : fault.message.replace(/^(Invalid input: )?expected /, '')
    return keys.map(key => {
      const path = [...fault.path, ...key]
      return { field: [where, ...path].join('.'), expected, found: shown(valueAt(input, path)) }
    })
  })

/** The levels go from the whole to the subnet. */
const policyOf = (levels: readonly Shared[], subnet: string, issues: Issue[]): KeaPolicy | null => {
  const contexts = levels.map(level => level['user-context']?.leasehold)
  const wrong = contexts.filter(context => context !== undefined && (typeof context !== 'object' || context === null))
  const merged: unknown = wrong.length > 0 ? wrong[0] : Object.assign({}, ...contexts)
  const read = KeaPolicy.safeParse(merged)
  if (read.success) return read.data
  issues.push(...issuesFor(`subnet ${subnet}: user-context.leasehold`, read.error.issues, merged))
  return null
}

const subnetOf = (levels: readonly Shared[], subnet: KeaSubnet, issues: Issue[]): Subnet | null => {
  const network = networkOf(subnet.subnet)
  if (typeof network === 'string') {
    issues.push({ field: `subnet ${subnet.subnet}`, expected: 'a network', found: network })
    return null
  }
  const { cidr } = network
  return {
    id: subnet.id,
    subnet: cidr,
    ddnsSuffix: suffixOf([...levels, subnet]),
    leasehold: policyOf([...levels, subnet], cidr, issues),
    validLifetime: subnet['valid-lifetime'] ?? null,
  }
}

const haOf = (server: KeaServer): HaConfig[] => {
  const hook = server['hooks-libraries'].find(({ library }) => /libdhcp_ha\.[^/]*$/.test(library))
  const read = HaParameters.safeParse(hook?.parameters)
  if (!read.success) return []
  return read.data['high-availability'].map(one => ({
    thisServer: one['this-server-name'],
    mode: one.mode,
    peers: one.peers,
  }))
}

/**
 * What the arguments of an answer to config-get say. Throws InvalidInput when they are no configuration of a DHCP server.
 * Source: https://kea.readthedocs.io/en/latest/arm/ctrl-channel.html#the-config-get-command
 */
export const readKeaConfig = (config: unknown): KeaConfiguration => {
  const read = KeaServerAnswer.safeParse(config)
  if (!read.success) throw new InvalidInput(issuesFor('config-get', read.error.issues.slice(0, MOST_ISSUES), config))
  const { Dhcp4, Dhcp6, hash } = read.data
  const server = Dhcp4 ?? Dhcp6
  if (!server) throw new InvalidInput([{ field: 'config-get', expected: 'Dhcp4 or Dhcp6', found: 'neither' }])
  const family: Family = Dhcp4 ? 4 : 6
  const key = `subnet${family}` as const
  const issues: Issue[] = []
  const subnets: Subnet[] = []
  const reservations: Reservation[] = reservationsOf(family, null, server.reservations)
  for (const network of [server, ...server['shared-networks']]) {
    const levels = network === server ? [server] : [server, network]
    for (const told of network[key]) {
      const subnet = subnetOf(levels, told, issues)
      if (!subnet) continue
      subnets.push(subnet)
      reservations.push(...reservationsOf(family, subnet.subnet, told.reservations))
    }
  }
  return { family, subnets, reservations, hash: hash ?? null, ha: haOf(server), issues: issues.slice(0, MOST_ISSUES) }
}
