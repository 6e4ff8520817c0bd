import { z } from 'zod'

/** What of a Kea's configuration (config-get) is of use here, from 2.2 on. Other keys are ignored. */
const Shared = z.object({
  'ddns-qualifying-suffix': z.string().optional(),
  'user-context': z.looseObject({ leasehold: z.unknown() }).optional(),
})

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

const KeaHook = z.object({ library: z.string(), parameters: z.unknown() })

export const KeaServer = Shared.extend({
  'valid-lifetime': z.int().min(0).optional(),
  reservations: z.array(KeaReservation).default([]),
  'hooks-libraries': z.array(KeaHook).default([]),
  'shared-networks': z.array(Shared.extend({ subnet4: KeaSubnets, subnet6: KeaSubnets })).default([]),
  subnet4: KeaSubnets,
  subnet6: KeaSubnets,
})
export type KeaServer = z.infer<typeof KeaServer>

export const KeaServerAnswer = z.object({
  Dhcp4: KeaServer.optional(),
  Dhcp6: KeaServer.optional(),
  hash: z.string().optional(),
})
