/*
 * Puts zod's issues into the words of this program. A value that may be a secret is never quoted.
 */

import type { z } from 'zod'
import { type Issue, MOST_ISSUES, shown } from './bad-input.ts'
import { keysAt, nearest } from './nearest.ts'

type Fault = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const PLAIN_KEY = /^[\w-]{1,64}$/

/** Keys at or beside which a secret stands, or may have been put by mistake. Nothing that is found there is quoted. */
const CONFIDENTIAL: ReadonlySet<PropertyKey> = new Set(
  'secret url role algorithm tsig username password keyFile token apiKey'.split(' '),
)
const isServer = (value: unknown): boolean => typeof value !== 'string' || /^[\w.-]{1,64}:\d{1,5}$/.test(value)

/** True where the value may be quoted. Of servers only what has a port: a secret has none. */
const isQuotable = (path: Path, value: unknown): boolean =>
  !path.some(step => CONFIDENTIAL.has(step)) && (!path.includes('servers') || isServer(value))

/** The path of a value as a person would write it: `scopes[0].ttl`, `[3].ip-address`, `variables["a b"]`. */
export const fieldAt = (path: Path): string =>
  path
    .map(step => {
      if (typeof step === 'number') return `[${step}]`
      return PLAIN_KEY.test(String(step)) ? `.${String(step)}` : `[${shown(String(step))}]`
    })
    .join('')
    .replace(/^\./, '')

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return KINDS[Array.isArray(value) ? 'array' : typeof value] ?? typeof value
}

const COUNTED: Record<string, string> = { string: ' characters', array: ' entries' }

const listed = (values: readonly unknown[]): string => {
  const texts = values.map(value => JSON.stringify(value))
  return texts.length > 3 ? `one of ${values.join(', ')}` : texts.join(' or ')
}

const EXPECTED: { [C in Fault['code']]?: (fault: Extract<Fault, { code: C }>) => string } = {
  invalid_type: fault => KINDS[fault.expected] ?? fault.expected,
  invalid_value: fault => listed(fault.values),
  too_small: fault => `at least ${fault.minimum}${COUNTED[fault.origin] ?? ''}`,
  too_big: fault => `at most ${fault.maximum}${COUNTED[fault.origin] ?? ''}`,
  unrecognized_keys: () => 'no such key',
  invalid_union: fault =>
    'options' in fault && Array.isArray(fault.options) ? listed(fault.options) : 'something else',
}

const expectedBy = (fault: Fault): string => {
  const own = /^expected (.+)$/s.exec(fault.message)?.[1]
  return own ?? (EXPECTED[fault.code] as ((fault: Fault) => string) | undefined)?.(fault) ?? fault.message
}

const COMPOUND: ReadonlySet<string> = new Set(['array', 'object', 'record'])

/** What was found. A text in the place of an object may be a misplaced secret, so only its kind is told. */
const foundBy = (fault: Fault, path: Path, value: unknown): string => {
  const structural = fault.code === 'invalid_type' && COMPOUND.has(fault.expected)
  const scalar = typeof value !== 'object' && value !== undefined
  return scalar && !structural && isQuotable(path, value) ? shown(value) : kindOf(value)
}

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | undefined)?.[step], input)

const INSIDE: ReadonlySet<string> = new Set(['unrecognized_keys', 'too_small', 'too_big'])

/**
 * The faults of the alternative of a union that was meant: the only one of the same kind (object, list, ...) as the
 * input. When there is no such alternative, the fault of the union itself.
 */
const meant = (fault: Fault): Fault[] => {
  if (fault.code !== 'invalid_union') return [fault]
  const near = fault.errors.filter(branch => branch.every(one => one.path.length > 0 || INSIDE.has(one.code)))
  if (near.length !== 1) return [fault]
  return near[0]!.map(one => ({ ...one, path: [...fault.path, ...one.path] }) as Fault).flatMap(meant)
}

const expectedInstead = (key: string, path: Path, input: unknown, schema?: z.core.$ZodType): string => {
  const near = schema ? nearest(key, keysAt(schema, path, input)) : null
  return near === null ? 'no such key' : `no such key (did you mean "${near}"?)`
}

const describe = (fault: Fault, input: unknown, root: string, schema?: z.core.$ZodType): Issue[] => {
  const at = (path: Path, found: string): Issue => ({
    field: fieldAt(path) || root,
    expected: expectedBy(fault),
    found,
  })
  if (fault.code === 'unrecognized_keys') {
    return fault.keys.map(key => ({
      ...at([...fault.path, key], 'one'),
      expected: expectedInstead(key, fault.path, input, schema),
    }))
  }
  return [at(fault.path, foundBy(fault, fault.path, valueAt(input, fault.path)))]
}

/**
 * Makes issues of zod's, one a field and at most MOST_ISSUES. `root` is the field when the whole input is wrong. With
 * the `schema` an unknown key gets the nearest known one beside it.
 */
export const issuesOf = (faults: readonly Fault[], input: unknown, root: string, schema?: z.core.$ZodType): Issue[] =>
  faults
    .slice(0, MOST_ISSUES)
    .flatMap(meant)
    .flatMap(fault => describe(fault, input, root, schema))
    .slice(0, MOST_ISSUES)
