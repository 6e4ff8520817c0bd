import { Writer } from '../message/bytes.ts'
import { HEADER_SIZE, type Message, type Question } from '../message/message.ts'
import { writeName } from '../message/name.ts'
import { CLASS } from '../message/numbers.ts'
import type { ZoneRR } from './name-tree.ts'
import { writeZoneRR, ZONE_TYPE } from './zone-rdata.ts'

export const TRANSFER_TYPE = { IXFR: 251, AXFR: 252 } as const

/** RFC 1996 §3.12. */
export const NOTIFY = 4

const RESPONSE = 0x8000
const AUTHORITATIVE = 0x0400

/** A message is sent when it has reached this size: large enough to be few, small enough to be made in a moment. */
const MESSAGE_SIZE = 16_384

const begin = (id: number, flags: number, { name, type }: Omit<Question, 'class'>): Writer => {
  const writer = new Writer(2 * MESSAGE_SIZE)
  for (const field of [id, flags, 1, 0, 0, 0]) writer.u16(field)
  writeName(writer, name)
  for (const field of [type, CLASS.IN]) writer.u16(field)
  return writer
}

const finish = (writer: Writer, answers: number): Buffer => {
  const message = writer.written()
  message.writeUInt16BE(answers, 6)
  return message
}

/**
 * The messages that carry the RRs of a transfer (RFC 5936 §2.2), unsigned. Each repeats the question. An RR that would
 * make a message larger than 64 KiB begins the next one.
 */
export function* transferMessages(id: number, question: Question, rrs: Iterable<ZoneRR>): Generator<Buffer> {
  const beginNext = () => begin(id, RESPONSE | AUTHORITATIVE, question)
  let writer = beginNext()
  let answers = 0
  for (const rr of rrs) {
    const before = writer.length
    writeZoneRR(writer, rr, null)
    answers++
    if (writer.length <= MESSAGE_SIZE) continue
    const isAlone = answers === 1
    const large = isAlone ? null : Buffer.from(writer.buffer.subarray(before, writer.length))
    if (large) {
      writer.length = before
      answers--
    }
    yield finish(writer, answers)
    writer = beginNext()
    answers = 0
    if (large) {
      writer.append(large)
      answers = 1
    }
  }
  if (answers > 0) yield finish(writer, answers)
}

/** The serial that the client of an IXFR has: that of the SOA in the authority section (RFC 1995 §3), or null. */
export const serialOf = ({ authorities }: Message): number | null => {
  const soa = authorities.find(({ type }) => type === ZONE_TYPE.SOA)?.value?.split(' ')[2]
  return soa === undefined ? null : Number(soa)
}

/** A NOTIFY for a zone (RFC 1996 §3.7), with the SOA that is new. `id` is 16 bits. */
export const encodeNotify = (id: number, soa: ZoneRR): Buffer => {
  const writer = begin(id, (NOTIFY << 11) | AUTHORITATIVE, { name: soa.name, type: ZONE_TYPE.SOA })
  writeZoneRR(writer, soa, null)
  return finish(writer, 1)
}

/** Whether a message is the answer to the NOTIFY with this ID. */
export const isNotifyAnswer = (message: Buffer, id: number): boolean =>
  message.length >= HEADER_SIZE &&
  message.readUInt16BE(0) === id &&
  (message.readUInt16BE(2) & (RESPONSE | 0x7800)) === (RESPONSE | (NOTIFY << 11))
