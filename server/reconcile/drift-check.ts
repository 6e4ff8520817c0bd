/*
 * Whether DNS still holds what was published.
 *
 * The invariant: only what stood still is judged. A name is read when nothing is under way for it, and what was read
 * counts only if its records are the very same versions afterwards. So no answer is compared with a decision that is
 * younger than it, and a name that is about to be written is left to its change, which the server itself checks by its
 * prerequisites. What each name's reading means stands in one table (lib/publish/look.ts); names in conflict and names
 * that were let go are read too, as their cause may be over.
 *
 *     owned       A .1 published    A .2 published   A .3 published    A .4 conflict
 *     zone holds  A .1, DHCID       nothing          A .99, our DHCID  nothing
 *     so          nothing to do     published again  let go            published
 *
 * What is not known wholly changes nothing. Nor does a reading that would let go of more than is believable: then rather
 * the wrong thing was read (another view, another zone of that name).
 */
import type { Scope } from '../../lib/plan/scope/scope.ts'
import { isLetGo, type Verdict } from '../../lib/publish/look.ts'
import { isTooMuch, type Limits } from '../../lib/reconcile/limit.ts'
import { ofEndings, openHolds, type ReadZone, type Run } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend, ZoneReading } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { Gate } from '../gate.ts'
import type { Looks } from '../publish/looks.ts'
import type { Queue } from '../publish/queue.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'
import type { Surveys } from './surveys.ts'

interface Deps {
  store: Pick<Store, 'state' | 'holds' | 'putSerials'>
  engine: Pick<Engine, 'looked'>
  backends: readonly Backend[]
  looks: Pick<Looks, 'judge'>
  queue: Pick<Queue, 'isInFlight' | 'enqueueRead'>
  gate: Pick<Gate, 'isActive' | 'isPaused' | 'awaitsKea'>
  scopes: { readonly all: readonly Scope[] }
  surveys: Pick<Surveys, 'of' | 'keepOnly'>
  limits: Limits
}

/** One zone of one server, with the names that are owned there. */
interface OwnedZone {
  endpoint: string
  zone: string
  names: Set<string>
  /** Names of which all has been removed: an old copy of the zone may hold them again. */
  removed: Set<string>
}

type Result = Pick<ReadZone, 'checked' | 'known' | 'detail' | 'noRoles'>
type Before = Map<string, OwnedRecord[]>

const SLICE = 500

const GONE = 'its DNS server is no longer configured'
const TOO_MUCH = 'is not what was published any more, which is too much to be believed: nothing is let go'
const PAUSED = 'a person paused the writing of DNS, so what differs is left for the next look'

/** Records that DNS should hold by what is known. */
const isPublished = (record: OwnedRecord): boolean => record.applied !== null && record.stopped === null

/** A record that DNS was known to hold, and does not. */
const isMissing = (record: OwnedRecord, verdict: Verdict): boolean =>
  isPublished(record) &&
  verdict.is === 'ours' &&
  !verdict.states[0]!.sets.some(set => set.type === record.type && set.values.includes(record.value))

const isChanged = (record: OwnedRecord, verdict: Verdict): boolean =>
  isPublished(record) && (verdict.is === 'conflict' || isLetGo(verdict, record))

