import { createHmac, type Hmac } from 'node:crypto'
import {
  checkTsig,
  readTsig,
  type TsigCheck,
  type TsigVariables,
  unsigned,
  untrue,
  variablesOf,
  withLength,
} from './tsig.ts'
import type { TsigKey } from './tsig-key.ts'
import type { Message } from './wire.ts'
import { Writer } from './writer.ts'

/** RFC 8945 §5.3.1: at least every hundredth message is signed. */
const UNSIGNED_MOST = 99

const timersOf = ({ time, fudge }: TsigVariables): Buffer => {
  const writer = new Writer(8)
  writer.u48(time)
  writer.u16(fudge)
  return writer.written()
}

/**
 * Checks an answer of many messages (RFC 8945 §5.3.1), of which the first is signed, and each further signature covers
 * the one before it and all that came unsigned since. An unsigned message counts as good until the next signature, so
 * that the last one must be signed. `requestMac` is what `sign` gave; `seconds` the time since the epoch.
 */
export const tsigChain = (key: TsigKey, requestMac: Uint8Array, seconds: () => number) => {
  const after = (mac: Uint8Array): Hmac => createHmac(key.algorithm.digest, key.secret).update(withLength(mac))
  let hmac = after(requestMac)
  let isFirst = true
  let unsignedSince = 0
  return (bytes: Buffer, message: Message): TsigCheck => {
    if (message.tsig === null) {
      if (isFirst) return untrue('the answer is not signed')
      if (++unsignedSince > UNSIGNED_MOST) return untrue('too much of the answer is not signed')
      hmac.update(bytes)
      return { kind: 'good' }
    }
    const check = checkTsig(message.tsig, key, seconds(), tsig =>
      hmac
        .update(unsigned(bytes, message, tsig))
        .update(isFirst ? variablesOf(key, tsig) : timersOf(tsig))
        .digest(),
    )
    hmac = after(readTsig(message.tsig.rdata).mac)
    isFirst = false
    unsignedSince = 0
    return check
  }
}
