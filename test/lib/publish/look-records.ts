/*
 * The records of one name, as the rows of look-rows.ts have them.
 */
import type { Marker } from '../../../lib/publish/desired.ts'
import type { LookContext, Seen } from '../../../lib/publish/look.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import type { OwnedRecord, RecordType, Shape } from '../../../schemas/model/record.ts'

export const NAME = 'red.lab.example'
export const REVERSE = '1.2.0.192.in-addr.arpa'
export const [ID, OTHER] = ['000201aa', '000201bb']
export const MARKERS: Marker[] = ['dhcid', 'txt', 'none']
export type Fields = Partial<OwnedRecord>

export const shapeOf = (type: RecordType, marker: Marker): Shape => {
  const isMarked = type === 'A' || type === 'AAAA'
  return {
    ttl: 300,
    dhcid: isMarked && marker !== 'none' ? ID : null,
    ...(marker === 'txt' && isMarked && { kind: 'txt' as const }),
  }
}

/** A record that is in DNS, unless `fields` say otherwise; what is wanted bears the client's DHCID in any case. */
export const owned = (marker: Marker, type: RecordType, value: string, fields: Fields = {}): OwnedRecord => {
  const name = type === 'PTR' ? REVERSE : NAME
  const shape = shapeOf(type, marker)
  return {
    key: `test ${name} ${type} ${value}`,
    endpoint: 'test',
    zone: type === 'PTR' ? '2.0.192.in-addr.arpa' : 'lab.example',
    name,
    type,
    value,
    scope: 'office',
    origin: 'dynamic',
    phase: 'published',
    rule: 'lease-active',
    reason: 'It is held.',
    client: 'id:01',
    address: '192.0.2.1',
    wanted: { ttl: 300, dhcid: type === 'PTR' || type === 'CNAME' ? null : ID },
    applied: shape,
    sent: null,
    written: shape,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: 0,
    ...fields,
  }
}

export const A = '192.0.2.1'
export const DB = 'db.lab.example'
export const WAITS: Fields = { applied: null, phase: 'pending' }
export const NEW: Fields = { ...WAITS, written: null }
export const GONE: Fields = { ...WAITS, wanted: null, phase: 'removed', goal: 'removed' }
export const TAKEN: Fields = { ...WAITS, origin: 'manual', stopped: 'protected', phase: 'protected' }

export interface Row {
  case: string
  records: [type: RecordType, value: string, fields?: Fields][]
  there: string[]
  means: string
  /** Where it means something else with that marker. */
  but?: Partial<Record<Marker, string>>
  seen?: Partial<Seen>
  context?: Partial<LookContext>
  only?: Marker[]
  states?: NameState[]
}

export const CHANGED = 'protected A'
export const UNKNOWN: NameState[] = []
