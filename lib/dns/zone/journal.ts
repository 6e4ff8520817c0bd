/*
 * What changed in a zone, version by version, for secondaries that ask for no more than that (RFC 1995).
 *
 * A journal holds an unbroken row of changes, each of which leads from one serial to the next:
 *
 *     7 -> 8   removed: nas A 10.0.0.1    added: nas A 10.0.0.2
 *     8 -> 9   removed:                   added: tv A 10.0.0.3
 *
 * It has a bound, in RRs. The oldest changes go first; a secondary that is older than what is left gets the whole zone.
 */
import type { ZoneRR } from './name-tree.ts'

/** How a zone got from one serial to the next. */
export interface ZoneChange {
  from: number
  removed: ZoneRR[]
  added: ZoneRR[]
}

/** Whether serial `one` is newer than serial `other` (RFC 1982 §3.2). */
export const isNewerSerial = (one: number, other: number): boolean => {
  const ahead = (one - other) >>> 0
  return ahead > 0 && ahead < 2 ** 31
}

const sizeOf = ({ removed, added }: ZoneChange): number => removed.length + added.length

export class Journal {
  readonly #most: number
  #changes: ZoneChange[] = []
  #size = 0

  /** `most`: how many RRs it holds at most; 0 keeps nothing. */
  constructor(most: number) {
    this.#most = most
  }

  /** Adds the newest change. One that is larger than the bound leaves the journal empty: only the whole zone tells it. */
  add(change: ZoneChange): void {
    this.#changes.push(change)
    this.#size += sizeOf(change)
    while (this.#size > this.#most && this.#changes.length > 0) this.#size -= sizeOf(this.#changes.shift()!)
  }

  /** Forgets all: the next serial does not follow the last one. */
  clear(): void {
    this.#changes = []
    this.#size = 0
  }

  /** All changes since the version `serial`, oldest first, or null when the journal does not reach back to it. */
  since(serial: number): readonly ZoneChange[] | null {
    const first = this.#changes[0]
    if (first === undefined) return null
    const index = (serial - first.from) >>> 0
    return index < this.#changes.length ? this.#changes.slice(index) : null
  }
}
