/*
 * From leasehold.json to a configuration with nothing left open, or one error that says everything that is wrong.
 *
 *     --config FILE, else LEASEHOLD_CONFIG, else the embedded default
 *       │
 *       ├─► is it JSON, with comments?     jsonc.ts                      line 3, column 7: expected ...
 *       ├─► has each key the right value?  schemas/config/leasehold.ts   scopes[0].ttl: expected ...
 *       ├─► do the keys fit each other?    checks.ts, checks-*.ts   scopes[0].backend: expected ...
 *       └─► can each secret be read?       resolve.ts                    http.tokens[0].secret.file: expected ...
 *
 * Each step needs the one before it, but within a step nothing stops at the first fault; the last two steps report
 * together. A message names the key, what was expected and what was found. It never shows a secret.
 *
 * A key is added in the schema. It needs a check here only where it must fit another key.
 */

import { readFileSync } from 'node:fs'
import type { Issue } from '../../lib/input/bad-input.ts'
import { issuesOf } from '../../lib/input/zod-issues.ts'
import { Config } from '../../schemas/config/leasehold.ts'
import { checkHttp, checkKea, checkReservations, checkScopes, checkStore, checkWebhooks } from './checks.ts'
import { checkDns } from './checks-dns.ts'
import { checkPlaces } from './checks-places.ts'
import { parseJsonc } from './jsonc.ts'
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

const CHECKS = [checkHttp, checkStore, checkDns, checkPlaces, checkKea, checkScopes, checkReservations, checkWebhooks]

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
  const checked = Config.safeParse(input)
  if (!checked.success) throw new ConfigError(source, issuesOf(checked.error.issues, input, source, Config))
  const data = fromKea(input) ? { ...checked.data, scopes: [] } : checked.data
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

const parsed = (path: string, text: string): unknown => {
  const result = parseJsonc(text)
  if ('value' in result) return result.value
  const { line, column, expected } = result.fault
  throw new ConfigError(path, [{ field: `line ${line}, column ${column}`, expected, found: 'something else' }])
}

/** The file of the configuration: the one that the command line names, else the environment; null for none. */
export const configFile = (file: string | undefined, env: Environment): string | null =>
  file ?? (env.LEASEHOLD_CONFIG || null)

/**
 * Loads the configuration of this program. `file` is what the command line names. Paths in the file are relative to the
 * working folder.
 * @throws ConfigError
 */
export const loadConfig = ({ file, env }: { file?: string | undefined; env: Environment }): ResolvedConfig => {
  const path = configFile(file, env)
  return path === null ? configOf({}, env) : configOf(parsed(path, readFile(path)), env, path)
}
