/*
 * From leasehold.json to a configuration with nothing left open, or one error that says everything that is wrong.
 *
 *     --config FILE, else LEASEHOLD_CONFIG, else the embedded default
 *       │
 *       ├─► is it JSON?                    lib/input/json-fault.ts       line 3, column 7: expected ...
 *       ├─► has each key the right value?  schemas/config/leasehold.ts   scopes[0].ttl: expected ...
 *       ├─► do the keys fit each other?    checks.ts, checks-places.ts   scopes[0].backend: expected ...
 *       └─► can each secret be read?       resolve.ts                    http.tokens[0].secret.file: expected ...
 *
 * Each step needs the one before it, but within a step nothing stops at the first fault; the last two steps report
 * together. A message names the key, what was expected and what was found. It never shows a secret.
 *
 * A key is added in the schema. It needs a check here only where it must fit another key.
 */

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Issue } from '../../lib/input/bad-input.ts'
import { jsonFault } from '../../lib/input/json-fault.ts'
import { issuesOf } from '../../lib/input/zod-issues.ts'
import { Config } from '../../schemas/config/leasehold.ts'
import { checkDns, checkHttp, checkKea, checkScopes } from './checks.ts'
import { checkPlaces } from './checks-places.ts'
import { type Environment, type ResolvedConfig, resolve } from './resolve.ts'

const line = ({ field, expected, found }: Issue): string => `  ${field}: expected ${expected}, found ${found}`

/** Thrown when a configuration cannot be used. Its message has one line for each thing that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly Issue[]

  constructor(source: string, issues: readonly Issue[]) {
    super([`${source} cannot be used:`, ...issues.map(line)].join('\n'))
    this.issues = issues
  }
}

const CHECKS = [checkHttp, checkDns, checkPlaces, checkKea, checkScopes]

/**
 * True when a Kea is configured and `scopes` is not. Then all scopes come from Kea, and the default ones do not apply.
 */
const fromKea = (input: unknown): boolean => {
  const { kea, scopes } = (input ?? {}) as { kea?: unknown[]; scopes?: unknown }
  return scopes === undefined && Array.isArray(kea) && kea.length > 0
}

/**
 * Turns the parsed JSON of leasehold.json into a configuration. Secrets are read from files and from `env`. `source` is
 * what the message calls the configuration, for example its file.
 * @throws ConfigError with everything that is wrong.
 */
export const configOf = (input: unknown, env: Environment, source = 'the configuration'): ResolvedConfig => {
  const parsed = Config.safeParse(input)
  if (!parsed.success) throw new ConfigError(source, issuesOf(parsed.error.issues, input, source))
  const data = fromKea(input) ? { ...parsed.data, scopes: [] } : parsed.data
  const issues = CHECKS.flatMap(check => check(data))
  const config = resolve(data, env, issues)
  if (issues.length > 0) throw new ConfigError(source, issues)
  return config
}

const readFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException
    throw new ConfigError(path, [{ field: path, expected: 'a file that can be read', found: code }])
  }
}

const parse = (path: string, text: string): unknown => {
  const fault = jsonFault(text)
  if (!fault) return JSON.parse(text)
  const { line, column, expected } = fault
  throw new ConfigError(path, [{ field: `line ${line}, column ${column}`, expected, found: 'something else' }])
}

const fileOf = (argv: readonly string[], env: Environment): string | null => {
  try {
    const { values } = parseArgs({ args: [...argv], options: { config: { type: 'string' } }, strict: true })
    return values.config ?? (env.LEASEHOLD_CONFIG || null)
  } catch (error) {
    const found = (error as Error).message.split('. ')[0]!
    throw new ConfigError('the command line', [{ field: 'arguments', expected: '--config FILE or nothing', found }])
  }
}

/**
 * Loads the configuration of this program. `argv` are the arguments after the script. Paths in the file are relative to
 * the working folder.
 * @throws ConfigError
 */
export const loadConfig = ({ argv, env }: { argv: readonly string[]; env: Environment }): ResolvedConfig => {
  const file = fileOf(argv, env)
  return file === null ? configOf({}, env) : configOf(parse(file, readFile(file)), env, file)
}
