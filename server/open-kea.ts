import type { FastifyBaseLogger } from 'fastify'
import { digestNcrs } from '../lib/kea/ncr-digest.ts'
import type { CatchUp } from './catch-up.ts'
import type { ResolvedConfig } from './config.ts'
import type { Engine } from './engine.ts'
import { openChannel } from './kea/channel.ts'
import { type HaWatch, watchHa } from './kea/ha-watch.ts'
import { type Kea, keaBehind } from './kea/kea.ts'
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
  for (const { pollSeconds, ha, ...config } of configs) {
    const channel = openChannel(config, { log })
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
  /** Whether there is a Kea that can be asked. */
  canAsk: boolean
  log: FastifyBaseLogger
  now: () => number
}

/** Hears Kea's name change requests in D2's place; what they leave open is asked, what was lost starts a catch-up. */
export const openNcr = (
  config: NonNullable<ResolvedConfig['ncr']>,
  { engine, store, catchUp, canAsk, log, now }: Parts,
) => {
  const failed = (error: Error) => log.error({ err: error }, 'name change requests were not taken')
  return openNcrListener(config, {
    received: ncrs => {
      const { events, ask } = digestNcrs(ncrs, address => store.estate.lease(address), { now: now(), canAsk })
      engine.take(events).catch(failed)
      for (const address of ask) catchUp.ask(address).catch(failed)
    },
    malformed: reason => log.warn({ reason }, 'a name change request was not understood'),
    dropped: (total, fresh) => {
      log.warn({ total, fresh }, 'the kernel dropped name change requests; catching up with Kea')
      catchUp.run('name change requests were dropped').catch(failed)
    },
    log,
  })
}
