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

export const RecordEntry = z.looseObject({
  name: z.string(),
  type: z.string(),
  ttl: z.int().min(0),
  disabled: z.boolean().default(false),
  comments: z.string().optional(),
  rData: z.looseObject({
    ipAddress: z.string().optional(),
    ptrName: z.string().optional(),
    cname: z.string().optional(),
    nameServer: z.string().optional(),
    dname: z.string().optional(),
    text: z.string().optional(),
    characterStrings: z.array(z.string()).optional(),
    /** Of a type that it has no form for: bytes in hex, with colons. */
    value: z.string().optional(),
  }),
})
export type RecordEntry = z.infer<typeof RecordEntry>

export const RecordsAnswer = z.looseObject({ zone: AnsweredZone, records: z.array(RecordEntry) })

/** Adding, updating and deleting tell the zone too; a deletion may tell nothing. */
export const WriteAnswer = z.looseObject({ zone: AnsweredZone.optional() })

export const ZonesAnswer = z.looseObject({ zones: z.array(z.looseObject({ name: z.string(), type: z.string() })) })
