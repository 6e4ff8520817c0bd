import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Refusal, Source } from '../../schemas/model/source.ts'
import type { Heard } from '../sources/heard.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the token that came; null while none is known. */
    caller: string | null
    /** Why the request was refused, for a person; null when it was not. */
    refusal: string | null
  }
}

const WHY: Record<number, Refusal> = { 401: 'unauthorised', 403: 'forbidden', 503: 'unavailable' }

/** Under which name a caller is counted: its token's, or its address where it has none. */
const nameOf = ({ caller, ip }: FastifyRequest, status: number): string =>
  caller ?? (status === 401 ? `an unknown token from ${ip}` : `no token, from ${ip}`)

/** Notes who reports lease events over HTTP, and who is refused. */
export const noteSources = (app: FastifyInstance, heard: Heard): void => {
  app.decorateRequest('caller', null)
  app.decorateRequest('refusal', null)
  app.addHook('onError', async (request, _reply, error) => {
    request.refusal = error.message
  })
  app.addHook('onResponse', async (request, { statusCode: status }) => {
    const { config, url } = request.routeOptions
    if (config.role !== 'callout') return
    const source: Source = url === '/v1/events' ? 'events' : 'hook'
    const name = nameOf(request, status)
    if (status < 300) heard.accepted(source, name)
    else if (status >= 400) {
      heard.refused(source, name, WHY[status] ?? 'malformed', request.refusal ?? `It was answered ${status}.`)
    }
  })
}
