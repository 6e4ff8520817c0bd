/*
 * With the typed client: asks what would happen if no name were kept after its lease, scope by scope.
 *
 *     LEASEHOLD_URL=http://127.0.0.1:8053 LEASEHOLD_TOKEN=... node names.ts
 */
import { createClient } from 'leasehold/client'

const leasehold = createClient({
  url: process.env.LEASEHOLD_URL ?? 'http://127.0.0.1:8053',
  token: process.env.LEASEHOLD_TOKEN,
  timeout: 30_000,
})

const { data: scopes, error } = await leasehold.GET('/v1/scopes')
if (error) throw new Error(error.detail)

for (const { name } of scopes.items) {
  const { data: would, error } = await leasehold.POST('/v1/scopes/{name}/preview', {
    params: { path: { name } },
    body: { profile: 'aggressive' },
  })
  if (error) throw new Error(error.detail)
  console.log(
    `${name}: ${would.counts.remove ?? 0} records would go${would.held ? ', after a person approved it' : ''}`,
  )
}
