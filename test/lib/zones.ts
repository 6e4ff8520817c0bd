// Zones of a test: as they begin, and as they were at some time.
import { Zone } from '../../lib/dns/zone/zone.ts'
import { SOA } from './site.ts'

/** A zone with nothing in it but its own. */
export const emptyZone = (apex: string, serial = SOA.serial): Zone => new Zone(apex, { ...SOA, serial }, [`ns.${apex}`])

/** The same zone, of which nothing changes any more. */
export const copyOf = (zone: Zone): Zone => {
  const copy = emptyZone(zone.apex, zone.serial)
  copy.load([...zone.transfer()].filter(({ type }) => type !== 'SOA' && type !== 'NS'))
  return copy
}
