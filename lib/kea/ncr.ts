import { isIP } from 'node:net'
import { type ConflictMode, ConflictMode as Modes, type Ncr } from '../../schemas/kea/ncr.ts'
import { canonical, familyOf } from '../address.ts'
import { isWritable } from '../dns/name.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'

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

const FIELDS = {
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
const readField = <T>({ key, expected, read, absent }: Field<T>, values: object, issues: Issue[]): T => {
  const value = Object.hasOwn(values, key) ? (values as Record<string, unknown>)[key] : undefined
  if (value === undefined && absent !== undefined) return absent
  const got = read(value)
  if (got === undefined) issues.push({ field: key, expected, found: shown(value) })
  return got as T
}

const LENGTH_BYTES = 2

/** Kea's own receive buffer: it never sends more. */
const LONGEST = 4096

const wrong = (field: string, expected: string, found: string): InvalidInput =>
  new InvalidInput([{ field, expected, found }])

/** Two bytes that say how many follow, and as many of JSON: not one less, not one more. */
const jsonIn = (datagram: Uint8Array): unknown => {
  const size = datagram.length
  if (size > LONGEST) throw wrong('datagram', `at most ${LONGEST} bytes`, `${size}`)
  if (size <= LENGTH_BYTES) throw wrong('datagram', 'two bytes of length and a JSON text', `${size} bytes`)
  const said = (datagram[0]! << 8) | datagram[1]!
  const follow = size - LENGTH_BYTES
  if (said !== follow) throw wrong('length', `${follow}, the bytes that follow it`, `${said}`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(datagram.subarray(LENGTH_BYTES)))
  } catch {
    throw wrong('datagram', 'a JSON text after its length', 'another')
  }
}

/**
 * One datagram of Kea's name change protocol (UDP, JSON), from Kea 2.2 to 3.x.
 * Throws InvalidInput, naming the keys, for whatever D2 would refuse too; nothing else is ever thrown.
 * Source: Kea's src/lib/dhcp_ddns/ncr_msg.cc, and datagrams recorded from Kea 2.2 and 3.0.
 */
export const parseNcr = (datagram: Uint8Array): Ncr => {
  const values = jsonIn(datagram)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw wrong('datagram', 'a JSON object', Array.isArray(values) ? 'an array' : shown(values))
  }
  const issues: Issue[] = []
  const change = readField(FIELDS.change, values, issues)
  const forward = readField(FIELDS.forward, values, issues)
  const reverse = readField(FIELDS.reverse, values, issues)
  const fqdn = readField(FIELDS.fqdn, values, issues)
  const address = readField(FIELDS.address, values, issues)
  const dhcid = readField(FIELDS.dhcid, values, issues)
  const expires = readField(FIELDS.expires, values, issues)
  const ttl = readField(FIELDS.ttl, values, issues)
  const checked = readField(FIELDS.useConflictResolution, values, issues)
  const mode = readField(FIELDS.conflictMode, values, issues)
  if (forward === false && reverse === false) {
    issues.push({ field: 'forward-change', expected: 'true, as reverse-change is not', found: 'false' })
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return {
    change,
    forward,
    reverse,
    fqdn,
    family: familyOf(address),
    address,
    dhcid,
    ttl,
    cltt: expires >= ttl && expires > 0 ? expires - ttl : null,
    conflictMode: mode ?? (checked ? 'check-with-dhcid' : 'no-check-with-dhcid'),
  }
}
