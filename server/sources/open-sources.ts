import type { FastifyBaseLogger } from 'fastify'
import { eventsOfBatch } from '../../lib/kea/ncr-events.ts'
import { isKnown } from '../../lib/reconcile/ends.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import type { Intake } from '../intake.ts'
import type { Metrics } from '../metrics.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { Store } from '../store/store.ts'
import { type LeaseFile, openLeaseFile } from './lease-file.ts'
import { openNcrListener } from './ncr.ts'

interface Deps {
  intake: Intake
  store: Store
  reconciler: Reconciler
  metrics: Metrics
  /** Whether there is a Kea that can be asked. */
  canAsk: boolean
  log: FastifyBaseLogger
  now: () => number
}

/** Hears Kea's name change requests in D2's place; what they leave open is asked, what was lost starts a catch-up. */
export const openNcr = (
  config: NonNullable<ResolvedConfig['ncr']>,
  { intake, store, reconciler, metrics, canAsk, log, now }: Deps,
) => {
  const failed = (error: Error) => log.error({ err: error }, 'name change requests were not taken')
  return openNcrListener(config, {
    received: ncrs => {
      const { events, ask, ignored } = eventsOfBatch(ncrs, address => store.state.lease(address), {
        now: now(),
        canAsk,
      })
      intake.take(events).catch(failed)
      for (const address of ask) intake.ask(address)
      for (const { ignore } of ignored) metrics.skipped(ignore)
    },
    malformed: () => metrics.lostRequests('malformed', 1),
    dropped: (_total, fresh) => {
      metrics.lostRequests('dropped', fresh)
      reconciler.run('name change requests were dropped').catch(failed)
    },
    log,
  })
}

const FAMILY = { dhcp4: 4, dhcp6: 6 } as const

/** Follows the lease files of every Kea that names them. */
export const openLeaseFiles = (configs: ResolvedConfig['kea'], { intake, store, reconciler, log }: Deps): LeaseFile[] =>
  configs.flatMap(({ name, memfile }) =>
    (['dhcp4', 'dhcp6'] as const).flatMap(service => {
      const path = memfile?.[service]
      if (path === undefined) return []
      const family = FAMILY[service]
      return openLeaseFile(
        { path, family },
        {
          events: async events => {
            await intake.take(events.filter(event => !isKnown(store.state.lease(event.address), event)))
          },
          unknown: () => {},
          complete: addresses => {
            reconciler
              .reconcileLeaseFile(family, addresses, `the lease file of ${name}`)
              .catch(error => log.error({ err: error, path }, 'what the lease file no longer has was not taken'))
          },
          log,
        },
      )
    }),
  )
