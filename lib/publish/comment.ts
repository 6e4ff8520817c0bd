/**
 * What stands in DNS beside an RR, where a server keeps comments: that Leasehold wrote it, for whom, and why. It is for
 * people alone, and proves nothing: comments are copied and edited. Server limits are in bytes of UTF-8, and what is not
 * printable ASCII becomes `?`, so that a character is a byte.
 *
 *     leasehold: dynamic, scope office, client hw:02:00:00:00:00:01: the lease is active
 */
import type { OwnedRecord } from '../../schemas/model/record.ts'

const plain = (text: string): string => text.replace(/[^ -~]/g, '?')

/** The comment for a name's RRs, of at most `most` characters; empty where nothing is wanted there, or none is kept. */
export const commentOf = (records: readonly OwnedRecord[], most: number): string => {
  const record = records.find(({ wanted, stopped }) => wanted !== null && stopped === null)
  if (!record || most === 0) return ''
  const { origin, scope, client, reason } = record
  const text = plain(`leasehold: ${origin}, scope ${scope}, client ${client}: ${reason}`)
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`
}
