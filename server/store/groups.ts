/*
 * Items in groups, each once by its key: the leases of a name, the records of an address.
 *
 *     put(red, .1)      red  .1                    a group of one is that item alone: nearly every name has one lease
 *     put(red, .2)      red  { .1, .2 }
 *     remove(red, .1)   red  { .2 }
 *     remove(red, .2)   red is no group any more
 */
const NONE: readonly never[] = []

export class Groups<T extends object> {
  #groups = new Map<string, T | Map<string, T>>()
  #keyOf: (item: T) => string

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf
  }

  put(group: string, item: T): void {
    const there = this.#groups.get(group)
    const key = this.#keyOf(item)
    if (there instanceof Map) there.set(key, item)
    else if (there === undefined || this.#keyOf(there) === key) this.#groups.set(group, item)
    else this.#groups.set(group, new Map([there, item].map(one => [this.#keyOf(one), one])))
  }

  remove(group: string, key: string): void {
    const there = this.#groups.get(group)
    if (there === undefined) return
    const isLast = there instanceof Map ? there.delete(key) && there.size === 0 : this.#keyOf(there) === key
    if (isLast) this.#groups.delete(group)
  }

  get(group: string): Iterable<T> {
    const there = this.#groups.get(group)
    if (there === undefined) return NONE
    return there instanceof Map ? there.values() : [there]
  }

  count(group: string): number {
    const there = this.#groups.get(group)
    return there instanceof Map ? there.size : there === undefined ? 0 : 1
  }

  has(group: string): boolean {
    return this.#groups.has(group)
  }

  groups(): Iterable<string> {
    return this.#groups.keys()
  }
}
