/*
 * The queue as the program has it: real store, engine, looks and audit. Only the DNS server is the test's: a backend over
 * zones in memory, which answers as RFC 2136 says, or as the test says.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Change, FoundRR, Outcome } from '../../../lib/dns/rr.ts'
import { Zone } from '../../../lib/dns/zone/zone.ts'
import { plan } from '../../../lib/plan/plan.ts'
import type { Marker } from '../../../lib/publish/desired.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { Audit } from '../../../server/audit.ts'
import type { Backend, Capabilities, SurveyOrder, ZoneReading } from '../../../server/backends/backend.ts'
import { Engine } from '../../../server/engine.ts'
import { Announcer } from '../../../server/log/announcer.ts'
import { createMetrics } from '../../../server/metrics.ts'
import { Looks } from '../../../server/publish/looks.ts'
import { Queue } from '../../../server/publish/queue.ts'
import { Store } from '../../../server/store/store.ts'
import { ENDPOINT, event, scopesWith } from '../../lib/site.ts'

export const A = '192.0.2.1'
export const NOW = 1_800_000_000_000
export const scopes = scopesWith({ profile: 'aggressive' })
export const grant = event({ kind: 'committed', address: A, hostname: 'red', client: '0a' })
export const release = event({ kind: 'released', address: A, client: '0a' })

export const open = (folder: string, now = NOW) => Store.open(folder, { memory: MEMORY, now: () => now })

export const hear = (store: Store, one: LeaseEvent): OwnedRecord[] => {
  const made = plan(store.state, scopes, one, NOW)
  return store.put(made.leases, made.records)
}

const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }

/** Makes the first attempt that the zone permits. */
const make = (zone: Zone, { attempts }: Change): Outcome => {
  const attempt = attempts.findIndex(({ prerequisites }) => zone.permits(prerequisites) === null)
  if (attempt < 0) return { kind: 'conflict', alone: true, detail: 'a prerequisite does not hold' }
  zone.make(attempts[attempt]!.updates)
  return { kind: 'applied', attempt }
}

/** A DNS server behind the contract of a backend. It counts what it is asked. */
export class ZonesBackend implements Backend {
  readonly name = ENDPOINT
  marker: Marker = 'dhcid'
  capabilities: Capabilities = {
    prerequisites: true,
    atomic: true,
    exactDelete: true,
    markers: ['dhcid', 'txt', 'none'],
    ttl: true,
    ptr: true,
    listing: true,
    comment: 0,
    batch: 400,
  }
  readonly zones = new Map<string, Zone>()
  /** The names of each message, as they came. */
  readonly messages: { zone: string; names: string[] }[] = []
  /** The names of each reading. */
  readonly reads: { zone: string; names: string[] }[] = []
  /** What the server says of a change; null: it makes what its zone permits. */
  says: (zone: string, change: Change) => Outcome | null = () => null
  /** What the server says of a reading; null: what its zone holds. */
  shows: (zone: string, names: string[]) => ZoneReading | null = () => null
  /** Older than one that was seen: a secondary that lags, or a zone that was put back. */
  isOldCopy = false

  zone(apex: string): Zone {
    const known = this.zones.get(apex) ?? new Zone(apex, SOA, [`ns.${apex}`])
    this.zones.set(apex, known)
    return known
  }

  /** All RRs at a name, as "type value", sorted. */
  at(apex: string, name: string): string[] {
    return this.zone(apex)
      .rrsAt(name)
      .map(({ type, value }) => `${type} ${value}`)
      .sort()
  }

  get serials(): ReadonlyMap<string, number> {
    return new Map([...this.zones].map(([apex, zone]) => [apex, zone.serial]))
  }

  setSerial(): void {}

  async apply(zone: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void): Promise<void> {
    this.messages.push({ zone, names: changes.map(change => change.name) })
    const said = changes.map(change => this.says(zone, change))
    const isFree = said.every(outcome => outcome === null)
    const first = changes.map(({ attempts }) => attempts[0]!.prerequisites)
    const fits = changes.length === 1 || first.every(one => this.zone(zone).permits(one) === null)
    for (const [i, change] of changes.entries()) {
      if (said[i]) settle(change, said[i])
      else if (isFree && !fits)
        settle(change, { kind: 'conflict', alone: false, detail: 'a prerequisite of one fails' })
      else settle(change, make(this.zone(zone), change))
    }
  }

