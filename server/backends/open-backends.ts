import type { FastifyBaseLogger } from 'fastify'
import type { RR } from '../../lib/dns/rr.ts'
import { type BackendZones, scopesAt, zonesAt } from '../../lib/plan/scope.ts'
import { markersOf } from '../../lib/publish/change.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import type { Server } from './backend.ts'
import { type Embedded, openEmbedded } from './embedded/embedded.ts'
import { openRfc2136 } from './rfc2136/rfc2136.ts'

/** The DNS servers of a configuration, and what scopes need to know of them. */
export interface Dns {
  servers: Server[]
  targets: BackendZones[]
  /** Where the embedded ones listen, by name. */
  addresses: Record<string, { host: string; port: number }>
  /** Owned names in whose place a person's records stand in the embedded servers' configuration. */
  displaced: { endpoint: string; name: string }[]
  /** Makes the embedded servers authoritative for what their scopes need by now. */
  serve(zonesOf: (target: BackendZones) => string[]): void
}

/** The RRs that DNS held when the last run ended, as the embedded server is to serve them again. */
const publishedAt = (endpoint: string, records: Iterable<OwnedRecord>): RR[] => {
  const rrs = new Map<string, RR>()
  for (const { endpoint: at, name, type, value, applied } of records) {
    if (at !== endpoint || !applied) continue
    rrs.set(`${name} ${type} ${value}`, { name, type, ttl: applied.ttl, value })
    for (const rr of markersOf('dhcid', name, applied.dhcid, applied.ttl)) rrs.set(`${name} marker`, rr)
  }
  return [...rrs.values()]
}

/** Zones that hold owned records stay, whatever scopes are left. */
const zonesIn = (endpoint: string, records: ReadonlyMap<string, OwnedRecord>): Set<string> => {
  const zones = new Set<string>()
  for (const record of records.values()) if (record.endpoint === endpoint && record.applied) zones.add(record.zone)
  return zones
}

/**
 * Opens every DNS server; each is handed to `opened` at once, so that it is closed when a later one fails.
 * @throws when one cannot start.
 */
export const openDns = async (
  { dns, scopes }: Pick<ResolvedConfig, 'dns' | 'scopes'>,
  records: ReadonlyMap<string, OwnedRecord>,
  opened: (close: () => Promise<void>) => void,
  { log, now }: { log: FastifyBaseLogger; now: () => number },
): Promise<Dns> => {
  const embedded: { target: BackendZones; backend: Embedded }[] = []
  const made: Dns = {
    servers: [],
    targets: [],
    addresses: {},
    displaced: [],
    serve: zonesOf => {
      for (const { target, backend } of embedded) backend.serve(zonesOf(target))
    },
  }
  for (const entry of dns) {
    const { name } = entry
    const zones = entry.zones ?? null
    if (entry.kind === 'embedded') {
      const endpoint = `embedded:${name}`
      const own = [...zonesAt(zones, scopesAt(name, scopes, dns[0]!.name)), ...zonesIn(endpoint, records)]
      const onError = (error: unknown) => log.warn({ err: error, backend: name }, 'embedded DNS server')
      const backend = await openEmbedded(entry, own, { onError })
      opened(() => backend.close())
      for (const rr of backend.load(publishedAt(endpoint, records.values()))) {
        log.warn({ backend: name, name: rr.name }, 'a record of the configuration stands in the place of an owned one')
        made.displaced.push({ endpoint, name: rr.name })
      }
      made.addresses[name] = backend.address
      embedded.push({ target: { name, endpoint, zones }, backend })
      made.servers.push({ backend, marker: 'dhcid' })
    } else {
      const backend = openRfc2136(entry, { now, log })
      opened(() => backend.close())
      made.servers.push({ backend, marker: entry.marker })
    }
    made.targets.push({ name, endpoint: made.servers.at(-1)!.backend.endpoint, zones })
  }
  return made
}
