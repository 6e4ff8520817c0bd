/*
 * Parses name change requests (NCR): the datagrams by which Kea's DHCP servers tell D2 to add or remove a name.
 */

import { isIP } from 'node:net'
import { type ConflictMode, ConflictMode as Modes, type Ncr } from '../../schemas/kea/ncr.ts'
import { UINT32_MAX } from '../../schemas/model/time.ts'
import { canonical, familyOf } from '../address.ts'
import { isWritable } from '../dns/message/name.ts'
import { InvalidInput, type Issue, shown } from '../input/bad-input.ts'

/** One key of a name change request. `read` gives undefined for a value that Kea would not write there. */
interface Field<T> {
  key: string
  expected: string
  read: (value: unknown) => T | undefined
  /** What a missing key means. Without it the key must be there. */
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

/** The name in lower case without its trailing dot; undefined when it cannot be written in DNS. */
const nameOf = (value: string): string | undefined => {
  const name = value.toLowerCase().replace(/\.$/, '')
  return name !== '' && !name.includes('\\') && isWritable(name) ? name : undefined
}

const DIGITS = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/

/** YYYYMMDDHHMMSS in UTC as seconds since the epoch; undefined for a date that does not exist. */
const secondsOf = (value: string): number | undefined => {
  const [, year, month, day, hour, minute, second] = DIGITS.exec(value)?.map(Number) ?? []
  if (year === undefined) return undefined
  const time = new Date(Date.UTC(year, month! - 1, day, hour, minute, second))
  const same = time.toISOString().replace(/\D/g, '').startsWith(value)
  return same && time.getTime() >= 0 ? time.getTime() / 1000 : undefined
}

/** Kea writes the epoch when it does not know the time: in every v6 add. */
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
    expected: `a whole number from 0 to ${UINT32_MAX}`,
    read: value =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) <= UINT32_MAX ? value : undefined,
  } as Field<number>,
  useConflictResolution: { ...flag('use-conflict-resolution'), absent: true },
  conflictMode: {
    key: 'conflict-resolution-mode',
    expected: `one of ${Modes.options.join(', ')}`,
    read: value => Modes.options.find(mode => mode === value),
    absent: null,
  } as Field<ConflictMode | null>,
}

/** The value of a field. Adds to `issues` when it is wrong; the value is then undefined whatever its type says. */
const readField = <T>({ key, expected, read, absent }: Field<T>, values: object, issues: Issue[]): T => {
  const value = Object.hasOwn(values, key) ? (values as Record<string, unknown>)[key] : undefined
  if (value === undefined && absent !== undefined) return absent
  const got = read(value)
  if (got === undefined) issues.push({ field: key, expected, found: shown(value) })
  return got as T
}

const LENGTH_BYTES = 2

/** The most bytes that Kea sends in one datagram: the size of its own receive buffer. */
const LONGEST_DATAGRAM = 4096

const wrong = (field: string, expected: string, found: string): InvalidInput =>
  new InvalidInput([{ field, expected, found }])

/** The JSON of a datagram: two bytes of length (network order), then exactly that many bytes of JSON text. */
const jsonIn = (datagram: Uint8Array): unknown => {
  const size = datagram.length
  if (size > LONGEST_DATAGRAM) throw wrong('datagram', `at most ${LONGEST_DATAGRAM} bytes`, `${size}`)
  if (size <= LENGTH_BYTES) throw wrong('datagram', 'two bytes of length and a JSON text', `${size} bytes`)
  const length = (datagram[0]! << 8) | datagram[1]!
  const follow = size - LENGTH_BYTES
  if (length !== follow) throw wrong('length', `${follow}, the bytes that follow it`, `${length}`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(datagram.subarray(LENGTH_BYTES)))
  } catch {
    throw wrong('datagram', 'a JSON text after its length', 'another')
  }
}

/**
 * Parses one datagram of Kea's name change protocol (JSON over UDP), from Kea 2.2 to 3.x. Throws InvalidInput, naming
 * the keys, for every datagram that Kea's D2 would refuse too. Throws nothing else.
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