  /** Whether the zone is given away as a whole, for surveys. */
  transfers = false

  async read(zone: string, names: string[], _signal?: AbortSignal, order?: SurveyOrder): Promise<ZoneReading> {
    this.reads.push({ zone, names })
    const shown = this.shows(zone, names)
    if (shown) return shown
    const rrs = new Map<string, FoundRR[]>()
    for (const name of names) {
      const there = this.zone(zone).rrsAt(name)
      if (there.length > 0) rrs.set(name, there)
    }
    const { serial } = this.zone(zone)
    const reading = { known: true as const, rrs, belowCut: new Set<string>(), unread: new Map(), serial }
    if (!order) return { ...reading, isOldCopy: this.isOldCopy }
    const survey = this.transfers ? ('made' as const) : { whyNot: 'it says REFUSED' }
    const each = this.transfers ? order.begin() : () => {}
    for (const rr of this.zone(zone).transfer()) each(rr)
    return { ...reading, isOldCopy: this.isOldCopy, survey }
  }

  async close(): Promise<void> {}
}

/** A backend whose changes are answered when, and as, the test says. */
class AskedBackend extends ZonesBackend {
  readonly asked: { change: Change; answer: (outcome: Outcome) => void; make: () => void }[] = []
  news = Promise.withResolvers<void>()

  override async apply(apex: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void) {
    const answered = changes.map(change => {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      this.asked.push({ change, answer: resolve, make: () => resolve(make(this.zone(apex), change)) })
      return promise.then(outcome => settle(change, outcome))
    })
    this.news.resolve()
    await Promise.all(answered)
  }
}

export interface Circumstances {
  now?: () => number
  isOverdue?: (record: OwnedRecord) => boolean
  isOpen?: () => boolean
  hasPartner?: () => boolean
}

/** The parts of the program from the store to the backend. `said` are the lines that were logged of lanes and faults. */
export const partsOn = async (t: Test, store: Store, backend: Backend, circumstances: Circumstances = {}) => {
  const { now = () => NOW, isOverdue = () => false, isOpen = () => true, hasPartner = () => false } = circumstances
  const said: string[] = []
  const say = (_fields: object, message?: string) => void said.push(message ?? '')
  const log = { info: say, warn: say, error: say }
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-audit-'))
  const audit = await Audit.open(join(folder, 'audit.jsonl'))
  const metrics = createMetrics()
  const gate = { isOpen, maySend: isOpen, isActive: () => true, awaitsKea: isOverdue, isOneOfAPair: hasPartner }
  const ignore = () => {}
  const tell = new Announcer({ log: { info: ignore, warn: ignore, error: ignore } as never, onUndone: ignore })
  const engine = new Engine({ store, scopes, audit, metrics, tell, log: log as never, now })
  const looks = new Looks({ store, scopes: { find: () => null }, gate, now })
  const backends = [backend]
  const queue = new Queue({ store, gate, backends, engine, looks, metrics, log, now, random: () => 0 })
  t.teardown(async () => {
    await queue.close()
    await audit.close()
    await rm(folder, { recursive: true })
  })
  return { queue, engine, looks, audit, said }
}

/** A queue whose DNS server answers when, and what, the test says. */
export const queueOn = async (t: Test, store: Store, circumstances: Circumstances = {}) => {
  const backend = new AskedBackend()
  const { queue } = await partsOn(t, store, backend, circumstances)
  return {
    queue,
    backend,
    /** Changes that the server was asked for and the test has not seen. */
    unseen: () => backend.asked.length,
    /** The next change that the server is asked for. */
    next: async () => {
      while (backend.asked.length === 0) {
        await backend.news.promise
        backend.news = Promise.withResolvers()
      }
      return backend.asked.shift()!
    },
  }
}

/** Resolves when nothing more is under way, of what the queue does by itself and at once, and all of it is written. */
export const quiet = async (store: Store, turns = 8): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) {
    await store.durable()
    await new Promise(setImmediate)
  }
}

export const YES: Outcome = { kind: 'applied', attempt: 0 }
export const phases = ({ state }: Store) =>
  Object.fromEntries([...state.recordsOf(A)].map(({ type, phase }) => [type, phase]))
