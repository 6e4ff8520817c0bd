/*
 * The operations of the OpenAPI document, and requests that none of them may take, made from the document alone. So an
 * operation that is added is tried like the others.
 *
 *     what the document shows ──► one part of it is another      ──► does its schema refuse it?  yes: a bad request
 *     (an example, a parameter)   (a key more or less, any JSON)                                 no: left out
 */

import fc from 'fast-check'
import { z } from 'zod'
import { documentText } from '../../../openapi/document-text.ts'

interface Parameter {
  name: string
  in: string
  schema: object
}

export interface Operation {
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  role: 'anyone' | 'callout' | 'read' | 'operate'
  /** It goes on until whoever asked hangs up. */
  isEndless: boolean
  inPath: Parameter[]
  inQuery: Parameter[]
  bodies: { type: string; schema: z.ZodType; examples: unknown[] }[]
}

/** A request before its headers of who asks. */
export interface Request {
  method: Operation['method']
  url: string
  headers: Record<string, string>
  payload?: string | Buffer
}

const JSON_TYPE = 'application/json'

/** The characters of `Cc`, for patterns that are read without the flag `u`. */
const CONTROL = String.raw`\\u0000-\\u001f\\u007f-\\u009f`

// biome-ignore lint/suspicious/noExplicitAny: the document as it was written
type Any = any

const document: Any = JSON.parse(
  (await documentText())
    .replaceAll('#/components/schemas/', '#/$defs/')
    .replaceAll(String.raw`\\P{Cc}`, `[^${CONTROL}]`)
    .replaceAll(String.raw`\\p{Cc}`, CONTROL),
)
const $defs = document.components.schemas

const checker = (schema: object): z.ZodType => z.fromJSONSchema({ ...schema, $defs } as never)

const ROLE = / (?:Role: (callout|read|operate)|Needs no token)\.$/

const operationOf = (path: string, method: string, one: Any): Operation => ({
  id: one.operationId,
  method: method.toUpperCase() as Operation['method'],
  path,
  role: (ROLE.exec(one.description)?.[1] as Operation['role']) ?? 'anyone',
  isEndless: 'text/event-stream' in (one.responses[200]?.content ?? {}),
  inPath: (one.parameters ?? []).filter((each: Parameter) => each.in === 'path'),
  inQuery: (one.parameters ?? []).filter((each: Parameter) => each.in === 'query'),
  bodies: Object.entries<Any>(one.requestBody?.content ?? {}).map(([type, { schema, examples }]) => ({
    type,
    schema: checker(schema),
    examples: Object.values<Any>(examples).map(({ value }) => value),
  })),
})

export const OPERATIONS: Operation[] = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, one]) => operationOf(path, method, one)),
)

/** What stands for each parameter of a path where it is right. The test's program knows the name. */
const RIGHT: Record<string, string> = {
  point: 'leases4_committed',
  fqdn: 'laptop.lab.example.net',
  client: 'hw:02:00:5e:10:00:01',
  name: 'office',
  id: '1',
}

const urlOf = ({ path }: Operation, wrong: Record<string, string> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name) => wrong[name] ?? encodeURIComponent(RIGHT[name]!))

/** The request that the document shows first. `part` is what of it is wrong. */
export const requestOf = (operation: Operation, part: Partial<Request> = {}): Request => {
  const { method, bodies } = operation
  const [body] = bodies
  const shown = body && { headers: { 'content-type': body.type }, payload: JSON.stringify(body.examples[0]) }
  return { method, url: urlOf(operation), headers: {}, ...shown, ...part }
}

/** Long ones, and those with what JSON, paths and names make something of. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    ' ',
    '\0',
    '\n',
    '../..',
    '%00',
    '*',
    '-1',
    '1e9',
    '9'.repeat(30),
    'null',
  ),
  fc.constantFrom(254, 255, 1000, 5000).map(length => 'a'.repeat(length)),
)
const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, fc.integer(), fc.double({ noNaN: true }))

type Place = (string | number)[]

const placesIn = (value: unknown, at: Place = []): Place[] =>
  value !== null && typeof value === 'object'
    ? [at, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...at, key]))]
    : [at]

/** A value in which the part at a place is what `change` makes of it; `undefined` is left out. */
const changedAt = (value: unknown, [key, ...rest]: Place, change: (part: unknown) => unknown): unknown => {
  if (key === undefined) return change(value)
  const copy = structuredClone(value) as Record<string, unknown>
  copy[key] = changedAt(copy[key], rest, change)
  return copy
}

