/*
 * Cells in groups, each once by the key of its item: the leases of a name, the records of an address.
 *
 *     put(red, .1)      red  .1                    a group of one is that cell alone: nearly every name has one lease
 *     put(red, .2)      red  { .1, .2 }
 *     remove(red, .1)   red  { .2 }
 *     remove(red, .2)   red is no group any more
 *
 * Who asks gets the items as they are then: a new version in a cell (versions.ts) is found without a word to the group.
 */
import type { Cell } from './versions.ts'

const NONE: readonly never[] = []

export class Groups<T extends object> {
  #groups = new Map<string, Cell<T> | Map<string, Cell<T>>>()
  #keyOf: (item: T) => string

  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf
  }

  put(group: string, cell: Cell<T>): void {
    const there = this.#groups.get(group)
    const key = this.#keyOf(cell.item)
    if (there instanceof Map) there.set(key, cell)
    else if (there === undefined || this.#keyOf(there.item) === key) this.#groups.set(group, cell)
    else this.#groups.set(group, new Map([there, cell].map(one => [this.#keyOf(one.item), one])))
  }

  remove(group: string, key: string): void {
    const there = this.#groups.get(group)
    if (there === undefined) return
    const isLast = there instanceof Map ? there.delete(key) && there.size === 0 : this.#keyOf(there.item) === key
    if (isLast) this.#groups.delete(group)
  }

  get(group: string): Iterable<T> {
    const there = this.#groups.get(group)
    if (there === undefined) return NONE
    return there instanceof Map ? itemsOf(there.values()) : [there.item]
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

function* itemsOf<T>(cells: Iterable<Cell<T>>): Generator<T> {
  for (const { item } of cells) yield item
}
