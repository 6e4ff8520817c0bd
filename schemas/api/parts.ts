import { z } from 'zod'
import { ConflictPolicy, HostnameSource, Profile, type Policy as ResolvedPolicy } from '../model/policy.ts'

/** A time in an answer: ISO 8601 in UTC. */
export const Time = z.string().meta({ format: 'date-time', examples: ['2026-11-21T08:00:00.000Z'] })

const Seconds = z.int().min(0).describe('Seconds.')

/** A policy in an answer: every field has a value. */
export const Policy = z.object({
  profile: Profile,
  retainOnExpiry: z.boolean(),
  retainOnRelease: z.boolean(),
  retainPtrOnExpiry: z.boolean(),
  retainPtrOnRelease: z.boolean(),
  grace: z.object({ expiry: Seconds, release: Seconds }),
  ttl: z.union([Seconds, z.object({ percent: z.number(), min: Seconds, max: Seconds })]),
  hostnameSource: z.array(HostnameSource),
  conflictPolicy: ConflictPolicy,
  deny: z.array(z.string()),
  allow: z.array(z.string()),
}) satisfies z.ZodType<ResolvedPolicy>
