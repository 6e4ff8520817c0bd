import { BadInput, found } from '../../lib/bad-input.ts'

export interface Page<T> {
  items: T[]
  /** The cursor of the next page, or null on the last one. */
  next: string | null
}

export interface Paging {
  limit: number
  cursor?: string
}

const encode = (list: string, key: string): string => Buffer.from(`${list} ${key}`).toString('base64url')

const decode = (list: string, cursor: string): string => {
  const text = Buffer.from(cursor, 'base64url').toString()
  const key = text.slice(list.length + 1)
  if (encode(list, key) === cursor) return key
  throw new BadInput([{ field: 'cursor', expected: `"next" of a page of ${list}`, found: found(cursor) }])
}

const byKey = <T>(a: [string, T], b: [string, T]): number => (a[0] < b[0] ? -1 : 1)

/**
 * One page of a list in the order of its keys, so that what comes and goes between two pages moves nothing else. Reads
 * all items once and sorts no more of them than a page holds. Throws BadInput for a cursor of another list.
 */
export const pageOf = <T>(
  list: string,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  matches: (item: T) => boolean,
  { limit, cursor }: Paging,
): Page<T> => {
  const after = cursor === undefined ? '' : decode(list, cursor)
  let kept: [string, T][] = []
  const trim = (most: number) => {
    kept = kept.sort(byKey).slice(0, most)
  }
  for (const item of items) {
    const key = keyOf(item)
    if (key > after && matches(item)) kept.push([key, item])
    if (kept.length > 4 * limit + 1000) trim(limit + 1)
  }
  trim(limit + 1)
  const page = kept.slice(0, limit)
  return { items: page.map(([, item]) => item), next: kept.length > limit ? encode(list, page.at(-1)![0]) : null }
}
