/*
 * The embedded server: an authoritative DNS server in this process, and the backend that publishes there.
 *
 *     queue ── apply ──► zones ──► answers, over UDP and TCP (answer.ts, listen.ts)
 *     drift check ── read ──┘ └──► secondaries: NOTIFY, then a transfer (notify.ts, secondaries.ts)
 *
 * A change is made as a name server would make it (RFC 2136 §3), each by itself. Nothing is on disk: after a start the
 * zones are filled from what the store says was published. The serial begins with the time, and is moved beyond the one
 * that the store has seen, so that no secondary takes the new zone for an old one.
 */

import type { Change, FoundRR, Outcome, RR } from '../../../lib/dns/rr.ts'
import type { ZoneRR, ZoneType } from '../../../lib/dns/zone/name-tree.ts'
import type { Zone, ZoneUpdate } from '../../../lib/dns/zone/zone.ts'
import { zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import { txtStrings } from '../../../lib/dns/zone/zone-rdata.ts'
import type { ResolvedEmbedded } from '../../config/resolve.ts'
import { bindError } from '../../net/bind-error.ts'
import { slices } from '../../slices.ts'
import type { Backend, Capabilities, KnownReading, SurveyOrder } from '../backend.ts'
import { responder } from './answer.ts'
import { type Address, type Limits, listen } from './listen.ts'
import { openNotifier } from './notify.ts'
import { openSecondaries, transferrer } from './secondaries.ts'
import { addZones, beginZones } from './zones.ts'

const CAPABILITIES: Capabilities = {
  prerequisites: true,
  atomic: true,
  exactDelete: true,
  markers: ['dhcid'],
  ttl: true,
  ptr: true,
  listing: true,
  comment: 0,
  batch: 400,
}

/** How many RRs of past changes each zone keeps for its secondaries. */
const JOURNAL = 10_000

export interface EmbeddedOptions extends Partial<Limits> {
  /** The serial with which the zones begin; by default the time in seconds, which is beyond that of most earlier starts. */
  serial?: number
  /** Seconds since the epoch, for signatures. */
  seconds?: () => number
  /** What the store says was published. The zones are filled with it before anybody is answered. */
  published?: Iterable<RR>
  /** Hears of what went wrong with one client or one answer; it never stops the server. */
  onError?: (error: unknown) => void
}

/** An authoritative DNS server in this process, and the backend that publishes there. */
export interface Embedded extends Backend {
  /** Where it serves, over UDP and TCP alike. */
  readonly address: Address
  /** What of `published` has no place here. */
  readonly displaced: readonly RR[]
  /** Puts in what another process published, as the store says; gives back what has no place here. */
  load(rrs: Iterable<RR>): RR[]
  /** Takes out what another process took away, as the store says; what is not there is left out. */
  drop(rrs: Pick<RR, 'name' | 'type' | 'value'>[]): void
  /** Becomes authoritative for these zones too. */
  serve(apexes: Iterable<string>): void
}

const namesOf = ({ attempts }: Change): string[] =>
  attempts.flatMap(({ prerequisites, updates }) => [
    ...prerequisites.map(one => one.name),
    ...updates.map(one => (one.do === 'add' ? one.rr.name : one.name)),
  ])

/** The types whose values a reading tells; of all others it tells only that they are there. */
const TOLD: ReadonlySet<ZoneType> = new Set<ZoneType>(['A', 'AAAA', 'PTR', 'DHCID', 'CNAME', 'NS', 'MX', 'SRV'])

const foundRR = ({ name, type, ttl, value }: ZoneRR): FoundRR => {
  if (type === 'TXT') return { name, type, ttl, value: Buffer.concat(txtStrings(value)).toString() }
  return { name, type, ttl, value: TOLD.has(type) ? value : '' }
}

/** RRs of a survey, or of a start, in one turn of the event loop; and names of a reading. */
const SLICE = 1000

/** Goes through all of a zone, unless it is the one of the last survey. */
const surveyIn = async (zone: Zone, { since, begin }: SurveyOrder): Promise<'made' | 'unchanged'> => {
  if (zone.serial === since) return 'unchanged'
  const each = begin()
  for await (const slice of slices(zone.transfer(), SLICE)) for (const rr of slice) each(foundRR(rr))
  return 'made'
}

/**
 * What the zone says of each name; a name of another zone is not read here. As with any server the zone may change on the
 * way; its serial is the one from before.
 */
const readZone = async (zone: Zone, names: string[], isHere: (name: string) => boolean): Promise<KnownReading> => {
  const { serial } = zone
  const rrs = new Map<string, FoundRR[]>()
  const belowCut = new Set<string>()
  const unread = new Map<string, string>()
  for await (const slice of slices(names, SLICE)) {
    for (const name of slice) {
      if (!isHere(name)) unread.set(name, `${name} is not in the zone ${zone.apex}`)
      else if (zone.isBelowCut(name)) belowCut.add(name)
      else {
        const there = zone.rrsAt(name).map(foundRR)
        if (there.length > 0) rrs.set(name, there)
      }
    }
  }
  return { known: true, rrs, belowCut, unread, serial, isOldCopy: false }
}

/** Makes the first attempt whose prerequisites hold, as a name server would (RFC 2136 §3). */
const makeFirst = (zone: Zone, { attempts }: Change, make: (updates: ZoneUpdate[]) => void): Outcome => {
  const failures: string[] = []
  for (const [i, { prerequisites, updates }] of attempts.entries()) {
    const failure = zone.permits(prerequisites)
    if (failure === null) {
      make(updates)
      return { kind: 'applied', attempt: i }
    }
    failures.push(failure)
  }
  return { kind: 'conflict', alone: true, detail: failures.join('; ') || 'the change has no attempt' }
}

/**
 * Opens the embedded server for the zones given and those of its config, with the person's records in place.
 * @throws with the key of the config (`dns.<name>.port`, `dns.<name>.records[2]`) when it cannot start.
 */
export const openEmbedded = async (
  config: ResolvedEmbedded,
  apexes: Iterable<string>,
  options: EmbeddedOptions = {},
): Promise<Embedded> => {
  const { patience = 10_000, perAddress = 20, connections = 128, published = [], onError = () => {} } = options
  const { seconds = () => Math.floor(Date.now() / 1000), serial = seconds() } = options
  const secondaries = openSecondaries(config, seconds)
  const journal = secondaries.list.length > 0 ? JOURNAL : 0
  const { zones, zoneBeginning, reserved } = beginZones(config, apexes, { serial, journal })
  /** RRs by their zone; null are those in whose place a person's stand. */
  const placed = (rrs: Iterable<RR>): Map<string | null, RR[]> =>
    Map.groupBy(rrs, ({ name }) => {
      const apex = reserved.has(name) ? null : zoneFor(name, zones)
      return apex === null || zones.get(apex)!.isBelowCut(name) ? null : apex
    })
  const displaced: RR[] = []
  for await (const slice of slices(published, SLICE)) {
    for (const [apex, own] of placed(slice)) {
      if (apex === null) displaced.push(...own)
      else zones.get(apex)!.load(own)
    }
  }
  const respond = responder(zones, onError, secondaries)
  const limits = { patience, perAddress, connections }
  const listening = await listen(config, respond, limits, onError, transferrer(zones, secondaries)).catch(error => {
    throw bindError({ section: `dns.${config.name}`, host: config.host, port: config.port }, error)
  })
  const notifier = openNotifier(listening.address.host, zones, secondaries, onError)
  notifier.changed(zones.keys())
  let isOpen = true
  const server = `the embedded server ${config.name}`

  const refused = (fault: 'change' | 'lane', detail: string): Outcome => ({ kind: 'refused', fault, detail })

  const make = (zone: Zone, updates: ZoneUpdate[]): void => {
    if (zone.make(updates)) notifier.changed([zone.apex])
  }

  const outcomeOf = (zoneName: string, change: Change): Outcome => {
    const zone = zones.get(zoneName)
    const names = namesOf(change)
    const outside = names.find(name => zoneFor(name, zones) !== zoneName)
    const below = names.find(name => zone?.isBelowCut(name))
    const taken = names.find(name => reserved.has(name))
    if (!isOpen) return { kind: 'unreachable', fault: 'lane', detail: `${server} is closed` }
    if (!zone) return refused('lane', `${server} has no zone ${zoneName}`)
    if (outside !== undefined) return refused('change', `${outside} is not in the zone ${zoneName}`)
    if (below !== undefined) return refused('change', `${below} is delegated by a record of dns.${config.name}.records`)
    if (taken !== undefined) return { kind: 'conflict', alone: true, detail: `${taken} ${reserved.get(taken)}` }
    return makeFirst(zone, change, updates => make(zone, updates))
  }

  return {
    name: config.name,
    capabilities: CAPABILITIES,
    marker: 'dhcid',
    address: listening.address,
    serve: apexes => notifier.changed(addZones(zones, apexes, zoneBeginning)),
    displaced,
    load: rrs => {
      const byZone = placed(rrs)
      for (const [apex, own] of byZone) {
        const updates = own.map(rr => ({ do: 'add' as const, rr }))
        if (apex !== null) make(zones.get(apex)!, updates)
      }
      return byZone.get(null) ?? []
    },
    drop: rrs => {
      for (const { name, type, value } of rrs) {
        const zone = reserved.has(name) ? undefined : zones.get(zoneFor(name, zones) ?? '')
        if (zone && !zone.isBelowCut(name)) make(zone, [{ do: 'delete-rr', name, type, value }])
      }
    },
    apply: async (zoneName, changes, settle) => {
      for (const change of changes) settle(change, outcomeOf(zoneName, change))
    },
    read: async (zoneName, names, _signal, order) => {
      const zone = zones.get(zoneName)
      if (!isOpen || !zone)
        return { known: false, detail: `${server} ${isOpen ? `has no zone ${zoneName}` : 'is closed'}` }
      const reading = await readZone(zone, names, name => zoneFor(name, zones) === zoneName)
      return order ? { ...reading, survey: await surveyIn(zone, order) } : reading
    },
    get serials() {
      return new Map([...zones].map(([apex, zone]) => [apex, zone.serial]))
    },
    setSerial: (zoneName, serial) => {
      if (zones.get(zoneName)?.moveBeyond(serial)) notifier.changed([zoneName])
    },
    close: () => {
      isOpen = false
      notifier.close()
      return listening.close()
    },
  }
}
