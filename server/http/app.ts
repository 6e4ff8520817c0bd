/*
 * The HTTP side: one Fastify instance, built from the routes in routes/.
 *
 * Each request passes the same gates in the same order, and whatever any of them throws becomes a problem document:
 *
 *     bytes ──► is it HTTP, in time?      no: 400, 408, 431      (problem.ts)
 *           ──► is it this one's turn?    no: it waits           (connections.ts)
 *           ──► may this origin ask?      no: 400, 403           (origin.ts)
 *           ──► is there such a route?    no: 404, 405           (here)
 *           ──► has the token the role?   no: 401, 403           (auth.ts)
 *           ──► is the body JSON?         no: 400, 413, 415      (body.ts)
 *           ──► does it fit the schema?   no: 400 with fields    (here, by zod)
 *           ──► the route's handler       200, 202, or 404, 409, 503
 *
 * The gates take a callback. A promise at each of them made HTTP a fifth dearer for a callout, which is one lease.
 *
 * A route is one function of `Deps` in routes/. It says its role, its schemas and its further problems, and ROUTES
 * lists it. The OpenAPI document follows from that (openapi.ts).
 */

import type { IncomingMessage, RequestListener, ServerOptions } from 'node:http'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { z } from 'zod'
import { printableJson } from '../../lib/input/printable.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { Forwarded } from '../intents/shared-intents.ts'
import { guard } from './auth.ts'
import { fitted, parseJson } from './body.ts'
import { boundConnections, type ConnectionLimits } from './connections.ts'
import type { Deps } from './deps.ts'
import type { Door } from './door.ts'
import { noteSources } from './heard.ts'
import { useDocument } from './openapi.ts'
import { originGuard } from './origin.ts'
import { page } from './page.ts'
import { answerClientError, answerOutside, HttpError, problemOf } from './problem.ts'
import { aliasRoutes } from './routes/alias.ts'
import { auditRoutes } from './routes/audit.ts'
import { calloutRoutes } from './routes/callouts.ts'
import { clientRoutes } from './routes/clients.ts'
import { eventRoutes } from './routes/events.ts'
import { findingRoutes } from './routes/findings.ts'
import { holdRoutes } from './routes/holds.ts'
import { intentRoutes } from './routes/intent.ts'
import { listRoutes } from './routes/lists.ts'
import { nameListRoutes } from './routes/name-list.ts'
import { nameRoutes } from './routes/names.ts'
import { pauseRoutes } from './routes/pause.ts'
import { planRoutes } from './routes/plan.ts'
import { reconcileRoutes } from './routes/reconcile.ts'
import { scopeRoutes } from './routes/scopes.ts'
import { statusRoutes } from './routes/status.ts'
import { streamRoutes } from './routes/stream.ts'

