import { gatherAt } from '../../../lib/dns/found.ts'
import type { ZoneReading } from '../backend.ts'
import type { Asked } from './exchange.ts'
import { readByQueries, type Wanted } from './queries.ts'
import { transfer } from './transfer.ts'

/** So few are asked for one by one: a zone may be far larger than what is ours in it. */
const FEW = 50

/** A reading of one server, before it is compared with what is known of the zone elsewhere. */
export type ServerReading = Omit<Extract<ZoneReading, { known: true }>, 'isOldCopy'> | { known: false; detail: string }

/**
 * Reads names at one server: the zone by AXFR, which is one state of it and knows no wildcard; or by queries where the
 * names are few, or the server does not give the zone away. Rejects with LinkError or WireError where the server does
 * not answer, or does not serve the zone.
 */
export const readAt = async (server: Asked, wanted: Wanted): Promise<ServerReading> => {
  const { zone, names, signal } = wanted
  if (names.length > FEW) {
    const found = gatherAt(zone, names)
    const told = await transfer(server, zone, found.add, signal)
    if (told.is === 'complete') return { known: true, ...found.end(), unread: new Map(), serial: told.serial }
    if (told.is === 'broken') return { known: false, detail: told.says }
  }
  return readByQueries(server, wanted)
}
