/*
 * What at a name of ours is somebody else's: shown, never touched.
 *
 *     verdict of the look   there is                      somebody else's
 *     ours                  A .1 and DHCID, both ours     nothing
 *     ours                  A .1, DHCID, and a TXT        the TXT
 *     conflict              A .9                          all of it
 *     protected             A .9 and our DHCID            the A .9
 */
import type { MarkerState, NameState } from '../../schemas/model/name.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { ForeignRR } from '../../schemas/model/survey.ts'
import type { FoundRR } from '../dns/rr.ts'
import { isLetGo, type Verdict } from './look.ts'
import { markerIn, sameMarker } from './name-state.ts'

/** RRs of one name that are kept at most, and characters of a value. */
const MOST = 20
const LONGEST = 255

const stateIn = (verdict: Verdict): NameState | null =>
  verdict.is === 'ours' ? (verdict.states[0] ?? null) : verdict.is === 'protected' ? verdict.state : null

const isOurs = (
  rr: FoundRR,
  records: readonly OwnedRecord[],
  verdict: Verdict,
  marker: MarkerState | null,
): boolean => {
  if (marker && sameMarker(markerIn(rr), marker)) return true
  if (verdict.is === 'conflict') return false
  if (verdict.is === 'ours' && verdict.adopted.has(`${rr.type} ${rr.value}`)) return true
  const wasWritten = records.some(
    one => one.type === rr.type && one.value === rr.value && (one.written !== null || one.applied !== null),
  )
  return wasWritten && (marker !== null || !isLetGo(verdict, rr))
}

/** The RRs that were seen at a name and are not ours, each since when it was seen first. `now` is in milliseconds. */
export const foreignAt = (
  rrs: readonly FoundRR[],
  records: readonly OwnedRecord[],
  verdict: Verdict,
  before: readonly ForeignRR[],
  now: number,
): ForeignRR[] => {
  const marker = stateIn(verdict)?.marker ?? null
  return rrs
    .filter(rr => !isOurs(rr, records, verdict, marker))
    .slice(0, MOST)
    .map(({ type, ttl, value }) => {
      const told = value.slice(0, LONGEST)
      const known = before.find(one => one.type === type && one.value === told)
      return { type, value: told, ttl, since: known?.since ?? now }
    })
    .sort((a, b) => (`${a.type} ${a.value}` < `${b.type} ${b.value}` ? -1 : 1))
}
