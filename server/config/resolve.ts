import { readFileSync } from 'node:fs'
import { isBase64 } from '../../lib/dns/tsig.ts'
import type { Issue } from '../../lib/input/bad-input.ts'
import type { KeaConfig } from '../../schemas/config/kea.ts'
import type {
  Config,
  DnsConfig,
  EmbeddedConfig,
  Rfc2136Config,
  ScopeConfig,
  Token,
} from '../../schemas/config/leasehold.ts'
import type { Secret } from '../../schemas/config/secret.ts'
import { duplicates, isLocal } from './checks.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Read = { secret: string } | { field: string; expected: string; found: string }

const unreadable = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'an error'

const fromFile = (file: string, field: string): Read => {
  try {
    return { secret: readFileSync(file, 'utf8') }
  } catch (error) {
    return { field, expected: 'a file that can be read', found: `${unreadable(error)} at ${file}` }
  }
}

const fromEnv = (name: string, field: string, env: Environment): Read => {
  const secret = env[name]
  if (secret !== undefined) return { secret }
  return { field, expected: 'a variable of the environment', found: `none that is called ${name}` }
}

const read = (secret: Secret, field: string, env: Environment): Read => {
  if (typeof secret === 'string') return { secret }
  return 'file' in secret ? fromFile(secret.file, `${field}.file`) : fromEnv(secret.env, `${field}.env`, env)
}

/** What a secret must look like, and how that is called. */
export interface Form {
  is: string
  fits: (secret: string) => boolean
}

/** As it can stand in an Authorization header. */
const BEARER: Form = { is: 'visible ASCII characters without spaces', fits: text => /^[!-~]+$/.test(text) }

/** Whatever Kea was given. */
const PASSWORD: Form = { is: 'a text', fits: () => true }

const BASE64: Form = { is: 'base64, as in a BIND key file', fits: isBase64 }

/**
 * The text of a secret, without one trailing newline. What is wrong is added to `issues`, with the place and never the
 * text, and the answer is then empty.
 */
const resolveSecret = (secret: Secret, field: string, form: Form, env: Environment, issues: Issue[]): string => {
  const got = read(secret, field, env)
  if (!('secret' in got)) {
    issues.push(got)
    return ''
  }
  const text = got.secret.replace(/\r?\n$/, '')
  if (text !== '' && form.fits(text)) return text
  issues.push({ field, expected: form.is, found: text === '' ? 'nothing in it' : 'something else' })
  return ''
}

type WithSecret<T> = Omit<T, 'secret'> & { secret: string }

export type ResolvedToken = WithSecret<Token>

/** `unsigned` is also true where there is no key and none is needed: all servers are on this machine. */
export type ResolvedRfc2136 = Omit<Rfc2136Config, 'tsig'> & {
  tsig?: WithSecret<NonNullable<Rfc2136Config['tsig']>>
}

export type ResolvedKea = Omit<KeaConfig, 'password'> & { password?: string }

export type ResolvedDns = EmbeddedConfig | ResolvedRfc2136

/** A configuration with nothing left open: secrets are texts, and every scope names its backend (by default the first of `dns`). */
export type ResolvedConfig = Omit<Config, 'http' | 'dns' | 'scopes' | 'kea'> & {
  kea: ResolvedKea[]
  http: Omit<Config['http'], 'tokens'> & { tokens: ResolvedToken[] }
  dns: ResolvedDns[]
  scopes: (ScopeConfig & { backend: string })[]
}

const resolveDns = (dns: DnsConfig, at: string, env: Environment, issues: Issue[]): ResolvedDns => {
  if (dns.kind === 'embedded') return dns
  const { tsig, ...rest } = dns
  if (!tsig) return { ...rest, unsigned: dns.unsigned || isLocal(dns) }
  return { ...rest, tsig: { ...tsig, secret: resolveSecret(tsig.secret, `${at}.tsig.secret`, BASE64, env, issues) } }
}

const resolveKea = ({ password, ...rest }: KeaConfig, at: string, env: Environment, issues: Issue[]): ResolvedKea =>
  password === undefined
    ? rest
    : { ...rest, password: resolveSecret(password, `${at}.password`, PASSWORD, env, issues) }

/** Reads the secrets. What is wrong is added to `issues`; the answer is of use only when nothing was. */
export const resolve = (config: Config, env: Environment, issues: Issue[]): ResolvedConfig => {
  const at = (i: number) => `http.tokens[${i}].secret`
  const tokens = config.http.tokens.map((token, i) => ({
    ...token,
    secret: resolveSecret(token.secret, at(i), BEARER, env, issues),
  }))
  issues.push(
    ...duplicates(
      tokens,
      token => token.secret || null,
      at,
      () => 'the same',
    ),
  )
  return {
    ...config,
    http: { ...config.http, tokens },
    dns: config.dns.map((one, i) => resolveDns(one, `dns[${i}]`, env, issues)),
    kea: config.kea.map((one, i) => resolveKea(one, `kea[${i}]`, env, issues)),
    scopes: config.scopes.map(scope => ({ ...scope, backend: scope.backend ?? config.dns[0]!.name })),
  }
}
