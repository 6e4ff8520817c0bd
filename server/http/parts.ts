import type { Metrics } from '../metrics.ts'
import type { Sidecar } from '../sidecar.ts'

/** What the routes stand on. */
export interface Parts {
  sidecar: Sidecar
  metrics: Metrics
}
