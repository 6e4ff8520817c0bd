import { OPCODE, TYPE } from '../../lib/dns/numbers.ts'
import { rcodeName, verdictOf } from '../../lib/dns/rcode.ts'
import { sign, verify } from '../../lib/dns/tsig.ts'
import { decode, encodeQuery, type Message, type WireRecord } from '../../lib/dns/wire.ts'
import type { Asked } from './dns-servers.ts'
import { LinkError, openLink } from './tcp-link.ts'

/** Queries under way at a time. */
const AT_ONCE = 128

const NXDOMAIN = 3

export interface Asking {
  name: string
  type: keyof typeof TYPE
}

/** Why an answer does not tell what is at the name; null when it does. */
const flaw = (message: Message, { name, type }: Asking): string | null => {
  const [question] = message.questions
  if (!message.isResponse || message.opcode !== OPCODE.QUERY) return 'gave an answer to something else'
  if (message.rcode !== 0 && message.rcode !== NXDOMAIN) return `says ${rcodeName(message.rcode)} to a query of ${name}`
  if (question?.name !== name || question.type !== TYPE[type]) return 'gave an answer to another question'
  if (message.truncated) return `gave a truncated answer for ${name}`
  return message.authoritative ? null : `is not the server of ${name}`
}

/**
 * Asks for RRsets over TCP, many at a time, and hands on the records of the names asked for. Gives a sentence why what it
 * handed on is not all, or null when it is. Rejects with LinkError or WireError where the server did not answer, or not
 * with a DNS message.
 */
export const query = async (
  { address, at, key, seconds, timeout }: Asked,
  questions: Generator<Asking>,
  each: (record: WireRecord) => void,
  signal: AbortSignal,
): Promise<string | null> => {
  const link = openLink(at, timeout)
  let problem: string | null = null

  const ask = async (asking: Asking): Promise<void> => {
    const unsigned = encodeQuery(link.nextId(), asking.name, asking.type)
    const signed = key && sign(unsigned, key, seconds())
    const bytes = await link.exchange(signed?.message ?? unsigned)
    const message = decode(bytes)
    const tsig = key && signed && verify(bytes, message, key, signed.mac, seconds())
    if (tsig && tsig.kind !== 'good') problem ??= verdictOf(address, { rcode: message.rcode, tsig }).says
    const found = flaw(message, asking)
    if (found) problem ??= `${address} ${found}`
    // The answer to an alias goes on with its target, which is another question.
    if (problem === null) message.answers.filter(record => record.name === asking.name).forEach(each)
  }

  const askOn = async (): Promise<void> => {
    for (const asking of questions) {
      if (signal.aborted) throw new LinkError('is no longer asked')
      if (problem !== null) return
      await ask(asking)
    }
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, askOn))
    return problem
  } finally {
    questions.return(undefined)
    link.close()
  }
}
