/*
 * Where the server is that a command speaks to, and with which token.
 *
 *     --url, else LEASEHOLD_URL                      as it stands
 *     --config, else LEASEHOLD_CONFIG                `http` of leasehold.json, and nothing else of it
 *     none of them                                   http://127.0.0.1:8053
 *
 * Of leasehold.json only `http` is looked at. So whoever may ask need not be allowed to read the secrets that the file names,
 * and a short question does not wait for all that a start would check. Where `http` is not as it should be, the whole file
 * is checked, for the sake of the message.
 */
import { readFileSync } from 'node:fs'
import { printable } from '../../../lib/input/printable.ts'
import { LISTENS } from '../../../schemas/config/listens.ts'
import { CommandFailed, EXIT, type Terminal } from '../terminal.ts'

export interface WhereOptions {
  url?: string
  tokenFile?: string
  config?: string
}

const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return null
  }
}

/** `http` of a file as far as it is needed here; null when it is not as it should be. */
const listensIn = async (file: string): Promise<{ host: string; port: number } | null> => {
  const text = textOf(file)
  if (text === null) return null
  const { parseJsonc } = await import('../../config/jsonc.ts')
  const read = parseJsonc(text)
  if (!('value' in read)) return null
  const { host = LISTENS.host, port = LISTENS.port } = (read.value as { http?: Partial<typeof LISTENS> })?.http ?? {}
  return typeof host === 'string' && Number.isInteger(port) ? { host, port } : null
}

const listens = async (file: string | undefined, env: Terminal['env']): Promise<{ host: string; port: number }> => {
  const path = file ?? env.LEASEHOLD_CONFIG
  if (!path) return LISTENS
  const found = await listensIn(path)
  if (found !== null) return found
  const { loadConfig } = await import('../../config/load.ts')
  return loadConfig({ file: path, env }).http
}

/** @throws CommandFailed for what is no URL, ConfigError for a configuration that cannot be read */
export const urlOf = async ({ url, config }: WhereOptions, env: Terminal['env']): Promise<string> => {
  const given = url ?? env.LEASEHOLD_URL
  if (given !== undefined && given !== '') {
    if (URL.canParse(given) && /^https?:/.test(given)) return given.replace(/\/+$/, '')
    throw new CommandFailed(`expected a URL like http://127.0.0.1:8053, got "${printable(given)}"`, EXIT.use)
  }
  const { host, port } = await listens(config, env)
  const reached = ANY.has(host) ? LISTENS.host : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

/** The token of the file that is named, else that of the environment. @throws CommandFailed for a file that cannot be read */
export const tokenOf = ({ tokenFile }: WhereOptions, env: Terminal['env']): string | undefined => {
  if (tokenFile === undefined) return env.LEASEHOLD_TOKEN || undefined
  try {
    return readFileSync(tokenFile, 'utf8').trim()
  } catch (error) {
    throw new CommandFailed(`--token-file: ${(error as Error).message}`, EXIT.use)
  }
}
