import { z } from 'zod'

/** The hook points at which Kea's run_script library runs a script. Kea passes the name as the first argument. */
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

/** The environment variables of a callout by name. A number or a boolean in JSON counts as its text. */
export const Variables = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number or a boolean' }).transform(String),
)
export type Variables = z.infer<typeof Variables>

/**
 * The JSON body of POST /v1/callouts/{point}: the hook script's environment. Variables that tell of no lease are
 * ignored.
 */
export const CalloutBody = z.strictObject({ variables: Variables })
export type CalloutBody = z.infer<typeof CalloutBody>
