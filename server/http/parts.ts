import type { Audit } from '../audit.ts'
import type { Gate } from '../gate.ts'
import type { Intake } from '../intake.ts'
import type { LiveScopes } from '../live-scopes.ts'
import type { Metrics } from '../metrics.ts'
import type { Queue } from '../queue.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { Takeover } from '../reconcile/takeover.ts'
import type { Store } from '../store/store.ts'
import type { Sweeps } from '../sweeps.ts'

/** The parts of the program that the routes stand on. They read all of them; they change only what each role may. */
export interface Parts {
  store: Store
  scopes: LiveScopes
  audit: Audit
  metrics: Metrics
  gate: Gate
  queue: Queue
  intake: Intake
  reconciler: Reconciler
  holds: Sweeps
  takeover: Takeover
  /** Milliseconds since the epoch. */
  startedAt: number
}
