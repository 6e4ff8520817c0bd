/*
 * A typed client of the API, made from the OpenAPI document: `leasehold/client` of the package.
 *
 *     const leasehold = createClient({ url: 'http://127.0.0.1:8053', token: 'secret' })
 *     const { data, error } = await leasehold.GET('/v1/names/{fqdn}', { params: { path: { fqdn: 'nas.lab.example' } } })
 *
 * `data` is the answer, `error` the problem document where the server said no. A server that does not answer rejects. The
 * types (openapi/types.ts) are made by `npm run openapi`.
 */
import createFetchClient, { type Client } from 'openapi-fetch'
import type { paths } from './types.ts'

export type { components, operations, paths } from './types.ts'

export interface ClientOptions {
  /** Where Leasehold listens: `http://127.0.0.1:8053`. */
  url: string
  token?: string
  /** Milliseconds in which an answer must have come; without it there is no limit. */
  timeout?: number
}

export type LeaseholdClient = Client<paths>

export const createClient = ({ url, token, timeout }: ClientOptions): LeaseholdClient =>
  createFetchClient<paths>({
    baseUrl: url.replace(/\/$/, ''),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    // A token is never sent to where a redirect leads.
    redirect: 'error',
    ...(timeout !== undefined && {
      fetch: request => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]) }),
    }),
  })
