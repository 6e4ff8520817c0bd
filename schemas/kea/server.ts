import { z } from 'zod'
import { ScopeConfig } from '../config/leasehold.ts'
import { PolicyFields, Profile } from '../model/policy.ts'

/** What a server of an HA pair says of itself: its state, and the names of the servers whose clients it serves. */
export const HaLocal = z.object({ role: z.string().optional(), state: z.string(), scopes: z.array(z.string()) })
export type HaLocal = z.infer<typeof HaLocal>

/** What a server of an HA pair last heard of its partner. */
export const HaRemote = z.object({
  'last-state': z.string().optional(),
  'last-scopes': z.array(z.string()).optional(),
  /** Whether it was not heard for longer than the two are set to wait. */
  'communication-interrupted': z.boolean().optional(),
})
export type HaRemote = z.infer<typeof HaRemote>

/**
 * The arguments of status-get that tell who serves. `high-availability` is missing without HA, `dhcp-state` in Kea 2.2.
 */
export const KeaStatus = z.object({
  pid: z.int(),
  'dhcp-state': z.object({ 'globally-disabled': z.boolean() }).optional(),
  'high-availability': z
    .array(z.object({ 'ha-servers': z.object({ local: HaLocal, remote: HaRemote.optional() }) }))
    .optional(),
})

const { domain, forwardZone, reverseZone, backend } = ScopeConfig.shape

/** `user-context.leasehold` of a subnet, a shared network or the whole server: the fields of a scope, all optional. */
export const KeaPolicy = PolicyFields.extend({
  profile: Profile.optional(),
  domain: domain.optional(),
  forwardZone,
  reverseZone,
  backend,
})
export type KeaPolicy = z.infer<typeof KeaPolicy>

/** The fields that a subnet, its shared network and the whole server may each have. The nearest to the lease counts. */
export const Shared = z.object({
  'ddns-qualifying-suffix': z.string().optional(),
  'ddns-send-updates': z.boolean().optional(),
  'reservations-global': z.boolean().optional(),
  'reservations-in-subnet': z.boolean().optional(),
  'reservations-out-of-pool': z.boolean().optional(),
  /** What Kea before 2.6 has instead of the three: disabled, out-of-pool, global or all. */
  'reservation-mode': z.string().optional(),
  'user-context': z.object({ leasehold: z.unknown().optional() }).optional(),
})
export type Shared = z.infer<typeof Shared>

export const KeaReservation = z.object({
  hostname: z.string().default(''),
  'hw-address': z.string().optional(),
  'client-id': z.string().optional(),
  duid: z.string().optional(),
  'ip-address': z.string().optional(),
  'ip-addresses': z.array(z.string()).optional(),
})
export type KeaReservation = z.infer<typeof KeaReservation>

/** A reservation as host_cmds lists it: with the number of its subnet, or 0 where it is a global one. */
export const KeaHost = KeaReservation.extend({ 'subnet-id': z.int().optional() })
export type KeaHost = z.infer<typeof KeaHost>

/** The arguments of an answer to reservation-get-page that lists some. `next` is to be sent back for the next page. */
export const HostPage = z.object({
  hosts: z.array(KeaHost),
  next: z.object({ from: z.number(), 'source-index': z.number() }),
})

/** Kea 3 has settings of DNS updates in a pool too. */
export const KeaPool = z.object({
  pool: z.string(),
  'ddns-qualifying-suffix': z.string().optional(),
  'ddns-send-updates': z.boolean().optional(),
})
export type KeaPool = z.infer<typeof KeaPool>

export const KeaSubnet = Shared.extend({
  id: z.int().optional(),
  subnet: z.string(),
  pools: z.array(KeaPool).default([]),
  reservations: z.array(KeaReservation).default([]),
})
export type KeaSubnet = z.infer<typeof KeaSubnet>

const KeaSubnets = z.array(KeaSubnet).default([])

export const KeaServer = Shared.extend({
  /** Where it keeps its leases: a file, or a database. */
  'lease-database': z.looseObject({ type: z.string(), name: z.string().optional() }).optional().catch(undefined),
  'dhcp-ddns': z.looseObject({ 'enable-updates': z.boolean().optional() }).optional(),
  reservations: z.array(KeaReservation).default([]),
  'shared-networks': z.array(Shared.extend({ subnet4: KeaSubnets, subnet6: KeaSubnets })).default([]),
  subnet4: KeaSubnets,
  subnet6: KeaSubnets,
})
export type KeaServer = z.infer<typeof KeaServer>

/** The arguments of config-get that Leasehold reads, from Kea 2.2 on. Other keys are ignored. 2.2 has no `hash`. */
export const KeaServerAnswer = z.object({
  Dhcp4: KeaServer.optional(),
  Dhcp6: KeaServer.optional(),
  hash: z.string().optional(),
})
