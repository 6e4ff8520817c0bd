import { WireError } from '../../../lib/dns/message/bytes.ts'
import { decode, type Message } from '../../../lib/dns/message/message.ts'
import { sign, type TsigCheck, type TsigKey, verify } from '../../../lib/dns/message/tsig.ts'
import type { DnsServerAddress } from '../../../lib/dns/server-address.ts'
import { type DnsConnection, LinkError } from './tcp-link.ts'

/** A server to be asked, with what a signed answer takes. */
export interface Asked {
  address: string
  at: DnsServerAddress
  key: TsigKey | null
  /** Seconds since the epoch. */
  seconds(): number
  /** Milliseconds for one message. */
  timeout: number
}

/**
 * An answer, and what its signature proves; null where messages go unsigned. `isRepeated`: the message went out twice, so
 * that the answer may be to the second time.
 */
export interface Answer {
  message: Message
  tsig: TsigCheck | null
  isRepeated: boolean
}

/**
 * Sends one message, signed where there is a key, and reads what comes back under its ID. Rejects with LinkError or
 * WireError where no answer came, or none that is a DNS message.
 */
export const exchange = async (
  link: DnsConnection,
  { key, seconds }: Pick<Asked, 'key' | 'seconds'>,
  unsigned: Buffer,
): Promise<Answer> => {
  const signed = key && sign(unsigned, key, seconds())
  let isRepeated = false
  const bytes = await link.exchange(signed?.message ?? unsigned, () => {
    isRepeated = true
  })
  const message = decode(bytes)
  return { message, isRepeated, tsig: key && signed && verify(bytes, message, key, signed.mac, seconds()) }
}

/** What went wrong between us and the server; anything else is a mistake of ours and goes on up. */
export const noReplyOf = (error: unknown): { noReply: string; wasSent: boolean } => {
  if (error instanceof LinkError) return { noReply: error.message, wasSent: error.wasSent }
  if (error instanceof WireError)
    return { noReply: `gave an answer that cannot be read: ${error.message}`, wasSent: true }
  throw error
}
