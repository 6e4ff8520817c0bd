/*
 * Opens the Keas of the configuration when Leasehold starts.
 *
 * A Kea without `url` has no control channel and is left out: only its lease files are read. A Kea with `"ha": true`
 * gets one watch a service, which asks every second whether the service serves.
 */

import type { Service } from '../../schemas/model/lease-event.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import type { Logger } from '../logger.ts'
import { openChannel } from './channel.ts'
import { type HaWatch, watchHa } from './ha-watch.ts'
import { type Kea, keaBehind } from './kea.ts'
import { KeaSight } from './sight.ts'

const HA_INTERVAL_MS = 1000

/** The Keas that can be asked, and the watches of all of them. Closing a Kea closes its watches too. */
export interface Keas {
  keas: Kea[]
  watches: HaWatch[]
  /** What is seen of each Kea. */
  sights: KeaSight[]
}

/** Throws when a PEM file of the configuration cannot be read. */
export const openKeas = (
  configs: ResolvedConfig['kea'],
  { log, now = Date.now }: { log: Logger; now?: () => number },
): Keas => {
  const opened: Keas = { keas: [], watches: [], sights: [] }
  for (const { pollSeconds, ha, url, ...config } of configs) {
    if (url === undefined) continue
    let sight: KeaSight | null = null
    const inner = openChannel({ ...config, url, onDate: date => sight?.noteDate(date) }, { log })
    const byService = new Map<Service, HaWatch>()
    sight = new KeaSight(inner, byService, now)
    const { channel } = sight
    const watches = (ha ? config.services : []).map(service => {
      const watch = watchHa({ channel, service, interval: HA_INTERVAL_MS })
      watch.onChange(({ active, reason }, before) => {
        if (active === before.active && reason === before.reason) return
        log.info({ event: 'kea.state', kea: config.name, service, active }, `${config.name} ${reason}`)
      })
      byService.set(service, watch)
      return watch
    })
    opened.sights.push(sight)
    opened.watches.push(...watches)
    opened.keas.push(keaBehind({ channel, pollSeconds, watches }))
  }
  return opened
}
