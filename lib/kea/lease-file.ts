/*
 * Makes lease events of the rows of Kea's lease file (memfile, CSV). Kea appends a row for each change of a lease, so
 * the last row of an address is the one that counts.
 */

import type { EventKind, LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Family } from '../address.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'
import { clientOf } from '../plan/lease/client.ts'
import { COMMITTED, DELETED, type KeaLease, leaseEvent, readLease } from './lease-fields.ts'

/** The columns that every version of a lease file has, and those that later versions added. Their order is free. */
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

/** The columns of one lease file. */
export interface Columns {
  family: Family
  /** How many a row has at least, and at most. */
  count: number
  most: number
  /** At which index each stands, also those that a newer Kea's rows have behind the header's. */
  at: Readonly<Record<string, number>>
}

const NAME = /^[a-z0-9_]{1,64}$/

/**
 * Reads the columns from the first line of a lease file. Unknown columns may follow the known ones: Kea adds some with
 * every version. Throws InvalidInput when a column is missing or stands twice, so that no row of such a file is read.
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
  // A Kea that was upgraded writes its longer rows under the old header until its next clean-up.
  const isOlder = names.every((name, at) => name === known[at])
  const all = isOlder ? known : names
  return { family, count: names.length, most: all.length, at: Object.fromEntries(all.map((name, at) => [name, at])) }
}

/** One row of a lease file: the lease as Kea wrote it. A lifetime of 0 means that the row deletes the lease. */
interface LeaseRow {
  lease: KeaLease
  isDeleted: boolean
}

/** Kea writes a character that would end the cell as `&#x` and its code in two hex digits. */
const unescaped = (text: string): string =>
  text.includes('&#x')
    ? text.replace(/&#x([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    : text

/**
 * One row (a line without its end) by the columns of its file. Throws InvalidInput, naming the columns, when it is not
 * as Kea writes one. Source: Kea's src/lib/dhcpsrv/csv_lease_file4.cc, csv_lease_file6.cc and util/csv_file.cc.
 */
export const readRow = (line: string, { family, count, most, at }: Columns, updatesDns = false): LeaseRow => {
  const cells = line.split(',')
  if (cells.length < count || cells.length > most) {
    const expected = `${cells.length < count ? count : most} columns`
    throw new InvalidInput([{ field: 'row', expected, found: `${cells.length}` }])
  }
  const value = (column: string): string | undefined => {
    const cell = cells[at[column] ?? most]
    return cell === undefined ? undefined : unescaped(cell)
  }
  const issues: Issue[] = []
  const lease = readLease(family, { notation: 'column', prefix: '', value, updatesDns }, issues)
  if (lease === null) throw new InvalidInput(issues)
  return { lease, isDeleted: lease.validLft === 0 }
}

/** A row as it stands in the file, with the columns of that file. */
export interface Row {
  line: string
  columns: Columns
}

/** The last row of each address. The key is the address as the file writes it. */
export type Rows = ReadonlyMap<string, Row>

/** What the rows of one read mean. */
export interface RowEvents {
  events: LeaseEvent[]
  /** Rows that cannot be read: what is wrong, by the address as the file writes it. */
  bad: Map<string, string>
}

/** The address in a row. A later row with the same address replaces it. */
export const addressIn = (line: string, { at }: Columns): string => line.split(',', at.address! + 1)[at.address!] ?? ''

/**
 * Whether the last row of an address leaves a lease there. A declined lease, or an expired one that Kea keeps, counts.
 */
export const isLease = ({ line, columns: { at } }: Row): boolean => line.split(',')[at.valid_lifetime!] !== '0'

/**
 * Whether a row only deletes the lease that the row before it released. Kea 2.3.2 and later write both rows: the release
 * in state 3, before Kea 2.7 in state 0 with a lifetime of 0. The second row alone would look like an expiry.
 */
export const isPutAway = (row: Row, before: Row): boolean => {
  const stateOf = ({ line, columns: { at } }: Row) => (at.state === undefined ? '' : line.split(',')[at.state])
  const isRelease = stateOf(before) === '3' || (stateOf(before) === '0' && !isLease(before))
  return stateOf(row) === '2' && !isLease(row) && isRelease
}

const rowOrFault = ({ line, columns }: Row, updatesDns = false): LeaseRow | InvalidInput => {
  try {
    return readRow(line, columns, updatesDns)
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
}

const holderOf = (lease: KeaLease): string | null => {
  const client = clientOf(lease)
  return client && `${lease.type} ${client.key}`
}

/** The newest active lease of each holder in these rows. */
const newestOf = (rows: Iterable<LeaseRow>): Map<string, KeaLease> => {
  const newest = new Map<string, KeaLease>()
  for (const { lease, isDeleted } of rows) {
    const holder = isDeleted || lease.state !== 'default' ? null : holderOf(lease)
    if (holder !== null && lease.cltt > (newest.get(holder)?.cltt ?? -1)) newest.set(holder, lease)
  }
  return newest
}

/**
 * Makes events of the rows of one read, of which `rows` has the last of each address. `before` has the rows of earlier
 * reads. `now` is in milliseconds, or null when the rows may be old. `updatesDns`: Kea's own DNS updates are known to
 * be on.
 *
 * A lifetime of 0 can be a release, a deletion by command, or an expiry where Kea keeps no reclaimed leases. The first
 * of these that holds decides: the lease `moved` if its holder has a newer lease in this read (Kea writes that one
 * first); it `expired` if its time was over at `now`; else it was `released`. Of a row that may be old this is a guess,
 * and marked as one.
 */
export const eventsOfRows = (rows: Rows, before: Rows, now: number | null, updatesDns = false): RowEvents => {
  const bad = new Map<string, string>()
  const read = new Map<string, LeaseRow>()
  for (const [address, row] of rows) {
    const one = rowOrFault(row, updatesDns)
    if (one instanceof InvalidInput) bad.set(address, one.message)
    else read.set(address, one)
  }
  const newest = newestOf(read.values())
  const deletion = (address: string, lease: KeaLease): EventKind => {
    const successor = newest.get(holderOf(lease) ?? '')
    if (successor && successor.cltt >= lease.cltt) return 'moved'
    const last = now === null ? undefined : before.get(address)
    const was = last && rowOrFault(last)
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
    const report = { source: 'lease-file', cause: 'lease file', kind, notation: 'column', prefix: '' } as const
    const event = leaseEvent(row.lease, report, issues)
    const isGuess = now === null && kind === 'released' && row.isDeleted && row.lease.state === 'default'
    if (issues.length === 0) events.push(isGuess ? { ...event, guessed: true } : event)
    else bad.set(address, new InvalidInput(issues).message)
  }
  return { events, bad }
}
