/*
 * Reads the secrets of a configuration and decides what it left open.
 *
 *     { "file": "/etc/leasehold/tsig.key" }   →   the text of the file, without its last newline
 *     { "env": "TSIG_SECRET" }                →   the value of the variable
 *     "c2VjcmV0"                              →   itself, for a lab
 *
 * No message shows a secret, nor any part of it.
 */

import { readFileSync } from 'node:fs'
import { canonical } from '../../lib/address.ts'
import { isBase64 } from '../../lib/dns/tsig.ts'
import type { Issue } from '../../lib/input/bad-input.ts'
import type { KeaConfig } from '../../schemas/config/kea.ts'
import type {
  Config,
  DnsConfig,
  EmbeddedConfig,
  Rfc2136Config,
  ScopeConfig,
  SecondaryConfig,
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

/** What a secret must look like. `is` says it in the error. */
interface Form {
  is: string
  fits: (secret: string) => boolean
}

/** A token as it can stand in an Authorization header. */
const BEARER: Form = { is: 'visible ASCII characters without spaces', fits: text => /^[!-~]+$/.test(text) }

/** A password of Kea: anything that is not empty. */
const PASSWORD: Form = { is: 'a text', fits: () => true }

const BASE64: Form = { is: 'base64, as in a BIND key file', fits: isBase64 }

/**
 * Returns the text of a secret. When it cannot be read or does not fit, an issue with its place is added to `issues`,
 * and the text is empty.
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

/** An `rfc2136` entry with its key as a text. `unsigned` is also true when no key is needed (see isLocal). */
export type ResolvedRfc2136 = Omit<Rfc2136Config, 'tsig'> & {
  tsig?: WithSecret<NonNullable<Rfc2136Config['tsig']>>
}

export type ResolvedKea = Omit<KeaConfig, 'password'> & { password?: string }

export type ResolvedEmbedded = Omit<EmbeddedConfig, 'secondaries'> & {
  secondaries: (Omit<SecondaryConfig, 'tsig'> & { tsig: WithSecret<SecondaryConfig['tsig']> })[]
}

export type ResolvedDns = ResolvedEmbedded | ResolvedRfc2136

/**
 * A configuration with nothing left open. Secrets are texts. A scope without a backend has the first entry of `dns`.
 */
export type ResolvedConfig = Omit<Config, 'http' | 'dns' | 'scopes' | 'kea'> & {
  kea: ResolvedKea[]
  http: Omit<Config['http'], 'tokens'> & { tokens: ResolvedToken[] }
  dns: ResolvedDns[]
  scopes: (ScopeConfig & { backend: string })[]
}

const resolveDns = (dns: DnsConfig, at: string, env: Environment, issues: Issue[]): ResolvedDns => {
  const resolved = <T extends { secret: Secret }>(tsig: T, field: string): WithSecret<T> => ({
    ...tsig,
    secret: resolveSecret(tsig.secret, `${field}.secret`, BASE64, env, issues),
  })
  if (dns.kind === 'embedded') {
    const secondaries = dns.secondaries.map(({ address, tsig }, i) => ({
      address,
      tsig: resolved(tsig, `${at}.secondaries[${i}].tsig`),
    }))
    return { ...dns, secondaries }
  }
  const { tsig, ...rest } = dns
  if (!tsig) return { ...rest, unsigned: dns.unsigned || isLocal(dns) }
  return { ...rest, tsig: resolved(tsig, `${at}.tsig`) }
}

const resolveKea = ({ password, ...rest }: KeaConfig, at: string, env: Environment, issues: Issue[]): ResolvedKea =>
  password === undefined
    ? rest
    : { ...rest, password: resolveSecret(password, `${at}.password`, PASSWORD, env, issues) }

/** Resolves a checked configuration. Adds what is wrong to `issues`; use the result only when there are none. */
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
    reservations: config.reservations.map(one => ({
      ...one,
      ...(one.address !== undefined && { address: canonical(one.address)! }),
    })),
    scopes: config.scopes.map(scope => ({ ...scope, backend: scope.backend ?? config.dns[0]!.name })),
  }
}
