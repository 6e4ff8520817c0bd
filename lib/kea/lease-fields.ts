/*
 * Kea tells of a lease in four notations: the variables of a hook, the keys of a lease command (POST /v1/events takes
 * the same), the columns of the lease file, and the keys of a name change request (NCR). FIELDS has one row a field and
 * one column a notation; some of its rows are drawn here. An NCR names no client and no lifetime, so `ncr.ts` reads it.
 *
 *     field      hook variable    command key   file column               NCR key
 *     type       TYPE (v6 only)   type          lease_type (0 or 2)       none: always an address
 *     address    ADDRESS          ip-address    address                   ip-address
 *     hostname   HOSTNAME         hostname      hostname                  fqdn
 *     cltt       CLTT             cltt          expire - valid_lifetime   lease-expires-on - lease-length
 *     validLft   VALID_LIFETIME   valid-lft     valid_lifetime            none: guessed from the TTL
 *     clientId   CLIENT_ID        client-id     client_id                 none: only the DHCID of the client
 *     state      STATE (a text)   state (0-4)   state (0-4)               change-type (0 add, 1 remove)
 *
 * The event follows from the lease's state (row) and from what Kea did with the lease (column). GRID is this table. Any
 * other report means one thing in every state: lease4_release is always `released`.
 *
 *     state               written     deleted     lease*_expire
 *     default             committed   released    expired
 *     declined            declined    recovered   recovered
 *     expired-reclaimed   expired     expired     expired
 *     released            released    released    released
 *     registered          committed   released    expired
 *
 * A lifetime of 0 is the state "released", whatever else Kea writes there: Kea 2.3.2 to 2.6 has no such state yet. The lease
 * file alone has deletions with a lifetime of 0 too, which `lease-file.ts` tells apart.
 */

