import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { jsonFault } from '../lib/json-fault.ts'
import { Config } from '../schemas/config.ts'
import { checkDns } from './config/check-dns.ts'
import { checkHttp } from './config/check-http.ts'
import { checkKea } from './config/check-kea.ts'
import { checkScopes } from './config/check-scopes.ts'
import { ConfigError } from './config/config-error.ts'
import { type ResolvedConfig, resolve } from './config/resolve.ts'
import type { Environment } from './config/secrets.ts'
import { issuesOf } from './issues.ts'

export { ConfigError } from './config/config-error.ts'
export type { ResolvedConfig, ResolvedDns, ResolvedRfc2136, ResolvedToken } from './config/resolve.ts'

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
