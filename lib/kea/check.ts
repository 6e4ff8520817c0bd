import { isIPv4 } from 'node:net'
import { LeaseState } from '../../schemas/lease-state.ts'
import { canonical } from '../address.ts'

/** Reads one value as Kea writes it, or says (undefined) that it is not what was expected. */
export interface Check<T> {
  expected: string
  read: (value: string | number) => T | undefined
}

const UINT32_MAX = 4_294_967_295
const DIGITS = /^\d{1,10}$/
const COLONS = /^[0-9a-f]{2}(?::[0-9a-f]{2})*$/
const GROUPS = /^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2})*$/
const PLAIN = /^(?:[0-9a-f]{2})+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const STATES = LeaseState.options

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
  read: value => (`${value}`.length <= 255 && !CONTROL.test(`${value}`) ? `${value}` : undefined),
}

/** Lower case with colons; in also upper case, dashes, groups of one digit, or no separators at all. */
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

/** Bytes in hex; `most` is how many there may be. */
export const hex = (most: number): Check<string> => ({
  expected: `1 to ${most} bytes in hex, like "02:00:5e:10:00:01"`,
  read: value => {
    const text = colons(`${value}`)
    return text !== undefined && text.length < 3 * most ? text : undefined
  },
})

/** Kea's text ("declined") or number (1). */
export const state: Check<LeaseState> = {
  expected: `one of ${STATES.join(', ')}`,
  read: value => (typeof value === 'number' ? STATES[value] : STATES.find(name => name === value)),
}

export const oneOf = <T extends string>(...allowed: T[]): Check<T> => ({
  expected: allowed.join(' or '),
  read: value => allowed.find(text => text === value),
})
