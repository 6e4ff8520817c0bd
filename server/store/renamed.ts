import { keyOf, nameKey } from '../../lib/plan/record.ts'
import type { Change, Document } from './document.ts'
import { surveyKey } from './seen.ts'
import { type Items, Versions } from './versions.ts'

/** New names of entries in `dns` by the names that these had before. */
export type Renamed = ReadonlyMap<string, string>

/**
 * Carries over what is known of places whose entry in `dns` has another name by now: records, what DNS may hold at each
 * name, serials, and what was seen of others. What the new name has already stays. Gives whether anything was carried over.
 */
export const carryOver = (document: Document, renamed: Renamed): boolean => {
  const { records, names, serials, surveys, foreign } = document
  let anything = false
  const move = <T>(map: Items<T>, from: string, to: string, item: T) => {
    map.delete(from)
    if (!map.has(to)) map.set(to, item)
    anything = true
  }
  for (const [key, record] of [...records]) {
    const endpoint = renamed.get(record.endpoint)
    if (endpoint === undefined) continue
    const to = keyOf(endpoint, record.name, record.type, record.value)
    move(records, key, to, { ...record, endpoint, key: to })
  }
  for (const [key, known] of [...names]) {
    const endpoint = renamed.get(known.endpoint)
    if (endpoint !== undefined) move(names, key, nameKey({ ...known, endpoint }), { ...known, endpoint })
  }
  for (const [key, survey] of [...surveys]) {
    const endpoint = renamed.get(survey.endpoint)
    if (endpoint !== undefined) move(surveys, key, surveyKey({ ...survey, endpoint }), { ...survey, endpoint })
  }
  for (const [key, seen] of [...foreign]) {
    const endpoint = renamed.get(seen.endpoint)
    if (endpoint !== undefined) move(foreign, key, nameKey({ ...seen, endpoint }), { ...seen, endpoint })
  }
  for (const [key, serial] of [...serials]) {
    const at = key.lastIndexOf(' ')
    const endpoint = renamed.get(key.slice(0, at))
    if (endpoint !== undefined) move(serials, key, `${endpoint}${key.slice(at)}`, serial)
  }
  return anything
}

/** What differs between two maps: items that are new or others, and keys that are no longer there. */
const difference = <T>(before: Items<T>, after: Items<T>) => ({
  put: [...after].filter(([key, item]) => before.get(key) !== item),
  gone: [...before.keys()].filter(key => !after.has(key)),
})

/** What `carryOver` would change, as a change that can be committed; null where that is nothing. The document stays. */
export const renaming = (document: Document, renamed: Renamed): Change | null => {
  const { records, names, serials, surveys, foreign } = document
  const copies = { records: new Versions(records), names: new Versions(names), serials: new Map(serials) }
  const after = { ...document, ...copies, surveys: new Map(surveys), foreign: new Map(foreign) }
  if (!carryOver(after, renamed)) return null
  const ofRecords = difference(records, after.records)
  const ofNames = difference(names, after.names)
  return {
    leases: [],
    records: ofRecords.put.map(([, record]) => record),
    names: ofNames.put.map(([, known]) => known),
    plain: ofNames.gone,
    serials: difference(serials, after.serials).put,
    surveys: difference(surveys, after.surveys).put.map(([, survey]) => survey),
    foreign: difference(foreign, after.foreign).put.map(([, seen]) => seen),
    gone: { leases: [], records: ofRecords.gone, holds: [] },
  }
}
