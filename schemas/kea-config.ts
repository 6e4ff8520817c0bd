import { z } from 'zod'
import { Duration } from './duration.ts'

const Service = z.enum(['dhcp4', 'dhcp6'])

const HttpUrl = z.url({ protocol: /^https?$/, error: 'expected a URL like "http://127.0.0.1:8000"' })

/** A Kea that can be asked over its control channel, and the lease files that can be watched beside it. */
export const KeaConfig = z.strictObject({
  name: z.string().min(1),
  url: HttpUrl,
  services: z.array(Service).min(1),
  pollSeconds: Duration.default(300),
  ha: z.boolean().default(false),
  memfile: z.strictObject({ dhcp4: z.string().min(1).optional(), dhcp6: z.string().min(1).optional() }).optional(),
})
export type KeaConfig = z.infer<typeof KeaConfig>

/** Where Kea's name change requests are heard. */
export const NcrConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(53_001),
})
export type NcrConfig = z.infer<typeof NcrConfig>
