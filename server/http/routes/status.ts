import { hostname } from 'node:os'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Health, StatusAnswer } from '../../../schemas/api/answers.ts'
import type { KeaAnswer, SourceAnswer, StoreAnswer } from '../../../schemas/api/findings.ts'
import { openHolds } from '../../../schemas/model/reconcile.ts'
import { Phase } from '../../../schemas/model/record.ts'
import type { ServiceSight } from '../../control/sight.ts'
import type { SourceStatus } from '../../sources/heard.ts'
import type { State } from '../../store/state.ts'
import { NotLeading } from '../../store/store.ts'
import { VERSION } from '../../version.ts'
import type { Deps } from '../deps.ts'
import { HttpError } from '../problem.ts'
import { activityView, iso, runSummary } from '../views.ts'

/** How many owned records are in each phase, over all scopes. */
const byPhase = (counts: ReturnType<State['counts']>): Record<Phase, number> => {
  const sums = Object.fromEntries(Phase.options.map(phase => [phase, 0])) as Record<Phase, number>
  for (const { phase, count } of counts) sums[phase] += count
  return sums
}

const sourceView = (source: SourceStatus): SourceAnswer => ({
  ...source,
  lastHeard: iso(source.lastHeard),
  lastRefusal: source.lastRefusal && { ...source.lastRefusal, at: iso(source.lastRefusal.at) },
})

const keaView = ({ missing, isReachable, ...sight }: ServiceSight, listings: Deps['listings']): KeaAnswer => ({
  kea: sight.kea,
  service: sight.service,
  reachable: isReachable,
  problem: sight.problem ?? (missing.length > 0 ? `It does not know ${missing.join(' and ')}.` : null),
  since: iso(sight.since),
  version: sight.version,
  lastListing: iso(listings.of(sight.kea, sight.service)),
  ha: sight.ha,
})

const storeView = ({ path, last }: Deps['room']): StoreAnswer => ({
  path,
  size: last?.size ?? null,
  holder: `process ${process.pid} on ${hostname()}`,
  room: last?.free ?? null,
  roomPercent: last && last.total > 0 ? Math.round((last.free * 1000) / last.total) / 10 : null,
})

/** Each zone of each DNS server. One that is no longer configured is shown for as long as something of ours is there. */
const lanesView = (state: State, queue: Deps['queue']): StatusAnswer['dns'] =>
  queue
    .status()
    .map(lane => ({
      ...lane,
      since: iso(lane.since),
      lastAnswer: iso(lane.lastAnswer),
      owned: state.ownedAt(lane.backend, lane.zone),
      retryAt: iso(lane.retryAt),
    }))
    .filter(({ state, owned }) => state !== 'gone' || owned > 0)

/** Why events are not all taken yet, or any more, as a sentence; null when they are. */
const notReady = ({ store, gate, scopes }: Deps): string | null => {
  if (store.failure && !(store.failure.cause instanceof NotLeading)) return store.failure.message
  // A standby takes events too, for the one that leads.
  if (store.sharing?.leads === false) return null
  if (!gate.hasBegun()) return 'Leasehold is starting: it takes up what it knew. Events are taken already.'
  const [first] = scopes.unasked
  return first
    ? `Kea is being asked for its subnets: ${first} has not answered yet. Events in known scopes are taken.`
    : null
}

/** The answer of /v1/status. `now` is in milliseconds since the epoch. */
export const statusView = (parts: Deps, now: number): StatusAnswer => {
  const { store, gate, queue, reconciler, startedAt, heard, sights, listings, room, findings, metrics } = parts
  const problem = notReady(parts)
  const run = reconciler.last
  return {
    version: VERSION,
    startedAt: iso(startedAt),
    uptime: Math.max(0, Math.floor((now - startedAt) / 1000)),
    ready: problem === null,
    problem,
    ...activityView(gate),
    holds: openHolds(store.holds.values()).length,
    reconcile: run && runSummary(run),
    leases: store.state.leases.size,
    records: byPhase(store.state.counts()),
    dns: lanesView(store.state, queue),
    sources: heard.all().map(sourceView),
    kea: sights.flatMap(sight => sight.all()).map(sight => keaView(sight, listings)),
    store: storeView(room),
    findings: findings.look().length,
    updates: metrics.minutes().map(({ at, ...counts }) => ({ at: iso(at), ...counts })),
  }
}

/** A document that never changes is made into bytes once, not for each who asks. */
const once = (make: () => Buffer): (() => Buffer) => {
  let made: Buffer | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** How the program is, for a person (/v1/status), a supervisor (/healthz, /readyz) and Prometheus (/metrics). */
export const statusRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    const described = once(() => Buffer.from(JSON.stringify(app.swagger())))
    app.route({
      method: 'GET',
      url: '/v1/status',
      config: { role: 'read' },
      schema: {
        operationId: 'getStatus',
        tags: ['Operation'],
        summary: 'The whole at a glance',
        response: { 200: StatusAnswer },
      },
      handler: async () => statusView(parts, Date.now()),
    })
    app.route({
      method: 'GET',
      url: '/healthz',
      config: { role: 'anyone' },
      schema: {
        operationId: 'getHealth',
        tags: ['Operation'],
        summary: 'Whether the process answers',
        response: { 200: Health },
      },
      handler: async () => ({ status: 'ok' as const }),
    })
    app.route({
      method: 'GET',
      url: '/readyz',
      config: { role: 'anyone', problems: [503] },
      schema: {
        operationId: 'getReadiness',
        tags: ['Operation'],
        summary: 'Whether events are taken',
        description:
          '200 when the store takes commits, what was known is taken up, and Kea was asked for its subnets; else 503 with the reason.',
        response: { 200: Health },
      },
      handler: async () => {
        const problem = notReady(parts)
        if (problem !== null) throw new HttpError(503, problem)
        return { status: 'ok' as const }
      },
    })
    app.route({
      method: 'GET',
      url: '/metrics',
      config: { role: 'read' },
      schema: {
        operationId: 'getMetrics',
        tags: ['Operation'],
        summary: 'Metrics for Prometheus',
        response: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } } },
      },
      handler: async (_request, reply) => reply.type(parts.metrics.contentType).send(await parts.metrics.scrape(parts)),
    })
    app.route({
      method: 'GET',
      url: '/openapi.json',
      config: { role: 'anyone' },
      schema: {
        operationId: 'getOpenApi',
        tags: ['Operation'],
        summary: 'This description',
        response: { 200: z.record(z.string(), z.unknown()).describe('An OpenAPI 3.1 document.') },
      },
      handler: async (_request, reply) => reply.type('application/json; charset=utf-8').send(described() as never),
    })
  }
