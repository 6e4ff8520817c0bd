/*
 * The commands that make an edit of one name in Unbound's local data.
 *
 *     an RR comes                    local_data RR
 *     an RR goes, 1.26.0 and later   local_data_remove RR
 *     an RR goes, before             local_data_remove NAME, then local_data for every RR that stays, as it stood
 *     a TTL changes                  the RR goes and comes, as adding it again leaves the TTL
 *
 * Before 1.26.0 the name is empty for as long as two commands take. So what stays is told beside the commands: until all
 * of it is back, it is owed to whoever wrote it.
 */

import { type LocalRR, localDataLine } from '../../../lib/dns/local-data.ts'
import type { FoundRR, RRType } from '../../../lib/dns/rr.ts'
import type { Edit } from '../../../lib/dns/zone/compare.ts'
import { comparable } from '../../../lib/dns/zone/name-tree.ts'

/** What is to be sent for an edit: first what goes, then what comes. All are RRs, or in `removals` a name alone. */
export interface Commands {
  removals: string[]
  additions: string[]
}

/** The line of an RR as a command takes it. */
const lineOf = (rr: FoundRR): string => (rr as LocalRR).line.replaceAll('\t', ' ')

/** True for an RR that goes: its value does, or the TTL of its RRset changes. */
const isGoing = (rr: FoundRR, { sets }: Edit): boolean => {
  const set = sets.find(({ type }) => type === rr.type)
  if (!set) return false
  const isTtlChanged = set.ttlBefore !== set.ttl && rr.ttl !== set.ttl
  return isTtlChanged || set.removed.includes(comparable(rr.type, rr.value))
}

const comingOf = (edit: Edit): string[] =>
  edit.sets.flatMap(({ type, ttl, values }) => {
    const staying = edit.found.filter(rr => rr.type === type && !isGoing(rr, edit))
    const coming = values.filter(value => !staying.some(rr => comparable(type, rr.value) === value))
    return coming.map(value => localDataLine({ name: edit.name, type: type as RRType, ttl, value }))
  })

/** The commands of an edit, at a server that takes one RR alone away (`isExact`), or not. */
export const commandsFor = (edit: Edit, isExact: boolean): Commands => {
  const going = edit.found.filter(rr => isGoing(rr, edit))
  const coming = comingOf(edit)
  if (going.length === 0) return { removals: [], additions: coming }
  if (isExact) return { removals: going.map(lineOf), additions: coming }
  const staying = edit.found.filter(rr => !isGoing(rr, edit))
  return { removals: [edit.name], additions: [...staying.map(lineOf), ...coming] }
}
