/*
 * What the HTTP API of Technitium DNS Server answers, as far as it is read. Whatever happens the status is 200, and
 * `status` tells how it went; errors are texts.
 */
import { z } from 'zod'

export const Answer = z.looseObject({
  status: z.string(),
  errorMessage: z.string().optional(),
  response: z.unknown().optional(),
})

/** The zone of which an answer speaks: the closest that encloses the name, which need not be the one that was asked for. */
export const AnsweredZone = z.looseObject({
  name: z.string(),
  type: z.string(),
  internal: z.boolean().default(false),
  disabled: z.boolean().default(false),
  /** Since 11.5. */
  soaSerial: z.int().min(0).optional(),
})
export type AnsweredZone = z.infer<typeof AnsweredZone>

export interface RecordEntry {
  name: string
  type: string
  ttl: number
  disabled?: boolean
  comments?: string
  rData: {
    ipAddress?: string
    ptrName?: string
    cname?: string
    nameServer?: string
    dname?: string
    preference?: number
    exchange?: string
    priority?: number
    weight?: number
    port?: number
    target?: string
    text?: string
    characterStrings?: string[]
    /** Of a type that it has no form for: bytes in hex, with colons. */
    value?: string
  }
}

/** By hand, as a zone may have hundreds of thousands. */
const isRecord = (entry: unknown): boolean => {
  const { name, type, ttl, rData } = (entry ?? {}) as Partial<RecordEntry>
  const isText = typeof name === 'string' && typeof type === 'string' && typeof ttl === 'number'
  return isText && typeof rData === 'object' && rData !== null
}

export const RecordsAnswer = z.looseObject({ zone: AnsweredZone, records: z.array(z.custom<RecordEntry>(isRecord)) })

/** Adding, updating and deleting tell the zone too; a deletion may tell nothing. */
export const WriteAnswer = z.looseObject({ zone: AnsweredZone.optional() })

export const ZonesAnswer = z.looseObject({ zones: z.array(AnsweredZone) })
