import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../../schemas/api/answers.ts'
import { ReportedLease } from '../../schemas/kea/reported-lease.ts'
import { VERSION } from '../version.ts'
import { EXAMPLES } from './examples.ts'
import { PROBLEM_JSON } from './problem.ts'
import { ENVIRONMENT } from './routes/callouts.ts'

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, object> }
}

/** What is looked at of an OpenAPI document here. */
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const REF = /"#\/components\/schemas\/(\w+)"/g

const referredTo = (part: unknown): string[] => [...JSON.stringify(part).matchAll(REF)].map(([, name]) => name!)

/**
 * The document with only the components that it refers to. Every schema comes twice, as what goes in (`LeaseInput`) and
 * what comes out (`Lease`); where only the first is used it has the plain name.
 */
const tidied = (document: Document): Document => {
  const { schemas } = document.components
  const used = new Set<string>()
  const open = referredTo(document.paths)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (used.has(name)) continue
    used.add(name)
    open.push(...referredTo(schemas[name]))
  }
  const plain = (name: string): string => {
    const base = name.replace(/Input$/, '')
    return used.has(base) ? name : base
  }
  const kept = [...used].sort().map(name => [plain(name), schemas[name]!])
  const whole = { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } }
  return JSON.parse(JSON.stringify(whole).replace(REF, (_ref, name) => `"#/components/schemas/${plain(name)}"`))
}

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>

const PROBLEMS: Record<number, string> = {
  400: 'Something in the request is not what it must be; `errors` names the fields. Nothing was taken.',
  401: 'A bearer token is needed, or the one that came is not known.',
  403: 'The token has not the role that this needs; or, without tokens, a web page or a foreign Host asked.',
  404: 'Nothing is known of it.',
  409: 'It is not in a state for this any more.',
  413: 'The body is too large. Nothing was taken.',
  415: 'The body has a content type that this does not take.',
  503: 'The store takes no commits. Nothing was taken, or is lost; try again later.',
}

const FURTHER: Record<string, number[]> = {
  getName: [404],
  getReadiness: [503],
  startReconcile: [503],
  getHold: [404],
  approveHold: [404, 409, 503],
  rejectHold: [404, 409, 503],
  pause: [503],
  resume: [503],
}

const problemsOf = ({ operationId = '', body, params, querystring }: FastifySchema, isFree: boolean): number[] => [
  ...(body || params || querystring ? [400] : []),
  ...(isFree ? [403] : [401, 403]),
  ...(body ? [413, 415, 503] : []),
  ...(FURTHER[operationId] ?? []),
]

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>

/** An object may gain fields in later versions unless it is strict; and an integer needs no word on what JavaScript can count. */
const override: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod
  if (def.type === 'object' && !('catchall' in def && def.catchall)) delete jsonSchema.additionalProperties
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

const options = { zodToJsonConfig: { override } }
const jsonSchemaTransform = createJsonSchemaTransform(options)
const jsonSchemaTransformObject = createJsonSchemaTransformObject(options)

const sentence = (schema: FastifySchema, role: string): string =>
  [schema.description ?? `${schema.summary}.`, role === 'anyone' ? 'Needs no token.' : `Role: ${role}.`].join(' ')

const described = ([status, answer]: [string, z.ZodType | { content: object }]) => {
  if ('content' in answer) return [status, answer]
  const { description = 'Done.' } = answer
  return [status, { description, content: { 'application/json': { schema: answer } } }]
}

/** A route's schema with what its role and its kind imply. */
const complete = (schema: FastifySchema, role: string): FastifySchema => {
  const isFree = role === 'anyone'
  const problems = problemsOf(schema, isFree).map(status => [
    status,
    { description: PROBLEMS[status], content: { [PROBLEM_JSON]: { schema: Problem } } },
  ])
  return {
    ...schema,
    description: sentence(schema, role),
    security: isFree ? [] : [{ bearer: [] }],
    response: Object.fromEntries([...Object.entries(schema.response as object).map(described), ...problems]),
  }
}

const transform: Transform = input => {
  const { role } = (input.route as RouteOptions).config ?? {}
  if (!input.schema?.operationId || !role) return { schema: { hide: true }, url: input.url }
  return jsonSchemaTransform({ ...input, schema: complete(input.schema, role) } as never)
}

const BODIES: Record<string, Record<string, object>> = {
  reportCallout: {
    [ENVIRONMENT]: {
      schema: { type: 'string', contentMediaType: ENVIRONMENT, description: 'NAME=value, each ended by a NUL.' },
    },
  },
}

const addBodies = ({ paths }: Document): void => {
  for (const { operationId, requestBody } of Object.values(paths).flatMap(item => Object.values(item))) {
    if (!requestBody) continue
    Object.assign(requestBody.content, BODIES[operationId])
    for (const [type, examples] of Object.entries(EXAMPLES[operationId] ?? {})) {
      Object.assign(requestBody.content[type]!, { examples })
    }
  }
}

const transformObject: TransformObject = input => {
  const document = jsonSchemaTransformObject(input) as unknown as Document
  addBodies(document)
  return tidied(document) as never
}

const DESCRIPTION = `Leasehold keeps the DNS names of Kea's leases true, and never touches a name that is not its own.

Whatever goes wrong is answered as a problem document (RFC 9457) that names the fields at fault. Times are ISO 8601 in UTC.
Bearer tokens carry a role: \`callout\` < \`read\` < \`operate\`; where no tokens are configured none is needed, and only
programs of this machine can ask: a page of another site is answered 403.`

/** Describes the routes that are added afterwards, at /docs for a person; `app.swagger()` gives the document. */
export const useDocument = (app: FastifyInstance): void => {
  if (!z.globalRegistry.has(ReportedLease)) z.globalRegistry.add(ReportedLease, { id: 'ReportedLease' })
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Leasehold',
        version: VERSION,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'Kea', description: 'What happens to leases.' },
        { name: 'Names', description: 'What is known, owned and published.' },
        { name: 'Policy', description: 'What becomes of names.' },
        { name: 'Operation', description: 'How it goes.' },
      ],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    transform,
    transformObject,
  })
  app.register(swaggerUi, { routePrefix: '/docs', theme: { title: 'Leasehold API' } })
}
