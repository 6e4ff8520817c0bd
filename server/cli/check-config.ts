import { ConfigError, configFile, loadConfig } from '../config/load.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const summary = ({ http, dns, kea, scopes }: ResolvedConfig): string =>
  [
    `HTTP on ${http.host}:${http.port} with ${counted(http.tokens.length, 'token')}`,
    counted(dns.length, 'DNS server'),
    counted(kea.length, 'Kea'),
    scopes.length === 0 ? "scopes from Kea's configuration" : counted(scopes.length, 'scope'),
  ].join(', ')

/**
 * `leasehold check-config`: says all that a start would say of the configuration, without starting. No server is asked:
 * that is what `doctor` does. Warnings are told and change nothing about the exit code.
 */
export const checkConfig = (
  { config: file, json }: { config?: string | undefined; json?: true },
  { env, write, complain }: Terminal,
): ExitCode => {
  const source = configFile(file, env) ?? 'the embedded default'
  try {
    const config = loadConfig({ file, env })
    const { warnings } = config
    if (json) write(`${JSON.stringify({ source, ok: true, issues: [], warnings }, null, 2)}\n`)
    else write(`${source} is good: ${summary(config)}.\n`)
    if (!json) for (const warning of warnings) complain(`warning: ${warning}\n`)
    return EXIT.done
  } catch (error) {
    if (!(error instanceof ConfigError) || !json) throw error
    write(`${JSON.stringify({ source, ok: false, issues: error.issues, warnings: [] }, null, 2)}\n`)
    return EXIT.config
  }
}
