/*
 * A row of segments, oldest first, and the lines of a key over all of them, newest first.
 *
 * A line has a number, which is its place: segment · 2^25 + offset. Numbers grow, and a line that is on disk keeps its number
 * over restarts. Lines stand in the order of their times, but for a clock that was set back by up to STEP. So of a
 * question about a time only those segments are opened that may have something of it:
 *
 *     segment   7 (Monday)   8 (Tuesday)   9 (Wednesday)   10 (Thursday)
 *     until Tuesday          8, then 7: nothing of 9 and 10
 *     since Wednesday        10, then 9, then 8: it begins before, so no more
 */
import { OFFSETS, type Segment } from './segment.ts'

/** Milliseconds by which a clock may have been set back. */
const STEP = 3_600_000

/**
 * Segments that are looked into at once at most. The newest is looked into alone, then two, then four: what is asked for is
 * mostly new, and where it is not, one segment is not waited for after another.
 */
const MOST_AHEAD = 8

/** How a line is read: its keys, and its time in milliseconds; null for a line that has none. */
interface Reading {
  keysOf(line: string): Iterable<string>
  timeOf(line: string): number | null
}

/** A line with its number, and whether it is on disk. */
interface Numbered {
  number: number
  line: string
  isKept: boolean
}

export const numberOf = ({ number }: Segment, offset: number): number => number * OFFSETS + offset

export class Segments {
  #all: Segment[]
  #reading: Reading
  /** When each segment begins, as its first line says. */
  #begins = new WeakMap<Segment, number>()

  /** `all` is not empty. */
  constructor(all: Segment[], reading: Reading) {
    this.#all = all
    this.#reading = reading
  }

  /** The segment that takes the lines. */
  get newest(): Segment {
    return this.#all.at(-1)!
  }

  /** A copy: what is added or removed meanwhile does not change it. */
  all(): Segment[] {
    return [...this.#all]
  }

  add(segment: Segment): void {
    this.#all.push(segment)
  }

  remove(segment: Segment): void {
    this.#all.splice(this.#all.indexOf(segment), 1)
  }

  /** The lines of a key with numbers below `below`, newest first. Some of them are of other times, or of another key. */
  async *lines(
    key: string,
    { since = -Infinity, until = Infinity }: { since?: number; until?: number },
    below = Infinity,
  ): AsyncGenerator<Numbered, void> {
    const segments = (await this.#upTo(until)).reverse().filter(segment => numberOf(segment, 0) < below)
    for (let size = 1; segments.length > 0; size = Math.min(2 * size, MOST_AHEAD)) {
      const group = segments.splice(0, size).map(segment => this.#begin(segment, key, below))
      try {
        for (const { segment, first, rest } of group) {
          for (let found = await first; !found.done; found = await rest.next()) {
            const { offset, line } = found.value
            yield { number: numberOf(segment, offset), line, isKept: segment.isWritten(offset) }
          }
          if (since > -Infinity && (await this.#beginOf(segment)) < since - STEP) return
        }
      } finally {
        await Promise.all(group.map(({ rest }) => rest.return(undefined)))
      }
    }
  }

  /** Begins to look for the lines of a key in a segment: the first is under way. */
  #begin(segment: Segment, key: string, below: number) {
    const rest = segment.lines(key, below - numberOf(segment, 0), this.#reading.keysOf)
    const first = rest.next()
    // Whoever reaches it hears of it; nobody does where enough is found before.
    first.catch(() => {})
    return { segment, first, rest }
  }

  /** The segments without those that begin after a time. Few of them are asked when they begin. */
  async #upTo(until: number): Promise<Segment[]> {
    const all = this.all()
    let [from, to] = until === Infinity ? [all.length, 0] : [0, all.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((await this.#beginOf(all[middle]!)) <= until + STEP) from = middle + 1
      else to = middle
    }
    return all.slice(0, from)
  }

  /** A segment of which it is not known counts as begun long ago, so that it is read. */
  async #beginOf(segment: Segment): Promise<number> {
    const known = this.#begins.get(segment)
    if (known !== undefined) return known
    const line = await segment.firstLine()
    const at = line === null ? null : this.#reading.timeOf(line)
    if (at !== null) this.#begins.set(segment, at)
    return at ?? -Infinity
  }
}
