import { z } from 'zod'

/** A secret stands in a file, in the environment, or (for a lab) in the open. */
export const Secret = z.union(
  [z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) }), z.string().min(1)],
  { error: 'expected {"file": "..."}, {"env": "..."} or a text' },
)
export type Secret = z.infer<typeof Secret>
