/*
 * Opens the Keas of the configuration when Leasehold starts.
 *
 * A Kea without `url` has no control channel and is left out: only its lease files are read. A Kea with `"ha": true`
 * gets one watch a service, which asks every second whether the service serves.
 */

import type { ResolvedConfig } from '../config/resolve.ts'
import type { Logger } from '../logger.ts'
import { openChannel } from './channel.ts'
import { type HaWatch, watchHa } from './ha-watch.ts'
import { type Kea, keaBehind } from './kea.ts'

const HA_INTERVAL_MS = 1000

/** The Keas that can be asked, and the watches of all of them. Closing a Kea closes its watches too. */
export interface Keas {
  keas: Kea[]
  watches: HaWatch[]
}

/** Throws when a PEM file of the configuration cannot be read. */
export const openKeas = (configs: ResolvedConfig['kea'], { log }: { log: Logger }): Keas => {
  const opened: Keas = { keas: [], watches: [] }
  for (const { pollSeconds, ha, url, ...config } of configs) {
    if (url === undefined) continue
    const channel = openChannel({ ...config, url }, { log })
    const watches = (ha ? config.services : []).map(service => {
      const watch = watchHa({ channel, service, interval: HA_INTERVAL_MS })
      watch.onChange(({ active, reason }) => {
        log.info({ event: 'kea.state', kea: config.name, service, active }, `${config.name} ${reason}`)
      })
      return watch
    })
    opened.watches.push(...watches)
    opened.keas.push(keaBehind({ channel, pollSeconds, watches }))
  }
  return opened
}
