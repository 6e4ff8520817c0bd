import type { EventKind, LeaseEvent } from '../../schemas/lease-event.ts'
import { BadInput, type Issue } from '../bad-input.ts'
import { clientOf } from '../client.ts'
import { DELETED, WRITTEN } from './kind.ts'
import type { Columns } from './lease-columns.ts'
import { leaseEvent } from './lease-event.ts'
import type { KeaLease } from './lease-fields.ts'
import { type LeaseRow, readRow } from './lease-row.ts'

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

const understood = ({ line, columns }: Row): LeaseRow | BadInput => {
  try {
    return readRow(line, columns)
  } catch (error) {
    if (error instanceof BadInput) return error
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
    if (one instanceof BadInput) bad.set(address, one.message)
    else read.set(address, one)
  }
  const newest = newestOf(read.values())
  const deletion = (address: string, lease: KeaLease): EventKind => {
    const successor = newest.get(holderOf(lease) ?? '')
    if (successor && successor.cltt >= lease.cltt) return 'moved'
    const last = now === null ? undefined : before.get(address)
    const was = last && understood(last)
    return was && !(was instanceof BadInput) && (was.lease.cltt + was.lease.validLft) * 1000 <= now!
      ? 'expired'
      : 'released'
  }
  const kindOf = (address: string, { lease, isDeleted }: LeaseRow): EventKind => {
    if (!isDeleted) return WRITTEN[lease.state]
    return lease.state === 'default' ? deletion(address, lease) : DELETED[lease.state]
  }
  const events: LeaseEvent[] = []
  for (const [address, row] of read) {
    const issues: Issue[] = []
    const kind = kindOf(address, row)
    const report = { source: 'lease-file', cause: 'lease file', kind, form: 'key', prefix: '' } as const
    const event = leaseEvent(row.lease, report, issues)
    if (issues.length === 0) events.push(event)
    else bad.set(address, new BadInput(issues).message)
  }
  return { events, bad }
}
