import { z } from 'zod'

/** A secret: the path of a file that holds it, the name of an environment variable, or (for a lab) its text. */
export const Secret = z.union(
  [z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) }), z.string().min(1)],
  { error: 'expected {"file": "..."}, {"env": "..."} or a text' },
)
export type Secret = z.infer<typeof Secret>
