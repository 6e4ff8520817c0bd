import type { Audit } from '../audit.ts'
import type { KeaSight } from '../control/sight.ts'
import type { Findings } from '../findings/findings.ts'
import type { Listings } from '../findings/of-kea.ts'
import type { Gate } from '../gate.ts'
import type { Intake } from '../intake.ts'
import type { IntentDoor } from '../intents/intents.ts'
import type { Metrics } from '../metrics.ts'
import type { Policies } from '../policies.ts'
import type { Queue } from '../publish/queue.ts'
import type { Holds } from '../reconcile/holds.ts'
import type { Proof } from '../reconcile/proof.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { Takeover } from '../reconcile/takeover.ts'
import type { LiveScopes } from '../scopes.ts'
import type { Heard } from '../sources/heard.ts'
import type { StoreRoom } from '../store/json/room.ts'
import type { Store } from '../store/store.ts'

/** The parts of the program that the routes use. */
export interface Deps {
  store: Store
  scopes: LiveScopes
  audit: Audit
  metrics: Metrics
  gate: Gate
  queue: Queue
  intake: Intake
  reconciler: Reconciler
  policies: Policies
  holds: Holds
  intents: IntentDoor
  proof: Proof
  takeover: Takeover
  findings: Findings
  heard: Heard
  /** What is seen of each Kea, and when it last listed all. */
  sights: readonly KeaSight[]
  listings: Listings
  room: StoreRoom
  /** The names of the entries of `dns`. */
  backends: readonly string[]
  /** When the program started, in milliseconds since the epoch. */
  startedAt: number
}
