import { z } from 'zod'
import { IntentKind } from '../model/intent.ts'
import { Origin, Phase, RecordType } from '../model/record.ts'
import { Time } from './parts.ts'
import { ListQuery, SearchText } from './queries.ts'

const Count = z.int().min(0)

/**
 * What a list of names can be ordered by. A minus before it turns the order round. By `need` those come first that want a
 * person: in conflict, taken over, then those that go, the soonest first.
 */
const SORTED_BY = ['name', 'need', 'phase', 'scope', 'client', 'address', 'updatedAt', 'dueAt', 'expiry'] as const
export type SortedBy = (typeof SORTED_BY)[number]
const SORTS = SORTED_BY.flatMap(field => [field, `-${field}`] as const)
export type Sort = (typeof SORTS)[number]

/** The filters of the list of names. A name is listed when all the given filters match. */
export const NameQuery = z.strictObject({
  q: SearchText.optional(),
  scope: ListQuery.shape.scope,
  phase: Phase.optional(),
  origin: Origin.optional(),
  intent: IntentKind.exclude(['policy']).optional().describe('What a person meant of it.'),
  sort: z
    .enum(SORTS)
    .default('name')
    .describe(
      'By what the names are ordered; with a minus the largest come first. `need`: first those that want a person.',
    ),
  limit: ListQuery.shape.limit,
  cursor: ListQuery.shape.cursor,
})
export type NameQuery = z.infer<typeof NameQuery>

export const NameItem = z
  .object({
    name: z.string(),
    phase: Phase.nullable().describe('Of the record that tells most; null where there is none.'),
    rule: z.string().nullable(),
    reason: z.string().nullable().describe('Why, as a sentence.'),
    dueAt: Time.nullable(),
    origin: Origin.nullable(),
    scope: z.string().nullable(),
    addresses: z.array(z.string()).describe('Those that the name has, or is to have.'),
    records: z
      .array(z.object({ name: z.string(), type: RecordType, value: z.string(), phase: Phase }))
      .describe('Of both families, and the PTR records that point at the name.'),
    client: z.string().nullable(),
    hostname: z.string().nullable().describe('As the client asked for it; null where it said none.'),
    expiry: Time.nullable().describe('When its lease runs out; null when it never does, or there is none.'),
    intent: z.array(IntentKind).describe('What a person meant of it.'),
    updatedAt: Time.nullable(),
  })
  .describe('One name in short, both families in it.')
  .meta({ id: 'NameItem' })
export type NameItem = z.infer<typeof NameItem>

export const NamePage = z
  .object({
    items: z.array(NameItem),
    next: z.string().nullable().describe('`cursor` of the next page; null on the last one.'),
    total: Count.describe('Names that match, on all pages together.'),
  })
  .describe('One page of names.')
  .meta({ id: 'NamePage' })
