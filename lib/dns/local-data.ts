/*
 * What Unbound's control channel says and takes, as text: local data, local zones, its version.
 *
 *     list_local_data          red.lab.example.net.\t300\tIN\tA\t10.0.0.1      one line an RR, an empty one after each
 *     local_data RR            red.lab.example.net. 300 IN A 10.0.0.1          adds it; a second time changes nothing
 *     local_data_remove NAME   all types of the name, a person's too
 *     local_data_remove RR     that one alone, since 1.26.0; older versions say "ok" and do nothing
 *     list_local_zones         lab.example.net. transparent
 *
 * Names come back as they were first written, so that they are compared in lower case. An RR's own line is kept beside
 * what was understood of it: what has to be added again is added as it stood, whatever its type and TTL.
 */
import { canonical } from '../address.ts'
import type { FoundRR, RR } from './rr.ts'
import { characterStrings } from './zone/zone-rdata.ts'

/** An RR of the local data, and its line as the server gave it. */
export interface LocalRR extends FoundRR {
  line: string
}

const nameIn = (text: string): string => text.toLowerCase().replace(/\.$/, '')

const STRING = /"((?:[^"\\]|\\.)*)"|(\S+)/gs

/** A string of the master-file form (RFC 1035 §5.1), as bytes: `\"` is a quote, `\226` one byte. */
const unescaped = (text: string): Buffer => {
  const parts = text.match(/\\\d{3}|\\.|[^\\]+/gs) ?? []
  return Buffer.concat(
    parts.map(part => {
      if (!part.startsWith('\\')) return Buffer.from(part)
      return /^\\\d{3}$/.test(part) ? Buffer.from([Number(part.slice(1))]) : Buffer.from(part.slice(1))
    }),
  )
}

const textIn = (rdata: string): string =>
  Buffer.concat([...rdata.matchAll(STRING)].map(([, quoted, bare]) => unescaped(quoted ?? bare ?? ''))).toString()

/** What is printed of bytes between quotes: all but letters, digits and their like as `\226`. */
const quoted = (bytes: Buffer): string =>
  `"${[...bytes].map(byte => (byte < 33 || byte > 126 || byte === 34 || byte === 92 ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte))).join('')}"`

/** The value of each type that is told (FoundRR); of every other it is empty. */
const VALUE: Record<string, (rdata: string) => string> = {
  A: rdata => canonical(rdata) ?? '',
  AAAA: rdata => canonical(rdata) ?? '',
  PTR: nameIn,
  CNAME: nameIn,
  NS: nameIn,
  DNAME: nameIn,
  MX: nameIn,
  SRV: nameIn,
  TXT: textIn,
  DHCID: rdata => Buffer.from(rdata.replaceAll(' ', ''), 'base64').toString('hex'),
}

const RDATA: Record<RR['type'], (value: string) => string> = {
  A: value => value,
  AAAA: value => value,
  PTR: value => `${value}.`,
  CNAME: value => `${value}.`,
  TXT: value => characterStrings(value).map(quoted).join(' '),
  DHCID: value => Buffer.from(value, 'hex').toString('base64'),
}

/** The RR as `local_data` takes it. */
export const localDataLine = ({ name, type, ttl, value }: RR): string =>
  `${name}. ${ttl} IN ${type} ${RDATA[type](value)}`

/** The RRs of a listing at the names that are asked for. Lines that are no RR are passed over. */
export const localDataOf = function* (listing: string, isAsked: (name: string) => boolean): Generator<LocalRR> {
  for (let from = 0, end = 0; from < listing.length; from = end + 1) {
    end = listing.indexOf('\n', from)
    if (end < 0) end = listing.length
    const tab = listing.indexOf('\t', from)
    if (tab < 0 || tab > end) continue
    const name = nameIn(listing.slice(from, tab))
    if (!isAsked(name)) continue
    const line = listing.slice(from, end)
    const [, ttl = '', , type = '', ...rest] = line.split('\t')
    yield { name, type, ttl: Number(ttl), value: VALUE[type]?.(rest.join(' ')) ?? '', line }
  }
}

/** What a listing has at the names given; a name with nothing is absent. */
export const localDataAt = (listing: string, names: Iterable<string>): Map<string, LocalRR[]> => {
  const asked = new Set(names)
  return Map.groupBy(
    localDataOf(listing, name => asked.has(name)),
    ({ name }) => name,
  )
}

/** Types of local zones that answer with something else than the data of a name, or not at all. */
const HIDES = /^(redirect|refuse|deny|inform_deny|inform_redirect|always_\w+)$/

/** True for a local zone whose type keeps its own data from being seen. */
export const hidesData = (type: string): boolean => HIDES.test(type)

/** The local zones with their types. */
export const localZonesIn = (listing: string): Map<string, string> =>
  new Map(
    listing.split('\n').flatMap(line => {
      const [zone, type] = line.trim().split(/\s+/)
      return zone && type ? [[nameIn(zone), type] as const] : []
    }),
  )

/** True when the server takes one RR alone away: Unbound 1.26.0 and later. */
export const removesExactly = (status: string): boolean => {
  const [, major = 0, minor = 0] = /^version: (\d+)\.(\d+)/m.exec(status) ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26)
}

/** True for an answer that says no. That of an unknown view has no "error" before it. */
export const isRefusal = (answer: string): boolean => /^(error|no view with name)/.test(answer)
