/*
 * GET /v1/audit: every decision, every answer of a DNS server and every word of a person, found by what it is about.
 *
 *     ?name=nas.lab.example.net                      what became of a name
 *     ?client=02:00:5e:10:00:01&since=2026-11-20     what a machine did since Friday
 *     ?address=10.1.0.5&at=2026-11-16T09:00:00Z      who had the address on Monday at nine
 */

import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { canonical } from '../../../lib/address.ts'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { clientAsked, isAsked } from '../../../lib/plan/explain/audit-keys.ts'
import type { HistoryEntry } from '../../../schemas/api/answers.ts'
import { AuditAnswer, AuditQuery } from '../../../schemas/api/audit.ts'
import type { Audit, AuditPage } from '../../audit.ts'
import { csvOf, wantsCsv } from '../csv.ts'
import type { Deps } from '../deps.ts'
import { entryView } from '../views.ts'

/** Who had an address at a time: one entry, or none. The other filters may take it away. */
const heldAt = async (
  audit: Audit,
  { at, limit: _limit, cursor: _cursor, ...asked }: AuditQuery,
): Promise<AuditPage> => {
  if (asked.address === undefined) {
    throw new InvalidInput([{ field: 'address', expected: 'the address that was held at that time', found: 'nothing' }])
  }
  const entry = await audit.heldAt(asked.address, at!)
  return { entries: entry && isAsked(entry, asked) ? [entry] : [], next: null }
}

/** The page for a query. @throws InvalidInput for `at` without an address. */
const findEntries = (audit: Audit, query: AuditQuery): Promise<AuditPage> => {
  const { address, client } = query
  const asked = {
    ...query,
    ...(address !== undefined && { address: canonical(address) ?? '' }),
    ...(client !== undefined && { client: clientAsked(client) }),
  }
  return query.at === undefined ? audit.query(asked) : heldAt(audit, asked)
}

const COLUMNS = [
  'at',
  'what',
  'cause',
  'verb',
  'name',
  'type',
  'value',
  'rule',
  'reason',
  'by',
  'client',
  'address',
  'scope',
] as const

const csvRow = ({ record, ...entry }: HistoryEntry): (string | null | undefined)[] => {
  const fields = { ...record, ...entry }
  return COLUMNS.map(column => fields[column])
}

/** The same question from `next` on. */
const withCursor = (url: string, next: number): string => {
  const [path, query] = url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', String(next))
  return `${path}?${parameters}`
}

export const auditRoutes =
  ({ audit }: Deps): FastifyPluginAsyncZod =>
  async app => {
    app.route({
      method: 'GET',
      url: '/v1/audit',
      config: { role: 'read' },
      schema: {
        operationId: 'listAudit',
        tags: ['Operation'],
        summary: 'Search the audit log',
        description:
          'Decisions, outcomes and what people asked for, newest first. With `accept: text/csv` it is CSV; `Link` then names the next page.',
        querystring: AuditQuery,
        response: {
          200: {
            description: 'One page of the audit log.',
            content: {
              'application/json': { schema: AuditAnswer },
              'text/csv': {
                schema: z
                  .string()
                  .describe(
                    'A line an entry; a cell that a spreadsheet could take for a formula begins with an apostrophe.',
                  ),
              },
            },
          },
        },
      },
      handler: async ({ query, headers, url }, reply) => {
        const { entries, next } = await findEntries(audit, query)
        const items = entries.map(entryView)
        reply.header('vary', 'accept')
        if (!wantsCsv(headers.accept)) return { items, next: next === null ? null : String(next) }
        if (next !== null) reply.header('link', `<${withCursor(url, next)}>; rel="next"`)
        return reply.type('text/csv; charset=utf-8; header=present').send(csvOf(COLUMNS, items.map(csvRow)) as never)
      },
    })
  }
