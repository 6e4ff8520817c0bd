import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import ANSWERS from '../../openapi/answers.json' with { type: 'json' }
import { Problem } from '../../schemas/api/answers.ts'
import { ForwardedAnswer } from '../../schemas/api/intent.ts'
import { ReportedLease } from '../../schemas/kea/reported-lease.ts'
import { VERSION } from '../version.ts'
import { PROBLEM_JSON } from './problem.ts'

/*
 * The OpenAPI document follows from the routes.
 *
 * A route says what it takes and answers in its `schema`, and what no schema can say in its `config`:
 *
 *     config: { role: 'operate', problems: [404, 409, 503] }
 *     schema: { operationId: 'approveHold', params: HoldId, response: { 200: HoldAnswer } }
 *
 * The rest is added here. A route whose `config` says `isForwarded` also answers 202. One with a role also answers 401 and 403. A route with parameters also answers 400. A
 * route with a body also answers 413, 415 and 503. So the row above ends with 200, 400, 401, 403, 404, 409 and 503.
 */

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Statuses of problems that this route answers besides those that its role and its schema imply. */
    problems?: readonly number[]
    /** Bodies of other content types than JSON, each with its JSON schema. */
    bodies?: Readonly<Record<string, object>>
    /** Examples of its body, by content type. */
    examples?: Readonly<Record<string, object>>
    /** Where this process is a standby, what is asked is kept for the one that leads, and answered with 202. */
    isForwarded?: boolean
  }
}

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, object> }
  responses: Record<string, { content?: Record<string, { example?: unknown }> }>
}

/** The parts of an OpenAPI document that are read here. */
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const REF = /"#\/components\/schemas\/(\w+)"/g

const referredTo = (part: unknown): string[] => [...JSON.stringify(part).matchAll(REF)].map(([, name]) => name!)

/**
 * The document with only those components that it refers to. The generator makes each schema twice: `LeaseInput` for
 * requests and `Lease` for answers. Where only `LeaseInput` is used, it is renamed to `Lease`.
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

type Config = FastifyContextConfig

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

const problemsOf = ({ body, params, querystring }: FastifySchema, { role, problems = [] }: Config): number[] => [
  ...(body || params || querystring ? [400] : []),
  ...(role === 'anyone' ? [403] : [401, 403]),
  ...(body ? [413, 415, 503] : []),
  ...problems,
]

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>

/**
 * Leaves out two things that zod adds. An answer may gain fields in a later version, so `additionalProperties: false`
 * stays only where the schema is strict. The largest integer of JavaScript is no limit of ours.
 */
const override: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod
  if (def.type === 'object' && !('catchall' in def && def.catchall)) delete jsonSchema.additionalProperties
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

const options = { zodToJsonConfig: { override } }
const jsonSchemaTransform = createJsonSchemaTransform(options)
const jsonSchemaTransformObject = createJsonSchemaTransformObject(options)

const sentence = (schema: FastifySchema, role: Config['role']): string =>
  [schema.description ?? `${schema.summary}.`, role === 'anyone' ? 'Needs no token.' : `Role: ${role}.`].join(' ')

const described = ([status, answer]: [string, z.ZodType | { content: object }]) => {
  if ('content' in answer) return [status, answer]
  const { description = 'Done.' } = answer
  return [status, { description, content: { 'application/json': { schema: answer } } }]
}

/** A route's schema with all that follows from its config: the role's sentence, the security, the problems. */
const complete = (schema: FastifySchema, config: Config): FastifySchema => {
  const { role, isForwarded } = config
  const answers = { ...(schema.response as object), ...(isForwarded && { 202: ForwardedAnswer }) }
  const problems = problemsOf(schema, config).map(status => [
    status,
    { description: PROBLEMS[status], content: { [PROBLEM_JSON]: { schema: Problem } } },
  ])
  return {
    ...schema,
    description: sentence(schema, role),
    security: role === 'anyone' ? [] : [{ bearer: [] }],
    response: Object.fromEntries([...Object.entries(answers).map(described), ...problems]),
  }
}

/**
 * Turns one route into its operation. A route without an operationId or a role is left out: those are of /docs itself.
 */
const transformRoute: Transform = input => {
  const { config = {} } = input.route as RouteOptions
  if (!input.schema?.operationId || !config.role) return { schema: { hide: true }, url: input.url }
  return jsonSchemaTransform({ ...input, schema: complete(input.schema, config) } as never)
}

const addBodies = ({ paths }: Document, configs: ReadonlyMap<string, Config>): void => {
  for (const { operationId, requestBody } of Object.values(paths).flatMap(item => Object.values(item))) {
    if (!requestBody) continue
    const { bodies, examples = {} } = configs.get(operationId) ?? {}
    for (const [type, schema] of Object.entries(bodies ?? {})) requestBody.content[type] = { schema }
    for (const [type, given] of Object.entries(examples)) {
      Object.assign(requestBody.content[type]!, { examples: given })
    }
  }
}

const FORWARDED: ForwardedAnswer = { accepted: 1, decisions: [] }

/** An answer that was recorded stands at each operation: the first that means that it was done here, in each content type. */
const addAnswers = ({ paths }: Document, configs: ReadonlyMap<string, Config>): void => {
  const recorded: Record<string, unknown> = ANSWERS
  for (const { operationId, responses } of Object.values(paths).flatMap(item => Object.values(item))) {
    const forwarded = configs.get(operationId)?.isForwarded ? responses[202] : undefined
    for (const content of Object.values(forwarded?.content ?? {})) content.example = FORWARDED
    const done = Object.keys(responses).find(status => status.startsWith('2') && responses[status] !== forwarded)!
    for (const [type, content] of Object.entries(responses[done]!.content ?? {}))
      content.example = recorded[`${operationId} ${type}`] ?? recorded[operationId]
  }
}

/** Both steps of the document: first each route, then the whole, which needs the routes' configs for their bodies. */
const transforms = (): { transform: Transform; transformObject: TransformObject } => {
  const configs = new Map<string, Config>()
  return {
    transform: input => {
      const { config } = input.route as RouteOptions
      if (config && input.schema?.operationId) configs.set(input.schema.operationId, config)
      return transformRoute(input)
    },
    transformObject: input => {
      const document = jsonSchemaTransformObject(input) as unknown as Document
      addBodies(document, configs)
      addAnswers(document, configs)
      return tidied(document) as never
    },
  }
}

const DESCRIPTION = `Leasehold keeps the DNS names of Kea's leases true, and never touches a name that is not its own.

Whatever goes wrong is answered as a problem document (RFC 9457) that names the fields at fault. Times are ISO 8601 in UTC.
Bearer tokens carry a role: \`callout\` < \`read\` < \`operate\`; where no tokens are configured none is needed, and only
programs of this machine can ask: a page of another site is answered 403.`

/**
 * Describes every route that is added afterwards. `app.swagger()` gives the document, and /docs shows it to a person.
 */
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
      // Wherever this document came from.
      servers: [{ url: '/' }],
      tags: [
        { name: 'Kea', description: 'What happens to leases.' },
        { name: 'Names', description: 'What is known, owned and published.' },
        { name: 'Intent', description: 'What people mean: what is kept, given and let go.' },
        { name: 'Policy', description: 'What becomes of names.' },
        { name: 'Operation', description: 'How it goes.' },
      ],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    ...transforms(),
  })
  app.register(swaggerUi, { routePrefix: '/docs', theme: { title: 'Leasehold API' } })
}
