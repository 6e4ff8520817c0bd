import { z } from 'zod'
import { ScopeConfig } from '../config/leasehold.ts'
import { PolicyFields, Profile } from '../model/policy.ts'

/** One relationship in the parameters of Kea's HA hook library. */
export const HaRelationship = z.object({
  'this-server-name': z.string(),
  mode: z.string(),
  peers: z.array(z.object({ name: z.string(), role: z.string() })),
})

export const HaParameters = z.object({ 'high-availability': z.array(HaRelationship) })

export const HaLocal = z.object({ role: z.string().optional(), state: z.string(), scopes: z.array(z.string()) })
export type HaLocal = z.infer<typeof HaLocal>

/** What of status-get's arguments tells who serves. Without HA there is no `high-availability`; 2.2 has no `dhcp-state`. */
export const KeaStatus = z.object({
  pid: z.int(),
  'dhcp-state': z.object({ 'globally-disabled': z.boolean() }).optional(),
  'high-availability': z
    .array(z.object({ 'ha-mode': z.string().optional(), 'ha-servers': z.object({ local: HaLocal }) }))
    .optional(),
})

const { domain, forwardZone, reverseZone, backend } = ScopeConfig.shape

/** `user-context.leasehold` of a subnet, its shared network, or all: what stands in a scope of leasehold.json, all of it optional. */
export const KeaPolicy = PolicyFields.extend({
  profile: Profile.optional(),
  domain: domain.optional(),
  forwardZone,
  reverseZone,
  backend,
})
export type KeaPolicy = z.infer<typeof KeaPolicy>

/** What subnets, shared networks and the whole have in common; the nearest counts. */
export const Shared = z.object({
  'ddns-qualifying-suffix': z.string().optional(),
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

export const KeaSubnet = Shared.extend({
  id: z.int().min(0),
  subnet: z.string(),
  'valid-lifetime': z.int().min(0).optional(),
  reservations: z.array(KeaReservation).default([]),
})
export type KeaSubnet = z.infer<typeof KeaSubnet>

const KeaSubnets = z.array(KeaSubnet).default([])

const KeaHook = z.object({ library: z.string(), parameters: z.unknown().optional() })

export const KeaServer = Shared.extend({
  'valid-lifetime': z.int().min(0).optional(),
  reservations: z.array(KeaReservation).default([]),
  'hooks-libraries': z.array(KeaHook).default([]),
  'shared-networks': z.array(Shared.extend({ subnet4: KeaSubnets, subnet6: KeaSubnets })).default([]),
  subnet4: KeaSubnets,
  subnet6: KeaSubnets,
})
export type KeaServer = z.infer<typeof KeaServer>

/** What of the answer to config-get is of use here, from Kea 2.2 on. Other keys are ignored; 2.2 has no `hash`. */
export const KeaServerAnswer = z.object({
  Dhcp4: KeaServer.optional(),
  Dhcp6: KeaServer.optional(),
  hash: z.string().optional(),
})
