import type { ZoneRR } from '../../../lib/dns/name-tree.ts'
import type { Change, FoundRR, Outcome, RR } from '../../../lib/dns/rr.ts'
import { staticRR } from '../../../lib/dns/static-record.ts'
import { type Soa, Zone } from '../../../lib/dns/zone.ts'
import { zoneFor } from '../../../lib/dns/zone-names.ts'
import type { EmbeddedConfig } from '../../../schemas/config/leasehold.ts'
import { bindError } from '../../bind-error.ts'
import type { Backend } from '../backend.ts'
import { responder } from './answer.ts'
import { type Address, type Limits, listen } from './listen.ts'

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
const addZones = (zones: Map<string, Zone>, apexes: Iterable<string>, serial: number): void => {
  const fresh = [...new Set(apexes)].filter(apex => !zones.has(apex))
  for (const apex of fresh) zones.set(apex, new Zone(apex, soaOf(apex, serial), [apex]))
  for (const apex of fresh)
    parentZone(apex, zones)?.make([{ do: 'add', rr: { name: apex, type: 'NS', ttl: 3600, value: apex } }])
}

/**
 * Puts a person's records into the zones and gives the names that they occupy.
 * @throws when one is outside the zones, has an impossible value, or stands where a CNAME forbids it.
 */
const putStatic = (zones: ReadonlyMap<string, Zone>, { name: server, records }: EmbeddedConfig): Set<string> => {
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

export interface EmbeddedOptions extends Partial<Limits> {
  /** The serial with which the zones begin; by default the time in seconds, which is beyond that of any earlier start. */
  serial?: number
  /** Hears of what went wrong with one client or one answer; it never stops the server. */
  onError?: (error: unknown) => void
}

/** An authoritative DNS server in this process, and the backend that publishes there. */
export interface Embedded extends Backend {
  /** Where it serves, over UDP and TCP alike. */
  readonly address: Address
  /** Fills the zones with what the ownership store says was published; gives back what has no place here. */
  load(rrs: RR[]): RR[]
  /** Becomes authoritative for these zones too. */
  serve(apexes: Iterable<string>): void
}

const namesOf = ({ attempts }: Change): string[] =>
  attempts.flatMap(({ prerequisites, updates }) => [
    ...prerequisites.map(one => one.name),
    ...updates.map(one => (one.do === 'add' ? one.rr.name : one.name)),
  ])

const isFound = (rr: ZoneRR): rr is FoundRR => rr.type !== 'NS' && rr.type !== 'SOA'

/** Makes the first attempt whose prerequisites hold, as a name server would (RFC 2136 §3). */
const makeFirst = (zone: Zone, { attempts }: Change): Outcome => {
  const failures: string[] = []
  for (const [i, { prerequisites, updates }] of attempts.entries()) {
    const failure = zone.permits(prerequisites)
    if (failure === null) {
      zone.make(updates)
      return { kind: 'applied', attempt: i }
    }
    failures.push(failure)
  }
  return { kind: 'conflict', detail: failures.join('; ') || 'the change has no attempt' }
}

/**
 * Opens the embedded server for the zones given and those of its config, with the person's records in place.
 * @throws with the key of the config (`dns.<name>.port`, `dns.<name>.records[2]`) when it cannot start.
 */
export const openEmbedded = async (
  config: EmbeddedConfig,
  apexes: Iterable<string>,
  options: EmbeddedOptions = {},
): Promise<Embedded> => {
  const { patience = 10_000, connections = 128, onError = () => {} } = options
  const serial = options.serial ?? Math.floor(Date.now() / 1000)
  const zones = emptyZones([...(config.zones ?? []), ...apexes], serial)
  const persons = putStatic(zones, config)
  const respond = responder(zones, onError)
  const listening = await listen(config, respond, { patience, connections }, onError).catch(error => {
    throw bindError({ section: `dns.${config.name}`, host: config.host, port: config.port }, error)
  })
  let isOpen = true

  const outcomeOf = (zoneName: string, change: Change): Outcome => {
    const zone = zones.get(zoneName)
    const names = namesOf(change)
    const outside = names.find(name => zoneFor(name, zones) !== zoneName)
    const taken = names.find(name => persons.has(name))
    if (!isOpen) return { kind: 'unreachable', detail: `the embedded server ${config.name} is closed` }
    if (!zone) return { kind: 'refused', detail: `the embedded server ${config.name} has no zone ${zoneName}` }
    if (outside !== undefined) return { kind: 'refused', detail: `${outside} is not in the zone ${zoneName}` }
    if (taken !== undefined) return { kind: 'conflict', detail: `${taken} is a record of dns.${config.name}.records` }
    return makeFirst(zone, change)
  }

  return {
    name: config.name,
    endpoint: `embedded:${config.name}`,
    address: listening.address,
    serve: apexes => addZones(zones, apexes, serial),
    load: rrs => {
      const placed = Map.groupBy(rrs, rr => (persons.has(rr.name) ? null : zoneFor(rr.name, zones)))
      for (const [apex, own] of placed)
        if (apex !== null) zones.get(apex)!.make(own.map(rr => ({ do: 'add' as const, rr })))
      return placed.get(null) ?? []
    },
    apply: async (zoneName, changes, settle) => {
      for (const change of changes) settle(change, outcomeOf(zoneName, change))
    },
    read: async (zoneName, names) => {
      const zone = zones.get(zoneName)
      if (!isOpen || !zone) {
        const why = isOpen ? `has no zone ${zoneName}` : 'is closed'
        return { known: false, detail: `the embedded server ${config.name} ${why}` }
      }
      const rrs = new Map<string, FoundRR[]>()
      for (const name of names) {
        const found = zone.lookup(name, 'ANY').rrs.filter(isFound)
        if (found.length > 0) rrs.set(name, found)
      }
      return { known: true, rrs }
    },
    close: () => {
      isOpen = false
      return listening.close()
    },
  }
}
