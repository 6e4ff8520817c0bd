/*
 * Several commits as one transaction: the changes in order, and of each item only the newest version.
 *
 *     7: lease a, record 1   8: lease a'   9: record 1', lease b
 *     changes  7, 8, 9       latest  leases a' b, records 1'
 */

import { nameKey } from '../../../lib/plan/record.ts'
import { intentKey } from '../../../schemas/model/intent.ts'
import type { Hold } from '../../../schemas/model/reconcile.ts'
import type { ForeignName, Survey } from '../../../schemas/model/survey.ts'
import type { Commit } from '../document.ts'
import { putSeen, surveyKey } from '../seen.ts'
import { toJsonb } from './json-text.ts'

/** Items of one transaction at most. Each is some 1 KB, and twice in it. */
const MOST_ITEMS = 4000

const sizeOf = ({ leases, records, names = [] }: Commit): number => 1 + leases.length + records.length + names.length

/** How many of the commits that wait go into the next transaction; at least one. */
export const countOfNext = (waiting: readonly Commit[]): number => {
  let items = 0
  const over = waiting.findIndex(commit => {
    items += sizeOf(commit)
    return items > MOST_ITEMS
  })
  return over < 0 ? waiting.length : Math.max(1, over)
}

/** Items by key, and keys that go. A key that goes and comes again stays, and the other way round. */
class Latest<T> {
  readonly put = new Map<string, T>()
  readonly gone = new Set<string>()

  set(key: string, item: T): void {
    this.put.set(key, item)
    this.gone.delete(key)
  }

  /** Takes an item as it is elsewhere, or that it is not there. */
  take(key: string, from: ReadonlyMap<string, T>): void {
    const item = from.get(key)
    if (item === undefined) this.drop(key)
    else this.set(key, item)
  }

  drop(key: string): void {
    this.put.delete(key)
    this.gone.add(key)
  }
}

/** Commits as the two arguments of `take_commits`. `holdOf` gives a hold whose first part was in an earlier batch. */
export const batchOf = (
  commits: readonly Commit[],
  holdOf: (id: number) => Hold | undefined,
): { changes: string; latest: string } => {
  const leases = new Latest<object>()
  const records = new Latest<object>()
  const names = new Latest<object>()
  const intents = new Latest<object>()
  const holds = new Latest<Hold>()
  const serials = new Map<string, number>()
  const surveys = new Latest<Survey>()
  const foreign = new Latest<ForeignName>()
  const taken: number[] = []
  let paused: boolean | undefined
  for (const commit of commits) {
    for (const lease of commit.leases) leases.set(lease.address, lease)
    for (const record of commit.records) records.set(record.key, record)
    for (const known of commit.names ?? []) names.set(nameKey(known), known)
    for (const key of commit.plain ?? []) names.drop(key)
    for (const hold of commit.holds ?? []) holds.set(`${hold.id}`, hold)
    if (commit.endings) {
      const { hold: id, from, endings } = commit.endings
      const begun = holds.put.get(`${id}`)
      const whole =
        begun && 'endings' in begun ? { ...begun, endings: begun.endings.slice(0, from).concat(endings) } : holdOf(id)
      if (whole) holds.set(`${id}`, whole)
    }
    for (const intent of commit.intents ?? []) intents.set(intentKey(intent), intent)
    for (const key of commit.undone ?? []) intents.drop(key)
    // An empty one is forgotten, as in memory.
    const seen = { serials, surveys: new Map<string, Survey>(), foreign: new Map<string, ForeignName>() }
    putSeen(seen, commit)
    for (const one of commit.surveys ?? []) surveys.take(surveyKey(one), seen.surveys)
    for (const one of commit.foreign ?? []) foreign.take(nameKey(one), seen.foreign)
    for (const address of commit.gone?.leases ?? []) leases.drop(address)
    for (const key of commit.gone?.records ?? []) records.drop(key)
    for (const id of commit.gone?.holds ?? []) holds.drop(`${id}`)
    taken.push(...(commit.taken ?? []))
    paused = commit.paused ?? paused
  }
  const more = {
    names: [...names.put],
    plain: [...names.gone],
    holds: [...holds.put.values()],
    intents: [...intents.put],
    undone: [...intents.gone],
    serials: [...serials],
    surveys: [...surveys.put],
    goneSurveys: [...surveys.gone],
    foreign: [...foreign.put],
    goneForeign: [...foreign.gone],
    goneLeases: [...leases.gone],
    goneRecords: [...records.gone],
    goneHolds: [...holds.gone],
    taken,
  }
  const hasMore = Object.values(more).some(list => list.length > 0)
  const latest = {
    leases: [...leases.put.values()],
    records: [...records.put.values()],
    ...(paused !== undefined && { paused }),
    ...(hasMore && { more }),
  }
  return { changes: toJsonb(commits.map(({ seq: _seq, ...change }) => change)), latest: toJsonb(latest) }
}
