import type { LeaseType } from '../../schemas/lease-event.ts'
import { BadInput, found, type Issue } from '../bad-input.ts'
import { address4, address6, type Check, hex, hostname, state, uint32 } from './check.ts'
import type { Columns } from './lease-columns.ts'
import type { KeaLease } from './lease-fields.ts'

/** One row of a lease file: the lease as Kea wrote it, and whether the row takes it away. */
export interface LeaseRow {
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
 * One row (a line without its end) by the columns of its file. Throws BadInput, naming the columns, when it is not as
 * Kea writes one. Source: Kea's src/lib/dhcpsrv/csv_lease_file4.cc, csv_lease_file6.cc and util/csv_file.cc.
 */
export const readRow = (line: string, { family, count, at }: Columns): LeaseRow => {
  const cells = line.split(',')
  if (cells.length !== count) {
    throw new BadInput([{ field: 'row', expected: `${count} columns`, found: `${cells.length}` }])
  }
  const issues: Issue[] = []
  const read = <T>(column: string, check: Check<T>): T => {
    const cell = plain(cells[at[column]!]!)
    const got = check.read(cell)
    if (got === undefined) issues.push({ field: column, expected: check.expected, found: found(cell) })
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
    issues.push({ field: 'expire', expected: 'valid_lifetime or more', found: found(cells[at.expire!]) })
  }
  if (issues.length > 0) throw new BadInput(issues)
  return { lease, isDeleted: validLft === 0 }
}
