import type { FastifyBaseLogger } from 'fastify'
import type { RR } from '../../lib/dns/rr.ts'
import { type BackendZones, scopesAt, zonesAt } from '../../lib/plan/scope/scope.ts'
import { markerRR } from '../../lib/publish/name-state.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { ResolvedConfig, ResolvedDns, ResolvedEmbedded } from '../config/resolve.ts'
import { slices } from '../slices.ts'
import type { Backend } from './backend.ts'
import { type Embedded, openEmbedded } from './embedded/embedded.ts'
import { openHosts } from './hosts/hosts.ts'
import { openPowerDns } from './powerdns/powerdns.ts'
import { openRfc2136 } from './rfc2136/rfc2136.ts'
import { openTechnitium } from './technitium/technitium.ts'
import { openUnbound } from './unbound/unbound.ts'

/** The DNS servers of a configuration, and what scopes need to know of them. */
export interface Dns {
  backends: Backend[]
  targets: BackendZones[]
  /** Where the embedded ones listen, by name. */
  addresses: Record<string, { host: string; port: number }>
  /** Owned names in whose place a person's records stand in the embedded servers' configuration. */
  displaced: { endpoint: string; name: string }[]
  /** Brings the embedded servers to what the store says, after a time in which another process wrote. */
  refill(): void
  /** Makes the embedded servers authoritative for what their scopes need by now. */
  serve(zonesOf: (target: BackendZones) => string[]): void
}

/** Records that are gone through in one turn of the event loop. */
const SLICE = 2000

/** What DNS held when the last run ended, as the embedded server is to serve it again. */
class Published {
  #endpoint: string
  #rrs = new Map<string, RR>()
  /** Zones that hold owned records stay, whatever scopes are left. */
  readonly zones = new Set<string>()

  constructor(endpoint: string) {
    this.#endpoint = endpoint
  }

  add(records: Iterable<OwnedRecord>): void {
    for (const { endpoint, zone, name, type, value, applied } of records) {
      if (endpoint !== this.#endpoint || !applied) continue
      const { ttl, dhcid } = applied
      this.zones.add(zone)
      this.#rrs.set(`${name} ${type} ${value}`, { name, type, ttl, value })
      if (dhcid) this.#rrs.set(`${name} marker`, markerRR(name, { kind: 'dhcid', dhcid }, ttl))
    }
  }

  get rrs(): Iterable<RR> {
    return this.#rrs.values()
  }
}

/** The RRs that were published once and are no more, and the markers at names where nothing of ours is left. */
const removedAt = (endpoint: string, records: Iterable<OwnedRecord>): Pick<RR, 'name' | 'type' | 'value'>[] => {
  const own = [...records].filter(record => record.endpoint === endpoint)
  const there = new Set(own.flatMap(({ name, applied }) => (applied ? [name] : [])))
  return own.flatMap(({ name, type, value, applied, written }) => {
    if (applied || !written) return []
    const marker = written.dhcid ? markerRR(name, { kind: 'dhcid', dhcid: written.dhcid }, written.ttl) : null
    return [{ name, type, value }, ...(marker && !there.has(name) ? [marker] : [])]
  })
}

type OtherDns = Exclude<ResolvedDns, ResolvedEmbedded>
type Opener<K extends OtherDns['kind']> = (entry: Extract<OtherDns, { kind: K }>, surroundings: Surroundings) => Backend

interface Surroundings {
  log: FastifyBaseLogger
  now: () => number
}

/** How each kind of server that is not our own is opened. It is not asked anything yet. */
const OPENERS: { [K in OtherDns['kind']]: Opener<K> } = {
  rfc2136: openRfc2136,
  unbound: openUnbound,
  hosts: openHosts,
  powerdns: openPowerDns,
  technitium: openTechnitium,
}

const openOther = <K extends OtherDns['kind']>(
  entry: Extract<OtherDns, { kind: K }>,
  surroundings: Surroundings,
): Backend => (OPENERS[entry.kind] as Opener<K>)(entry, surroundings)

/**
 * Opens every DNS server; each is handed to `opened` at once, so that it is closed when a later one fails.
 * @throws when one cannot start.
 */
export const openDns = async (
  { dns, scopes }: Pick<ResolvedConfig, 'dns' | 'scopes'>,
  records: ReadonlyMap<string, OwnedRecord>,
  opened: (close: () => Promise<void>) => void,
  { log, now }: Surroundings,
): Promise<Dns> => {
  const embedded: { target: BackendZones; backend: Embedded }[] = []
  const made: Dns = {
    backends: [],
    targets: [],
    addresses: {},
    displaced: [],
    refill: () => {
      for (const { target, backend } of embedded) {
        backend.drop(removedAt(target.endpoint, records.values()))
        const published = new Published(target.endpoint)
        published.add(records.values())
        backend.load(published.rrs)
      }
    },
    serve: zonesOf => {
      for (const { target, backend } of embedded) backend.serve(zonesOf(target))
    },
  }
  const openOwn = async (entry: ResolvedEmbedded): Promise<Embedded> => {
    const { name, zones = null } = entry
    const published = new Published(name)
    for await (const slice of slices(records.values(), SLICE)) published.add(slice)
    const own = [...zonesAt(zones, scopesAt(name, scopes, dns[0]!.name)), ...published.zones]
    const onError = (error: unknown) => log.warn({ err: error, backend: name }, 'embedded DNS server')
    const backend = await openEmbedded(entry, own, { published: published.rrs, onError })
    for (const rr of backend.displaced) {
      log.warn({ backend: name, name: rr.name }, 'a record of the configuration stands in the place of an owned one')
      made.displaced.push({ endpoint: name, name: rr.name })
    }
    made.addresses[name] = backend.address
    embedded.push({ target: { name, endpoint: name, zones }, backend })
    return backend
  }
  for (const entry of dns) {
    const { name, zones = null } = entry
    const backend = entry.kind === 'embedded' ? await openOwn(entry) : openOther(entry, { log, now })
    opened(() => backend.close())
    made.backends.push(backend)
    made.targets.push({ name, endpoint: name, zones, ...(!backend.capabilities.ptr && { derivesPtr: true }) })
  }
  return made
}
