import { readFileSync } from 'node:fs'
import t from 'tap'
import { documentText } from '../../openapi/document-text.ts'

interface Operation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security: object[]
  parameters?: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object; examples: Record<string, { value: unknown }> }> }
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>
}

const text = await documentText()
const document = JSON.parse(text) as {
  openapi: string
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: object }
}
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
)

/** Every route, and the statuses of its problems. */
const ROUTES: [method: string, path: string, problems: string[]][] = [
  ['post', '/v1/callouts/{point}', ['400', '401', '403', '413', '415', '503']],
  ['post', '/v1/events', ['400', '401', '403', '413', '415', '503']],
  ['get', '/v1/leases', ['400', '401', '403']],
  ['get', '/v1/records', ['400', '401', '403']],
  ['get', '/v1/scopes', ['401', '403']],
  ['get', '/v1/names', ['400', '401', '403']],
  ['patch', '/v1/scopes/{name}', ['400', '401', '403', '404', '413', '415', '503']],
  ['post', '/v1/scopes/{name}/preview', ['400', '401', '403', '404', '413', '415', '503']],
  ['get', '/v1/plan', ['400', '401', '403']],
  ['get', '/v1/names/{fqdn}', ['400', '401', '403', '404']],
  ['post', '/v1/names/{fqdn}/pin', ['400', '401', '403', '404', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/unpin', ['400', '401', '403', '404', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/promote', ['400', '401', '403', '404', '409', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/demote', ['400', '401', '403', '404', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/release', ['400', '401', '403', '404', '409', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/give-back', ['400', '401', '403', '404', '409', '413', '415', '503']],
  ['post', '/v1/names/{fqdn}/restore', ['400', '401', '403', '404', '409', '413', '415', '503']],
  ['put', '/v1/clients/{client}/name', ['400', '401', '403', '413', '415', '503']],
  ['delete', '/v1/clients/{client}/name', ['400', '401', '403', '404', '413', '415', '503']],
  ['put', '/v1/names/{fqdn}/alias', ['400', '401', '403', '409', '413', '415', '503']],
  ['delete', '/v1/names/{fqdn}/alias', ['400', '401', '403', '404', '413', '415', '503']],
  ['post', '/v1/reconcile', ['400', '401', '403', '503']],
  ['get', '/v1/reconcile', ['401', '403']],
  ['get', '/v1/holds', ['400', '401', '403']],
  ['get', '/v1/holds/{id}', ['400', '401', '403', '404']],
  ['post', '/v1/holds/{id}/approve', ['400', '401', '403', '404', '409', '503']],
  ['post', '/v1/holds/{id}/reject', ['400', '401', '403', '404', '409', '503']],
  ['post', '/v1/pause', ['401', '403', '503']],
  ['post', '/v1/resume', ['401', '403', '503']],
  ['get', '/v1/findings', ['400', '401', '403']],
  ['get', '/v1/audit', ['400', '401', '403']],
  ['get', '/v1/stream', ['401', '403', '503']],
  ['get', '/v1/status', ['401', '403']],
  ['get', '/healthz', ['403']],
  ['get', '/readyz', ['403', '503']],
  ['get', '/metrics', ['401', '403']],
  ['get', '/openapi.json', ['403']],
]

t.test('each route stands in it, with its problems', async t => {
  t.equal(document.openapi, '3.1.0')
  t.same(
    operations.map(({ method, path }) => `${method} ${path}`).sort(),
    ROUTES.map(([method, path]) => `${method} ${path}`).sort(),
  )
  for (const [method, path, problems] of ROUTES) {
    const { responses } = document.paths[path]![method]!
    const bad = Object.keys(responses).filter(status => !status.startsWith('2'))
    t.same(bad, problems, path)
    for (const status of bad) t.ok('application/problem+json' in responses[status]!.content)
  }
})

t.test('each operation is described', async t => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length, 'operationIds are unique')
  for (const { path, operation } of operations) {
    t.match(operation.operationId, /^[a-z][A-Za-z]+$/, 'makes a method name')
    t.ok(operation.summary && operation.description, operation.operationId)
    t.ok(document.tags.some(({ name }) => operation.tags.includes(name)))
    t.ok(Array.isArray(operation.security))
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const parameters = operation.parameters?.filter(one => one.in === 'path') ?? []
    t.same(
      parameters.map(({ name }) => name),
      inPath,
      `${path} has its parameters`,
    )
    t.ok(parameters.every(({ required }) => required))
    for (const response of Object.values(operation.responses)) {
      t.not(response.description, 'Default Response')
      for (const { schema } of Object.values(response.content)) t.ok(schema)
    }
  }
})

t.test('every reference leads somewhere, and every component is used', async t => {
  const refs = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, ref]) => ref!)
  const names = Object.keys(document.components.schemas).map(name => `#/components/schemas/${name}`)
  t.same([...new Set(refs)].sort(), names.sort())
  t.notMatch(text, /Input"/, 'nothing is named twice')
})

t.test('the bodies have examples in each content type', async t => {
  const contents = operations.flatMap(({ operation }) => Object.entries(operation.requestBody?.content ?? {}))
  t.equal(contents.length, 16)
  for (const [type, { examples }] of contents) t.ok(Object.values(examples).length > 0, type)
})

t.test('the file in the repository is what the routes say', async t => {
  const file = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
  t.ok(file === text, 'else run: npm run openapi')
})
