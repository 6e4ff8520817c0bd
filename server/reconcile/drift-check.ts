/**
 * Whether DNS still holds what was published.
 *
 * The invariant: only what stood still is judged. A name is looked at when DNS is known to hold exactly what is wanted of
 * it and nothing is under way, and what the look found counts only if its records are the very same objects afterwards.
 * So no answer is compared with a decision that is younger than it, and a name that is about to be written is left to
 * its change, which the server itself checks by its prerequisites. What is not known wholly changes nothing, nor does a
 * look that would let go of more than is believable.
 */

import { nextChange } from '../../lib/publish/change.ts'
import { type Drift, findDrift } from '../../lib/reconcile/drift.ts'
import { isTooMuch, type Limits } from '../../lib/reconcile/limit.ts'
import type { ReadZone, Run } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Server, ZoneReading } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { Queue } from '../publish/queue.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Pick<Store, 'state' | 'holds'>
  engine: Pick<Engine, 'applyDrift'>
  servers: readonly Server[]
  queue: Pick<Queue, 'isInFlight'>
  gate: Pick<Gate, 'isActive' | 'isPaused' | 'awaitsKea'>
  limits: Limits
  now(): number
}

/** One zone of one server, with the names that are owned there. */
interface OwnedZone {
  endpoint: string
  zone: string
  names: Set<string>
}

type Judged = OwnedZone & { server: Server; before: Map<string, OwnedRecord[]>; reading: ZoneReading & { known: true } }

const SLICE = 500

const GONE = 'its DNS server is no longer configured'
const TOO_MUCH = 'is not what was published any more, which is too much to be believed: nothing is let go'
const PAUSED = 'a person paused the writing of DNS, so what differs is left for the next look'

const isSame = (one: OwnedRecord[], other: OwnedRecord[] | undefined): boolean =>
  one.length === other?.length && one.every((record, i) => record === other[i])

export class DriftCheck {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Looks at all that is owned and notes in `run` what it found. A standby looks at nothing. */
  async make(run: Run, signal: AbortSignal): Promise<void> {
    const { gate, servers } = this.#deps
    if (!gate.isActive()) return
    const held = this.#held()
    for (const place of await this.#places()) {
      const server = servers.find(({ backend }) => backend.endpoint === place.endpoint)
      const looked = { backend: server?.backend.name ?? place.endpoint, zone: place.zone, checked: 0, known: false }
      if (server) run.dns.push({ ...looked, ...(await this.#zone(place, server, held, run, signal)) })
      else run.dns.push({ ...looked, detail: GONE })
    }
  }

  async #places(): Promise<OwnedZone[]> {
    const places = new Map<string, OwnedZone>()
    for await (const slice of slices(this.#deps.store.state.records.values(), 10 * SLICE)) {
      for (const { endpoint, zone, name, applied } of slice) {
        if (!applied) continue
        const key = `${endpoint} ${zone}`
        const place = places.get(key)
        if (place) place.names.add(name)
        else places.set(key, { endpoint, zone, names: new Set([name]) })
      }
    }
    return [...places.values()]
  }

  /** Addresses whose end waits for a person: they are neither ended nor published again. */
  #held(): Set<string> {
    const open = [...this.#deps.store.holds.values()].filter(hold => hold.state === 'open')
    return new Set(open.flatMap(({ endings }) => endings.map(({ event }) => event.address)))
  }

  /** The records of a name, if DNS is known to hold exactly what is wanted of them; null where it is not. */
  #still(endpoint: string, name: string, { marker }: Server): OwnedRecord[] | null {
    const { store, queue } = this.#deps
    const records = [...store.state.recordsNamed(name)].filter(record => record.endpoint === endpoint)
    const isStill =
      records.some(record => record.applied) &&
      records.every(record => !record.sent && !queue.isInFlight(record)) &&
      nextChange(records, marker) === null
    return isStill ? records : null
  }

  async #zone(
    place: OwnedZone,
    server: Server,
    held: Set<string>,
    run: Run,
    signal: AbortSignal,
  ): Promise<Pick<ReadZone, 'checked' | 'known' | 'detail'>> {
    const { endpoint, zone, names } = place
    const before = new Map<string, OwnedRecord[]>()
    for await (const slice of slices(names, SLICE)) {
      for (const name of slice) {
        const records = this.#still(endpoint, name, server)
        const waits = (record: OwnedRecord) => held.has(record.address) || this.#deps.gate.awaitsKea(record)
        if (records && !records.some(waits)) before.set(name, records)
      }
    }
    if (before.size === 0) return { checked: 0, known: true, detail: null }
    const reading = await server.backend.read(zone, [...before.keys()], signal)
    if (!reading.known) return { checked: 0, known: false, detail: reading.detail }
    return this.#judge({ ...place, server, before, reading }, run)
  }

  async #judge(judged: Judged, run: Run): Promise<Pick<ReadZone, 'checked' | 'known' | 'detail'>> {
    const { gate, engine, limits } = this.#deps
    const counts = { checked: 0, missing: 0, changed: 0 }
    const differing: string[] = []
    for await (const slice of slices(judged.before, SLICE)) {
      for (const [name, records] of slice) {
        const findings = this.#findDrift(judged, name)
        if (findings.length > 0) differing.push(name)
        for (const { is } of findings) counts[is]++
        counts.checked += records.filter(record => record.applied).length
      }
    }
    const { checked, missing, changed } = counts
    if (isTooMuch(changed, checked, limits))
      return { checked, known: false, detail: `${changed} of ${checked} records ${TOO_MUCH}` }
    run.checked += checked
    run.missing += missing
    run.changed += changed
    if (differing.length > 0 && gate.isPaused()) return { checked, known: true, detail: PAUSED }
    for await (const slice of slices(differing, SLICE)) {
      if (!gate.isActive() || gate.isPaused()) break
      await engine.applyDrift(
        slice.flatMap(name => this.#findDrift(judged, name)),
        run.cause,
      )
    }
    return { checked, known: true, detail: null }
  }

  #findDrift({ endpoint, server, before, reading }: Judged, name: string): Drift[] {
    const records = this.#still(endpoint, name, server)
    if (!records || !isSame(records, before.get(name))) return []
    return findDrift(records, reading.rrs.get(name) ?? [], server.marker, this.#deps.now())
  }
}
