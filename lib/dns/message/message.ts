/*
 * DNS messages as bytes.
 *
 * The invariant: whatever bytes come in, `decode` gives a Message or throws WireError, in time bounded by the length of
 * the message; and whatever Change goes out is, byte by byte, what the store says is ours. So there is one cursor that
 * cannot leave the message (reader.ts), one buffer that only grows (writer.ts), and one table of values by type
 * (rdata.ts). Nothing is compressed on the way out: RFC 2136 compares names and values, a server need not look through
 * pointers to do so, and TSIG signs the bytes as they stand. Nothing is lenient on the way in: a server that writes a
 * broken message is not believed about anything, because the next step would delete a name on its word.
 *
 * What a library could have done was tried first: dns2 and dns-packet cannot write the RRs with empty values and with
 * class ANY or NONE of which RFC 2136 is made, and neither knows TSIG.
 */
import { Reader, WireError, Writer } from './bytes.ts'
import { readName, writeName } from './name.ts'
import { CLASS, OPCODE, TYPE } from './numbers.ts'
import { readRdata } from './rdata.ts'

export const HEADER_SIZE = 12

export interface Question {
  name: string
  type: number
  class: number
}

export interface WireRecord extends Question {
  /** Seconds. */
  ttl: number
  /** As in RR; null where it is empty or of an unknown type. */
  value: string | null
  rdata: Buffer
  /** Where the record begins in the message. */
  start: number
}

/** The sections by their names in a query; in an UPDATE they are zone, prerequisites, updates, additional (RFC 2136 §2). */
export interface Message {
  id: number
  isResponse: boolean
  opcode: number
  /** From the server of the zone itself, not from a cache. */
  authoritative: boolean
  rcode: number
  truncated: boolean
  questions: Question[]
  answers: WireRecord[]
  authorities: WireRecord[]
  /** Without the TSIG. */
  additionals: WireRecord[]
  tsig: WireRecord | null
}

const readQuestion = (reader: Reader): Question => ({ name: readName(reader), type: reader.u16(), class: reader.u16() })

const readRecord = (reader: Reader): WireRecord => {
  const start = reader.at
  const question = readQuestion(reader)
  const ttl = reader.u32()
  const length = reader.u16()
  const at = reader.skip(length)
  const value = readRdata(new Reader(reader.bytes, at, at + length), question.type)
  return { ...question, ttl, value, rdata: reader.bytes.subarray(at, at + length), start }
}

const list = <T>(reader: Reader, count: number, read: (reader: Reader) => T): T[] => {
  const items: T[] = []
  for (let i = 0; i < count; i++) items.push(read(reader))
  return items
}

/** TSIG is the last additional record and nowhere else (RFC 8945 §5.1). */
const takeTsig = (sections: WireRecord[][]): WireRecord | null => {
  const additionals = sections.at(-1)!
  const tsig = additionals.at(-1)?.type === TYPE.TSIG ? additionals.pop()! : null
  if (sections.flat().some(record => record.type === TYPE.TSIG))
    throw new WireError('a TSIG that is not the last record')
  return tsig
}

/** Reads one message (RFC 1035 §4.1, RFC 2136 §2), without its TCP length. Throws WireError for anything else. */
export const decode = (bytes: Uint8Array): Message => {
  const reader = new Reader(bytes)
  const id = reader.u16()
  const flags = reader.u16()
  const [questionCount, ...counts] = list(reader, 4, each => each.u16()) as [number, number, number, number]
  const questions = list(reader, questionCount, readQuestion)
  const [answers, authorities, additionals] = counts.map(count => list(reader, count, readRecord)) as [
    WireRecord[],
    WireRecord[],
    WireRecord[],
  ]
  if (!reader.done()) throw new WireError('bytes are left after the message')
  const tsig = takeTsig([answers, authorities, additionals])
  return {
    id,
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >>> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    rcode: flags & 0xf,
    truncated: (flags & 0x0200) !== 0,
    questions,
    answers,
    authorities,
    additionals,
    tsig,
  }
}

/** A query for one RRset, or for the zone (AXFR), without recursion (RFC 1035 §4.1). `id` is 16 bits. */
export const encodeQuery = (id: number, name: string, type: keyof typeof TYPE): Buffer => {
  const writer = new Writer()
  for (const field of [id, OPCODE.QUERY << 11, 1, 0, 0, 0]) writer.u16(field)
  writeName(writer, name)
  writer.u16(TYPE[type])
  writer.u16(CLASS.IN)
  return writer.written()
}