/** An example in which one thing is another, missing, or too much. */
const mutated = (examples: unknown[]): fc.Arbitrary<unknown> =>
  fc.constantFrom(...examples).chain(example =>
    fc.tuple(fc.constantFrom(...placesIn(example)), json, text, fc.nat(3)).map(([place, value, key, kind]) =>
      changedAt(example, place, part => {
        if (kind === 0) return undefined
        if (kind === 1 && part !== null && typeof part === 'object') return { ...part, [key]: value }
        return kind === 2 ? [part] : value
      }),
    ),
  )

/** Any body that is JSON, right or wrong, for a body of the document. */
export const anyBody = ({ examples }: Operation['bodies'][number]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: mutated(examples) }, json).map(value => JSON.stringify(value) ?? '')

const isRefused = (schema: z.ZodType, body: string): boolean =>
  body !== '' && !schema.safeParse(JSON.parse(body)).success

const notJson = fc.constantFrom(
  '{',
  '[',
  '{"a":1,}',
  '{"a":1}{',
  "{'a':1}",
  '{"a":1,"a":1}',
  `${'['.repeat(99)}`,
  '\ufeff{}',
)

const badBodies = (operation: Operation): fc.Arbitrary<Request>[] =>
  operation.bodies.flatMap(body => {
    if (body.type !== JSON_TYPE) {
      const nonsense = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
      return nonsense.map(payload => requestOf(operation, { headers: { 'content-type': body.type }, payload }))
    }
    const headers = { 'content-type': JSON_TYPE }
    const shown = JSON.stringify(body.examples[0])
    const other = fc.constantFrom('text/plain', 'application/xml', 'multipart/form-data', 'x', 'application/json+x')
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 }).map(all => Buffer.from([0xff, ...all]))
    return [
      anyBody(body)
        .filter(one => isRefused(body.schema, one))
        .map(payload => requestOf(operation, { headers, payload })),
      fc.oneof(notJson, bytes).map(payload => requestOf(operation, { headers, payload })),
      other.map(type => requestOf(operation, { headers: { 'content-type': type }, payload: shown })),
      fc.constant(requestOf(operation, { headers: { ...headers, 'content-encoding': 'gzip' }, payload: shown })),
    ]
  })

/** What a path or a query has as texts, that a schema refuses. A number is one when it is read as such. */
const badText = (schema: object): fc.Arbitrary<string> => {
  const check = checker(schema)
  const isNumber = 'type' in schema && schema.type === 'integer'
  const isRight = (value: string) => check.safeParse(isNumber && value.trim() !== '' ? Number(value) : value).success
  return text.filter(value => value.isWellFormed() && !isRight(value))
}

const badPaths = (operation: Operation): fc.Arbitrary<Request>[] =>
  operation.inPath.flatMap(({ name, schema }) => {
    const encoded = badText(schema)
      .filter(value => value !== '')
      .map(encodeURIComponent)
    const broken = fc.constantFrom('%', '%zz', '%ff', '%c0%80', '%ed%a0%80')
    return fc.oneof(encoded, broken).map(value => requestOf(operation, { url: urlOf(operation, { [name]: value }) }))
  })

const badQueries = (operation: Operation): fc.Arbitrary<Request>[] => {
  if (operation.inQuery.length === 0) return []
  const asked = (query: Record<string, string>) =>
    requestOf(operation, { url: `${urlOf(operation)}?${new URLSearchParams(query)}` })
  const known = new Set(operation.inQuery.map(({ name }) => name))
  return [
    ...operation.inQuery.map(({ name, schema }) => badText(schema).map(value => asked({ [name]: value }))),
    text.filter(key => key !== '' && !known.has(key)).map(key => asked({ [key]: '1' })),
  ]
}

/** Requests of which a part is not what the document says; null for an operation that takes nothing. */
export const badRequest = (operation: Operation): fc.Arbitrary<Request> | null => {
  const all = [...badBodies(operation), ...badPaths(operation), ...badQueries(operation)]
  return all.length > 0 ? fc.oneof(...all) : null
}
