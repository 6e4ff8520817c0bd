import { readFileSync } from 'node:fs'
import t from 'tap'
import { dayOf } from '../real/face/face.ts'
import { CALLS } from './calls.ts'

const document = JSON.parse(readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>
}
const OPERATIONS = Object.values(document.paths).flatMap(path => Object.values(path))

t.test('every operation is called by the generated client, and answers as it says', async t => {
  const { client: api } = await dayOf(t)
  t.strictSame(
    CALLS.map(([operationId]) => operationId).sort(),
    OPERATIONS.map(({ operationId }) => operationId).sort(),
    'each operation once',
  )
  for (const [operationId, status, call] of CALLS) {
    const { data, error, response } = await call(api)
    t.equal(response.status, status, `${operationId}: ${JSON.stringify(error)}`)
    const { responses } = OPERATIONS.find(one => one.operationId === operationId)!
    t.ok(String(status) in responses, `${operationId} says that it answers ${status}`)
    if (status === 409) t.match(error, { status: 409, detail: String }, operationId)
    else if (status !== 204) t.ok(data, operationId)
  }
})

t.test('every operation has an example of what it answers', async t => {
  for (const { operationId, responses } of OPERATIONS) {
    const [status, answer] = Object.entries(responses).find(([status]) => status.startsWith('2'))!
    if (status === '204') continue
    const contents = Object.values((answer as { content: Record<string, { example?: unknown }> }).content)
    t.ok(
      contents.every(({ example }) => example !== undefined),
      operationId,
    )
  }
})
