import { serialOfSoa } from '../zone/serial.ts'
import type { Message, WireRecord } from './message.ts'
import { OPCODE, TYPE } from './numbers.ts'
import { rcodeName } from './update-answer.ts'

/** What one message of a transfer brought; a sentence says the subject's, which is the server. */
export type Progress =
  | { is: 'more'; records: WireRecord[] }
  | { is: 'complete'; records: WireRecord[]; serial: number }
  /** The server does not give the zone away. */
  | { is: 'refused'; says: string }
  /** What came is no transfer, or only a part of one: nothing of it may be believed. */
  | { is: 'broken'; says: string }

const broken = (says: string): Progress => ({ is: 'broken', says })

/**
 * Follows the messages that answer an AXFR (RFC 5936 §2.2). The zone is complete when the SOA with which it began comes
 * again, and not before.
 */
export const followTransfer = (zone: string) => {
  let soa: string | null = null
  const isSoa = ({ name, type }: WireRecord): boolean => type === TYPE.SOA && name === zone
  return (message: Message): Progress => {
    const { answers, rcode } = message
    const question = message.questions[0]
    if (!message.isResponse || message.opcode !== OPCODE.QUERY) return broken('gave an answer to something else')
    if (rcode !== 0 && soa === null) return { is: 'refused', says: `says ${rcodeName(rcode)} to a transfer` }
    if (rcode !== 0) return broken(`says ${rcodeName(rcode)} in the middle of a transfer`)
    if (message.truncated) return broken('gave a truncated transfer')
    if (question && (question.name !== zone || question.type !== TYPE.AXFR)) return broken('gave another zone')
    const records = soa === null ? answers.slice(1) : answers
    if (soa === null) {
      if (!answers[0] || !isSoa(answers[0])) return broken('gave a transfer that does not begin with its SOA')
      soa = answers[0].value ?? ''
    }
    const end = records.findIndex(isSoa)
    if (end < 0) return { is: 'more', records }
    if (end !== records.length - 1) return broken('gave a transfer that goes on after its end')
    if (records[end]!.value !== soa) return broken('gave a transfer that ends as another version than it began')
    return { is: 'complete', records: records.slice(0, -1), serial: serialOfSoa(soa) }
  }
}
