import { isIPv4 } from 'node:net'
import { toBytes } from '../../../../lib/address.ts'
import { decode } from '../../../../lib/dns/message/message.ts'
import { TYPE as RAW, u16, wireName } from '../embedded/raw.ts'

/** Answers of a name server, as bytes. RRs are lines: `h1.lab.example.net A 10.0.0.1`. */
const AXFR = 252
const TYPE = { ...RAW, MX: 15, DNAME: 39, RRSIG: 46, NSEC: 47, HTTPS: 65, LOC: 29 }
const FLAGS = { authoritative: 0x8400, truncated: 0x8600, cached: 0x8000 } as const

const ttl = Buffer.from([0, 0, 1, 44])

const rdataOf = (type: string, value: string): Buffer => {
  if (type === 'SOA') return Buffer.concat([wireName('ns'), wireName('root'), u16(0, Number(value)), Buffer.alloc(16)])
  if (type === 'A' || type === 'AAAA')
    return Buffer.from(isIPv4(value) ? value.split('.').map(Number) : toBytes(value)!)
  if (type === 'TXT') return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
  const isHex = ['DHCID', 'MX', 'HTTPS', 'LOC', 'RRSIG', 'NSEC'].includes(type)
  return isHex ? Buffer.from(value, 'hex') : wireName(value)
}

const rr = (line: string): Buffer => {
  const [name, type, ...rest] = line.split(' ') as [string, string, ...string[]]
  const rdata = rdataOf(type, rest.join(' '))
  const number = TYPE[type as keyof typeof TYPE]
  return Buffer.concat([wireName(name), u16(number, 1), ttl, u16(rdata.length), rdata])
}

export interface Fields {
  rcode?: number
  flags?: keyof typeof FLAGS
  id?: number
  authorities?: string[]
}

/** The answer to a query, with these RRs. */
export const answerTo = (request: Buffer, lines: string[], fields: Fields = {}) => {
  const { rcode = 0, flags = 'authoritative', id, authorities = [] } = fields
  const { questions } = decode(request)
  const question = questions.map(({ name, type }) => Buffer.concat([wireName(name), u16(type, 1)]))
  const header = u16(id ?? request.readUInt16BE(0), FLAGS[flags] | rcode, 1, lines.length, authorities.length, 0)
  return Buffer.concat([header, ...question, ...[...lines, ...authorities].map(rr)])
}

export const isTransfer = (request: Buffer): boolean => decode(request).questions[0]!.type === AXFR

const ownerOf = (line: string): string => line.split(' ')[0]!
const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1)

/** The nearest of a name and its parents that holds (RFC 4592 §3.3.1), or null. */
const nearest = (name: string, holds: (name: string) => boolean): string | null => {
  for (let at = name; at.includes('.'); at = parentOf(at)) if (holds(at)) return at
  return null
}

/** The lines that stand at a name, or that a wildcard gives it; null when the name does not exist. */
const linesAt = (name: string, lines: string[]): string[] | null => {
  const exists = (at: string) => lines.some(line => ownerOf(line) === at || ownerOf(line).endsWith(`.${at}`))
  if (exists(name)) return lines.filter(line => ownerOf(line) === name)
  const wildcard = `*.${nearest(parentOf(name), exists)}`
  const synthesised = lines.filter(line => ownerOf(line) === wildcard)
  return synthesised.length === 0 ? null : synthesised.map(line => line.replace(wildcard, name))
}

/** What a name server that has these lines answers to a query: RRs, an alias, a referral, nothing (RFC 1034 §4.3.2). */
export const answerOf = (request: Buffer, lines: string[], apex: string): [lines: string[], fields: Fields] => {
  const { name, type } = decode(request).questions[0]!
  const cuts = lines.filter(line => line.split(' ')[1] === 'NS' && ownerOf(line) !== apex)
  const cut = nearest(name, at => cuts.some(line => ownerOf(line) === at))
  if (cut !== null) return [[], { flags: 'cached', authorities: cuts.filter(line => ownerOf(line) === cut) }]
  const found = linesAt(name, lines)
  const answers = (found ?? []).filter(line => {
    const kind = line.split(' ')[1]!
    return TYPE[kind as keyof typeof TYPE] === type || kind === 'CNAME'
  })
  return [answers, { rcode: found === null ? 3 : 0 }]
}
