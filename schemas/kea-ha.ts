import { z } from 'zod'

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
