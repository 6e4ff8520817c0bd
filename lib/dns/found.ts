import { CLASS, TYPE } from './numbers.ts'
import type { FoundRR } from './rr.ts'
import type { WireRecord } from './wire.ts'

const FOUND: Partial<Record<number, FoundRR['type']>> = {
  [TYPE.A]: 'A',
  [TYPE.AAAA]: 'AAAA',
  [TYPE.PTR]: 'PTR',
  [TYPE.DHCID]: 'DHCID',
  [TYPE.TXT]: 'TXT',
  [TYPE.CNAME]: 'CNAME',
}

/** Gathers what is found at the names given, and forgets all else, so that it takes no more room than they do. */
export const gatherAt = (names: Iterable<string>) => {
  const asked = new Map<string, string>()
  for (const name of names) asked.set(name, name)
  const rrs = new Map<string, FoundRR[]>()
  return {
    rrs: rrs as ReadonlyMap<string, FoundRR[]>,
    add: (record: WireRecord): void => {
      const type = FOUND[record.type]
      const name = asked.get(record.name)
      if (!type || name === undefined || record.value === null || record.class !== CLASS.IN) return
      const rr: FoundRR = { name, type, ttl: record.ttl, value: record.value }
      const there = rrs.get(name)
      if (there) there.push(rr)
      else rrs.set(name, [rr])
    },
  }
}
