/*
 * One value as Kea writes it: what is expected there, and what it reads as. The fields of a lease (lease-fields.ts) and of
 * a reservation are made of these.
 */

import { isIPv4 } from 'node:net'
import { LeaseState } from '../../schemas/kea/reported-lease.ts'
import { UINT32_MAX } from '../../schemas/model/time.ts'
import { canonical } from '../address.ts'

/** Reads one value as Kea writes it. Returns undefined when the value is not what `expected` says. */
export interface Check<T> {
  expected: string
  read: (value: string | number) => T | undefined
}

const DIGITS = /^\d{1,10}$/
const COLONS = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/
const GROUPS = /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2})*$/
const PLAIN = /^(?:[0-9a-f]{2})+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that a name must not contain
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const CONTROLS = new RegExp(CONTROL, 'g')
const LONGEST = 255
export const STATES = LeaseState.options

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
  read: value => (`${value}`.length <= LONGEST && !CONTROL.test(`${value}`) ? `${value}` : undefined),
}

/**
 * A host name that no lease can be published under, made fit to be kept: still too long, and U+FFFD for each control
 * character. What a client says is no reason to refuse its lease, nor the leases beside it.
 */
export const impossible = (value: string | number): string =>
  `${value}`
    .slice(0, LONGEST + 1)
    .toWellFormed()
    .replace(CONTROLS, '\ufffd')

/**
 * Bytes in hex as Kea's hooks write them: lower case, two digits a byte, colons between. Also takes upper case, dashes,
 * bytes of one digit, and no separators at all. Returns undefined for any other text.
 */
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

/** Checks that a value is 1 to `most` bytes in hex, and gives them in lower case with colons. */
export const hex = (most: number): Check<string> => ({
  expected: `1 to ${most} bytes in hex, like "02:00:5e:10:00:01"`,
  read: value => {
    const text = colons(`${value}`)
    return text !== undefined && text.length < 3 * most ? text : undefined
  },
})

/** The state of a lease: the text of a hook ("declined"), or the number of a lease command (1). */
export const state: Check<LeaseState> = {
  expected: `one of ${STATES.join(', ')}`,
  read: value => (typeof value === 'number' ? STATES[value] : STATES.find(name => name === value)),
}

export const oneOf = <T extends string>(...allowed: T[]): Check<T> => ({
  expected: allowed.join(' or '),
  read: value => allowed.find(text => text === value),
})

/** When a lease runs out, as the lease file writes it: beyond 32 bits for a lease without an end. */
export const expiry: Check<number> = {
  expected: 'seconds since the epoch',
  read: value => (/^\d{1,11}$/.test(`${value}`) ? Number(value) : undefined),
}

export const stateDigit: Check<LeaseState> = {
  expected: 'the number of a lease state',
  read: value => (/^\d$/.test(`${value}`) ? STATES[Number(value)] : undefined),
}

const TYPE_DIGITS: Readonly<Record<string, 'IA_NA' | 'IA_PD'>> = { 0: 'IA_NA', 2: 'IA_PD' }
export const typeDigit: Check<'IA_NA' | 'IA_PD'> = {
  expected: '0 (IA_NA) or 2 (IA_PD)',
  read: value => TYPE_DIGITS[value],
}

export const HW_ADDRESS = hex(20)
export const CLIENT_ID = hex(255)
export const DUID = hex(130)
