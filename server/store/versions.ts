/*
 * Items by key, of which there is one new version after another.
 *
 * Each item stands in a cell, and its versions take turns there. So an index holds cells, and need not be told of a new
 * version that belongs where the one before it did:
 *
 *     records  "bind red A .1" ─► cell ◄─ by name "red"        set(key, version 2): the cell has it, and both lead there
 *                                      ◄─ by address ".1"
 */

/** Where the newest version of an item is. */
export interface Cell<T> {
  item: T
}

/** What is asked of items by key, as a Map has them. */
export interface Items<T> extends ReadonlyMap<string, T> {
  set(key: string, item: T): unknown
  delete(key: string): boolean
  clear(): void
}

export class Versions<T> implements Items<T> {
  #cells = new Map<string, Cell<T>>()

  constructor(entries: Iterable<readonly [string, T]> = []) {
    for (const [key, item] of entries) this.set(key, item)
  }

  get size(): number {
    return this.#cells.size
  }

  /** The cell of an item; undefined where there is none. */
  cell(key: string): Cell<T> | undefined {
    return this.#cells.get(key)
  }

  /** Adds an item that is not there yet, and gives its cell. */
  add(key: string, item: T): Cell<T> {
    const cell = { item }
    this.#cells.set(key, cell)
    return cell
  }

  set(key: string, item: T): this {
    const cell = this.#cells.get(key)
    if (cell) cell.item = item
    else this.add(key, item)
    return this
  }

  get(key: string): T | undefined {
    return this.#cells.get(key)?.item
  }

  has(key: string): boolean {
    return this.#cells.has(key)
  }

  delete(key: string): boolean {
    return this.#cells.delete(key)
  }

  clear(): void {
    this.#cells.clear()
  }

  keys(): MapIterator<string> {
    return this.#cells.keys()
  }

  /** All cells, in the order in which their items came first. */
  cells(): MapIterator<Cell<T>> {
    return this.#cells.values()
  }

  *values(): MapIterator<T> {
    for (const { item } of this.#cells.values()) yield item
  }

  *entries(): MapIterator<[string, T]> {
    for (const [key, { item }] of this.#cells) yield [key, item]
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries()
  }

  forEach(tell: (item: T, key: string, items: ReadonlyMap<string, T>) => void): void {
    for (const [key, { item }] of this.#cells) tell(item, key, this)
  }
}
