import { z } from 'zod'
import { HostnameSource, PolicyFields, type Policy as ResolvedPolicy } from '../model/policy.ts'

/** A time in an answer: ISO 8601 in UTC. */
export const Time = z.string().meta({ format: 'date-time', examples: ['2026-11-21T08:00:00.000Z'] })

const Seconds = z.int().min(0).describe('Seconds.')

/**
 * A policy with every field decided, as an answer gives it. It follows the list of policy fields. Only those that are
 * written in more than one way (`"24h"` or 86400) are told anew here, as the one way in which an answer has them.
 */
export const Policy = z.object({
  ...PolicyFields.required().shape,
  grace: z.object({ expiry: Seconds, release: Seconds }),
  ttl: z.union([Seconds, z.object({ percent: z.number(), min: Seconds, max: Seconds })]),
  hostnameSource: z.array(HostnameSource),
  deny: z.array(z.string()),
  allow: z.array(z.string()),
}) satisfies z.ZodType<ResolvedPolicy>
