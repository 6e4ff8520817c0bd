import { z } from 'zod'
import { HostnameSource, PolicyFields, PolicyOrigin, type Policy as ResolvedPolicy } from '../model/policy.ts'
import { Decision as InnerDecision } from '../model/record.ts'

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
  overdueAfter: z.union([Seconds, z.literal('lease-time')]),
  infrastructureAfter: Seconds,
  deny: z.array(z.string()),
  allow: z.array(z.string()),
}) satisfies z.ZodType<ResolvedPolicy>

type ByField<T> = { [F in keyof ResolvedPolicy]: T }

const forEachField = <T>(make: (field: keyof ResolvedPolicy) => T): ByField<T> =>
  Object.fromEntries(Object.keys(PolicyFields.shape).map(field => [field, make(field as never)])) as ByField<T>

/** Where each field of a policy comes from. */
export const PolicyOrigins = z.object(forEachField(() => PolicyOrigin))

/** A change of a policy as an answer gives it, null for a field that is reset. */
export const PolicyChange = z
  .object(
    forEachField(field => Policy.shape[field].nullable()) as {
      [F in keyof ResolvedPolicy]: z.ZodNullable<(typeof Policy.shape)[F]>
    },
  )
  .partial()

export const Decision = InnerDecision.describe(
  'What was decided about one DNS record. `rule` is a stable id, `reason` says the same to a person. A `skip` is a decision too.',
).meta({ id: 'Decision' })
