import type { ZoneRR } from './name-tree.ts'
import type { Lookup, Zone } from './zone.ts'
import { zoneFor } from './zone-names.ts'

/** What all zones of a server know of a name and type. `zone` is the one that holds the last name of the chain. */
export interface ServerLookup extends Lookup {
  zone: Zone
}

const isKnown = (rrs: readonly ZoneRR[], name: string): boolean => rrs.some(rr => rr.name === name)

/**
 * Answers for a name from the zone that holds it, and follows CNAMEs from zone to zone as long as this server has them
 * (RFC 1034 §4.3.2, step 3a). Null when no zone here holds the name. A chain that leads out of all zones, or back into
 * itself, is answered as far as it goes.
 */
export const lookupInZones = (qname: string, qtype: string, zones: ReadonlyMap<string, Zone>): ServerLookup | null => {
  const holderOf = (name: string): Zone | undefined => zones.get(zoneFor(name, zones) ?? '')
  let zone = holderOf(qname)
  if (!zone) return null
  let found = zone.lookup(qname, qtype)
  const rrs = [...found.rrs]
  while (found.last !== qname) {
    const next = holderOf(found.last)
    if (!next || next === zone || isKnown(rrs, found.last)) break
    zone = next
    found = zone.lookup(found.last, qtype)
    rrs.push(...found.rrs)
    if (found.rrs.every(rr => rr.type !== 'CNAME')) break
  }
  return { ...found, rrs, zone }
}
