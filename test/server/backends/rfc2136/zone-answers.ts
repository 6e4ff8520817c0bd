import { isIPv4 } from 'node:net'
import { toBytes } from '../../../../lib/address.ts'
import { decode } from '../../../../lib/dns/message.ts'
import { TYPE, u16, wireName } from '../embedded/raw.ts'

/** Answers of a name server, as bytes. RRs are lines: `h1.lab.example.net A 10.0.0.1`. */
const AXFR = 252
const FLAGS = { authoritative: 0x8400, truncated: 0x8600, cached: 0x8000 } as const

const ttl = Buffer.from([0, 0, 1, 44])

const rdataOf = (type: string, value: string): Buffer => {
  if (type === 'SOA') return Buffer.concat([wireName('ns'), wireName('root'), Buffer.alloc(16), u16(0, Number(value))])
  if (type === 'A' || type === 'AAAA')
    return Buffer.from(isIPv4(value) ? value.split('.').map(Number) : toBytes(value)!)
  if (type === 'TXT') return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
  return type === 'DHCID' ? Buffer.from(value, 'hex') : wireName(value)
}

const rr = (line: string): Buffer => {
  const [name, type, ...rest] = line.split(' ') as [string, string, ...string[]]
  const rdata = rdataOf(type, rest.join(' '))
  const number = type === 'SOA' ? 6 : TYPE[type as keyof typeof TYPE]
  return Buffer.concat([wireName(name), u16(number, 1), ttl, u16(rdata.length), rdata])
}

interface Fields {
  rcode?: number
  flags?: keyof typeof FLAGS
  id?: number
}

/** The answer to a query, with these RRs. */
export const answerTo = (request: Buffer, lines: string[], { rcode = 0, flags = 'authoritative', id }: Fields = {}) => {
  const { questions } = decode(request)
  const question = questions.map(({ name, type }) => Buffer.concat([wireName(name), u16(type, 1)]))
  const header = u16(id ?? request.readUInt16BE(0), FLAGS[flags] | rcode, 1, lines.length, 0, 0)
  return Buffer.concat([header, ...question, ...lines.map(rr)])
}

export const isTransfer = (request: Buffer): boolean => decode(request).questions[0]!.type === AXFR

/** Those of the lines that answer a query: of its name, and of its type or an alias. */
export const matching = (request: Buffer, lines: string[]): string[] => {
  const { name, type } = decode(request).questions[0]!
  return lines.filter(line => {
    const [owner, kind] = line.split(' ')
    return owner === name && (TYPE[kind as keyof typeof TYPE] === type || kind === 'CNAME')
  })
}
