import { configOf } from '../server/config.ts'
import { buildHttp } from '../server/http/app.ts'
import { createMetrics } from '../server/metrics.ts'
import type { Sidecar } from '../server/sidecar.ts'

/** A sidecar that knows nothing: the description of the routes asks for none of it. */
const NOBODY: Sidecar = {
  take: async () => [],
  leases: new Map(),
  records: new Map(),
  recordsNamed: () => [],
  recordsOf: () => [],
  leasesNamed: () => [],
  scopes: [],
  scopeOf: () => null,
  history: () => [],
  counts: () => [],
  lanes: () => [],
  unready: () => null,
  startedAt: 0,
  idle: () => null,
  isActive: () => true,
  isPaused: () => false,
  setPaused: async () => {},
  reconcile: () => Promise.reject(new Error('nobody reconciles')),
  lastRun: () => null,
  holds: () => [],
  decideHold: async () => null,
}

/** The OpenAPI document of the routes as they are, as the text of openapi.json. */
export const documentText = async (): Promise<string> => {
  const app = buildHttp(NOBODY, configOf({}, {}), createMetrics(), null)
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  return text
}
