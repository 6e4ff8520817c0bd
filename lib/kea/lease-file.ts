import type { EventKind, LeaseEvent, LeaseType } from '../../schemas/model/lease-event.ts'
import type { Family } from '../address.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/client.ts'
import {
  address4,
  address6,
  type Check,
  COMMITTED,
  DELETED,
  hex,
  hostname,
  type KeaLease,
  leaseEvent,
  state,
  uint32,
} from './lease-fields.ts'

/** The columns that every version of a lease file has, in no order that counts, and those that came later. */
const NAMES = {
  4: {
    always: 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname',
    later: 'state,user_context,pool_id',
  },
  6: {
    always:
      'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname',
    later: 'hwaddr,state,user_context,hwtype,hwaddr_source,pool_id',
  },
} as const

/** Where each column of one lease file stands. */
export interface Columns {
  family: Family
  count: number
  at: Readonly<Record<string, number>>
}

const NAME = /^[a-z0-9_]{1,64}$/

/**
 * The columns that a lease file's first line names. Columns that are not known may follow; Kea adds some with every
 * version. Throws InvalidInput when a column is missing or there twice, so that nothing is believed of such a file.
 * Source: Kea's src/lib/dhcpsrv/csv_lease_file4.cc and csv_lease_file6.cc.
 */
export const columnsOf = (header: string, family: Family): Columns => {
  const names = header.split(',')
  const wrong = names.find((name, at) => !NAME.test(name) || names.indexOf(name) !== at)
  if (wrong !== undefined) {
    throw new InvalidInput([{ field: 'header', expected: 'the name of each column once', found: shown(wrong) }])
  }
  const missing = NAMES[family].always.split(',').filter(name => !names.includes(name))
  if (missing.length > 0) {
    const expected = `the columns of a DHCPv${family} lease file, ${missing.join(', ')} among them`
    throw new InvalidInput([{ field: 'header', expected, found: shown(header) }])
  }
  const known = [NAMES[family].always, NAMES[family].later].join(',').split(',')
  const strange = names.findIndex(name => !known.includes(name))
  if (strange >= 0 && names.slice(strange).some(name => known.includes(name))) {
    const expected = 'columns that are not known to stand at the end'
    throw new InvalidInput([{ field: 'header', expected, found: shown(names[strange]) }])
  }
  return { family, count: names.length, at: Object.fromEntries(names.map((name, at) => [name, at])) }
}

/** One row of a lease file: the lease as Kea wrote it, and whether the row takes it away. */
interface LeaseRow {
  lease: KeaLease
  isDeleted: boolean
}

const ENDLESS = 4_294_967_295
const TWO_TO_32 = 2 ** 32

/** CLTT + lifetime, which is beyond 32 bits for a lease without an end. */
const expiry: Check<number> = {
  expected: 'seconds since the epoch',
  read: value => (/^\d{1,11}$/.test(`${value}`) ? Number(value) : undefined),
}

const stateNumber: Check<KeaLease['state']> = {
  expected: 'the number of a lease state',
  read: value => (/^\d$/.test(`${value}`) ? state.read(Number(value)) : undefined),
}

const TYPES: Readonly<Record<string, LeaseType>> = { 0: 'IA_NA', 2: 'IA_PD' }
const leaseType: Check<LeaseType> = { expected: '0 (IA_NA) or 2 (IA_PD)', read: value => TYPES[value] }

const CLIENT_ID = hex(255)
const DUID = hex(130)
const HARDWARE = hex(20)

