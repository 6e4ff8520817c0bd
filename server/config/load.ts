import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Issue } from '../../lib/input/bad-input.ts'
import { jsonFault } from '../../lib/input/json-fault.ts'
import { issuesOf } from '../../lib/input/zod-issues.ts'
import { Config } from '../../schemas/config/leasehold.ts'
import { checkDns, checkHttp, checkKea, checkScopes } from './checks.ts'
import { type Environment, type ResolvedConfig, resolve } from './resolve.ts'

const line = ({ field, expected, found }: Issue): string => `  ${field}: expected ${expected}, found ${found}`

/** The configuration cannot be used. The message has a line for each thing that is wrong, and never a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly Issue[]

  constructor(source: string, issues: readonly Issue[]) {
    super([`${source} cannot be used:`, ...issues.map(line)].join('\n'))
    this.issues = issues
  }
}

const CHECKS = [checkHttp, checkDns, checkKea, checkScopes]

/** Where Kea can be asked and no scopes are named, they come wholly from Kea. */
const fromKea = (input: unknown): boolean => {
  const { kea, scopes } = (input ?? {}) as { kea?: unknown[]; scopes?: unknown }
  return scopes === undefined && Array.isArray(kea) && kea.length > 0
}

/**
 * Checks a configuration as it stands in leasehold.json and reads its secrets from files and from `env`. `source` is how a
 * message calls it.
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
 * The configuration of this program: `--config FILE` in `argv` (the arguments after the script), else the file that
 * LEASEHOLD_CONFIG names, else the embedded default. Paths are relative to the working folder.
 * @throws ConfigError
 */
export const loadConfig = ({ argv, env }: { argv: readonly string[]; env: Environment }): ResolvedConfig => {
  const file = fileOf(argv, env)
  return file === null ? configOf({}, env) : configOf(parse(file, readFile(file)), env, file)
}
