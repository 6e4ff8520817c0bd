import { Packet } from 'dns2'

const { FORMERR, NOTIMP } = Packet.RCODE

/** A query has one question and at most an OPT, a signature and little else; what is more is not worth decoding. */
const MOST_OCTETS = 4096
const MOST_RECORDS = 4

/** What to do with a message, told from its header alone: no answer, an error, or `null`: it may be decoded. */
export type Verdict = 'silence' | number | null

/**
 * Looks at a message before dns2 decodes it: dns2 follows chains of compression pointers for each of up to 65,535
 * records, which lets one message of 64 KiB hold the event loop for seconds. Answers are never answered.
 */
export const sift = (message: Buffer): Verdict => {
  if (message.length < Packet.HEADER_SIZE) return 'silence'
  const flags = message.readUInt16BE(2)
  if (flags & 0x8000) return 'silence'
  if (flags & 0x7800) return NOTIMP
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  const isQuery = message.readUInt16BE(4) === 1 && records <= MOST_RECORDS && message.length <= MOST_OCTETS
  return isQuery ? null : FORMERR
}

/** An answer that is a header only: ID, opcode and RD of the message, and the RCODE. */
export const bare = (message: Buffer, rcode: number): Buffer => {
  const header = Buffer.alloc(Packet.HEADER_SIZE)
  header.writeUInt16BE(message.readUInt16BE(0), 0)
  header.writeUInt16BE(0x8000 | (message.readUInt16BE(2) & 0x7900) | rcode, 2)
  return header
}