export class DriftCheck {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /**
   * Reads all that is owned and notes in `run` what it found. What another node serves is not read. It ends early, with
   * what it has noted so far, once the signal is aborted.
   */
  async make(run: Run, signal: AbortSignal): Promise<void> {
    if (!this.#deps.gate.isActive()) return
    await this.#check(run, signal).catch(error => {
      if (!signal.aborted) throw error
    })
  }

  async #check(run: Run, signal: AbortSignal): Promise<void> {
    const { backends, surveys } = this.#deps
    const held = this.#held()
    const zones = await this.#ownedZones(signal)
    await surveys.keepOnly(zones, run.cause)
    for (const owned of zones) {
      const backend = backends.find(({ name }) => name === owned.endpoint)
      const looked = { backend: owned.endpoint, zone: owned.zone, checked: 0, known: false }
      const result = backend ? await this.#zone(owned, backend, held, run, signal) : { detail: GONE }
      if (owned.names.size + owned.removed.size > 0) run.dns.push({ ...looked, ...result })
    }
  }

  /** Names with something in DNS, and names that are wanted though somebody else has them. */
  async #ownedZones(signal: AbortSignal): Promise<OwnedZone[]> {
    const zones = new Map<string, OwnedZone>()
    for await (const slice of slices(this.#deps.store.state.records.values(), 10 * SLICE, signal)) {
      for (const { endpoint, zone, name, applied, wanted, stopped, written } of slice) {
        const isOwned = applied || (wanted && stopped)
        if (!isOwned && !written) continue
        const key = `${endpoint} ${zone}`
        const known = zones.get(key) ?? { endpoint, zone, names: new Set(), removed: new Set() }
        zones.set(key, known)
        known[isOwned ? 'names' : 'removed'].add(name)
      }
    }
    // Nothing may be owned in a zone yet: what a person put there is looked at all the same.
    for (const { domain, zoneOf } of this.#deps.scopes.all) {
      const at = zoneOf(`x.${domain}`)
      const key = at && `${at.endpoint} ${at.zone}`
      if (key && !zones.has(key)) zones.set(key, { ...at, names: new Set(), removed: new Set() })
    }
    return [...zones.values()]
  }

  /** Addresses whose end waits for a person: they are neither ended nor published again. */
  #held(): Set<string> {
    const open = ofEndings(openHolds(this.#deps.store.holds.values()))
    return new Set(open.flatMap(({ endings }) => endings.map(({ event }) => event.address)))
  }

  /** The records of a name that stands still; null where a change of it is under way, or waits for something. */
  #still({ endpoint, zone }: OwnedZone, name: string, held: Set<string>): OwnedRecord[] | null {
    const { store, queue, gate } = this.#deps
    const records = store.state.recordsAt(endpoint, name)
    const moves = records.some(
      record => record.sent || held.has(record.address) || gate.awaitsKea(record) || !gate.isActive(record),
    )
    const isOpen = records.some(({ wanted, applied, stopped }) => !stopped && (wanted === null) !== (applied === null))
    return moves || isOpen || queue.isInFlight({ endpoint, zone, name }) ? null : records
  }

  async #zone(owned: OwnedZone, backend: Backend, held: Set<string>, run: Run, signal: AbortSignal): Promise<Result> {
    const before: Before = new Map()
    await this.#noteStill(owned, owned.names, held, before, signal)
    const survey = this.#deps.surveys.of(owned)
    let reading = await backend.read(owned.zone, [...before.keys()], signal, survey.order)
    if (reading.known && reading.isOldCopy && owned.removed.size > 0) {
      await this.#noteStill(owned, owned.removed, held, before, signal)
      reading = await backend.read(owned.zone, [...before.keys()], signal)
    }
    if (!reading.known && before.size === 0) return { checked: 0, known: true, detail: null }
    if (!reading.known) return { checked: 0, known: false, detail: reading.detail }
    const { isBelievable, ...result } = await this.#take(owned, backend, reading, before, run, signal)
    const noRoles = isBelievable ? await survey.take(reading, run.cause) : null
    return { ...result, ...(noRoles !== null && { noRoles }) }
  }

  async #noteStill(
    owned: OwnedZone,
    names: Set<string>,
    held: Set<string>,
    before: Before,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const slice of slices(names, SLICE, signal)) {
      for (const name of slice) {
        const records = this.#still(owned, name, held)
        if (records) before.set(name, records)
      }
    }
  }

  async #take(
    owned: OwnedZone,
    backend: Backend,
    reading: ZoneReading & { known: true },
    before: Before,
    run: Run,
    signal: AbortSignal,
  ): Promise<Result & { isBelievable: boolean }> {
    const { looks, limits, gate } = this.#deps
    const counts = { checked: 0, missing: 0, changed: 0 }
    const verdicts = new Map<string, Verdict>()
    for await (const slice of slices(before, SLICE, signal)) {
      for (const [name, records] of slice) {
        const judged = looks.judge({ ...owned, name }, reading, records, backend)
        if (judged.is !== 'judged') continue
        verdicts.set(name, judged.verdict)
        counts.checked += records.filter(isPublished).length
        counts.missing += records.filter(record => isMissing(record, judged.verdict)).length
        counts.changed += records.filter(record => isChanged(record, judged.verdict)).length
      }
    }
    const { checked, missing, changed } = counts
    if (isTooMuch(changed, checked, limits))
      return { checked, known: false, detail: `${changed} of ${checked} records ${TOO_MUCH}`, isBelievable: false }
    const isBelievable = !isTooMuch(missing + changed, checked, limits)
    run.checked += checked
    run.missing += missing
    run.changed += changed
    if (missing + changed > 0 && gate.isPaused()) return { checked, known: true, detail: PAUSED, isBelievable }
    await this.#apply(owned, backend, reading, before, verdicts, run.cause, signal)
    const [unread] = reading.unread
    return {
      checked,
      known: true,
      detail: unread ? `${reading.unread.size} names could not be read: ${unread.join(': ')}` : null,
      isBelievable,
    }
  }

  async #apply(
    owned: OwnedZone,
    backend: Backend,
    reading: ZoneReading & { known: true },
    before: Before,
    verdicts: Map<string, Verdict>,
    cause: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, engine, looks, queue, gate } = this.#deps
    for await (const slice of slices(verdicts, SLICE, signal)) {
      if (!gate.isActive() || gate.isPaused()) return
      for (const [name] of slice) {
        const at = { ...owned, name }
        if (queue.isInFlight(at) || before.get(name)!.some(record => !gate.isActive(record))) continue
        const judged = looks.judge(at, reading, before.get(name)!, backend)
        if (judged.is === 'judged' && engine.looked(at, judged.verdict, cause, judged.foreign)) queue.enqueueRead(at)
      }
    }
    // An old copy says nothing of now. Where a backup was put back, the next update of the zone tells its serial.
    if (reading.serial === null || reading.isOldCopy) return
    backend.setSerial(owned.zone, reading.serial)
    store.putSerials([[`${owned.endpoint} ${owned.zone}`, reading.serial]])
  }
}
