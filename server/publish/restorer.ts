/*
 * What a DNS server forgot is put back.
 *
 * The invariant: nothing is put back that the store does not know to be published, by this node, at that very moment. A
 * resolver forgets all its local data at a reload, and does not say so. That is no change by anybody: so it is not judged
 * name by name (looks.ts), and it is told in one line. Only where something else stands at a name by now, that name is read
 * and judged as any other.
 *
 *     forgotten ─► names published at that server, zone by zone ─► restore ─► there again
 *                                                                    ├─ other RRs are there ──────► read, and judged
 *                                                                    └─ refused, silent, closed ──► read, when it answers
 *
 * A name of which a change is under way is left to that change: its prerequisites do not hold any more, so it is read. One
 * that is about to be read is put back before that: else its absence would be put down to somebody.
 */
import type { RR } from '../../lib/dns/rr.ts'
import type { NameAt } from '../../lib/publish/look.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { Backend, Memory } from '../backends/backend.ts'
import type { Gate } from '../gate.ts'
import type { Logger } from '../logger.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'
import type { Queue } from './queue.ts'

interface Deps {
  store: Pick<Store, 'state'>
  gate: Pick<Gate, 'isOpen'>
  queue: Pick<Queue, 'isSent' | 'look'>
  backends: readonly Backend[]
  log: Pick<Logger, 'info' | 'error'>
}

/** Records that are looked through in one turn of the event loop, and names that are put back in one go. */
const SLICE = 5000

export class Restorer {
  #deps: Deps
  /** Servers that forgot, and wait: nothing may be written, or another is being restored. */
  #due = new Set<string>()
  #isBusy = false
  #isClosed = false

  constructor(deps: Deps) {
    this.#deps = deps
    for (const { name, memory } of deps.backends) {
      memory?.onForgotten(() => {
        this.#due.add(name)
        this.goOn()
      })
    }
  }

  close(): void {
    this.#isClosed = true
  }

  /** Goes on after a time in which this node did not write; harmless when there is nothing to do. */
  goOn(): void {
    const { gate, log } = this.#deps
    const [name] = this.#due
    if (this.#isClosed || this.#isBusy || name === undefined || !gate.isOpen()) return
    this.#due.delete(name)
    this.#isBusy = true
    this.#server(name)
      .catch(error => log.error({ backend: name, err: error }, 'what the server forgot is found by the next run'))
      .finally(() => {
        this.#isBusy = false
        this.goOn()
      })
  }

  async #server(endpoint: string): Promise<void> {
    const { backends, log } = this.#deps
    const memory = backends.find(({ name }) => name === endpoint)?.memory
    if (!memory) return
    let restored = 0
    try {
      for (const [zone, names] of await this.#publishedAt(endpoint)) {
        for await (const some of slices(names, SLICE)) restored += await this.#zone(memory, endpoint, zone, some)
      }
    } finally {
      if (!this.#due.has(endpoint)) memory.restored()
    }
    const about = { event: 'server.forgot', backend: endpoint, names: restored }
    if (restored > 0) log.info(about, `${endpoint} had forgotten ${restored} names, which are there again`)
  }

  /** Gives how many names were put back. */
  async #zone(memory: Memory, endpoint: string, zone: string, names: string[]): Promise<number> {
    const { queue } = this.#deps
    const at = (name: string): NameAt => ({ endpoint, zone, name })
    try {
      const { restored, others } = await memory.restore(zone, names, name => this.#rrsAt(at(name)))
      queue.look(others.map(at))
      return restored
    } catch {
      // The reading says what is wrong, and is tried again.
      queue.look(names.map(at))
      return 0
    }
  }

  async #publishedAt(endpoint: string): Promise<Map<string, Set<string>>> {
    const zones = new Map<string, Set<string>>()
    for await (const slice of slices(this.#deps.store.state.records.values(), SLICE)) {
      for (const record of slice) {
        if (record.endpoint !== endpoint || !this.#isPublished(record)) continue
        const names = zones.get(record.zone)
        if (names) names.add(record.name)
        else zones.set(record.zone, new Set([record.name]))
      }
    }
    return zones
  }

  #isPublished(record: OwnedRecord): boolean {
    const { wanted, applied, sent, stopped } = record
    return wanted !== null && applied !== null && sent === null && stopped === null && this.#deps.gate.isOpen(record)
  }

  /** What is published at a name now; nothing where not all of it stands still. */
  #rrsAt(at: NameAt): RR[] {
    const { store, queue } = this.#deps
    if (this.#isClosed || queue.isSent(at)) return []
    const there = store.state.recordsAt(at.endpoint, at.name).filter(one => one.applied !== null)
    if (!there.every(one => this.#isPublished(one))) return []
    return there.map(({ name, type, value, applied }) => ({ name, type, value, ttl: applied!.ttl }))
  }
}