/** Notes every route that is added from now on. Returns a function that gives the methods of a path, for 405. */
const methodsByPath = (app: FastifyInstance): ((path: string) => string[]) => {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`)
    const route = routes.get(url) ?? { pattern, methods: new Set() }
    for (const one of [method].flat()) route.methods.add(one)
    routes.set(url, route)
  })
  return path => [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods])
}

/**
 * Has zod check requests, so that an error names the field. Answers are not checked again: the type checker did that.
 */
const useSchemas = (app: FastifyInstance): void => {
  app.setValidatorCompiler<z.ZodType>(
    ({ schema, httpPart }) =>
      input =>
        fitted(schema, input, httpPart),
  )
  app.setSerializerCompiler(() => JSON.stringify)
}

const ROUTES = [
  calloutRoutes,
  eventRoutes,
  listRoutes,
  nameListRoutes,
  nameRoutes,
  intentRoutes,
  clientRoutes,
  aliasRoutes,
  scopeRoutes,
  planRoutes,
  reconcileRoutes,
  holdRoutes,
  pauseRoutes,
  findingRoutes,
  auditRoutes,
  streamRoutes,
  statusRoutes,
]

/** Milliseconds in which a request must have arrived, unless HttpOptions says otherwise. */
const PATIENCE = 30_000
/** Characters of a path parameter at most; the longest name in DNS has 255. */
const LONGEST_PARAMETER = 1024

export interface HttpOptions {
  /** Milliseconds in which a request must have arrived. */
  patience?: number
  /** How many connections at once; by default a share of this process's descriptors. */
  limits?: ConnectionLimits
  /** A port that is bound already: the app is to have its requests. */
  door?: Door
}

/** A log without Fastify's own lines, such as where it listens: the program says that itself. */
const withoutInfo = (log: FastifyBaseLogger): FastifyBaseLogger => Object.create(log, { info: { value: () => {} } })

/** Node's own options of the HTTP server. */
export const serverOptions = (patience = PATIENCE): ServerOptions => ({
  requestTimeout: patience,
  headersTimeout: patience,
  connectionsCheckingInterval: patience / 2,
  // A missing Host is answered by the origin guard, with a problem document; Node's own answer has no body.
  requireHostHeader: false,
})

const optionsFor = (log: FastifyBaseLogger | null, patience: number) => ({
  ...(log ? { loggerInstance: withoutInfo(log) } : { logger: false as const }),
  logController: new LogController({ disableRequestLogging: true }),
  childLoggerFactory: (logger: FastifyBaseLogger) => logger,
  clientErrorHandler: answerClientError,
  requestTimeout: patience,
  // After those in hand have had their answers (connections.ts).
  forceCloseConnections: true,
  http: serverOptions(patience),
  routerOptions: { maxParamLength: LONGEST_PARAMETER },
})

/** The path of a request. What follows it is not for the log: a client may have put its token there. */
const pathOf = (url: string): string => url.split('?')[0]!

const sendProblem = (error: unknown, reply: FastifyReply): FastifyReply => {
  const { status, headers, problem } = problemOf(error)
  // A 503 is no fault of this program: what it waits for is told where that begins.
  if (status >= 500 && status !== 503)
    reply.log.error({ err: error, method: reply.request.method, url: pathOf(reply.request.url) }, problem.detail)
  reply.removeHeader('connection')
  return reply
    .code(status)
    .headers(headers)
    .send(Buffer.from(JSON.stringify(problem)))
}

/** No answer is to be guessed at, framed, or told to another site. */
const SAFE = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' }

const encodingRefusal = ({ headers }: IncomingMessage): HttpError | null => {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null
  return new HttpError(415, 'The body has a Content-Encoding; this takes it as it is.', {
    headers: { 'accept-encoding': 'identity' },
  })
}

const notFound = (methods: string[], method: string): HttpError =>
  methods.length === 0 || methods.includes(method)
    ? new HttpError(404, 'There is nothing at this path.')
    : new HttpError(405, `This path takes ${methods.join(', ')}.`, { headers: { allow: methods.join(', ') } })

/**
 * Builds the Fastify instance; it does not listen yet. `log` is null for no log. Requests are logged at debug. Faults
 * of this program are logged at error.
 */
export const buildHttp = (
  parts: Deps,
  config: Pick<ResolvedConfig, 'http'>,
  log: FastifyBaseLogger | null,
  { patience = PATIENCE, limits, door }: HttpOptions = {},
): FastifyInstance => {
  const refusalOf = originGuard(config.http)
  const app: FastifyInstance = Fastify({
    ...optionsFor(log, patience),
    ...(door && { serverFactory: (listener: RequestListener) => door.take(listener) }),
    frameworkErrors: (error, { raw }, reply) => sendProblem(refusalOf(raw) ?? error, reply as FastifyReply),
  })
  boundConnections(app, limits, door?.early)
  app.server.on('checkExpectation', (_request, response) => answerOutside(417, response))
  app.server.on('connect', (_request, socket) => answerOutside(405, socket))
  // The first hook of the app itself, so that it guards every route, those of plugins and unknown paths included.
  app.addHook('onRequest', ({ raw }, _reply, done) => done(refusalOf(raw) ?? encodingRefusal(raw) ?? undefined))
  const methodsOf = methodsByPath(app)
  app.setErrorHandler((error, _request, reply) =>
    // No fault: another process does it.
    error instanceof Forwarded ? reply.code(202).send(error.answer) : sendProblem(error, reply),
  )
  app.setNotFoundHandler(({ url, method }, reply) => sendProblem(notFound(methodsOf(pathOf(url)), method), reply))
  app.removeAllContentTypeParsers()
  // No bytes are no body, whatever type they are said to have: where one is needed, the schema says so.
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    if (body.length === 0) done(null)
    else parseJson(body, done)
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.headers(SAFE)
    const isJson = typeof payload === 'string' && String(reply.getHeader('content-type')).includes('json')
    done(null, isJson ? printableJson(payload) : payload)
  })
  app.addHook('onResponse', ({ method, url }, reply, done) => {
    reply.log.debug({ method, url: pathOf(url), status: reply.statusCode, ms: reply.elapsedTime }, 'answered')
    done()
  })
  useSchemas(app)
  useDocument(app)
  app.register(async routes => {
    noteSources(routes, parts.heard)
    guard(routes, config.http.tokens)
    routes.register(page)
    for (const route of ROUTES) routes.register(route(parts))
  })
  return app
}
