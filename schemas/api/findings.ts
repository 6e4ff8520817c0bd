import { z } from 'zod'
import { Finding } from '../model/finding.ts'
import { Service } from '../model/lease-event.ts'
import { Refusal, Source } from '../model/source.ts'
import { Time } from './parts.ts'
import { ListQuery } from './queries.ts'

const Count = z.int().min(0)

export const FindingAnswer = Finding.extend({
  id: Finding.shape.id.describe('The same while the cause lasts, over a restart too.'),
  subject: Finding.shape.subject.describe('What is at fault: a zone of a server, a service of Kea, a scope.'),
  reason: Finding.shape.reason.describe('What is seen, as a sentence.'),
  remedy: Finding.shape.remedy.describe('What to do about it, with what can be copied.'),
  since: Time,
})
  .describe('Something that is not as it should be.')
  .meta({ id: 'Finding' })
export type FindingAnswer = z.infer<typeof FindingAnswer>

export const FindingPage = z
  .object({
    items: z.array(FindingAnswer),
    next: z.string().nullable().describe('`cursor` of the next page; null on the last one.'),
  })
  .describe('One page of findings; none when all is well.')
  .meta({ id: 'FindingPage' })

export const FindingQuery = z.strictObject({ limit: ListQuery.shape.limit, cursor: ListQuery.shape.cursor })

export const SourceAnswer = z
  .object({
    source: Source,
    name: z.string().describe('The name of the token, the address of the listener, or the path of the lease file.'),
    lastHeard: Time.nullable().describe('When anything was last accepted; null when nothing was.'),
    accepted: Count.describe('Requests, datagrams or reads that were taken since the start.'),
    refused: Count,
    lastRefusal: z
      .object({ at: Time, why: Refusal, detail: z.string() })
      .nullable()
      .describe('Why the last that was refused was.'),
  })
  .describe('One source of lease events.')
  .meta({ id: 'Source' })
export type SourceAnswer = z.infer<typeof SourceAnswer>

export const KeaAnswer = z
  .object({
    kea: z.string(),
    service: Service,
    reachable: z.boolean().nullable().describe('null until it has been asked.'),
    problem: z.string().nullable().describe('Why it cannot be reached, or what it lacks; null when all is well.'),
    since: Time.nullable().describe('Since when it is so.'),
    version: z.string().nullable(),
    lastListing: Time.nullable().describe('When it last listed all its leases; null when it never did.'),
    ha: z
      .object({ active: z.enum(['active', 'standby', 'unknown']), state: z.string().nullable(), reason: z.string() })
      .nullable()
      .describe('Whether it serves; null where it is not one of a pair.'),
  })
  .describe('One service of one Kea that can be asked.')
  .meta({ id: 'Kea' })
export type KeaAnswer = z.infer<typeof KeaAnswer>

export const StoreAnswer = z
  .object({
    path: z.string(),
    size: Count.nullable().describe('Bytes of all its files; null until it was looked at.'),
    holder: z.string().describe('The process that uses it.'),
    room: Count.nullable().describe('Bytes that are free on its disk.'),
    roomPercent: z.number().nullable().describe('The same in per cent of the disk.'),
  })
  .describe('Where Leasehold keeps what it knows.')
  .meta({ id: 'Store' })
export type StoreAnswer = z.infer<typeof StoreAnswer>
