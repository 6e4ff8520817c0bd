import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Health, StatusAnswer } from '../../../schemas/answers.ts'
import { HttpError } from '../http-error.ts'
import type { Parts } from '../parts.ts'
import { statusView } from '../status-view.ts'

/** For a person, for a supervisor, and for Prometheus. */
export const statusRoutes =
  (parts: Parts): FastifyPluginAsyncZod =>
  async app => {
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
      config: { role: 'anyone' },
      schema: {
        operationId: 'getReadiness',
        tags: ['Operation'],
        summary: 'Whether events are taken',
        description: '200 when the store takes commits, else 503 with the reason.',
        response: { 200: Health },
      },
      handler: async () => {
        const problem = parts.store.failure?.message ?? null
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
      handler: async () => app.swagger() as Record<string, unknown>,
    })
  }
