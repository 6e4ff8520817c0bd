import type { FastifyInstance, FastifyRequest, onResponseHookHandler } from 'fastify'
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

const noting =
  (heard: Heard, source: Source): onResponseHookHandler =>
  (request, { statusCode: status }, done) => {
    const name = nameOf(request, status)
    if (status < 300) heard.accepted(source, name)
    else if (status >= 400) {
      heard.refused(source, name, WHY[status] ?? 'malformed', request.refusal ?? `It was answered ${status}.`)
    }
    done()
  }

/** Notes who reports lease events over HTTP, and who is refused. */
export const noteSources = (app: FastifyInstance, heard: Heard): void => {
  app.decorateRequest('caller', null)
  app.decorateRequest('refusal', null)
  app.addHook('onError', (request, _reply, error, done) => {
    request.refusal = error.message
    done()
  })
  app.addHook('onRoute', route => {
    if (route.config?.role !== 'callout') return
    const source = route.url === '/v1/events' ? 'events' : 'hook'
    route.onResponse = [route.onResponse ?? [], noting(heard, source)].flat()
  })
}
