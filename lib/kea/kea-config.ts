/*
 * Reads what a Kea's configuration says of names: its subnets with their policies, and its host reservations.
 */

import type { z } from 'zod'
import {
  type KeaHost,
  KeaPolicy,
  type KeaPool,
  type KeaReservation,
  KeaServerAnswer,
  type KeaSubnet,
  type Shared,
} from '../../schemas/kea/server.ts'
import { canonical, type Family, lastOf, networkOf } from '../address.ts'
import { InvalidInput, type Issue, MOST_ISSUES } from '../input/bad-input.ts'
import { issuesOf } from '../input/zod-issues.ts'
import { type DdnsTarget, ddnsOf } from './ddns.ts'
import { address4, address6, type Check, CLIENT_ID, DUID, HW_ADDRESS } from './values.ts'

/**
 * A host reservation. Kea recognises the host by one of the three identifiers. All three are null when it uses another
 * one (circuit-id, flex-id), which Leasehold does not see; the reserved address then tells.
 */
export interface Reservation {
  /** The canonical subnet; null when the reservation holds in every subnet. */
  subnet: string | null
  hwAddress: string | null
  clientId: string | null
  duid: string | null
  /** Canonical. None when only the name is reserved. Reserved prefixes are left out. */
  addresses: string[]
  /** As Kea has it: it may be empty, and it may or may not be fully qualified. */
  hostname: string
}

/** What stands for the number of a subnet where a host is global, and where its subnet was not told. */
const GLOBAL = 0
const NO_SUBNET = -1

const readOr = <T>(check: Check<T>, value: string | undefined): T | null =>
  value === undefined ? null : (check.read(value) ?? null)

