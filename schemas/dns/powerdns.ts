/*
 * What the HTTP API of the PowerDNS Authoritative Server answers, as far as it is read. Names end in a dot.
 */
import { z } from 'zod'

export const ServerAnswer = z.looseObject({ version: z.string() })

export const ZonesAnswer = z.array(z.looseObject({ name: z.string(), kind: z.string() }))

/** `kind` says who writes the zone: `Native`, `Master` or `Primary` are written by their server. */
export const ZoneHead = z.looseObject({
  kind: z.string(),
  serial: z.int().min(0),
  soa_edit_api: z.string().default(''),
})
export type ZoneHead = z.infer<typeof ZoneHead>

export interface RRsetEntry {
  name: string
  type: string
  ttl: number
  records: { content: string; disabled?: boolean }[]
  comments?: { content: string }[]
}

/** By hand, as a zone may have hundreds of thousands. */
const isRRset = (entry: unknown): boolean => {
  const { name, type, ttl, records } = (entry ?? {}) as Partial<RRsetEntry>
  return (
    typeof name === 'string' &&
    typeof type === 'string' &&
    typeof ttl === 'number' &&
    Array.isArray(records) &&
    records.every(one => typeof one?.content === 'string')
  )
}

/** A zone with all its RRsets. One without records only says that it has a comment. */
export const ZoneAnswer = ZoneHead.extend({ rrsets: z.array(z.custom<RRsetEntry>(isRRset)) })

/** What a search found: records, comments, zones. */
export const SearchAnswer = z.array(
  z.looseObject({
    object_type: z.string(),
    name: z.string(),
    zone: z.string().optional(),
    type: z.string().optional(),
    ttl: z.int().optional(),
    content: z.string().optional(),
    disabled: z.boolean().optional(),
  }),
)
export type SearchAnswer = z.infer<typeof SearchAnswer>
