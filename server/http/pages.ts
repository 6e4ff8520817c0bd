/*
 * Lists in pages.
 *
 * A page is cut by key, not by number. So an item that comes or goes between two requests shifts no other:
 *
 *     keys a b c d e, limit 2   →   a b, next = "records b"
 *     then a goes and bb comes  →   bb c, next = "records c"
 *
 * All items are read once, in slices with a turn of the event loop between them, and few more are kept than a page holds.
 */

import { InvalidInput, shown } from '../../lib/input/bad-input.ts'
import { slices } from '../slices.ts'

export interface Page<T> {
  items: T[]
  /** The cursor of the next page; null on the last one. */
  next: string | null
  /** How many items match, on all pages together. */
  total: number
}

export interface Paging {
  limit: number
  cursor?: string
}

/** How a list is read: what it is called in its cursors, the key of an item, and whether an item is asked for. */
interface Listing<T> {
  list: string
  keyOf(item: T): string
  matches?(item: T): boolean
  /** Largest keys first. */
  descending?: boolean
}

const encode = (list: string, key: string): string => Buffer.from(`${list} ${key}`).toString('base64url')

const decode = (list: string, cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString()
  const key = text.slice(list.length + 1)
  if (encode(list, key) === cursor) return key
  throw new InvalidInput([{ field: 'cursor', expected: `"next" of a page of ${list}`, found: shown(cursor) }])
}

/** Items that are read before others have their turn: some milliseconds. */
const SLICE = 250

/**
 * One page of the items that match, in the order of their keys. @throws InvalidInput for a cursor of another list.
 */
export const pageOf = async <T>(
  items: Iterable<T>,
  { list, keyOf, matches = () => true, descending = false }: Listing<T>,
  { limit, cursor }: Paging,
): Promise<Page<T>> => {
  const after = cursor === undefined ? null : decode(list, cursor)
  const isBefore = descending ? (a: string, b: string) => a > b : (a: string, b: string) => a < b
  let kept: [string, T][] = []
  let total = 0
  /** Of keys after this one, a page holds none any more. */
  let last: string | null = null
  const trim = (most: number) => {
    kept = kept.sort(([a], [b]) => (isBefore(a, b) ? -1 : 1)).slice(0, most)
    if (kept.length === most) last = kept.at(-1)![0]
  }
  for await (const slice of slices(items, SLICE)) {
    for (const item of slice) {
      if (!matches(item)) continue
      total++
      const key = keyOf(item)
      if ((after !== null && !isBefore(after, key)) || (last !== null && isBefore(last, key))) continue
      kept.push([key, item])
      if (kept.length > 4 * limit + 1000) trim(limit + 1)
    }
  }
  trim(limit + 1)
  const page = kept.slice(0, limit)
  const next = kept.length > limit ? encode(list, page.at(-1)![0]) : null
  return { items: page.map(([, item]) => item), next, total }
}
