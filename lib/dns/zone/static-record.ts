/*
 * The records that a person puts into the embedded server's configuration.
 *
 * Each type has one row below: what its value must be, and the one form in which a zone keeps it. A target is written as
 * in a zone file, with or without the last dot; unlike there it is always a full name.
 */
import type { StaticRecord } from '../../../schemas/config/leasehold.ts'
import { canonical, familyOf } from '../../address.ts'
import { svcbRdata } from '../message/svcb.ts'
import type { ZoneRR } from './name-tree.ts'
import { characterStrings, genericBytes, genericForm } from './zone-rdata.ts'

const address = (family: 4 | 6) => (value: string) => {
  const text = canonical(value)
  return text !== null && familyOf(text) === family ? text : null
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

const domainName = (value: string): string | null => {
  const name = value.toLowerCase().replace(/\.$/, '')
  return name.length <= 253 && name.split('.').every(label => LABEL.test(label)) ? name : null
}

/** A target that may be the root: `.` says that there is no such service (RFC 2782, RFC 7505). */
const target = (value: string): string | null => (value === '.' ? '.' : domainName(value))

const isNumber = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535

/** `count` numbers of 16 bits, then a target. */
const numbersAndTarget = (count: number) => (value: string) => {
  const fields = value.trim().split(/\s+/)
  const [numbers, host] = [fields.slice(0, -1), target(fields.at(-1)!)]
  if (numbers.length !== count || !numbers.every(isNumber) || host === null) return null
  return [...numbers.map(Number), host].join(' ')
}

const caa = (value: string): string | null => {
  const [, flags, tag, quoted, bare] =
    /^\s*(\d{1,3})\s+([a-z0-9]{1,15})\s+(?:"([^"]*)"|([^\s"]+))\s*$/i.exec(value) ?? []
  if (flags === undefined || Number(flags) > 255) return null
  return `${Number(flags)} ${tag!.toLowerCase()} "${quoted ?? bare}"`
}

const https = (value: string): string | null => {
  const bytes = svcbRdata(value) ?? genericBytes(value)
  return bytes && genericForm(bytes)
}

/** More does not fit into one message beside a name and a signature. */
const TXT_MOST = 60_000

const withLengths = (strings: readonly Buffer[]): Buffer =>
  Buffer.concat(strings.flatMap(string => [Buffer.from([string.length]), string]))

/** One text is split where 255 bytes are full; a list says where each string ends, and no string may be longer. */
const txt = (value: string | string[]): string | null => {
  const strings = typeof value === 'string' ? characterStrings(value) : value.map(text => Buffer.from(text))
  const size = strings.reduce((sum, string) => sum + string.length + 1, 0)
  if (size > TXT_MOST || strings.length === 0 || strings.some(string => string.length > 255)) return null
  // A text that looks like the form of bytes must not be taken for it.
  const isPlain = typeof value === 'string' && !value.startsWith('\\# ')
  return isPlain ? value : genericForm(withLengths(strings))
}

const oneText = (form: (value: string) => string | null) => (value: string | string[]) =>
  typeof value === 'string' ? form(value) : null

interface ValueForm {
  is: string
  form: (value: string | string[]) => string | null
}

/** For each type what its value must be, and the value's one form (null when it is something else). */
const VALUE: Record<StaticRecord['type'], ValueForm> = {
  A: { is: 'an IPv4 address', form: oneText(address(4)) },
  AAAA: { is: 'an IPv6 address', form: oneText(address(6)) },
  PTR: { is: 'a domain name', form: oneText(domainName) },
  CNAME: { is: 'a domain name', form: oneText(domainName) },
  NS: { is: 'a domain name', form: oneText(domainName) },
  MX: { is: 'a preference and a domain name like "10 mail.example.net"', form: oneText(numbersAndTarget(1)) },
  SRV: {
    is: 'priority and weight and port and target like "0 5 5060 sip.example.net"',
    form: oneText(numbersAndTarget(3)),
  },
  TXT: { is: 'a text or a list of texts of at most 255 bytes each', form: txt },
  CAA: { is: 'flags and tag and value like 0 issue "ca.example.net"', form: oneText(caa) },
  HTTPS: {
    is: 'priority and target and parameters (alpn; port; ipv4hint; ipv6hint) like "1 . alpn=h2 port=8443" or "\\# length hex"',
    form: oneText(https),
  },
}

/** What a value of a type must be, for a person. */
export const valueOfType = (type: StaticRecord['type']): string => VALUE[type].is

/** A person's record as an RR with its value in the one form, or a sentence that says what is wrong with it. */
export const staticRR = ({ name, type, ttl, value }: StaticRecord): ZoneRR | string => {
  const form = VALUE[type].form(value)
  return form === null
    ? `the value of ${type} must be ${VALUE[type].is}, not ${JSON.stringify(value)}`
    : { name, type, ttl, value: form }
}
