import { createHmac } from 'node:crypto'

/** The other side of TSIG, written apart from lib/ so that a mistake there cannot hide: RFC 8945 §4.2, §4.3. */
export interface PeerAnswer {
  message: Buffer
  keyName: string
  algorithm: string
  digest: string
  secret: Buffer
  requestMac: Buffer | null
  time: number
  fudge?: number
  error?: number
  other?: Buffer
  originalId?: number
  /** What stands in place of the MAC. */
  mac?: (mac: Buffer) => Buffer
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const u48 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(12, '0'), 'hex')
const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap(label => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ])

export const peerSign = (answer: PeerAnswer): Buffer => {
  const { message, requestMac, time, fudge = 300, error = 0, other = Buffer.alloc(0), mac: instead } = answer
  const originalId = answer.originalId ?? message.readUInt16BE(0)
  const original = Buffer.concat([u16(originalId), message.subarray(2)])
  const digested = Buffer.concat([
    ...(requestMac ? [u16(requestMac.length), requestMac] : []),
    original,
    nameBytes(answer.keyName),
    Buffer.from('00ff00000000', 'hex'),
    nameBytes(answer.algorithm),
    u48(time),
    u16(fudge),
    u16(error),
    u16(other.length),
    other,
  ])
  const whole = createHmac(answer.digest, answer.secret).update(digested).digest()
  const mac = instead ? instead(whole) : whole
  const rdata = Buffer.concat([
    nameBytes(answer.algorithm),
    u48(time),
    u16(fudge),
    u16(mac.length),
    mac,
    u16(originalId),
    u16(error),
    u16(other.length),
    other,
  ])
  const record = [nameBytes(answer.keyName), Buffer.from('00fa00ff00000000', 'hex'), u16(rdata.length), rdata]
  const count = u16(message.readUInt16BE(10) + 1)
  return Buffer.concat([message.subarray(0, 10), count, message.subarray(12), ...record])
}
