import type { Decision, OwnedRecord, RecordType } from '../../schemas/model/record.ts'
import { comparable } from '../dns/name-tree.ts'
import type { FoundRR } from '../dns/rr.ts'
import { reasonOf } from '../plan/rules.ts'
import { type Marker, markersOf, rrsetOf } from '../publish/change.ts'
import { notInDns, protect } from '../publish/outcome.ts'

/** A record that is not in DNS as it was published: its next version, and the decision that makes it. */
export interface Drift {
  is: 'missing' | 'changed'
  record: OwnedRecord
  decision: Decision
}

const TYPES: RecordType[] = ['A', 'AAAA', 'PTR']

const list = (rrs: FoundRR[]): string => rrs.map(({ type, value }) => `${type} ${value}`).join(', ')

const isExactly = (found: FoundRR[], value: string): boolean =>
  found.length === 1 && comparable(found[0]!.type, found[0]!.value) === comparable(found[0]!.type, value)

/** What became of the marker, as a sentence; null when it is as it was written, or none was. */
const unmarked = ({ name, applied }: OwnedRecord, found: FoundRR[], kind: Marker): string | null => {
  const [marker] = markersOf(kind, name, applied!.dhcid, applied!.ttl)
  if (!marker) return null
  const there = found.filter(rr => rr.type === marker.type)
  if (isExactly(there, marker.value)) return null
  return there.length === 0 ? `its ${marker.type} is gone` : `it has another ${marker.type}`
}

/** What differs of one record that DNS held: `missing`, a sentence on what was changed, or null. */
const differs = (record: OwnedRecord, found: FoundRR[], kind: Marker): 'missing' | string | null => {
  const { type, value } = record
  const same = found.filter(rr => rr.type === type)
  const alias = found.find(rr => rr.type === 'CNAME')
  if (found.length === 0) return 'missing'
  if (alias) return `it is another name of ${alias.value} now`
  if (same.length > 0 && !isExactly(same, value)) return `it has ${list(same)}, expected ${value}`
  const marker = type === 'PTR' ? null : unmarked(record, found, kind)
  return marker ?? (same.length === 0 ? 'missing' : null)
}

const drift = (is: Drift['is'], record: OwnedRecord, rule: string, reason: string): Drift => {
  const { name, type, value } = record
  const verb = is === 'missing' ? 'publish' : 'skip'
  return { is, record, decision: { verb, record: { name, type, value }, rule, reason } }
}

/**
 * What of a name's owned records is not in DNS as it was published. `records` are all owned records of the name at one
 * endpoint, of which DNS is to hold exactly what is wanted; `found` are the RRs at the name. An RR that is gone is
 * published again, unless somebody else has the name now; an RRset or a marker that holds something else is somebody's,
 * and let go. The order of DESIGN §8 stands all the same: what is published again goes out under its prerequisites.
 */
export const findDrift = (records: OwnedRecord[], found: FoundRR[], kind: Marker, now: number): Drift[] => {
  const drifts: Drift[] = []
  for (const type of TYPES) {
    for (const record of rrsetOf(records, type)?.confirmed ?? []) {
      const what = differs(record, found, kind)
      if (what === 'missing') {
        const reason = reasonOf('missing-in-dns', record)
        drifts.push(drift('missing', notInDns(record, now), 'missing-in-dns', reason))
      } else if (what !== null) {
        const next = protect(record, what, now)
        drifts.push(drift('changed', next, next.rule, next.reason))
      }
    }
  }
  return drifts
}
