import { isIP } from 'node:net'
import { type ConflictMode, ConflictMode as Modes } from '../../schemas/ncr.ts'
import { canonical } from '../address.ts'
import { found, type Issue } from '../bad-input.ts'
import { isWritable } from '../dns/name-wire.ts'

/** Reads one value of a name change request, or says (undefined) that it is not what Kea writes there. */
export interface Field<T> {
  key: string
  expected: string
  read: (value: unknown) => T | undefined
  /** What it means that the key is not there; without it the key must be there. */
  absent?: T
}

const flag = (key: string): Field<boolean> => ({
  key,
  expected: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
})

const text =
  <T>(read: (value: string) => T | undefined) =>
  (value: unknown): T | undefined =>
    typeof value === 'string' ? read(value) : undefined

/** Without its trailing dot and in lower case, if DNS takes it. */
const nameOf = (value: string): string | undefined => {
  const name = value.toLowerCase().replace(/\.$/, '')
  return name !== '' && !name.includes('\\') && isWritable(name) ? name : undefined
}

const DIGITS = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/

/** YYYYMMDDHHMMSS in UTC as seconds since the epoch. */
const secondsOf = (value: string): number | undefined => {
  const [, year, month, day, hour, minute, second] = DIGITS.exec(value)?.map(Number) ?? []
  if (year === undefined) return undefined
  const time = new Date(Date.UTC(year, month! - 1, day, hour, minute, second))
  const same = time.toISOString().replace(/\D/g, '').startsWith(value)
  return same && time.getTime() >= 0 ? time.getTime() / 1000 : undefined
}

/** Kea writes the epoch where it does not know: in every v6 add. */
const UNKNOWN = 0

export const FIELDS = {
  change: {
    key: 'change-type',
    expected: '0 (add) or 1 (remove)',
    read: value => (value === 0 ? 'add' : value === 1 ? 'remove' : undefined),
  } as Field<'add' | 'remove'>,
  forward: flag('forward-change'),
  reverse: flag('reverse-change'),
  fqdn: { key: 'fqdn', expected: 'a domain name', read: text(nameOf) } as Field<string>,
  address: {
    key: 'ip-address',
    expected: 'an IPv4 or IPv6 address',
    read: text(value => (isIP(value) ? (canonical(value) ?? undefined) : undefined)),
  } as Field<string>,
  dhcid: {
    key: 'dhcid',
    expected: 'bytes in hex',
    read: text(value => (/^(?:[0-9a-f]{2})+$/i.test(value) ? value.toLowerCase() : undefined)),
  } as Field<string>,
  expires: {
    key: 'lease-expires-on',
    expected: 'a time as YYYYMMDDHHMMSS',
    read: text(secondsOf),
    absent: UNKNOWN,
  } as Field<number>,
  ttl: {
    key: 'lease-length',
    expected: 'a whole number from 0 to 4294967295',
    read: value =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 4_294_967_295 ? value : undefined,
  } as Field<number>,
  useConflictResolution: { ...flag('use-conflict-resolution'), absent: true },
  conflictMode: {
    key: 'conflict-resolution-mode',
    expected: `one of ${Modes.options.join(', ')}`,
    read: value => Modes.options.find(mode => mode === value),
    absent: null,
  } as Field<ConflictMode | null>,
}

/** The value of a field. What is wrong with it is added to `issues`, and the answer is then undefined. */
export const readField = <T>({ key, expected, read, absent }: Field<T>, values: object, issues: Issue[]): T => {
  const value = Object.hasOwn(values, key) ? (values as Record<string, unknown>)[key] : undefined
  if (value === undefined && absent !== undefined) return absent
  const got = read(value)
  if (got === undefined) issues.push({ field: key, expected, found: found(value) })
  return got as T
}
