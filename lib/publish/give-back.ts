/*
 * A name that a person made or changed becomes Leasehold's again, because a person says so.
 *
 * It is the one case in which what somebody else wrote is replaced, and it happens once: what was read is taken up as if it
 * were ours, so the change to what is wanted is made under exactly that as its prerequisite. Is the name another by then, it
 * is looked at again, and judged as any other.
 *
 *     at the name                       wanted   becomes
 *     A .200, no marker                 A .1     known { A .200 }, of which A .200 goes; then A .1 and the marker
 *     A .200, DHCID of another client   A .1     the same, and that DHCID goes
 *     A .200, MX, TXT                   A .1     the same; MX and TXT stay
 *     CNAME, NS or DNAME                A .1     no: nothing can stand beside these, and they are not Leasehold's to delete
 *     CNAME or A                        CNAME    known as it is, and goes: the alias takes its place
 */
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { isTakenOver } from '../plan/record.ts'
import { reasonOf } from '../plan/rules.ts'
import { EXCLUSIVE, type Seen, type Verdict } from './look.ts'
import { stateSeen } from './name-state.ts'
import { whenLooked } from './outcome.ts'

const RULE = 'given-back'

/** What was seen at a name, as ours from now on; or why it cannot be. `isAlias`: a CNAME is wanted there. */
export const takenBack = (
  { rrs, isBelowCut, isOldCopy }: Seen,
  isAlias: boolean,
): Extract<Verdict, { is: 'ours' }> | { refused: string } => {
  if (isBelowCut) return { refused: 'it is below a delegation, so nothing there would resolve' }
  if (isOldCopy) return { refused: 'the server that was asked has an old copy of the zone' }
  const inTheWay = rrs.find(({ type }) => EXCLUSIVE.has(type) && !(isAlias && type === 'CNAME'))
  if (inTheWay) return { refused: `it has a ${inTheWay.type}, beside which nothing can stand; take that away first` }
  const state = stateSeen(rrs, [])
  const adopted = state.sets.flatMap(({ type, values }) => values.map(value => `${type} ${value}`))
  return { is: 'ours', states: [state], adopted: new Set(adopted) }
}

/** The records of the name once it is given back: nothing stops them, and none of them is a person's any more. */
export const whenGivenBack = (records: readonly OwnedRecord[], verdict: Verdict, now: number): OwnedRecord[] => {
  const looked = new Map(whenLooked(records, verdict, now).map(record => [record.key, record]))
  const all = [...records.filter(({ key }) => !looked.has(key)), ...looked.values()]
  return all.map(record => {
    if (!isTakenOver(record) && !looked.has(record.key)) return record
    const why = record.wanted ? { rule: RULE, reason: reasonOf(RULE, { name: record.name }) } : {}
    const origin = record.type === 'CNAME' ? record.origin : 'dynamic'
    return { ...record, origin, ...why, updatedAt: now }
  })
}
