/* A call of every operation of the API, by the generated client, on the names of a day (test/real/face/face.ts). */

import type { LeaseholdClient } from '../../openapi/client.ts'
import { EXAMPLES } from '../../server/http/examples.ts'
import { eventOf } from '../real/face/face.ts'

const named = (fqdn: string) => ({ params: { path: { fqdn } } })
const scope = { params: { path: { name: 'guests' } } }
const hold = { params: { path: { id: 1 } } }
const client = { params: { path: { client: 'hw:02:00:5e:00:00:07' } } }
const why = { why: 'a test' }
/** A name whose lease ended, which stays. */
const KEPT = named('node0.rack.example')

export type Call = (api: LeaseholdClient) => Promise<{ data?: unknown; error?: unknown; response: Response }>

/** One call of each operation, in an order in which each is done. A 409 is an answer where nothing else can be had. */
export const CALLS: [operationId: string, status: number, call: Call][] = [
  [
    'reportCallout',
    202,
    api => {
      const path = { point: 'leases4_committed' as const }
      const { reportCallout } = EXAMPLES
      return api.POST('/v1/callouts/{point}', {
        params: { path },
        body: reportCallout!['application/json']!.committed!.value as never,
      })
    },
  ],
  ['reportEvents', 202, api => api.POST('/v1/events', { body: eventOf('committed', '10.1.0.90', 90) as never })],
  ['listRecords', 200, api => api.GET('/v1/records', { params: { query: { scope: 'office' } } })],
  ['listLeases', 200, api => api.GET('/v1/leases')],
  ['listNames', 200, api => api.GET('/v1/names')],
  ['getName', 200, api => api.GET('/v1/names/{fqdn}', KEPT)],
  ['pinName', 200, api => api.POST('/v1/names/{fqdn}/pin', { ...KEPT, body: why })],
  ['unpinName', 200, api => api.POST('/v1/names/{fqdn}/unpin', { ...KEPT, body: why })],
  ['promoteName', 200, api => api.POST('/v1/names/{fqdn}/promote', { ...named('nas.lab.example'), body: why })],
  ['demoteName', 200, api => api.POST('/v1/names/{fqdn}/demote', { ...named('nas.lab.example'), body: why })],
  ['releaseName', 200, api => api.POST('/v1/names/{fqdn}/release', { ...KEPT, body: why })],
  ['restoreName', 200, api => api.POST('/v1/names/{fqdn}/restore', { ...KEPT, body: why })],
  ['giveBackName', 409, api => api.POST('/v1/names/{fqdn}/give-back', { ...named('nas.lab.example'), body: why })],
  ['assignName', 200, api => api.PUT('/v1/clients/{client}/name', { ...client, body: { name: 'screen' } })],
  ['unassignName', 204, api => api.DELETE('/v1/clients/{client}/name', { ...client, body: why })],
  [
    'aliasName',
    200,
    api => api.PUT('/v1/names/{fqdn}/alias', { ...named('www.lab.example'), body: { target: 'nas.lab.example' } }),
  ],
  ['unaliasName', 204, api => api.DELETE('/v1/names/{fqdn}/alias', { ...named('www.lab.example'), body: why })],
  ['listScopes', 200, api => api.GET('/v1/scopes')],
  ['previewPolicy', 200, api => api.POST('/v1/scopes/{name}/preview', { ...scope, body: { retainOnExpiry: true } })],
  ['setPolicy', 200, api => api.PATCH('/v1/scopes/{name}', { ...scope, body: { retainOnExpiry: true } })],
  ['listPlan', 200, api => api.GET('/v1/plan')],
  ['startReconcile', 200, api => api.POST('/v1/reconcile', { params: { query: { wait: 'true' } as never } })],
  ['getReconcile', 200, api => api.GET('/v1/reconcile')],
  ['listHolds', 200, api => api.GET('/v1/holds')],
  ['getHold', 200, api => api.GET('/v1/holds/{id}', hold)],
  ['rejectHold', 200, api => api.POST('/v1/holds/{id}/reject', hold)],
  ['approveHold', 409, api => api.POST('/v1/holds/{id}/approve', hold)],
  ['pause', 200, api => api.POST('/v1/pause')],
  ['resume', 200, api => api.POST('/v1/resume')],
  ['listFindings', 200, api => api.GET('/v1/findings')],
  ['listAudit', 200, api => api.GET('/v1/audit')],
  ['getStatus', 200, api => api.GET('/v1/status')],
  ['getHealth', 200, api => api.GET('/healthz')],
  ['getReadiness', 200, api => api.GET('/readyz')],
  ['getMetrics', 200, api => api.GET('/metrics', { parseAs: 'text' })],
  ['getOpenApi', 200, api => api.GET('/openapi.json')],
  [
    'getStream',
    200,
    async api => {
      const answer = await api.GET('/v1/stream', { parseAs: 'stream' })
      await (answer.data as unknown as ReadableStream).cancel()
      return answer
    },
  ],
]
