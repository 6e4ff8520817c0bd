import { isIPv4 } from 'node:net'
import { LeaseState } from '../../schemas/kea/reported-lease.ts'
import type { EventKind, LeaseEvent } from '../../schemas/model/lease-event.ts'
import { canonical, type Family } from '../address.ts'
import { type Issue, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/client.ts'

/** Reads one value as Kea writes it, or says (undefined) that it is not what was expected. */
export interface Check<T> {
  expected: string
  read: (value: string | number) => T | undefined
}

const UINT32_MAX = 4_294_967_295
const DIGITS = /^\d{1,10}$/
const COLONS = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/
const GROUPS = /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2})*$/
const PLAIN = /^(?:[0-9a-f]{2})+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const STATES = LeaseState.options

export const uint32: Check<number> = {
  expected: `a whole number from 0 to ${UINT32_MAX}`,
  read: value => {
    const number = typeof value === 'number' ? value : DIGITS.test(value) ? Number(value) : -1
    return Number.isInteger(number) && number >= 0 && number <= UINT32_MAX ? number : undefined
  },
}

export const address4: Check<string> = {
  expected: 'an IPv4 address',
  read: value => (isIPv4(`${value}`) ? `${value}` : undefined),
}

export const address6: Check<string> = {
  expected: 'an IPv6 address',
  read: value => (`${value}`.includes(':') ? (canonical(`${value}`) ?? undefined) : undefined),
}

export const hostname: Check<string> = {
  expected: 'a name of at most 255 characters, none of them a control character',
  read: value => (`${value}`.length <= 255 && !CONTROL.test(`${value}`) ? `${value}` : undefined),
}

/** Lower case with colons; in also upper case, dashes, groups of one digit, or no separators at all. */
const colons = (text: string): string | undefined => {
  if (COLONS.test(text)) return text
  const lower = text.toLowerCase()
  if (PLAIN.test(lower)) return lower.replace(/(..)(?=.)/g, '$1:')
  if (!GROUPS.test(lower)) return undefined
  return lower
    .split(/[:-]/)
    .map(group => group.padStart(2, '0'))
    .join(':')
}

/** Bytes in hex; `most` is how many there may be. */
export const hex = (most: number): Check<string> => ({
  expected: `1 to ${most} bytes in hex, like "02:00:5e:10:00:01"`,
  read: value => {
    const text = colons(`${value}`)
    return text !== undefined && text.length < 3 * most ? text : undefined
  },
})

/** Kea's text ("declined") or number (1). */
export const state: Check<LeaseState> = {
  expected: `one of ${STATES.join(', ')}`,
  read: value => (typeof value === 'number' ? STATES[value] : STATES.find(name => name === value)),
}

export const oneOf = <T extends string>(...allowed: T[]): Check<T> => ({
  expected: allowed.join(' or '),
  read: value => allowed.find(text => text === value),
})

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
      issues.push({ field: `${place.prefix}${field[place.form]}`, expected: field.check.expected, found: shown(value) })
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

/** What a report about a lease means, by the state that Kea gives the lease in it. */
export type KindByState = Readonly<Record<LeaseState, EventKind>>

/** Whatever the state. */
export const anyState = (kind: EventKind): KindByState => ({
  default: kind,
  declined: kind,
  'expired-reclaimed': kind,
  released: kind,
  registered: kind,
})

/** A lease that Kea wrote: LEASES4 and LEASES6 of a committed event. */
export const COMMITTED: KindByState = {
  default: 'committed',
  declined: 'declined',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'committed',
}

/**
 * A lease that Kea lists. Kea >= 2.7 keeps a released one as "released" for a while and then reclaims it like one that
 * expired; only its lifetime of 0 then tells which it was.
 */
export const listedKind = ({ state, validLft }: Pick<KeaLease, 'state' | 'validLft'>): EventKind =>
  state === 'expired-reclaimed' && validLft === 0 ? 'released' : COMMITTED[state]

/** A lease that Kea took away: DELETED_LEASES4 and DELETED_LEASES6. Kea 2.2 calls a released one "default". */
export const DELETED: KindByState = {
  default: 'released',
  declined: 'recovered',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'released',
}

/** lease4_expire and lease6_expire: Kea >= 2.7 tells the end of a released lease so, and every Kea the end of probation. */
export const EXPIRE: KindByState = {
  default: 'expired',
  declined: 'recovered',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'expired',
}

const BEGINNINGS: ReadonlySet<EventKind> = new Set(['committed', 'renewed'])

const IDENTITY = {
  4: { variable: 'HWADDR', key: 'hw-address', expected: 'a hardware address, or a client-id beside it' },
  6: { variable: 'DUID', key: 'duid', expected: 'the DUID of a client' },
} as const

export interface Report extends Pick<LeaseEvent, 'source' | 'cause' | 'kind'> {
  form: 'variable' | 'key'
  prefix: string
}

/** The event that a report makes of a lease. A beginning must name a client; an end may have lost it (a declined lease). */
export const leaseEvent = (lease: KeaLease, report: Report, issues: Issue[]): LeaseEvent => {
  if (BEGINNINGS.has(report.kind) && clientOf(lease) === null) {
    const identity = IDENTITY[lease.family]
    issues.push({ field: report.prefix + identity[report.form], expected: identity.expected, found: 'none' })
  }
  return {
    source: report.source,
    cause: report.cause,
    kind: report.kind,
    family: lease.family,
    type: lease.type,
    address: lease.address,
    hostname: lease.hostname,
    cltt: lease.cltt,
    validLft: lease.validLft,
    subnetId: lease.subnetId,
    clientId: lease.clientId,
    hwAddress: lease.hwAddress,
    hwType: lease.hwType,
    duid: lease.duid,
    iaid: lease.iaid,
  }
}
