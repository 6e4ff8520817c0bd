import type { Issue } from '../../lib/bad-input.ts'
import type { Config, DnsConfig, EmbeddedConfig, Rfc2136Config, ScopeConfig, Token } from '../../schemas/config.ts'
import type { KeaConfig } from '../../schemas/kea-config.ts'
import { isLocal } from './check-dns.ts'
import { duplicates } from './duplicates.ts'
import { BASE64, BEARER, type Environment, PASSWORD, resolveSecret } from './secrets.ts'

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
