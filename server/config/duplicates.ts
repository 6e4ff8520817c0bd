import type { Issue } from '../../lib/bad-input.ts'

/** An issue for each item whose key an earlier one has. `place` gives the path of an item's key; `shown` what is told of it. */
export const duplicates = <T>(
  items: readonly T[],
  keyOf: (item: T) => string | null,
  place: (index: number) => string,
  shown: (key: string) => string = key => `"${key}"`,
): Issue[] => {
  const first = new Map<string, number>()
  return items.flatMap((item, i) => {
    const key = keyOf(item)
    const before = key === null ? undefined : first.get(key)
    if (key !== null && before === undefined) first.set(key, i)
    if (before === undefined) return []
    return [{ field: place(i), expected: `another than ${place(before)}`, found: `${shown(key!)} again` }]
  })
}
