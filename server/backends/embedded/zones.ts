import { staticRR } from '../../../lib/dns/static-record.ts'
import { type Soa, Zone } from '../../../lib/dns/zone.ts'
import { zoneFor } from '../../../lib/dns/zones.ts'
import type { EmbeddedConfig } from '../../../schemas/config.ts'

/** As RFC 6303 §3 has it: the zone names itself as its server and nobody as its keeper, so that no host's name is taken. */
const soaOf = (apex: string, serial: number): Soa => ({
  ttl: 3600,
  mname: apex,
  rname: 'nobody.invalid',
  serial,
  refresh: 3600,
  retry: 1200,
  expire: 604_800,
  minimum: 60,
})

const parentZone = (apex: string, zones: ReadonlyMap<string, Zone>): Zone | null => {
  const parent = zoneFor(apex.slice(apex.indexOf('.') + 1), zones)
  return parent === null || parent === apex ? null : zones.get(parent)!
}

/** Empty zones, by apex; where one stands within another, that one delegates it, so that the names between exist. */
export const emptyZones = (apexes: Iterable<string>, serial: number): Map<string, Zone> => {
  const zones = new Map<string, Zone>()
  addZones(zones, apexes, serial)
  return zones
}

/** Adds those that are not there yet. */
export const addZones = (zones: Map<string, Zone>, apexes: Iterable<string>, serial: number): void => {
  const fresh = [...new Set(apexes)].filter(apex => !zones.has(apex))
  for (const apex of fresh) zones.set(apex, new Zone(apex, soaOf(apex, serial), [apex]))
  for (const apex of fresh)
    parentZone(apex, zones)?.make([{ do: 'add', rr: { name: apex, type: 'NS', ttl: 3600, value: apex } }])
}

/**
 * Puts a person's records into the zones and gives the names that they occupy.
 * @throws when one is outside the zones, has an impossible value, or stands where a CNAME forbids it.
 */
export const putStatic = (zones: ReadonlyMap<string, Zone>, { name: server, records }: EmbeddedConfig): Set<string> => {
  const problem = (i: number, sentence: string) => new Error(`dns.${server}.records[${i}]: ${sentence}`)
  const put = records.map((record, i) => {
    const rr = staticRR(record)
    if (typeof rr === 'string') throw problem(i, rr)
    const zone = zones.get(zoneFor(rr.name, zones) ?? '')
    if (!zone) throw problem(i, `${rr.name} is in no zone of this server (${[...zones.keys()].join(', ')})`)
    zone.make([{ do: 'add', rr }])
    return { zone, rr }
  })
  const lost = put.findIndex(({ zone, rr }) => !zone.has(rr))
  if (lost >= 0) throw problem(lost, `a CNAME is the only record of its name (RFC 1034 §3.6.2): ${put[lost]!.rr.name}`)
  return new Set(put.map(({ rr }) => rr.name))
}
