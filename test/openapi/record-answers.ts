/*
 * Records what each operation answers, as the examples of the OpenAPI document: `npm run openapi:examples`.
 *
 * The answers are those of a program with a day's names. Of each list the first item is kept. What they must look like is
 * checked against the schemas by `npm run openapi:lint`.
 */

import { writeFileSync } from 'node:fs'
import { dayOf } from '../real/face/face.ts'
import { CALLS } from './calls.ts'

const FILE = new URL('../../openapi/answers.json', import.meta.url)
const LINES = 3

/** What would be another one at each recording is said as it is elsewhere in the document. */
const plain = (text: string): string =>
  text
    .replace(/\/(?:tmp|var\/tmp)\/leasehold-face-\w+/g, '/var/lib/leasehold')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:8053')

const short = (value: unknown): unknown => {
  if (typeof value === 'string') return plain(value)
  if (Array.isArray(value)) return value.slice(0, 1).map(short)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, short(inner)]))
}

/** Texts are short by their first lines; the document does not hold itself. */
const SHORT: Readonly<Record<string, (data: unknown) => unknown>> = {
  getMetrics: data => `${String(data).split('\n').slice(0, LINES).join('\n')}\n`,
  getOpenApi: data => ({ openapi: (data as { openapi: string }).openapi }),
  getStream: () =>
    'id: 1\nevent: audit\ndata: {"at":"2026-11-21T08:00:00.000Z","what":"decision","verb":"publish", ...}\n\n',
}

const face = await dayOf()
const answers: Record<string, unknown> = {}
for (const [operationId, status, call] of CALLS) {
  const { data } = await call(face.client)
  if (status < 300 && status !== 204) answers[operationId] = (SHORT[operationId] ?? short)(data)
}
const table = await face.client.GET('/v1/audit', { headers: { accept: 'text/csv' }, parseAs: 'text' })
answers['listAudit text/csv'] = String(table.data).split('\r\n').slice(0, 2).join('\r\n')
await face.close()
// These answered 409 there: what they answer else looks as their neighbours' answers do.
answers.giveBackName = answers.restoreName
answers.approveHold = { ...(answers.rejectHold as object), state: 'approved' }
writeFileSync(FILE, `${JSON.stringify(answers, null, 2)}\n`)
