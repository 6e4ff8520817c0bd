/**
 * Items in an order, the first of which is at hand. Two items are never equal. To add or to remove one takes as many
 * comparisons as the length has binary digits.
 */
export class Ranking<T> {
  #items: T[] = []
  #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values()
  }

  add(item: T): void {
    this.#items.splice(this.#placeOf(item), 0, item)
  }

  remove(item: T): void {
    const place = this.#placeOf(item)
    if (this.#items[place] === item) this.#items.splice(place, 1)
  }

  /** Where an item is, or would be. */
  #placeOf(item: T): number {
    let [low, high] = [0, this.#items.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#items[middle]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
