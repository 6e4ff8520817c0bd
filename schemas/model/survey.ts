/*
 * What was read in DNS beside our own records, as it is kept: what points to our names, what a person put into our scopes,
 * and what stands at a name of ours that somebody else made. It is kept, so that a restart forgets neither a role nor since
 * when a thing was seen.
 */
import { z } from 'zod'
import { Instant } from './time.ts'

export const PointerType = z.enum(['CNAME', 'MX', 'SRV', 'NS'])
export type PointerType = z.infer<typeof PointerType>

/** A record of somebody else that leads to a name: `www CNAME web` points from `owner` to `target`. */
export const Pointer = z.object({ owner: z.string(), type: PointerType, target: z.string() })
export type Pointer = z.infer<typeof Pointer>

/** An address record that a person made, and since when it was seen. */
export const Made = z.object({ name: z.string(), type: z.enum(['A', 'AAAA']), value: z.string(), since: Instant })
export type Made = z.infer<typeof Made>

/** What the last complete reading of a zone found. A newer one replaces it; one that is not complete says nothing. */
export const Survey = z.object({
  endpoint: z.string(),
  zone: z.string(),
  serial: z.int().nullable(),
  pointers: z.array(Pointer),
  made: z.array(Made),
})
export type Survey = z.infer<typeof Survey>

/** An RR at a name of ours that is not ours. */
export const ForeignRR = z.object({ type: z.string(), value: z.string(), ttl: z.int(), since: Instant })
export type ForeignRR = z.infer<typeof ForeignRR>

/** What others have at one name of ours; without RRs there is nothing any more. */
export const ForeignName = z.object({ endpoint: z.string(), name: z.string(), rrs: z.array(ForeignRR) })
export type ForeignName = z.infer<typeof ForeignName>
