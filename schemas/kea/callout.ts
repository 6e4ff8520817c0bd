import { z } from 'zod'

/** The hook points at which Kea's run_script library runs a script; Kea gives the name as the script's first argument. */
export const Point = z.enum([
  'lease4_renew',
  'lease4_expire',
  'lease4_recover',
  'leases4_committed',
  'lease4_release',
  'lease4_decline',
  'lease6_renew',
  'lease6_rebind',
  'lease6_expire',
  'lease6_recover',
  'leases6_committed',
  'lease6_release',
  'lease6_decline',
  'addr6_register',
])
export type Point = z.infer<typeof Point>

/** The variables of a callout by name. In JSON a number or a boolean means its text, as it would in an environment. */
export const Variables = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number or a boolean' }).transform(String),
)
export type Variables = z.infer<typeof Variables>

/** POST /v1/callouts/{point} as JSON: the environment of the hook script. Variables that are not Kea's are ignored. */
export const CalloutBody = z.strictObject({ variables: Variables })
export type CalloutBody = z.infer<typeof CalloutBody>
