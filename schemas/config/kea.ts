import { z } from 'zod'
import { Duration } from '../model/time.ts'
import { Secret } from './secret.ts'

const Service = z.enum(['dhcp4', 'dhcp6'])

const Url = z.string().regex(/^(https?:\/\/[^\s/]+|unix:\/.)/, {
  error: 'expected a URL like "http://127.0.0.1:8000", or "unix:/run/kea/kea4-ctrl-socket"',
})

/**
 * A Kea that can be asked over its control channel, and the lease files that can be watched beside it. `url` is that of
 * the control agent, or of each service's own socket; without one only the lease files are read.
 */
export const KeaConfig = z.strictObject({
  name: z.string().min(1),
  url: z.union([Url, z.strictObject({ dhcp4: Url.optional(), dhcp6: Url.optional() })]).optional(),
  services: z.array(Service).min(1),
  pollSeconds: Duration.default(300),
  ha: z.boolean().default(false),
  memfile: z.strictObject({ dhcp4: z.string().min(1).optional(), dhcp6: z.string().min(1).optional() }).optional(),
  username: z.string().min(1).optional(),
  password: Secret.optional(),
  /** Files in PEM: whom to trust, and who Leasehold is where Kea asks for it. */
  ca: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  /** Milliseconds for one command. */
  timeout: z.int().min(100).max(600_000).default(10_000),
})
export type KeaConfig = z.infer<typeof KeaConfig>

/** Where Kea's name change requests are heard. */
export const NcrConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(53_001),
})
export type NcrConfig = z.infer<typeof NcrConfig>
