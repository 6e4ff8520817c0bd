/*
 * TSIG on the side of the server (RFC 8945 §5.2): requests are checked, answers are signed.
 *
 *     request                            answer                                    signed
 *     a key that we do not have          NOTAUTH, BADKEY                           no, there is no key to do it with
 *     a wrong signature                  NOTAUTH, BADSIG                           no, the request may be anyone's
 *     signed more than 300 s from now    NOTAUTH, BADTIME, and our time            yes
 *     a good signature                   the answer                                yes, over the request's signature
 *
 * Of an answer in several messages each is signed, and covers the signature of the one before (§5.3.1).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Writer } from './bytes.ts'
import type { Message, WireRecord } from './message.ts'
import {
  appendTsig,
  FUDGE,
  macOf,
  readTsig,
  SHORTEST_MAC,
  sign,
  TSIG_ERROR,
  type TsigKey,
  type TsigRdata,
  timersOf,
  unsigned,
  withLength,
} from './tsig.ts'

/** What the signature of a request proves. `mac` is what the signature of the answer must cover. */
export type RequestCheck =
  | { kind: 'good'; key: TsigKey; mac: Buffer }
  | { kind: 'unknown-key' | 'wrong' }
  | { kind: 'wrong-time'; key: TsigKey; mac: Buffer; time: number }

const isMacOf = (key: TsigKey, { mac }: TsigRdata, whole: Buffer): boolean =>
  mac.length >= Math.max(SHORTEST_MAC, key.algorithm.size / 2) &&
  mac.length <= key.algorithm.size &&
  timingSafeEqual(whole.subarray(0, mac.length), mac)

/**
 * Checks the signature of a request of which `message` is the reading; it has one. Of keys with one name the one that
 * made the signature counts. `seconds` is the time since the epoch. Throws WireError for a TSIG that cannot be read.
 */
export const checkRequest = (
  bytes: Buffer,
  message: Message,
  record: WireRecord,
  keys: readonly TsigKey[],
  seconds: number,
): RequestCheck => {
  const tsig = readTsig(record.rdata)
  const named = keys.filter(({ name, algorithm }) => name === record.name && algorithm.wire === tsig.algorithm)
  if (named.length === 0) return { kind: 'unknown-key' }
  const before = unsigned(bytes, message, tsig)
  const key = named.find(one => isMacOf(one, tsig, macOf(one, [before], tsig)))
  if (!key) return { kind: 'wrong' }
  const { mac, time, fudge } = tsig
  return Math.abs(seconds - time) <= fudge ? { kind: 'good', key, mac } : { kind: 'wrong-time', key, mac, time }
}

const NOTHING = Buffer.alloc(0)

const secondsAsBytes = (seconds: number): Buffer => {
  const writer = new Writer(6)
  writer.u48(seconds)
  return writer.written()
}

/** Puts the TSIG error of a failed check on an answer, which has the RCODE NOTAUTH. `record` is the request's TSIG. */
export const withTsigError = (
  answer: Uint8Array,
  record: WireRecord,
  check: Exclude<RequestCheck, { kind: 'good' }>,
  seconds: number,
): Buffer => {
  const { algorithm, time } = readTsig(record.rdata)
  if (check.kind === 'wrong-time') {
    // The time is the request's, else the client could not check the signature (RFC 8945 §5.2.3).
    const variables = { time, fudge: FUDGE, error: TSIG_ERROR.BADTIME, other: secondsAsBytes(seconds) }
    const mac = macOf(check.key, [withLength(check.mac), answer], variables)
    return appendTsig(answer, check.key, mac, variables)
  }
  const error = check.kind === 'wrong' ? TSIG_ERROR.BADSIG : TSIG_ERROR.BADKEY
  const named = { name: record.name, algorithm: { wire: algorithm } }
  return appendTsig(answer, named, NOTHING, { time, fudge: FUDGE, error, other: NOTHING })
}

/** Signs the messages of one answer, each when its turn has come. `seconds` tells the time since the epoch. */
export const signEach = (key: TsigKey, requestMac: Buffer, seconds: () => number) => {
  let before: Buffer | null = null
  return (message: Buffer): Buffer => {
    if (before === null) {
      const first = sign(message, key, seconds(), requestMac)
      before = first.mac
      return first.message
    }
    const variables = { time: seconds(), fudge: FUDGE, error: 0, other: NOTHING }
    const hmac = createHmac(key.algorithm.digest, key.secret).update(withLength(before)).update(message)
    before = hmac.update(timersOf(variables)).digest()
    return appendTsig(message, key, before, variables)
  }
}

/** How many bytes a signature adds to a message at most. */
export const signatureSize = ({ name, algorithm }: TsigKey): number =>
  name.length + 2 + 10 + algorithm.wire.length + 2 + 16 + algorithm.size
