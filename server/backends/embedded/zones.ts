/*
 * The zones that the embedded server is authoritative for, as they are before any lease.
 *
 * Each zone begins with its SOA, the name of its server, and that server's address where it lies in the zone. Without
 * `ns` a zone names itself as its server (RFC 6303 §3), with the address that we listen at: so no host's name is taken.
 *
 *     host 192.0.2.53, no ns                      lab.example      NS  lab.example       lab.example  A  192.0.2.53
 *     ns {name: ns.lab.example, address: ...53}   lab.example      NS  ns.lab.example    ns.lab.example  A  192.0.2.53
 *                                                 10.in-addr.arpa  NS  ns.lab.example
 *     host 0.0.0.0, no ns                         lab.example      NS  lab.example       (no address is known)
 *
 * A resolver that asks a zone for its servers needs that address (Unbound with `stub-prime: yes`). Where the person's
 * records give the name an address, that one is served and none is added. Where one zone stands within another, the
 * upper one delegates it, so that the names between exist.
 */
import { canonical, familyOf } from '../../../lib/address.ts'
import type { ZoneRR } from '../../../lib/dns/zone/name-tree.ts'
import { staticRR } from '../../../lib/dns/zone/static-record.ts'
import { type Soa, Zone } from '../../../lib/dns/zone/zone.ts'
import { zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import type { ResolvedEmbedded } from '../../config/resolve.ts'

const TTL = 3600

/** How a zone begins. The keeper is nobody, so that no host's name is taken for it. */
const soaOf = (mname: string, serial: number): Soa => ({
  ttl: TTL,
  mname,
  rname: 'nobody.invalid',
  serial,
  refresh: 3600,
  retry: 1200,
  expire: 604_800,
  minimum: 60,
})

/** What all zones of a server begin with. */
export interface ZoneBeginning {
  serial: number
  /** RRs of past changes that a zone keeps for its secondaries. */
  journal?: number
  /** The name of the server; by default each zone names itself. */
  ns?: string
  /** Its address, or null where none is to be added. */
  address?: string | null
}

const addressRR = (name: string, address: string): ZoneRR => ({
  name,
  type: familyOf(address) === 4 ? 'A' : 'AAAA',
  ttl: TTL,
  value: address,
})

const parentZone = (apex: string, zones: ReadonlyMap<string, Zone>): Zone | null => {
  const parent = zoneFor(apex.slice(apex.indexOf('.') + 1), zones)
  return parent === null || parent === apex ? null : zones.get(parent)!
}

/** Adds the zones that are not there yet, and gives those that it changed or added. */
export const addZones = (zones: Map<string, Zone>, apexes: Iterable<string>, beginning: ZoneBeginning): Set<string> => {
  const { serial, journal = 0, address = null } = beginning
  const fresh = [...new Set(apexes)].filter(apex => !zones.has(apex))
  const changed = new Set(fresh)
  for (const apex of fresh) {
    const ns = beginning.ns ?? apex
    const holder = zoneFor(ns, new Set([...zones.keys(), ...fresh]))
    const addresses = address !== null && holder === apex ? [addressRR(ns, address)] : []
    zones.set(apex, new Zone(apex, soaOf(ns, serial), [ns], { addresses, journal }))
  }
  for (const apex of fresh) {
    const parent = parentZone(apex, zones)
    if (!parent) continue
    const ns = beginning.ns ?? apex
    const isGlue = address !== null && zoneFor(ns, zones) === apex
    const rrs: ZoneRR[] = [{ name: apex, type: 'NS', ttl: TTL, value: ns }, ...(isGlue ? [addressRR(ns, address)] : [])]
    parent.make(rrs.map(rr => ({ do: 'add', rr })))
    changed.add(parent.apex)
  }
  return changed
}

/** Empty zones, by apex. */
export const emptyZones = (apexes: Iterable<string>, serial: number): Map<string, Zone> => {
  const zones = new Map<string, Zone>()
  addZones(zones, apexes, { serial })
  return zones
}

const ANYWHERE = new Set(['0.0.0.0', '::'])

/** The address at which a server that listens at `host` is found; null where that is any address, or a name. */
const specificAddress = (host: string): string | null => {
  const address = canonical(host)
  return address === null || ANYWHERE.has(address) ? null : address
}

const isAddress = ({ type }: { type: string }): boolean => type === 'A' || type === 'AAAA'

/**
 * The name and address of the server as its configuration has them.
 * @throws with the key of the config when a resolver could not find the server by that name.
 */
const nameServerOf = (
  { name: server, ns, host, records }: ResolvedEmbedded,
  apexes: ReadonlySet<string>,
): Pick<ZoneBeginning, 'ns' | 'address'> => {
  const address = ns?.address === undefined ? specificAddress(host) : canonical(ns.address)
  if (!ns) return { address }
  const isHere = zoneFor(ns.name, apexes) !== null
  if (!isHere && ns.address !== undefined)
    throw new Error(`dns.${server}.ns.name: ${ns.name} is in no zone of this server, so that it cannot have an address`)
  if (records.some(record => record.name === ns.name && isAddress(record)) && ns.address === undefined)
    return { ns: ns.name, address: null }
  if (isHere && address === null)
    throw new Error(`dns.${server}.ns.address: expected an address of ${ns.name}, as host is ${host}`)
  return { ns: ns.name, address }
}

/** The zones with a person's records in place, and the names that no client may take, each with the reason. */
export interface Beginning {
  zones: Map<string, Zone>
  zoneBeginning: ZoneBeginning
  reserved: Map<string, string>
}

/**
 * Puts a person's records into the zones.
 * @throws when one is outside the zones, has an impossible value, or stands where a CNAME forbids it.
 */
const putRecords = (zones: ReadonlyMap<string, Zone>, { name: server, records }: ResolvedEmbedded): string[] => {
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
  return put.map(({ rr }) => rr.name)
}

/**
 * The zones of a configuration and of `apexes`.
 * @throws with the key of the config (`dns.<name>.records[2]`, `dns.<name>.ns.address`) when they cannot be served.
 */
export const beginZones = (
  config: ResolvedEmbedded,
  apexes: Iterable<string>,
  { serial, journal }: Pick<ZoneBeginning, 'serial' | 'journal'>,
): Beginning => {
  const all = new Set([...(config.zones ?? []), ...apexes])
  const zoneBeginning: ZoneBeginning = { serial, journal: journal ?? 0, ...nameServerOf(config, all) }
  const zones = new Map<string, Zone>()
  // An apex to which a person gives an address keeps that one alone.
  const own = new Set(config.ns ? [] : config.records.filter(isAddress).map(record => record.name))
  addZones(
    zones,
    [...all].filter(apex => own.has(apex)),
    { ...zoneBeginning, address: null },
  )
  addZones(zones, all, zoneBeginning)
  const reserved = new Map<string, string>()
  if (config.ns) reserved.set(config.ns.name, `is the name of dns.${config.name}.ns`)
  for (const name of putRecords(zones, config)) reserved.set(name, `is a record of dns.${config.name}.records`)
  return { zones, zoneBeginning, reserved }
}
