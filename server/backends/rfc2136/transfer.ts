import { randomInt } from 'node:crypto'
import { createConnection } from 'node:net'
import { decode, encodeQuery, type WireRecord } from '../../../lib/dns/message/message.ts'
import { followTransfer } from '../../../lib/dns/message/transfer.ts'
import { sign, tsigChain } from '../../../lib/dns/message/tsig.ts'
import { updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import type { Asked } from './exchange.ts'
import { framed, LinkError, SILENT_END, unframe, whyOf } from './tcp-link.ts'

/** How a transfer ended; only of a complete one may be believed what it brought. */
export type Transferred = { is: 'complete'; serial: number } | { is: 'refused' | 'broken'; says: string }

/** What each message of the answer to one transfer means. Throws WireError for what is no DNS message. */
const reading = ({ address, key, seconds }: Asked, zone: string, each: (record: WireRecord) => void) => {
  const unsigned = encodeQuery(randomInt(0x1_0000), zone, 'AXFR')
  const signed = key && sign(unsigned, key, seconds())
  const check = key && signed && tsigChain(key, signed.mac, seconds)
  const follow = followTransfer(zone)
  const broken = (says: string): Transferred => ({ is: 'broken', says: `${address} ${says}` })
  const read = (bytes: Buffer): Transferred | null => {
    const message = decode(bytes)
    if (message.id !== unsigned.readUInt16BE(0)) return broken('gave an answer to something else')
    const tsig = check?.(bytes, message)
    const progress = follow(message)
    // Before the signature is judged: PowerDNS and Knot refuse unsigned. It only leads to queries, which are signed.
    if (progress.is === 'refused') return { ...progress, says: `${address} ${progress.says}` }
    if (tsig && tsig.kind !== 'good')
      return { is: 'broken', says: updateAnswerOf(address, { rcode: message.rcode, tsig }).text }
    if (progress.is === 'broken') return broken(progress.says)
    progress.records.forEach(each)
    if (progress.is === 'more') return null
    return key && !message.tsig
      ? broken('gave a transfer whose end is not signed')
      : { is: 'complete', serial: progress.serial }
  }
  return { request: signed?.message ?? unsigned, read }
}

/**
 * Reads a zone by AXFR (RFC 5936), over a connection of its own so that no update waits behind it, and hands each record
 * on as it comes. Rejects with LinkError when the server falls silent, or ends the connection before the zone's end.
 */
export const transfer = (
  server: Asked,
  zone: string,
  each: (record: WireRecord) => void,
  signal: AbortSignal,
): Promise<Transferred> => {
  const { promise, resolve, reject } = Promise.withResolvers<Transferred>()
  const { request, read } = reading(server, zone, each)
  const socket = createConnection({ host: server.at.host, port: server.at.port, noDelay: true })
  const stop = (why: string) => socket.destroy(new LinkError(why))
  const abandon = () => stop('is no longer asked')
  let isOver = false
  const receive = unframe(bytes => {
    if (isOver) return
    const end = read(bytes)
    isOver = end !== null
    if (end) resolve(end)
    if (end) socket.destroy()
  })
  let why: Error = new LinkError(SILENT_END)
  socket.on('data', chunk => {
    // One piece a turn of the event loop, or a large zone would hold up whoever else waits.
    socket.pause()
    setImmediate(() => socket.resume())
    try {
      receive(chunk)
    } catch (error) {
      isOver = true
      socket.destroy(error as Error)
    }
  })
  socket.on('error', error => {
    why = 'code' in error ? new LinkError(whyOf(error)) : error
  })
  socket.on('close', () => {
    signal.removeEventListener('abort', abandon)
    reject(why)
  })
  socket.setTimeout(server.timeout, () => stop(`did not answer within ${server.timeout} ms`))
  signal.addEventListener('abort', abandon)
  if (signal.aborted) abandon()
  else socket.write(framed(request))
  return promise
}
