import { decode, type WireRecord } from '../../../../lib/dns/message/message.ts'
import { CLASS, TYPE } from '../../../../lib/dns/message/numbers.ts'

const RCODE = { NOERROR: 0, REFUSED: 5, YXDOMAIN: 6, YXRRSET: 7, NXRRSET: 8 }

/** A zone as RFC 2136 §3 describes one, in memory: `A 192.0.2.1` and the like by name. */
export interface ModelZone {
  names: Map<string, Set<string>>
  /** Names whose updates the policy forbids; as in BIND, it is asked after the prerequisites. */
  forbidden: Set<string>
  /** How many messages were answered. */
  messages: number
  /** The rcode for an UPDATE, which is made when it is 0. */
  answer(message: Uint8Array): number
}

const TYPE_NAME = Object.fromEntries(Object.entries(TYPE).map(([name, number]) => [number, name]))
const typeOf = (entry: string): string => entry.slice(0, entry.indexOf(' '))

export const modelZone = (): ModelZone => {
  const names = new Map<string, Set<string>>()
  const at = (name: string): string[] => [...(names.get(name) ?? [])]
  const rrset = (name: string, type: number): string[] => at(name).filter(entry => typeOf(entry) === TYPE_NAME[type])

  const check = (prerequisites: WireRecord[]): number => {
    const wanted = new Map<string, string[]>()
    for (const { name, type, class: rrClass, value } of prerequisites) {
      if (rrClass === CLASS.NONE && type === TYPE.ANY && at(name).length > 0) return RCODE.YXDOMAIN
      if (rrClass === CLASS.NONE && type !== TYPE.ANY && rrset(name, type).length > 0) return RCODE.YXRRSET
      if (rrClass === CLASS.IN) {
        const key = `${name} ${type}`
        wanted.set(key, [...(wanted.get(key) ?? []), `${TYPE_NAME[type]} ${value}`])
      }
    }
    for (const [key, values] of wanted) {
      const [name, type] = key.split(' ') as [string, string]
      if (rrset(name, Number(type)).sort().join() !== values.sort().join()) return RCODE.NXRRSET
    }
    return RCODE.NOERROR
  }

  const make = ({ name, type, class: rrClass, value }: WireRecord): void => {
    const entries = names.get(name) ?? new Set()
    if (rrClass === CLASS.IN) entries.add(`${TYPE_NAME[type]} ${value}`)
    if (rrClass === CLASS.NONE) entries.delete(`${TYPE_NAME[type]} ${value}`)
    if (rrClass === CLASS.ANY) for (const entry of rrset(name, type)) entries.delete(entry)
    if (entries.size > 0) names.set(name, entries)
    else names.delete(name)
  }

  const zone: ModelZone = {
    names,
    forbidden: new Set(),
    messages: 0,
    answer: message => {
      zone.messages++
      const { answers: prerequisites, authorities: updates } = decode(message)
      const rcode = check(prerequisites)
      if (rcode !== RCODE.NOERROR) return rcode
      if (updates.some(update => zone.forbidden.has(update.name))) return RCODE.REFUSED
      updates.forEach(make)
      return RCODE.NOERROR
    },
  }
  return zone
}
