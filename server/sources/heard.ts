/*
 * Who has told us of leases, when last, and whom we refused.
 *
 * A hook with a wrong token is silent to Kea, and its names are lost. So every source is counted by its name, the refused
 * ones too, with why. What names a stranger may bring is bounded: the oldest of them are forgotten.
 */

import { printable } from '../../lib/input/printable.ts'
import type { Refusal, Source } from '../../schemas/model/source.ts'

/** One source, as `/v1/status` shows it. Times are in milliseconds since the epoch. */
export interface SourceStatus {
  source: Source
  name: string
  lastHeard: number | null
  accepted: number
  refused: number
  lastRefusal: { at: number; why: Refusal; detail: string } | null
}

interface Deps {
  metrics: { sourceRefused(source: Source, why: Refusal, count: number): void }
  now(): number
}

const MOST_STRANGERS = 100
const MOST_DETAIL = 300

export class Heard {
  #deps: Deps
  #expected = new Map<string, SourceStatus>()
  #strangers = new Map<string, SourceStatus>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** A source of the configuration: it is shown before anything is heard of it. */
  expect(source: Source, name: string): void {
    const status = this.#statusOf(source, name)
    this.#strangers.delete(`${source} ${name}`)
    this.#expected.set(`${source} ${name}`, status)
  }

  accepted(source: Source, name: string, count = 1): void {
    const status = this.#statusOf(source, name)
    status.lastHeard = this.#deps.now()
    status.accepted += count
  }

  refused(source: Source, name: string, why: Refusal, detail: string, count = 1): void {
    const status = this.#statusOf(source, name)
    status.refused += count
    status.lastRefusal = { at: this.#deps.now(), why, detail: printable(detail).slice(0, MOST_DETAIL) }
    this.#deps.metrics.sourceRefused(source, why, count)
  }

  all(): SourceStatus[] {
    return [...this.#expected.values(), ...this.#strangers.values()]
  }

  /** When anything was last taken from a kind of source, in milliseconds; 0 for never. */
  lastHeard(source: Source): number {
    return Math.max(0, ...this.all().map(one => (one.source === source ? (one.lastHeard ?? 0) : 0)))
  }

  #statusOf(source: Source, name: string): SourceStatus {
    const key = `${source} ${name}`
    const known = this.#expected.get(key) ?? this.#strangers.get(key)
    if (known) return known
    const status = { source, name: printable(name), lastHeard: null, accepted: 0, refused: 0, lastRefusal: null }
    this.#strangers.set(key, status)
    if (this.#strangers.size > MOST_STRANGERS) this.#strangers.delete(this.#strangers.keys().next().value!)
    return status
  }
}
