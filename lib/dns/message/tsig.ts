import { createHmac, createSecretKey, type Hmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Algorithm } from '../../../schemas/config/leasehold.ts'
import { Reader, WireError, Writer } from './bytes.ts'
import type { Message, WireRecord } from './message.ts'
import { readName, writeName } from './name.ts'
import { CLASS, TYPE } from './numbers.ts'

export interface TsigAlgorithm {
  /** Its name on the wire. */
  wire: string
  digest: string
  /** Bytes of a whole MAC. */
  size: number
}

/** RFC 8945 §6, with the names that node gives the digests. */
const ALGORITHMS: Record<Algorithm, TsigAlgorithm> = {
  'hmac-md5': { wire: 'hmac-md5.sig-alg.reg.int', digest: 'md5', size: 16 },
  'hmac-sha1': { wire: 'hmac-sha1', digest: 'sha1', size: 20 },
  'hmac-sha224': { wire: 'hmac-sha224', digest: 'sha224', size: 28 },
  'hmac-sha256': { wire: 'hmac-sha256', digest: 'sha256', size: 32 },
  'hmac-sha384': { wire: 'hmac-sha384', digest: 'sha384', size: 48 },
  'hmac-sha512': { wire: 'hmac-sha512', digest: 'sha512', size: 64 },
}

export interface TsigKey {
  readonly name: string
  readonly algorithm: TsigAlgorithm
  readonly secret: KeyObject
}

/** Whether a text is base64, as in a BIND key file: spaces count for nothing, and the padding may be left out. */
export const isBase64 = (text: string): boolean => {
  const plain = text.replace(/\s+/g, '')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(plain) && plain.replace(/=+$/, '').length % 4 !== 1
}

/** `secret` is base64, as in a BIND key file. Throws an Error that does not say it when it is not. */
export const tsigKey = (key: { name: string; algorithm: Algorithm; secret: string }): TsigKey => {
  if (!isBase64(key.secret)) throw new Error(`the secret of the TSIG key "${key.name}" is not base64`)
  return {
    name: key.name.toLowerCase(),
    algorithm: ALGORITHMS[key.algorithm],
    secret: createSecretKey(Buffer.from(key.secret, 'base64')),
  }
}

export const FUDGE = 300
export const SHORTEST_MAC = 10

