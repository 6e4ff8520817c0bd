import type { FastifyBaseLogger } from 'fastify'
import { isKnown } from '../lib/catch-up.ts'
import { digestNcrs } from '../lib/kea/ncr-digest.ts'
import type { CatchUp } from './catch-up.ts'
import type { ResolvedConfig } from './config.ts'
import type { Engine } from './engine.ts'
import { openChannel } from './kea/channel.ts'
import { type HaWatch, watchHa } from './kea/ha-watch.ts'
import { type Kea, keaBehind } from './kea/kea.ts'
import type { Metrics } from './metrics.ts'
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
  changed: () => void,
  { log, now }: { log: FastifyBaseLogger; now: () => number },
): Keas => {
  const made: Keas = { keas: [], watches: [] }
  for (const { pollSeconds, ha, url, ...config } of configs) {
    if (url === undefined) continue
    const channel = openChannel({ ...config, url }, { log })
    const watches = (ha ? config.services : []).map(service =>
      watchHa({
        channel,
        service,
        interval: HA_INTERVAL_MS,
        now,
        onChange: ({ active, reason }) => {
          log.info({ kea: config.name, service, active }, `${config.name} ${reason}`)
          changed()
        },
      }),
    )
    made.watches.push(...watches)
    made.keas.push(keaBehind({ channel, pollSeconds, watches }))
  }
  return made
}

interface Parts {
  engine: Engine
  store: Store
  catchUp: CatchUp
  metrics: Metrics
  /** Whether there is a Kea that can be asked. */
  canAsk: boolean
  log: FastifyBaseLogger
  now: () => number
}

/** Hears Kea's name change requests in D2's place; what they leave open is asked, what was lost starts a catch-up. */
export const openNcr = (
  config: NonNullable<ResolvedConfig['ncr']>,
  { engine, store, catchUp, metrics, canAsk, log, now }: Parts,
) => {
  const failed = (error: Error) => log.error({ err: error }, 'name change requests were not taken')
  return openNcrListener(config, {
    received: ncrs => {
      const { events, ask, ignored } = digestNcrs(ncrs, address => store.estate.lease(address), { now: now(), canAsk })
      engine.take(events).catch(failed)
      for (const address of ask) catchUp.ask(address).catch(failed)
      for (const { ignore } of ignored) metrics.skipped(ignore)
    },
    malformed: () => metrics.lostRequests('malformed', 1),
    dropped: (_total, fresh) => {
      metrics.lostRequests('dropped', fresh)
      catchUp.run('name change requests were dropped').catch(failed)
    },
    log,
  })
}

const FAMILY = { dhcp4: 4, dhcp6: 6 } as const

/** Follows the lease files of every Kea that names them. */
export const openLeaseFiles = (configs: ResolvedConfig['kea'], { engine, store, catchUp, log }: Parts): LeaseFile[] =>
  configs.flatMap(({ name, memfile }) =>
    (['dhcp4', 'dhcp6'] as const).flatMap(service => {
      const path = memfile?.[service]
      if (path === undefined) return []
      const family = FAMILY[service]
      return openLeaseFile(
        { path, family },
        {
          events: async events => {
            await engine.take(events.filter(event => !isKnown(store.estate.lease(event.address), event)))
          },
          unknown: () => {},
          complete: addresses => {
            catchUp
              .told(family, addresses, `the lease file of ${name}`)
              .catch(error => log.error({ err: error, path }, 'what the lease file no longer has was not taken'))
          },
          log,
        },
      )
    }),
  )
