import type { FastifyBaseLogger } from 'fastify'
import type { ResolvedConfig } from '../config/resolve.ts'
import { openChannel } from './channel.ts'
import { type HaWatch, watchHa } from './ha-watch.ts'
import { type Kea, keaBehind } from './kea.ts'

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
