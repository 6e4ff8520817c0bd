import { z } from 'zod'

/** Who tells of leases without being asked. */
export const Source = z.enum(['hook', 'events', 'ncr', 'lease-file'])
export type Source = z.infer<typeof Source>

/** Why what a source sent was refused: stable words, as they are a label of a metric. */
export const Refusal = z.enum(['unauthorised', 'forbidden', 'malformed', 'unavailable', 'dropped', 'unreadable'])
export type Refusal = z.infer<typeof Refusal>