/** What would be taken for a separator stands as `&#x` and its code in two hex digits. */
const plain = (text: string): string =>
  text.includes('&#x')
    ? text.replace(/&#x([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    : text

/** CLTT: Kea reckons it so, too; a 32-bit expiry of a lease without an end has wrapped around. */
const clttOf = (expire: number, validLft: number): number =>
  validLft === ENDLESS ? (expire - validLft + TWO_TO_32) % TWO_TO_32 : expire - validLft

/**
 * One row (a line without its end) by the columns of its file. Throws InvalidInput, naming the columns, when it is not as
 * Kea writes one. Source: Kea's src/lib/dhcpsrv/csv_lease_file4.cc, csv_lease_file6.cc and util/csv_file.cc.
 */
export const readRow = (line: string, { family, count, at }: Columns): LeaseRow => {
  const cells = line.split(',')
  if (cells.length !== count) {
    throw new InvalidInput([{ field: 'row', expected: `${count} columns`, found: `${cells.length}` }])
  }
  const issues: Issue[] = []
  const read = <T>(column: string, check: Check<T>): T => {
    const cell = plain(cells[at[column]!]!)
    const got = check.read(cell)
    if (got === undefined) issues.push({ field: column, expected: check.expected, found: shown(cell) })
    return got as T
  }
  const optional = <T>(column: string, check: Check<T>): T | null =>
    at[column] === undefined || cells[at[column]] === '' ? null : read(column, check)

  const isV4 = family === 4
  const validLft = read('valid_lifetime', uint32)
  const cltt = clttOf(read('expire', expiry), validLft)
  const lease: KeaLease = {
    family,
    type: isV4 ? 'V4' : read('lease_type', leaseType),
    address: read('address', isV4 ? address4 : address6),
    hostname: optional('hostname', hostname) ?? '',
    cltt,
    validLft,
    subnetId: optional('subnet_id', uint32),
    clientId: isV4 ? optional('client_id', CLIENT_ID) : null,
    hwAddress: optional('hwaddr', HARDWARE),
    hwType: optional('hwtype', uint32) ?? 1,
    duid: isV4 ? null : optional('duid', DUID),
    iaid: isV4 ? null : read('iaid', uint32),
    state: optional('state', stateNumber) ?? 'default',
  }
  if (issues.length === 0 && !(cltt >= 0 && cltt <= ENDLESS)) {
    issues.push({ field: 'expire', expected: 'valid_lifetime or more', found: shown(cells[at.expire!]) })
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return { lease, isDeleted: validLft === 0 }
}

/** A row as it stands in the file, with the columns of that file. */
export interface Row {
  line: string
  columns: Columns
}

/** The last row of each address, by the address as the file writes it. */
export type Rows = ReadonlyMap<string, Row>

export interface Reading {
  events: LeaseEvent[]
  /** Rows that are not understood, by the address as the file writes it, with what is wrong. */
  bad: Map<string, string>
}

/** The address in a row, by which a later row replaces it. */
export const addressIn = (line: string, { at }: Columns): string => line.split(',', at.address! + 1)[at.address!] ?? ''

/** Whether an address has a lease by its last row: one that is declined, or that expired and is still kept, is a lease. */
export const isLease = ({ line, columns: { at } }: Row): boolean => line.split(',')[at.valid_lifetime!] !== '0'

/**
 * Whether a row only puts away the lease that the row before it released: Kea >= 2.7 writes both, and the second, by
 * itself, cannot be told from an expiry.
 */
export const isPutAway = (row: Row, before: Row): boolean => {
  const stateOf = ({ line, columns: { at } }: Row) => (at.state === undefined ? '' : line.split(',')[at.state])
  return stateOf(row) === '2' && !isLease(row) && stateOf(before) === '3'
}

const understood = ({ line, columns }: Row): LeaseRow | InvalidInput => {
  try {
    return readRow(line, columns)
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
}

const holderOf = (lease: KeaLease): string | null => {
  const client = clientOf(lease)
  return client && `${lease.type} ${client.key}`
}

/** By holder, the newest lease that these rows leave alive. */
const newestOf = (rows: Iterable<LeaseRow>): Map<string, KeaLease> => {
  const newest = new Map<string, KeaLease>()
  for (const { lease, isDeleted } of rows) {
    const holder = isDeleted || lease.state !== 'default' ? null : holderOf(lease)
    if (holder !== null && lease.cltt > (newest.get(holder)?.cltt ?? -1)) newest.set(holder, lease)
  }
  return newest
}

/**
 * What the rows of one read tell, the last of each address. `before` holds those of earlier reads; `now` is in
 * milliseconds, or null where the rows may be old. Kea writes a lifetime of 0 for a release, a deletion by command and,
 * if it keeps no reclaimed leases, an expiry. Then it has expired if its time was over just now, moved if its holder has
 * a newer lease in the same read (Kea writes that one first), and else it was released.
 */
export const eventsOfRows = (rows: Rows, before: Rows, now: number | null): Reading => {
  const bad = new Map<string, string>()
  const read = new Map<string, LeaseRow>()
  for (const [address, row] of rows) {
    const one = understood(row)
    if (one instanceof InvalidInput) bad.set(address, one.message)
    else read.set(address, one)
  }
  const newest = newestOf(read.values())
  const deletion = (address: string, lease: KeaLease): EventKind => {
    const successor = newest.get(holderOf(lease) ?? '')
    if (successor && successor.cltt >= lease.cltt) return 'moved'
    const last = now === null ? undefined : before.get(address)
    const was = last && understood(last)
    return was && !(was instanceof InvalidInput) && (was.lease.cltt + was.lease.validLft) * 1000 <= now!
      ? 'expired'
      : 'released'
  }
  const kindOf = (address: string, { lease, isDeleted }: LeaseRow): EventKind => {
    if (!isDeleted) return COMMITTED[lease.state]
    return lease.state === 'default' ? deletion(address, lease) : DELETED[lease.state]
  }
  const events: LeaseEvent[] = []
  for (const [address, row] of read) {
    const issues: Issue[] = []
    const kind = kindOf(address, row)
    const report = { source: 'lease-file', cause: 'lease file', kind, form: 'key', prefix: '' } as const
    const event = leaseEvent(row.lease, report, issues)
    if (issues.length === 0) events.push(event)
    else bad.set(address, new InvalidInput(issues).message)
  }
  return { events, bad }
}
