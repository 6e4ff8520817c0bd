/*
 * Reads the secrets of a configuration and decides what it left open.
 *
 *     { "file": "/etc/leasehold/tsig.key" }   →   the text of the file, without its last newline
 *     { "env": "TSIG_SECRET" }                →   the value of the variable
 *     "c2VjcmV0"                              →   itself, for a lab
 *     "keyFile": "/etc/bind/leasehold.key"    →   name, algorithm and secret of the one key in it
 *
 * No message shows a secret, nor any part of it. A file that every user of the machine may read gives a warning.
 */

import { readFileSync, statSync } from 'node:fs'
import { canonical } from '../../lib/address.ts'
import { keyOfFile } from '../../lib/dns/key-file.ts'
import { isBase64 } from '../../lib/dns/message/tsig.ts'
import type { Issue } from '../../lib/input/bad-input.ts'
import type { KeaConfig } from '../../schemas/config/kea.ts'
import {
  type Algorithm,
  type Config,
  type DnsConfig,
  type EmbeddedConfig,
  type PostgresStoreConfig,
  type PowerDnsConfig,
  type Rfc2136Config,
  type ScopeConfig,
  type SecondaryConfig,
  type TechnitiumConfig,
  type Token,
  TsigConfig,
} from '../../schemas/config/leasehold.ts'
import type { HostsConfig, UnboundConfig } from '../../schemas/config/local-dns.ts'
import type { Secret } from '../../schemas/config/secret.ts'
import type { WebhookConfig } from '../../schemas/config/webhook.ts'
import { duplicates, isLoopback } from './checks.ts'
import { isLocal } from './checks-dns.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Read = { secret: string } | Issue

/** What secrets are read from, and where it is noted what is wrong or dangerous about them. */
interface Reading {
  env: Environment
  issues: Issue[]
  warnings: string[]
}

const unreadable = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'an error'

const READABLE_BY_ALL = 0o004

const fromFile = (file: string, field: string, { warnings }: Reading): Read => {
  try {
    const secret = readFileSync(file, 'utf8')
    const { mode } = statSync(file)
    if (mode & READABLE_BY_ALL) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0')
      warnings.push(`${field}: every user of this machine can read ${file} (mode ${shown}); chmod 640 it`)
    }
    return { secret }
  } catch (error) {
    return { field, expected: 'a file that can be read', found: `${unreadable(error)} at ${file}` }
  }
}

const fromEnv = (name: string, field: string, env: Environment): Read => {
  const secret = env[name]
  if (secret !== undefined) return { secret }
  return { field, expected: 'a variable of the environment', found: `none that is called ${name}` }
}

const read = (secret: Secret, field: string, reading: Reading): Read => {
  if (typeof secret === 'string') return { secret }
  return 'file' in secret
    ? fromFile(secret.file, `${field}.file`, reading)
    : fromEnv(secret.env, `${field}.env`, reading.env)
}

/** What a secret must look like. `is` says it in the error. */
interface Form {
  is: string
  fits: (secret: string) => boolean
}

/** A token as it can stand in an Authorization header. */
const BEARER: Form = { is: 'visible ASCII characters without spaces', fits: text => /^[!-~]+$/.test(text) }

/** A password of Kea, the secret of a webhook: anything that is not empty. */
const ANY_TEXT: Form = { is: 'a text', fits: () => true }

const BASE64: Form = { is: 'base64, as in a BIND key file', fits: isBase64 }

/**
 * Returns the text of a secret. When it cannot be read or does not fit, an issue with its place is added to `issues`,
 * and the text is empty.
 */
