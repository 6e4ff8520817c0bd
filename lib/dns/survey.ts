/*
 * What a whole zone says beside what Leasehold wrote there: which names other records point to, and which addresses a
 * person put in.
 *
 *     the zone holds                                 pointers               addresses
 *     lab.example   NS     ns1.lab.example           NS lab.example → ns1
 *     lab.example   MX     10 mail.lab.example       MX lab.example → mail
 *     www           CNAME  web.lab.example           CNAME www → web
 *     _ldap._tcp    SRV    0 0 389 dc.lab.example    SRV _ldap._tcp → dc
 *     pve1          A      10.1.0.5                                         pve1 A 10.1.0.5
 *     ns.sub        A      192.0.2.1                                        none: glue below a cut
 *
 * A zone can be far larger than what matters in it. So whoever surveys it says which targets and which addresses count, and
 * of one target only some pointers are kept: one is enough to keep a name, a few to explain it.
 */
import type { Made, Pointer, PointerType } from '../../schemas/model/survey.ts'
import { cutsOf } from './message/found.ts'
import { plainName } from './message/name.ts'
import type { FoundRR } from './rr.ts'

const POINTERS: ReadonlySet<string> = new Set<PointerType>(['CNAME', 'MX', 'SRV', 'NS'])

/** Pointers to one name that are kept. */
const OF_ONE = 5
/** Pointers, and addresses, of one zone that are kept. */
const MOST = 5000

export interface SurveyWants {
  /** Whether a pointer is one that matters: its target is a name that we know, and it is not our own. */
  isPointer(pointer: Pointer): boolean
  /** Whether an address record is one that matters: it is not ours, and in a scope. */
  isMade(rr: FoundRR): boolean
}

export interface Surveyed {
  pointers: Pointer[]
  made: Made[]
}

const inOrder = <T>(items: T[], textOf: (item: T) => string): T[] =>
  items.sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1))

export const pointerText = ({ target, type, owner }: Pointer): string => `${target} ${type} ${owner}`

export const madeText = ({ name, type, value }: Omit<Made, 'since'>): string => `${name} ${type} ${value}`

/** Takes the RRs of a zone one by one, in any order. `end` gives what was found, sorted; `now` is in milliseconds. */
export const surveyOf = (zone: string, { isPointer, isMade }: SurveyWants) => {
  const cuts = cutsOf(zone)
  const byTarget = new Map<string, Pointer[]>()
  const made: Made[] = []
  let count = 0

  const addPointer = (owner: string, type: PointerType, value: string): void => {
    const target = plainName(value.slice(value.lastIndexOf(' ') + 1))
    if (target === owner || !isPointer({ owner, type, target })) return
    const known = byTarget.get(target) ?? []
    if (known.length >= OF_ONE || count >= MOST) return
    count++
    byTarget.set(target, [...known, { owner, type, target }])
  }

  return {
    add: (rr: FoundRR, now: number): void => {
      const { name, type, value } = rr
      cuts.note(rr)
      if (POINTERS.has(type)) addPointer(name, type as PointerType, value)
      if ((type === 'A' || type === 'AAAA') && made.length < MOST && isMade(rr))
        made.push({ name, type, value, since: now })
    },
    end: (): Surveyed => {
      // The NS RRset at a cut is the zone's own word; all below it is another server's.
      const isSeen = (name: string) => !cuts.isBelowCut(name)
      const pointers = [...byTarget.values()].flat().filter(({ owner, type }) => type === 'NS' || isSeen(owner))
      return {
        pointers: inOrder(pointers, pointerText),
        made: inOrder(
          made.filter(one => isSeen(one.name)),
          madeText,
        ),
      }
    },
  }
}
