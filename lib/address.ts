/*
 * IP addresses and networks as text and as bytes. Each has one text form here, so that two texts are equal when two
 * addresses are: a dotted quad, or RFC 5952 for v6 ("2001:DB8:0::1" is "2001:db8::1").
 */
import { isIPv4, isIPv6 } from 'node:net'

export type Family = 4 | 6

const ZERO = 48
const DOT = 46

/** The bytes of what is known to be a dotted quad. */
const quadOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(4)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) at++
    else bytes[at] = bytes[at]! * 10 + code - ZERO
  }
  return bytes
}

/** The 4 or 16 bytes of an address; null when the text is none. A zone id ("fe80::1%eth0") is not taken. */
export const toBytes = (text: string): Uint8Array | null => {
  if (isIPv4(text)) return quadOf(text)
  if (!isIPv6(text) || text.includes('%')) return null
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (dotted) {
    const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number]
    return toBytes(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
  }
  const [head, tail] = text.split('::') as [string, string | undefined]
  const groups = (part: string) => (part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Uint8Array.from(all.flatMap(group => [group >> 8, group & 0xff]))
}

/** The one text form of 4 or 16 bytes. For v6: lower case, and "::" for the longest run of two or more zero groups. */
export const fromBytes = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.at < 0) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}

/** The one text form of an address; null when the text is none. */
export const canonical = (text: string): string | null => {
  if (isIPv4(text)) return text
  const bytes = toBytes(text)
  return bytes && fromBytes(bytes)
}

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** The name at which the PTR of an address stands (RFC 1035 §3.5, RFC 3596 §2.5), without the trailing dot. */
export const reverseName = (address: string): string => {
  if (familyOf(address) === 4) return `${address.split('.').reverse().join('.')}.in-addr.arpa`
  const nibbles = Array.from(toBytes(address)!, byte => byte.toString(16).padStart(2, '0')).join('')
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`
}

export interface Network {
  family: Family
  /** The network address. */
  base: string
  length: number
  /** Its one text form: "10.1.0.0/16". */
  cidr: string
}

/** The bytes with all but the first `length` bits off. */
const mask = (bytes: Uint8Array, length: number): Uint8Array =>
  bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff)

/** What the addresses of one network of a length have in common, and no others of that length: bits, or for v6 a text. */
export const prefixOf = (bytes: Uint8Array, length: number): number | string => {
  if (bytes.length > 4) return fromBytes(mask(bytes, length))
  const bits = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0
  return length === 0 ? 0 : bits >>> (32 - length)
}

/** The last address of a network. */
export const lastOf = ({ base, length }: Network): string =>
  fromBytes(toBytes(base)!.map((byte, i) => byte | (0xff >> Math.max(0, Math.min(8, length - 8 * i)))))

/** True when an address is in the range from `first` to `last`. All are canonical. */
export const isBetween = (address: string, first: string, last: string): boolean => {
  const [at, from, to] = [address, first, last].map(one => toBytes(one)!) as [Uint8Array, Uint8Array, Uint8Array]
  return at.length === from.length && Buffer.compare(at, from) >= 0 && Buffer.compare(at, to) <= 0
}

/** "10.1.0.0/16" as a network, or a sentence that says what is wrong with it. */
export const networkOf = (cidr: string): Network | string => {
  const [address = '', digits = ''] = cidr.split('/')
  const bytes = toBytes(address)
  const length = Number(digits)
  if (!bytes) return `"${address}" is no IP address`
  if (!/^\d+$/.test(digits) || length > bytes.length * 8) return `"/${digits}" is no prefix length for ${address}`
  const base = fromBytes(mask(bytes, length))
  if (base !== fromBytes(bytes)) return `${cidr} has host bits set: did you mean ${base}/${length}?`
  return { family: familyOf(base), base, length, cidr: `${base}/${length}` }
}