const resolveSecret = (secret: Secret, field: string, form: Form, reading: Reading): string => {
  const { issues } = reading
  const got = read(secret, field, reading)
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

/** A TSIG key. `secret` is base64. */
export interface ResolvedTsig {
  name: string
  algorithm: Algorithm
  secret: string
}

/** An `rfc2136` entry with its key as a text. `unsigned` is also true when no key is needed (see isLocal). */
export type ResolvedRfc2136 = Omit<Rfc2136Config, 'tsig'> & { tsig?: ResolvedTsig }

export type ResolvedKea = Omit<KeaConfig, 'password'> & { password?: string }

export type ResolvedEmbedded = Omit<EmbeddedConfig, 'secondaries'> & {
  secondaries: (Omit<SecondaryConfig, 'tsig'> & { tsig: ResolvedTsig })[]
}

export type ResolvedPowerDns = Omit<PowerDnsConfig, 'apiKey'> & { apiKey: string }

export type ResolvedTechnitium = Omit<TechnitiumConfig, 'token'> & { token: string }

export type ResolvedDns =
  | ResolvedEmbedded
  | ResolvedRfc2136
  | ResolvedPowerDns
  | ResolvedTechnitium
  | UnboundConfig
  | HostsConfig

export type ResolvedPostgres = Omit<PostgresStoreConfig, 'password'> & { password?: string }

/**
 * A configuration with nothing left open. Secrets are texts. A scope without a backend has the first entry of `dns`.
 * `warnings` are sentences for the log.
 */
export type ResolvedConfig = Omit<Config, 'http' | 'store' | 'dns' | 'scopes' | 'kea' | 'webhooks'> & {
  store: Exclude<Config['store'], PostgresStoreConfig> | ResolvedPostgres
  webhooks: WithSecret<WebhookConfig>[]
  kea: ResolvedKea[]
  http: Omit<Config['http'], 'tokens'> & { tokens: ResolvedToken[] }
  dns: ResolvedDns[]
  scopes: (ScopeConfig & { backend: string })[]
  warnings: string[]
}

const NO_KEY: ResolvedTsig = { name: '', algorithm: 'hmac-sha256', secret: '' }

/** The key of a BIND key file. It is checked as one that stands in the configuration. */
const keyFrom = (file: string, field: string, reading: Reading): ResolvedTsig => {
  const got = fromFile(file, field, reading)
  if (!('secret' in got)) {
    reading.issues.push(got)
    return NO_KEY
  }
  const key = TsigConfig.safeParse(keyOfFile(got.secret))
  const { name, algorithm = 'hmac-sha256', secret } = key.data ?? {}
  if (name !== undefined && typeof secret === 'string' && isBase64(secret)) return { name, algorithm, secret }
  reading.issues.push({ field, expected: 'a file with one key, as tsig-keygen writes it', found: 'something else' })
  return NO_KEY
}

const resolveTsig = (tsig: TsigConfig, field: string, reading: Reading): ResolvedTsig => {
  if (tsig.keyFile !== undefined) return keyFrom(tsig.keyFile, `${field}.keyFile`, reading)
  const { name, algorithm = 'hmac-sha256', secret } = tsig
  return { name: name!, algorithm, secret: resolveSecret(secret!, `${field}.secret`, BASE64, reading) }
}

type Resolver<K extends DnsConfig['kind']> = (
  dns: Extract<DnsConfig, { kind: K }>,
  at: string,
  reading: Reading,
) => Extract<ResolvedDns, { kind: K }>

const resolveEmbedded: Resolver<'embedded'> = (dns, at, reading) => {
  const secondaries = dns.secondaries.map(({ address, tsig }, i) => ({
    address,
    tsig: resolveTsig(tsig, `${at}.secondaries[${i}].tsig`, reading),
  }))
  return { ...dns, secondaries }
}

const resolveRfc2136: Resolver<'rfc2136'> = ({ tsig, ...rest }, at, reading) => {
  if (!tsig) return { ...rest, unsigned: rest.unsigned || isLocal(rest) }
  return { ...rest, tsig: resolveTsig(tsig, `${at}.tsig`, reading) }
}

/** A secret that goes over HTTP to another machine can be read on its way. */
const resolveApiSecret = (
  { url }: { url: string },
  secret: Secret,
  [at, key]: [at: string, key: string],
  reading: Reading,
): string => {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'http:' && !isLoopback(hostname))
    reading.warnings.push(`${at}.url: the ${key} crosses the network in the clear; use https, with "ca" if need be`)
  return resolveSecret(secret, `${at}.${key}`, BEARER, reading)
}

/** The secrets of each kind of entry. */
const RESOLVERS: { [K in DnsConfig['kind']]: Resolver<K> } = {
  embedded: resolveEmbedded,
  rfc2136: resolveRfc2136,
  unbound: dns => dns,
  hosts: dns => dns,
  powerdns: (dns, at, reading) => ({
    ...dns,
    apiKey: resolveApiSecret(dns, dns.apiKey, [at, 'apiKey'], reading),
  }),
  technitium: (dns, at, reading) => ({ ...dns, token: resolveApiSecret(dns, dns.token, [at, 'token'], reading) }),
}

const resolveDns = <K extends DnsConfig['kind']>(
  dns: Extract<DnsConfig, { kind: K }>,
  at: string,
  reading: Reading,
): ResolvedDns => (RESOLVERS[dns.kind] as Resolver<K>)(dns, at, reading)

const resolveKea = ({ password, ...rest }: KeaConfig, at: string, reading: Reading): ResolvedKea =>
  password === undefined ? rest : { ...rest, password: resolveSecret(password, `${at}.password`, ANY_TEXT, reading) }

const resolveStore = (store: Config['store'], reading: Reading): ResolvedConfig['store'] => {
  if (store.kind === 'json') return store
  const { password, ...rest } = store
  return password === undefined
    ? rest
    : { ...rest, password: resolveSecret(password, 'store.password', ANY_TEXT, reading) }
}

/** Resolves a checked configuration. Adds what is wrong to `issues`; use the result only when there are none. */
export const resolve = (config: Config, env: Environment, issues: Issue[]): ResolvedConfig => {
  const reading: Reading = { env, issues, warnings: [] }
  const at = (i: number) => `http.tokens[${i}].secret`
  const tokens = config.http.tokens.map((token, i) => ({
    ...token,
    secret: resolveSecret(token.secret, at(i), BEARER, reading),
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
    store: resolveStore(config.store, reading),
    dns: config.dns.map((one, i) => resolveDns(one, `dns[${i}]`, reading)),
    kea: config.kea.map((one, i) => resolveKea(one, `kea[${i}]`, reading)),
    webhooks: config.webhooks.map((one, i) => ({
      ...one,
      secret: resolveSecret(one.secret, `webhooks[${i}].secret`, ANY_TEXT, reading),
    })),
    reservations: config.reservations.map(one => ({
      ...one,
      ...(one.address !== undefined && { address: canonical(one.address)! }),
    })),
    scopes: config.scopes.map(scope => ({ ...scope, backend: scope.backend ?? config.dns[0]!.name })),
    warnings: reading.warnings,
  }
}