const reservationsOf = (family: Family, subnet: string | null, written: readonly KeaReservation[]): Reservation[] =>
  written.map(one => {
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

/** One subnet. Kea's number for it is left out, because the next configuration may give it to another subnet. */
export interface Subnet {
  /** In its canonical form, like "192.0.2.0/24". */
  subnet: string
  /** Lower case, without the trailing dot; null when there is none. */
  ddnsSuffix: string | null
  /**
   * The policy in the user contexts. Each field is from the nearest level that has it: the subnet, its shared network,
   * the whole server. Null when any of it is wrong.
   */
  leasehold: KeaPolicy | null
  /** True when Kea is told to send no DNS updates for it: by itself or by its shared network. */
  isSilent?: true
  /** Which host reservations are in force in it. Without it those of the subnet are, whatever their addresses. */
  reservations?: Modes
  /** All its pools, where any matters: one with a suffix of its own, or one whose addresses cannot be reserved. */
  pools?: Pool[]
}

/** Which host reservations Kea looks for: global ones, those of the subnet, and of these only addresses in no pool. */
export interface Modes {
  global: boolean
  inSubnet: boolean
  outOfPool: boolean
}

/** A range of addresses, with the DDNS suffix of its own. */
export interface Pool {
  first: string
  last: string
  ddnsSuffix: string | null
  /** Set where the pool says for itself whether Kea updates DNS. */
  sendsUpdates?: boolean
}

/** What the configuration of one DHCP server says of names. `issues` has what is wrong in it, by subnet. */
export interface KeaConfiguration {
  family: Family
  subnets: Subnet[]
  reservations: Reservation[]
  /** Those in Kea's host database; absent where Kea was not asked for them, or did not tell. */
  hosts?: Reservation[]
  /** True when Kea's own DNS updates are on. */
  updatesDns?: true
  /** Kea's numbers of its subnets, for commands that need them. Nothing else depends on them. */
  ids?: Record<string, number>
  /** Changes when anything in the configuration changes; null before Kea 2.4. */
  hash: string | null
  issues: Issue[]
  /** Where Kea sends name change requests; absent where it sends none. */
  ddns?: DdnsTarget
  /** Where Kea keeps its leases: `memfile` is a file, and `name` its path as Kea sees it. Absent where it does not say. */
  leaseDatabase?: { type: string; name?: string }
}

const suffixIn = (level: { 'ddns-qualifying-suffix'?: string } | undefined): string | null =>
  level?.['ddns-qualifying-suffix']?.toLowerCase().replace(/\.$/, '') || null

const suffixOf = (levels: readonly Shared[]): string | null =>
  suffixIn(levels.findLast(level => level['ddns-qualifying-suffix'] !== undefined))

/** The setting of the whole server only says whether Kea sends anything to D2, and D2 is what Leasehold stands in for. */
const isSilent = ([, ...levels]: readonly Shared[]): boolean =>
  levels.findLast(level => level['ddns-send-updates'] !== undefined)?.['ddns-send-updates'] === false

/** What the old `reservation-mode` means. */
const MODES: Readonly<Record<string, Modes>> = {
  disabled: { global: false, inSubnet: false, outOfPool: false },
  'out-of-pool': { global: false, inSubnet: true, outOfPool: true },
  global: { global: true, inSubnet: false, outOfPool: false },
  all: { global: false, inSubnet: true, outOfPool: false },
}

export const BY_DEFAULT: Modes = MODES.all!

/** The modes in force: each flag of the nearest level that has it. */
const modesOf = (levels: readonly Shared[]): Modes =>
  levels.reduce((modes, level) => {
    const old = MODES[level['reservation-mode']?.toLowerCase() ?? ''] ?? modes
    return {
      global: level['reservations-global'] ?? old.global,
      inSubnet: level['reservations-in-subnet'] ?? old.inSubnet,
      outOfPool: level['reservations-out-of-pool'] ?? old.outOfPool,
    }
  }, BY_DEFAULT)

const sameModes = (a: Modes, b: Modes): boolean =>
  a.global === b.global && a.inSubnet === b.inSubnet && a.outOfPool === b.outOfPool

/** A pool as "192.0.2.10 - 192.0.2.99", or as a network. None when it is neither. */
const poolOf = (written: KeaPool): Pool[] => {
  const { pool } = written
  const sendsUpdates = written['ddns-send-updates']
  const own = { ddnsSuffix: suffixIn(written), ...(sendsUpdates !== undefined && { sendsUpdates }) }
  const [first, last] = pool.split('-').map(end => canonical(end.trim()))
  if (first && last) return [{ first, last, ...own }]
  const network = networkOf(pool.replaceAll(' ', ''))
  return typeof network === 'string' ? [] : [{ first: network.base, last: lastOf(network), ...own }]
}

/** What zod found wrong, each field named after `where`: `subnet 192.0.2.0/24: user-context.leasehold.ttl`. */
const issuesFor = (where: string, faults: readonly z.core.$ZodIssue[], input: unknown): Issue[] =>
  issuesOf(faults, input, '').map(one => ({ ...one, field: one.field === '' ? where : `${where}.${one.field}` }))

/** Merges the user contexts of `levels`, which go from the whole server to the subnet. Null adds to `issues` why. */
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
  const all = [...levels, subnet]
  const reservations = modesOf(all)
  const pools = subnet.pools.flatMap(poolOf)
  return {
    subnet: cidr,
    ddnsSuffix: suffixOf(all),
    leasehold: policyOf(all, cidr, issues),
    ...(isSilent(all) && { isSilent: true }),
    ...(!sameModes(reservations, BY_DEFAULT) && { reservations }),
    ...((reservations.outOfPool || pools.some(one => one.ddnsSuffix || one.sendsUpdates !== undefined)) && { pools }),
  }
}

/**
 * Reads the arguments of an answer to config-get: the subnets and reservations of one DHCP server. A subnet that is
 * wrong is left out and stands in `issues`. Throws InvalidInput when there is no DHCP server's configuration at all.
 * Source: https://kea.readthedocs.io/en/latest/arm/ctrl-channel.html#the-config-get-command
 */
export const readKeaConfig = (config: unknown): KeaConfiguration => {
  const read = KeaServerAnswer.safeParse(config)
  if (!read.success) throw new InvalidInput(issuesFor('config-get', read.error.issues, config))
  const { Dhcp4, Dhcp6, hash } = read.data
  const server = Dhcp4 ?? Dhcp6
  if (!server) throw new InvalidInput([{ field: 'config-get', expected: 'Dhcp4 or Dhcp6', found: 'neither' }])
  const family: Family = Dhcp4 ? 4 : 6
  const key = `subnet${family}` as const
  const issues: Issue[] = []
  const subnets: Subnet[] = []
  const ids: Record<string, number> = {}
  const reservations: Reservation[] = reservationsOf(family, null, server.reservations)
  const networks = [server, ...server['shared-networks']]
  const ddns = ddnsOf(server['dhcp-ddns'], [...networks, ...networks.flatMap(network => network[key])])
  for (const network of networks) {
    const levels = network === server ? [server] : [server, network]
    for (const written of network[key]) {
      const subnet = subnetOf(levels, written, issues)
      if (!subnet) continue
      subnets.push(subnet)
      if (written.id !== undefined) ids[subnet.subnet] = written.id
      reservations.push(...reservationsOf(family, subnet.subnet, written.reservations))
    }
  }
  const updatesDns = server['dhcp-ddns']?.['enable-updates'] === true && { updatesDns: true as const }
  const { type, name } = server['lease-database'] ?? {}
  const leaseDatabase = type !== undefined && { leaseDatabase: { type, ...(name !== undefined && { name }) } }
  const noted = { hash: hash ?? null, issues: issues.slice(0, MOST_ISSUES) }
  return {
    family,
    subnets,
    reservations,
    ...updatesDns,
    ...noted,
    ...(ddns && { ddns }),
    ...leaseDatabase,
    ...(Object.keys(ids).length > 0 && { ids }),
  }
}

/** The hosts that host_cmds listed, as reservations. One of a subnet that the configuration does not have is left out. */
export const readHosts = ({ family, ids = {} }: KeaConfiguration, hosts: readonly KeaHost[]): Reservation[] => {
  const subnets = new Map<number, string | null>(Object.entries(ids).map(([subnet, id]) => [id, subnet]))
  subnets.set(GLOBAL, null)
  return hosts.flatMap(host => {
    const subnet = subnets.get(host['subnet-id'] ?? NO_SUBNET)
    return subnet === undefined ? [] : reservationsOf(family, subnet, [host])
  })
}
