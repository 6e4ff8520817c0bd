/*
 * What is not as it should be, with its cause and its remedy.
 *
 * The invariant: a finding is not an event but a state. Each source is asked anew every second for all that is wrong in its
 * part; what it no longer names is gone. So no finding outlives its cause, and none has to be closed by hand.
 *
 *     second   a source sees               findings                       log
 *     1        zone refused                zone-refused:bind/lab  since 1  finding.opened
 *     2        zone refused                the same                       (nothing)
 *     3        (nothing)                   none                           finding.gone
 */

import { printable } from '../../lib/input/printable.ts'
import { type Finding, FindingKind } from '../../schemas/model/finding.ts'
import type { Announcer } from '../log/announcer.ts'
import { type FindingSource, SEVERITY } from './kinds.ts'

interface Deps {
  sources: readonly FindingSource[]
  tell: Pick<Announcer, 'say'>
  /** Hears of each that opens, and of each that is gone. */
  onChange?(change: 'opened' | 'gone', finding: Finding): void
  now(): number
}

const EVERY_MS = 1000

export class Findings {
  #deps: Deps
  #open = new Map<string, Finding>()
  #timer: NodeJS.Timeout | null = null

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Looks now and every second from now on. */
  watch(): void {
    this.look()
    this.#timer ??= setInterval(() => this.look(), EVERY_MS).unref()
  }

  /** All that is wrong now, ordered by id. */
  look(): Finding[] {
    const { now, sources, tell, onChange } = this.#deps
    const before = this.#open
    this.#open = new Map()
    for (const { kind, subject, at = subject, reason, remedy, since } of sources.flatMap(source => source())) {
      const id = printable(`${kind}:${at}`)
      const known = before.get(id)
      const finding = {
        id,
        kind,
        severity: SEVERITY[kind],
        subject: printable(subject),
        reason: printable(reason),
        remedy,
        since: since ?? known?.since ?? now(),
      }
      this.#open.set(id, finding)
      if (known) continue
      tell.say('finding.opened', finding, `${kind}: ${finding.reason} Remedy: ${remedy}`)
      onChange?.('opened', finding)
    }
    for (const [id, finding] of before) {
      if (this.#open.has(id)) continue
      const { kind, subject } = finding
      tell.say('finding.gone', { id, kind, subject }, `${kind}: ${subject} is well again`)
      onChange?.('gone', finding)
    }
    return [...this.#open.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** How many there are of each kind. */
  counts(): Record<FindingKind, number> {
    const counts = Object.fromEntries(FindingKind.options.map(kind => [kind, 0])) as Record<FindingKind, number>
    for (const { kind } of this.#open.values()) counts[kind]++
    return counts
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer)
  }
}
