import type { Attempt, Prerequisite, RR, Update } from '../rr.ts'
import { WireError, Writer } from './bytes.ts'
import { HEADER_SIZE } from './message.ts'
import { writeName } from './name.ts'
import { CLASS, OPCODE, TYPE } from './numbers.ts'
import { writeRdata } from './rdata.ts'

/** RFC 2181 §8. */
const TTL_MAX = 0x7fff_ffff

/** An RR with an empty value. */
const writeEmpty = (writer: Writer, name: string, type: number, rrClass: number): number => {
  writeName(writer, name)
  const at = writer.take(10)
  const { buffer } = writer
  buffer.writeUInt16BE(type, at)
  buffer.writeUInt16BE(rrClass, at + 2)
  buffer.writeUInt32BE(0, at + 4)
  buffer.writeUInt16BE(0, at + 8)
  return 1
}

const writeFull = (writer: Writer, rr: RR, rrClass: number): number => {
  if (!Number.isInteger(rr.ttl) || rr.ttl < 0 || rr.ttl > TTL_MAX) throw new WireError(`${rr.ttl} is not a TTL`)
  writeName(writer, rr.name)
  const at = writer.take(8)
  writer.buffer.writeUInt16BE(TYPE[rr.type], at)
  writer.buffer.writeUInt16BE(rrClass, at + 2)
  writer.buffer.writeUInt32BE(rr.ttl, at + 4)
  writeRdata(writer, rr.type, rr.value)
  return 1
}

/** RFC 2136 §2.4.2, §2.4.3, §2.4.5. An RRset that equals nothing is absent. Answers how many RRs were written. */
const writePrerequisite = (writer: Writer, it: Prerequisite): number => {
  switch (it.must) {
    case 'name-not-in-use':
      return writeEmpty(writer, it.name, TYPE.ANY, CLASS.NONE)
    case 'rrset-absent':
      return writeEmpty(writer, it.name, TYPE[it.type], CLASS.NONE)
    case 'rrset-equals': {
      if (it.values.length === 0) return writeEmpty(writer, it.name, TYPE[it.type], CLASS.NONE)
      for (const value of it.values) writeFull(writer, { name: it.name, type: it.type, ttl: 0, value }, CLASS.IN)
      return it.values.length
    }
  }
}

/** RFC 2136 §2.5.1, §2.5.2, §2.5.4. Answers how many RRs were written. */
const writeUpdate = (writer: Writer, it: Update): number => {
  switch (it.do) {
    case 'add':
      return writeFull(writer, it.rr, CLASS.IN)
    case 'delete-rr':
      return writeFull(writer, { name: it.name, type: it.type, ttl: 0, value: it.value }, CLASS.NONE)
    case 'delete-rrset':
      return writeEmpty(writer, it.name, TYPE[it.type], CLASS.ANY)
  }
}

export interface UpdateMessage {
  /**
   * Adds one attempt whole, or nothing: false when the message is full. Throws WireError, and leaves the message as it
   * was, for an attempt that cannot be written or is larger than any message.
   */
  add(attempt: Attempt): boolean
  /** The message, unsigned, without its TCP length. `id` is 16 bits. */
  encode(id: number): Buffer
}

const section = <T>(write: (writer: Writer, item: T) => number) => {
  const writer = new Writer()
  let count = 0
  return {
    size: () => writer.length,
    mark: () => ({ length: writer.length, count }),
    back: (mark: { length: number; count: number }) => {
      writer.length = mark.length
      count = mark.count
    },
    add: (items: T[]) => {
      for (const item of items) count += write(writer, item)
    },
    count: () => count,
    written: () => writer.written(),
  }
}

/**
 * An UPDATE of `zone` (RFC 2136 §2.3) that gathers attempts up to `limit` bytes. The attempts of one message stand or
 * fall together, and their names must be distinct: the server compares an RRset with all of the message's values for it.
 */
export const updateMessage = (zone: string, limit = 60_000): UpdateMessage => {
  const zoneName = new Writer()
  writeName(zoneName, zone)
  const fixed = HEADER_SIZE + zoneName.length + 4
  const prerequisites = section(writePrerequisite)
  const updates = section(writeUpdate)
  return {
    add: attempt => {
      const before = [prerequisites.mark(), updates.mark()] as const
      const back = () => {
        prerequisites.back(before[0])
        updates.back(before[1])
      }
      try {
        prerequisites.add(attempt.prerequisites)
        updates.add(attempt.updates)
      } catch (error) {
        back()
        throw error
      }
      if (fixed + prerequisites.size() + updates.size() <= limit) return true
      back()
      if (before[0].length + before[1].length === 0) throw new WireError(`the change is larger than ${limit} bytes`)
      return false
    },
    encode: id => {
      const writer = new Writer()
      for (const field of [id, OPCODE.UPDATE << 11, 1, prerequisites.count(), updates.count(), 0]) writer.u16(field)
      writer.append(zoneName.written())
      writer.u16(TYPE.SOA)
      writer.u16(CLASS.IN)
      writer.append(prerequisites.written())
      writer.append(updates.written())
      return writer.written()
    },
  }
}
