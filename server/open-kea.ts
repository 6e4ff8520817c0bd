import type { FastifyBaseLogger } from 'fastify'
import { isKnown } from '../lib/catch-up.ts'
import { digestNcrs } from '../lib/kea/ncr-digest.ts'
import type { ResolvedConfig } from './config.ts'
import type { Intake } from './intake.ts'
import { openChannel } from './kea/channel.ts'
import { type HaWatch, watchHa } from './kea/ha-watch.ts'
import { type Kea, keaBehind } from './kea/kea.ts'
import type { Metrics } from './metrics.ts'
import type { Reconciler } from './reconcile/reconciler.ts'
import { type LeaseFile, openLeaseFile } from './sources/lease-file.ts'
import { openNcrListener } from './sources/ncr.ts'
import type { Store } from './store/store.ts'

const HA_INTERVAL_MS = 1000

export interface Keas {
  keas: Kea[]
  watches: HaWatch[]
}

/** Opens the control channel to each Kea, and watches those that are one of a pair. */
export const openKeas = (
  configs: ResolvedConfig['kea'],
  { log, now }: { log: FastifyBaseLogger; now: () => number },
): Keas => {
  const made: Keas = { keas: [], watches: [] }
  for (const { pollSeconds, ha, url, ...config } of configs) {
    if (url === undefined) continue
    const channel = openChannel({ ...config, url }, { log })
    const watches = (ha ? config.services : []).map(service => {
      const watch = watchHa({ channel, service, interval: HA_INTERVAL_MS, now })
      watch.onChange(({ active, reason }) => {
        log.info({ kea: config.name, service, active }, `${config.name} ${reason}`)
      })
      return watch
    })
    made.watches.push(...watches)
    made.keas.push(keaBehind({ channel, pollSeconds, watches }))
  }
  return made
}

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
      const { events, ask, ignored } = digestNcrs(ncrs, address => store.estate.lease(address), { now: now(), canAsk })
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
            await intake.take(events.filter(event => !isKnown(store.estate.lease(event.address), event)))
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
