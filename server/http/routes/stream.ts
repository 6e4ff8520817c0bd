import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { HttpError } from '../problem.ts'
import { EventStream } from '../stream.ts'
import { statusView } from './status.ts'

/** No cache keeps an answer that goes on, and no proxy gathers it. */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}

/** GET /v1/stream: the status and the entries of the audit log, as they come. */
export const streamRoutes =
  (parts: Deps): FastifyPluginAsyncZod =>
  async app => {
    const stream = new EventStream({ audit: parts.audit, status: () => statusView(parts, Date.now()) })
    app.addHook('onClose', async () => stream.close())
    app.route({
      method: 'GET',
      url: '/v1/stream',
      config: { role: 'read', endless: true, problems: [503] },
      schema: {
        operationId: 'getStream',
        tags: ['Operation'],
        summary: 'Hear what happens',
        description:
          'Server-sent events: `status` at once and when it changes, `audit` for each entry of the audit log. After `Last-Event-ID` what was missed is sent first, at most 1,000 entries; else `reset`.',
        headers: z.looseObject({
          'last-event-id': z.string().optional().describe('The `id` of the last `audit` that was heard.'),
        }),
        response: {
          200: { description: 'An event stream.', content: { 'text/event-stream': { schema: z.string() } } },
        },
      },
      handler: async ({ headers, method }, reply) => {
        reply.headers(HEADERS)
        if (method === 'HEAD') return reply.send(undefined as never)
        if (stream.isFull) {
          throw new HttpError(503, 'Too many clients hear the stream already.', { headers: { 'retry-after': '15' } })
        }
        return reply.send(stream.open(headers['last-event-id'] ?? null) as never)
      },
    })
  }
