import { z } from 'zod'
import { Service } from '../model/lease-event.ts'
import { Interval } from '../model/time.ts'
import { Secret } from './secret.ts'

const Url = z.string().regex(/^(https?:\/\/[^\s/]+|unix:\/.)/, {
  error: 'expected a URL like "http://127.0.0.1:8000", or "unix:/run/kea/kea4-ctrl-socket"',
})

/**
 * One Kea: its control channel, and the lease files of its memfile backend. `url` names the control agent, or the own
 * socket of each service. Without `url` only the lease files are read.
 */
export const KeaConfig = z.strictObject({
  name: z.string().min(1),
  url: z.union([Url, z.strictObject({ dhcp4: Url.optional(), dhcp6: Url.optional() })]).optional(),
  services: z.array(Service).min(1),
  pollSeconds: Interval.default(300),
  ha: z.boolean().default(false),
  memfile: z.strictObject({ dhcp4: z.string().min(1).optional(), dhcp6: z.string().min(1).optional() }).optional(),
  username: z.string().min(1).optional(),
  password: Secret.optional(),
  /** PEM files. `ca`: whom to trust instead of the system's authorities. `cert`, `key`: Leasehold's own certificate. */
  ca: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  /** Milliseconds for one command and its answer. */
  timeout: z.int().min(100).max(600_000).default(10_000),
})
export type KeaConfig = z.infer<typeof KeaConfig>

/** The UDP address at which Leasehold receives Kea's name change requests. 53001 is the port of Kea's D2. */
export const NcrConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(53_001),
})
export type NcrConfig = z.infer<typeof NcrConfig>