import type { LeaseState } from '../../schemas/kea/reported-lease.ts'
import type { EventKind, LeaseEvent, LeaseType } from '../../schemas/model/lease-event.ts'
import { ENDLESS, UINT32_MAX } from '../../schemas/model/time.ts'
import type { Family } from '../address.ts'
import { type Issue, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/lease/client.ts'
import {
  address4,
  address6,
  type Check,
  CLIENT_ID,
  DUID,
  expiry,
  HW_ADDRESS,
  hostname,
  impossible,
  oneOf,
  STATES,
  state,
  stateDigit,
  typeDigit,
  uint32,
} from './values.ts'

/** Variables of a hook, keys of a lease command, or columns of a lease file. */
export type Notation = 'variable' | 'key' | 'column'

/**
 * How a value is checked. `absent` is what an empty or missing value means; without it the value must be there. `wrong`
 * gives what stands for a value that the check does not take; without it the lease is refused.
 */
interface Rule<T> {
  check: Check<NonNullable<T>>
  absent?: T
  wrong?: (value: string | number) => T
}

/**
 * A row of FIELDS: the name in each notation (null where it has none), the rule, and the lease file's own rule if any.
 */
type Field<T> = Readonly<Record<Notation, string | null>> & { rule: Rule<T>; inFile: Rule<T> }

const field = <T>(
  variable: string | null,
  key: string,
  column: string | null,
  rule: Rule<T>,
  inFile: Rule<T> = rule,
): Field<T> => ({ variable, key, column, rule, inFile })

/** The fields of a lease. In a hook the variable's name follows a prefix such as LEASE4_ or LEASES4_AT0_. */
const FIELDS = {
  type4: field<LeaseType>(null, 'type', null, { check: oneOf('V4'), absent: 'V4' }),
  type6: field<LeaseType>(
    'TYPE',
    'type',
    'lease_type',
    { check: oneOf('IA_NA', 'IA_PD'), absent: 'IA_NA' },
    { check: typeDigit },
  ),
  address4: field('ADDRESS', 'ip-address', 'address', { check: address4 }),
  address6: field('ADDRESS', 'ip-address', 'address', { check: address6 }),
  hostname: field('HOSTNAME', 'hostname', 'hostname', { check: hostname, absent: '', wrong: impossible }),
  cltt: field('CLTT', 'cltt', 'expire', { check: uint32 }, { check: expiry }),
  validLft: field('VALID_LIFETIME', 'valid-lft', 'valid_lifetime', { check: uint32 }),
  subnetId: field<number | null>('SUBNET_ID', 'subnet-id', 'subnet_id', { check: uint32, absent: null }),
  clientId: field<string | null>('CLIENT_ID', 'client-id', 'client_id', { check: CLIENT_ID, absent: null }),
  hwAddress: field<string | null>('HWADDR', 'hw-address', 'hwaddr', { check: HW_ADDRESS, absent: null }),
  hwType: field('HWADDR_TYPE', 'hw-type', 'hwtype', { check: uint32, absent: 1 }),
  duid: field<string | null>('DUID', 'duid', 'duid', { check: DUID, absent: null }),
  iaid: field<number | null>('IAID', 'iaid', 'iaid', { check: uint32, absent: null }, { check: uint32 }),
  state: field<LeaseState>(
    'STATE',
    'state',
    'state',
    { check: state, absent: 'default' },
    { check: stateDigit, absent: 'default' },
  ),
} as const

/** One lease as Kea tells of it: what a LeaseEvent says of the lease, and its state. */
export type KeaLease = Omit<LeaseEvent, 'source' | 'cause' | 'kind'> & { state: LeaseState }

/** One lease in one of the notations. */
export interface LeaseText {
  notation: Notation
  /** Stands before the field's name in the sentences about it, such as `[3].` or `LEASES4_AT0_`. */
  prefix: string
  /** The value under a name of the notation, without the prefix; undefined when there is none. */
  value: (name: string) => unknown
  /** True where Kea's own DNS updates are on, so that the lease's flags say what Kea is to write. */
  updatesDns?: boolean
  /** True where a program wrote it for us, and not Kea: a host name that is none is then refused like all else. */
  isStrict?: boolean
}

/** CLTT by the two columns of a lease file. The expiry of a lease without an end may have been cut to 32 bits. */
const clttOf = (expire: number, validLft: number): number =>
  validLft === ENDLESS ? (expire - validLft + UINT32_MAX + 1) % (UINT32_MAX + 1) : expire - validLft

/** The names of a lease's two flags: whether Kea is to write the client's A or AAAA, and its PTR. A hook has none. */
const FLAGS = { variable: null, key: ['fqdn-fwd', 'fqdn-rev'], column: ['fqdn_fwd', 'fqdn_rev'] } as const

/**
 * What the flags of a lease say of DNS. Without DNS updates of its own Kea leaves both off, which then says nothing; one
 * flag alone can only come of them.
 */
const ddnsOf = ({ notation, value, updatesDns }: LeaseText): LeaseEvent['ddns'] => {
  const names = FLAGS[notation]
  if (!names) return undefined
  const [forward, reverse] = names.map(value).map(flag => (flag === undefined ? null : flag === true || flag === '1'))
  if (forward == null || reverse == null) return undefined
  return updatesDns || forward !== reverse ? { forward, reverse } : undefined
}

/** The state of a lease, where a lifetime of 0 is a release. In the lease file such a row can be any deletion. */
const stateOf = (written: LeaseState, validLft: number, notation: Notation): LeaseState =>
  validLft === 0 && notation !== 'column' && written !== 'declined' ? 'released' : written

/** Returns the lease, or null and adds to `issues`, a field each, what is missing or not as Kea writes it. */
export const readLease = (family: Family, text: LeaseText, issues: Issue[]): KeaLease | null => {
  const { notation, prefix, value, isStrict } = text
  const before = issues.length
  const read = <T>(field: Field<T>): T => {
    const name = field[notation]
    const { check, absent, wrong } = notation === 'column' ? field.inFile : field.rule
    const found = name === null ? '' : value(name)
    // A hook gives a nameless client an empty HOSTNAME. Without the variable the client would seem to give up its name.
    const isLost = found === undefined && notation === 'variable' && name === 'HOSTNAME'
    if (absent !== undefined && !isLost && (found === '' || found === undefined)) return absent
    const isText = typeof found === 'string' || typeof found === 'number'
    const got = isText ? (check.read(found) ?? (isStrict ? undefined : wrong?.(found))) : undefined
    if (got === undefined) issues.push({ field: `${prefix}${name}`, expected: check.expected, found: shown(found) })
    return got as T
  }
  const isV4 = family === 4
  const type = read(isV4 ? FIELDS.type4 : FIELDS.type6)
  const address = read(isV4 ? FIELDS.address4 : FIELDS.address6)
  const hostname = read(FIELDS.hostname)
  const time = read(FIELDS.cltt)
  const validLft = read(FIELDS.validLft)
  const ddns = ddnsOf(text)
  const lease: KeaLease = {
    family,
    type,
    address,
    hostname,
    cltt: notation === 'column' ? clttOf(time, validLft) : time,
    validLft,
    subnetId: read(FIELDS.subnetId),
    clientId: isV4 ? read(FIELDS.clientId) : null,
    hwAddress: read(FIELDS.hwAddress),
    hwType: read(FIELDS.hwType),
    duid: isV4 ? null : read(FIELDS.duid),
    iaid: isV4 ? null : read(FIELDS.iaid),
    state: stateOf(read(FIELDS.state), validLft, notation),
    ...(ddns && { ddns }),
  }
  if (issues.length === before && !(lease.cltt >= 0 && lease.cltt <= UINT32_MAX)) {
    issues.push({ field: 'expire', expected: 'valid_lifetime or more', found: shown(value('expire')) })
  }
  return issues.length === before ? lease : null
}

/** What a report about a lease means, by the state that Kea gives the lease in it. */
export type KindByState = Readonly<Record<LeaseState, EventKind>>

const byState = (kindOf: (state: LeaseState) => EventKind): KindByState =>
  Object.fromEntries(STATES.map(state => [state, kindOf(state)])) as KindByState

/** The same kind in every state. */
export const anyState = (kind: EventKind): KindByState => byState(() => kind)

const GRID: Readonly<Record<LeaseState, Readonly<Record<'written' | 'deleted' | 'expire', EventKind>>>> = {
  default: { written: 'committed', deleted: 'released', expire: 'expired' },
  declined: { written: 'declined', deleted: 'recovered', expire: 'recovered' },
  'expired-reclaimed': { written: 'expired', deleted: 'expired', expire: 'expired' },
  released: { written: 'released', deleted: 'released', expire: 'released' },
  registered: { written: 'committed', deleted: 'released', expire: 'expired' },
}

/** A lease that Kea wrote: LEASES4 and LEASES6 of a committed hook, a row of a lease file, a lease in a list. */
export const COMMITTED: KindByState = byState(state => GRID[state].written)

/** A lease that Kea deleted: DELETED_LEASES4 and DELETED_LEASES6. Kea 2.2 calls a released one "default". */
export const DELETED: KindByState = byState(state => GRID[state].deleted)

/** lease4_expire and lease6_expire. Kea >= 2.7 reports a released lease here too, every Kea the end of a probation. */
export const EXPIRE: KindByState = byState(state => GRID[state].expire)

const GRANTS: ReadonlySet<EventKind> = new Set(['committed', 'renewed'])

const IDENTITY = {
  4: { field: FIELDS.hwAddress, expected: 'a hardware address, or a client-id beside it' },
  6: { field: FIELDS.duid, expected: 'the DUID of a client' },
} as const

/** Who tells of a lease, by which call, what it means, and how the lease was written. */
export type Report = Pick<LeaseEvent, 'source' | 'cause' | 'kind'> & Pick<LeaseText, 'notation' | 'prefix'>

/**
 * Makes an event of a lease. A grant without a client adds to `issues`, and the event is then of no use. An end may
 * lack the client: Kea drops it from a declined lease.
 */
export const leaseEvent = (lease: KeaLease, report: Report, issues: Issue[]): LeaseEvent => {
  const { source, cause, kind, notation, prefix } = report
  const { state, ...rest } = lease
  if (GRANTS.has(kind) && clientOf(lease) === null) {
    const { field, expected } = IDENTITY[lease.family]
    issues.push({ field: `${prefix}${field[notation]}`, expected, found: 'none' })
  }
  return { source, cause, kind, ...rest, ...(state === 'registered' && { registered: true }) }
}
