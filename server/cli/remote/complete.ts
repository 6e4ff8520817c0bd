/*
 * What a shell offers after Tab that only the server knows: names, scopes, and the fields of a policy.
 *
 *     leasehold __complete names na     nas.lab.example
 *
 * The completion scripts ask. Whoever types waits, so the question is short; where the server is away, or says no, nothing
 * is offered and nothing is said.
 */

import { createClient, type LeaseholdClient } from '../../../openapi/client.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { tokenOf, urlOf } from './where.ts'

/** Milliseconds in which the server must have answered, and names that are offered at most. */
const PATIENCE = 500
const MOST = 100

const KINDS: Readonly<Record<string, (client: LeaseholdClient, begun: string) => Promise<string[] | undefined>>> = {
  names: async (client, begun) => {
    const { data } = await client.GET('/v1/names', {
      params: { query: { q: begun || undefined, limit: MOST } as never },
    })
    return data?.items.map(({ name }) => name)
  },
  scopes: async client => (await client.GET('/v1/scopes')).data?.items.map(({ name }) => name),
  fields: async client => {
    const [scope] = (await client.GET('/v1/scopes')).data?.items ?? []
    return Object.keys(scope?.policy ?? {}).map(field => `${field}=`)
  },
}

/** `leasehold __complete KIND BEGUN`: one possibility a line. */
export const complete = async (kind: string, begun: string, { env, write }: Terminal): Promise<ExitCode> => {
  try {
    const client = createClient({ url: await urlOf({}, env), token: tokenOf({}, env), timeout: PATIENCE })
    const found = (await KINDS[kind]?.(client, begun)) ?? []
    write(
      found
        .filter(text => text.startsWith(begun))
        .map(text => `${text}\n`)
        .join(''),
    )
  } catch {
    // Nothing is offered.
  }
  return EXIT.done
}
