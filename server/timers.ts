/*
 * What is due when, by the second: one look-up a second, however much is waiting.
 *
 * The clock of a machine can be set by years, forward and back. So what is due at once waits for no second, seconds are not
 * counted one by one where the clock went far, and where it went back its new time holds.
 */
import type { OwnedRecord } from '../schemas/model/record.ts'

/** What was due in the past when it was set: it is due at the next look, whatever the clock says then. */
const AT_ONCE = -1

export class Timers {
  #buckets = new Map<number, Set<string>>()
  #secondOf = new Map<string, number>()
  /** The last second that was looked at. */
  #last: number
  #timer: NodeJS.Timeout
  #due: (keys: string[]) => void
  #now: () => number

  /** `due` gets the keys whose time has come, at most a second late. `now` is in milliseconds. */
  constructor(now: () => number, due: (keys: string[]) => void) {
    this.#now = now
    this.#due = due
    this.#last = Math.floor(now() / 1000)
    this.#timer = setInterval(() => this.tick(), 500)
  }

  /** Sets the times of these records as they are now. */
  setAll(records: Iterable<OwnedRecord>): void {
    for (const { key, dueAt } of records) this.set(key, dueAt)
  }

  /** Sets, moves or (with null) takes back the time of a key, in milliseconds. */
  set(key: string, at: number | null): void {
    const before = this.#secondOf.get(key)
    const second = at === null ? undefined : Math.ceil(at / 1000)
    const bucket = second !== undefined && second <= this.#last ? AT_ONCE : second
    if (before === bucket) return
    if (before !== undefined) this.#takeFrom(before, key)
    if (bucket === undefined) return
    this.#secondOf.set(key, bucket)
    const keys = this.#buckets.get(bucket)
    if (keys) keys.add(key)
    else this.#buckets.set(bucket, new Set([key]))
  }

  #takeFrom(bucket: number, key: string): void {
    this.#secondOf.delete(key)
    const keys = this.#buckets.get(bucket)
    keys?.delete(key)
    if (keys?.size === 0) this.#buckets.delete(bucket)
  }

  /** The seconds up to `last` that have keys, in order. */
  #secondsUpTo(last: number): number[] {
    const count = last - this.#last
    if (count <= 0) return []
    if (count > this.#buckets.size)
      return [...this.#buckets.keys()].filter(one => one >= 0 && one <= last).sort((a, b) => a - b)
    return Array.from({ length: count }, (_, i) => this.#last + 1 + i)
  }

  /** Looks at the clock, and hands over what is due. */
  tick(): void {
    const last = Math.floor(this.#now() / 1000)
    const keys: string[] = []
    for (const bucket of [AT_ONCE, ...this.#secondsUpTo(last)]) {
      for (const key of this.#buckets.get(bucket) ?? []) {
        this.#secondOf.delete(key)
        keys.push(key)
      }
      this.#buckets.delete(bucket)
    }
    this.#last = last
    if (keys.length > 0) this.#due(keys)
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
