import type { Ncr } from '../../schemas/ncr.ts'
import { familyOf } from '../address.ts'
import { BadInput, found, type Issue } from '../bad-input.ts'
import { FIELDS, readField } from './ncr-fields.ts'

const LENGTH_BYTES = 2

/** Kea's own receive buffer: it never sends more. */
const LONGEST = 4096

const wrong = (field: string, expected: string, found: string): BadInput => new BadInput([{ field, expected, found }])

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
 * Throws BadInput, naming the keys, for whatever D2 would refuse too; nothing else is ever thrown.
 * Source: Kea's src/lib/dhcp_ddns/ncr_msg.cc, and datagrams recorded from Kea 2.2 and 3.0.
 */
export const parseNcr = (datagram: Uint8Array): Ncr => {
  const values = jsonIn(datagram)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw wrong('datagram', 'a JSON object', Array.isArray(values) ? 'an array' : found(values))
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
  if (issues.length > 0) throw new BadInput(issues)
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