export const TSIG_ERROR = { BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const

/** What the signature of an answer proves. */
export type TsigCheck =
  | { kind: 'good' }
  /** The server says that the request's signature was not good. `skew`: seconds by which its clock is ahead of ours. */
  | { kind: 'error'; error: number; skew: number | null }
  /** Nothing in the answer can be believed. */
  | { kind: 'untrue'; why: string; isUnsigned?: true }

export interface TsigVariables {
  time: number
  fudge: number
  error: number
  other: Buffer
}

const NOTHING = Buffer.alloc(0)

const writeKeyName = (writer: Writer, key: TsigKey): void => {
  writeName(writer, key.name)
  writer.u16(CLASS.ANY)
  writer.u32(0)
}

/** The TSIG variables (RFC 8945 §4.3.3). */
const variablesOf = (key: TsigKey, { time, fudge, error, other }: TsigVariables): Buffer => {
  const writer = new Writer(512)
  writeKeyName(writer, key)
  writeName(writer, key.algorithm.wire)
  writer.u48(time)
  for (const field of [fudge, error, other.length]) writer.u16(field)
  writer.append(other)
  return writer.written()
}

export const macOf = (key: TsigKey, parts: Uint8Array[], variables: TsigVariables): Buffer => {
  const hmac = createHmac(key.algorithm.digest, key.secret)
  for (const part of parts) hmac.update(part)
  return hmac.update(variablesOf(key, variables)).digest()
}

/** A MAC as it stands in what the next one covers (RFC 8945 §5.3). */
export const withLength = (mac: Uint8Array): Buffer => {
  const writer = new Writer(512)
  writer.u16(mac.length)
  writer.append(mac)
  return writer.written()
}

export const appendTsig = (
  message: Uint8Array,
  key: { name: string; algorithm: { wire: string } },
  mac: Buffer,
  { time, fudge, error, other }: TsigVariables,
): Buffer => {
  const writer = new Writer(message.length + 512)
  writer.append(message)
  writeName(writer, key.name)
  for (const field of [TYPE.TSIG, CLASS.ANY, 0, 0]) writer.u16(field)
  const at = writer.take(2)
  writeName(writer, key.algorithm.wire)
  writer.u48(time)
  for (const field of [fudge, mac.length]) writer.u16(field)
  writer.append(mac)
  writer.append(message.subarray(0, 2))
  for (const field of [error, other.length]) writer.u16(field)
  writer.append(other)
  const signed = writer.written()
  signed.writeUInt16BE(writer.length - at - 2, at)
  signed.writeUInt16BE(signed.readUInt16BE(10) + 1, 10)
  return signed
}

/**
 * Signs a request (RFC 8945 §5.1), or with `requestMac` an answer (§5.3). `message` is a whole message without a TSIG;
 * `seconds` is the time since the epoch. Answers the signed message and the MAC that its answer must cover.
 */
export const sign = (
  message: Uint8Array,
  key: TsigKey,
  seconds: number,
  requestMac?: Uint8Array,
): { message: Buffer; mac: Buffer } => {
  const variables = { time: seconds, fudge: FUDGE, error: 0, other: NOTHING }
  const mac = macOf(key, requestMac ? [withLength(requestMac), message] : [message], variables)
  return { message: appendTsig(message, key, mac, variables), mac }
}

export interface TsigRdata extends TsigVariables {
  algorithm: string
  mac: Buffer
  originalId: number
}

/** RFC 8945 §4.2. */
export const readTsig = (rdata: Buffer): TsigRdata => {
  const reader = new Reader(rdata)
  const algorithm = readName(reader)
  const [time, fudge] = [reader.u48(), reader.u16()]
  const mac = reader.take(reader.u16())
  const [originalId, error] = [reader.u16(), reader.u16()]
  const other = reader.take(reader.u16())
  if (!reader.done()) throw new WireError('a TSIG with bytes after its end')
  return { algorithm, time, fudge, mac, originalId, error, other }
}

/** The message as it was before it was signed: the original ID, and one additional record less. */
export const unsigned = (bytes: Buffer, message: Message, { originalId }: TsigRdata): Buffer => {
  const before = Buffer.from(bytes.subarray(0, message.tsig?.start))
  before.writeUInt16BE(originalId, 0)
  before.writeUInt16BE(message.additionals.length, 10)
  return before
}

const untrue = (why: string): TsigCheck => ({ kind: 'untrue', why })

const skewOf = (other: Buffer, seconds: number): number | null =>
  other.length === 6 ? other.readUIntBE(0, 6) - seconds : null

/**
 * Checks a signature against the MAC that `expected` makes (RFC 8945 §5.3, §5.4). Only BADSIG and BADKEY may come without
 * a MAC, since the server has no key to make one with. Throws WireError for a TSIG that cannot be read.
 */
const checkTsig = (
  record: WireRecord,
  key: TsigKey,
  seconds: number,
  expected: (tsig: TsigRdata) => Buffer,
): TsigCheck => {
  const tsig = readTsig(record.rdata)
  const { wire, size } = key.algorithm
  if (record.name !== key.name || tsig.algorithm !== wire) return untrue('the answer is signed with another key')
  if (tsig.mac.length === 0) {
    const mayBeEmpty = tsig.error === TSIG_ERROR.BADSIG || tsig.error === TSIG_ERROR.BADKEY
    return mayBeEmpty
      ? { kind: 'error', error: tsig.error, skew: null }
      : untrue('the signature of the answer is empty')
  }
  if (tsig.mac.length > size || tsig.mac.length < Math.max(SHORTEST_MAC, size / 2))
    return untrue('the signature of the answer has a wrong length')
  const mac = expected(tsig).subarray(0, tsig.mac.length)
  if (!timingSafeEqual(mac, tsig.mac)) return untrue('the signature of the answer is wrong')
  const late = Math.abs(seconds - tsig.time)
  if (late > tsig.fudge) return untrue(`the answer was signed ${late} s from now`)
  if (tsig.error === 0) return { kind: 'good' }
  return { kind: 'error', error: tsig.error, skew: skewOf(tsig.other, seconds) }
}

/**
 * Checks the signature of an answer. `bytes` is the answer of which `message` is the reading, `requestMac` what `sign`
 * gave, `seconds` the time since the epoch. Throws WireError for a TSIG that cannot be read.
 */
export const verify = (
  bytes: Buffer,
  message: Message,
  key: TsigKey,
  requestMac: Uint8Array,
  seconds: number,
): TsigCheck => {
  if (message.tsig === null) return { kind: 'untrue', why: 'the answer is not signed', isUnsigned: true }
  return checkTsig(message.tsig, key, seconds, tsig =>
    macOf(key, [withLength(requestMac), unsigned(bytes, message, tsig)], tsig),
  )
}

/** RFC 8945 §5.3.1: at least every hundredth message is signed. */
const UNSIGNED_MOST = 99

export const timersOf = ({ time, fudge }: TsigVariables): Buffer => {
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
