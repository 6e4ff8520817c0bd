import type { OwnedRecord } from '../schemas/model/record.ts'

/** What is due when, by the second: one look-up a second, however much is waiting. */
export class Timers {
  #buckets = new Map<number, Set<string>>()
  #secondOf = new Map<string, number>()
  #cursor: number
  #timer: NodeJS.Timeout
  #due: (keys: string[]) => void
  #now: () => number

  /** `due` gets the keys whose time has come, at most a second late. `now` is in milliseconds. */
  constructor(now: () => number, due: (keys: string[]) => void) {
    this.#now = now
    this.#due = due
    this.#cursor = Math.floor(now() / 1000)
    this.#timer = setInterval(() => this.#tick(), 500)
  }

  /** Sets the times of these records as they are now. */
  setAll(records: Iterable<OwnedRecord>): void {
    for (const { key, dueAt } of records) this.set(key, dueAt)
  }

  /** Sets, moves or (with null) takes back the time of a key, in milliseconds. */
  set(key: string, at: number | null): void {
    const before = this.#secondOf.get(key)
    const second = at === null ? undefined : Math.max(Math.ceil(at / 1000), this.#cursor)
    if (before === second) return
    if (before !== undefined) this.#buckets.get(before)?.delete(key)
    if (second === undefined) {
      this.#secondOf.delete(key)
      return
    }
    this.#secondOf.set(key, second)
    const bucket = this.#buckets.get(second)
    if (bucket) bucket.add(key)
    else this.#buckets.set(second, new Set([key]))
  }

  #tick(): void {
    const last = Math.floor(this.#now() / 1000)
    const keys: string[] = []
    for (; this.#cursor <= last; this.#cursor++) {
      for (const key of this.#buckets.get(this.#cursor) ?? []) {
        this.#secondOf.delete(key)
        keys.push(key)
      }
      this.#buckets.delete(this.#cursor)
    }
    if (keys.length > 0) this.#due(keys)
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
