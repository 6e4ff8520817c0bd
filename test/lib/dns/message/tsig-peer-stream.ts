import { createHmac } from 'node:crypto'

/** The other side of an answer of many signed messages, written apart from lib/ (RFC 8945 §5.3.1). */
export interface Stream {
  secret: Buffer
  requestMac: Buffer
  time: number
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const KEY_NAME = Buffer.from('\x09leasehold\0', 'latin1')
const ALGORITHM = Buffer.from('\x0bhmac-sha256\0', 'latin1')

export const peerStream = ({ secret, requestMac, time }: Stream) => {
  let covered: Buffer[] = [u16(requestMac.length), requestMac]
  let isFirst = true
  const timers = Buffer.concat([Buffer.from(time.toString(16).padStart(12, '0'), 'hex'), u16(300)])
  return {
    unsigned: (message: Buffer): Buffer => {
      covered.push(Buffer.from(message))
      return message
    },
    signed: (message: Buffer): Buffer => {
      const variables = [KEY_NAME, Buffer.from('00ff00000000', 'hex'), ALGORITHM, timers, u16(0), u16(0)]
      const hmac = createHmac('sha256', secret)
      for (const part of [...covered, message, ...(isFirst ? variables : [timers])]) hmac.update(part)
      const mac = hmac.digest()
      covered = [u16(mac.length), mac]
      isFirst = false
      const rdata = [ALGORITHM, timers, u16(mac.length), mac, message.subarray(0, 2), u16(0), u16(0)]
      const size = u16(rdata.reduce((sum, part) => sum + part.length, 0))
      const head = [message.subarray(0, 10), u16(message.readUInt16BE(10) + 1), message.subarray(12)]
      return Buffer.concat([...head, KEY_NAME, Buffer.from('00fa00ff00000000', 'hex'), size, ...rdata])
    },
  }
}
