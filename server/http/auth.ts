import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Role } from '../../schemas/config/leasehold.ts'
import type { ResolvedToken } from '../config/resolve.ts'
import { HttpError } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask: the holder of this role or of a higher one, or anyone. A route without it stops the start. */
    role?: Role | 'anyone'
  }
}

const RANK: Record<Role, number> = { callout: 1, read: 2, operate: 3 }

const digest = (secret: string): Buffer => hash('sha256', secret, 'buffer')

const unauthorized = (detail: string, error: string): HttpError =>
  new HttpError(401, detail, { headers: { 'www-authenticate': `Bearer realm="leasehold"${error}` } })

const forbidden = (detail: string): HttpError =>
  new HttpError(403, detail, {
    headers: { 'www-authenticate': 'Bearer realm="leasehold", error="insufficient_scope"' },
  })

const bearerOf = ({ headers }: FastifyRequest): string => {
  if (headers.authorization === undefined) throw unauthorized('This needs a bearer token.', '')
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization)?.[1]
  if (bearer === undefined) throw unauthorized('The Authorization header holds no bearer token.', '')
  return bearer
}

/**
 * Returns a function that finds the token with a secret. It always takes the same time, so nobody can guess by timing.
 */
const finder = (tokens: readonly ResolvedToken[]) => {
  const known = tokens.map(({ name, role, secret }) => ({ name, role, digest: digest(secret) }))
  return (secret: string) => {
    const given = digest(secret)
    return known.filter(token => timingSafeEqual(token.digest, given))[0]
  }
}

/**
 * Guards every route of an instance by the role in the route's config: 401 without a known token, 403 where its role is
 * too low. Without configured tokens the origin guard alone decides.
 */
export const guard = (app: FastifyInstance, tokens: readonly ResolvedToken[]): void => {
  app.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.role) throw new Error(`the route ${method} ${url} has no role`)
  })
  if (tokens.length === 0) return
  const find = finder(tokens)
  const admit = (request: FastifyRequest): void => {
    const role = request.routeOptions.config.role!
    if (role === 'anyone') return
    const token = find(bearerOf(request))
    if (!token) throw unauthorized('The bearer token is not known.', ', error="invalid_token"')
    request.caller = token.name
    if (RANK[token.role] < RANK[role]) {
      throw forbidden(`The token "${token.name}" has the role ${token.role}; this needs ${role}.`)
    }
  }
  app.addHook('onRequest', (request, _reply, done) => {
    admit(request)
    done()
  })
}
