import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { LeaseState } from '../../schemas/lease-state.ts'
import type { Family } from '../address.ts'
import { found, type Issue } from '../bad-input.ts'
import { address4, address6, type Check, hex, hostname, oneOf, state, uint32 } from './check.ts'

/** One lease as Kea tells it: what a LeaseEvent says of the lease, and its state. */
export type KeaLease = Omit<LeaseEvent, 'source' | 'cause' | 'kind'> & { state: LeaseState }

/** `variable` is null where a hook has none. `absent` is what an empty text means, and a key that is left out. */
interface Field<T> {
  variable: string | null
  key: string
  check: Check<NonNullable<T>>
  absent?: T
}

const field = <T>(variable: string | null, key: string, check: Check<NonNullable<T>>, absent?: T): Field<T> => ({
  variable,
  key,
  check,
  absent,
})

/** How a field is called in a hook's environment (after LEASE4_, LEASES4_AT0_, …) and in Kea's lease commands. */
const FIELDS = {
  address4: field<string>('ADDRESS', 'ip-address', address4),
  address6: field<string>('ADDRESS', 'ip-address', address6),
  hostname: field<string>('HOSTNAME', 'hostname', hostname, ''),
  cltt: field<number>('CLTT', 'cltt', uint32),
  validLft: field<number>('VALID_LIFETIME', 'valid-lft', uint32),
  subnetId: field<number | null>('SUBNET_ID', 'subnet-id', uint32, null),
  hwAddress: field<string | null>('HWADDR', 'hw-address', hex(20), null),
  hwType: field<number>('HWADDR_TYPE', 'hw-type', uint32, 1),
  clientId: field<string | null>('CLIENT_ID', 'client-id', hex(255), null),
  duid: field<string | null>('DUID', 'duid', hex(130), null),
  iaid: field<number | null>('IAID', 'iaid', uint32, null),
  type4: field<'V4'>(null, 'type', oneOf('V4'), 'V4'),
  type6: field<'IA_NA' | 'IA_PD'>('TYPE', 'type', oneOf('IA_NA', 'IA_PD'), 'IA_NA'),
  state: field<LeaseState>('STATE', 'state', state, 'default'),
}

/** Where the values of one lease are found. */
export interface Place {
  /**
   * Which of a field's two names counts here. What has a meaning when it is absent may be left out, but a hook's HOSTNAME
   * must be there, if empty: else a lost variable would read as a client that gave its name up.
   */
  form: 'variable' | 'key'
  /** Stands before every name, in the source's values (variables) and in what is told of them. */
  prefix: string
  values: Readonly<Record<string, unknown>>
}

const valueAt = ({ form, prefix, values }: Place, { variable, key }: Field<unknown>): unknown => {
  if (form === 'key') return values[key]
  return variable === null ? '' : values[prefix + variable]
}

/** The lease that stands at a place. What is wrong with it is added to `issues`, and the answer is then null. */
export const readLease = (family: Family, place: Place, issues: Issue[]): KeaLease | null => {
  const before = issues.length
  const read = <T>(field: Field<T>): T => {
    const value = valueAt(place, field)
    const left = value === '' || (value === undefined && (place.form === 'key' || field.key !== 'hostname'))
    if (left && field.absent !== undefined) return field.absent
    const got = typeof value === 'string' || typeof value === 'number' ? field.check.read(value) : undefined
    if (got === undefined) {
      issues.push({ field: `${place.prefix}${field[place.form]}`, expected: field.check.expected, found: found(value) })
    }
    return got as T
  }
  const v4 = family === 4
  const lease: KeaLease = {
    family,
    type: v4 ? read(FIELDS.type4) : read(FIELDS.type6),
    address: read(v4 ? FIELDS.address4 : FIELDS.address6),
    hostname: read(FIELDS.hostname),
    cltt: read(FIELDS.cltt),
    validLft: read(FIELDS.validLft),
    subnetId: read(FIELDS.subnetId),
    clientId: v4 ? read(FIELDS.clientId) : null,
    hwAddress: read(FIELDS.hwAddress),
    hwType: read(FIELDS.hwType),
    duid: v4 ? null : read(FIELDS.duid),
    iaid: v4 ? null : read(FIELDS.iaid),
    state: read(FIELDS.state),
  }
  return issues.length === before ? lease : null
}
