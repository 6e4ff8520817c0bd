import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Rfc2136Config } from '../../schemas/config.ts'

type Algorithm = NonNullable<Rfc2136Config['tsig']>['algorithm']

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

/** `secret` is base64, as in a BIND key file. Throws an Error that does not say it when it is not. */
export const tsigKey = (key: { name: string; algorithm: Algorithm; secret: string }): TsigKey => {
  const text = key.secret.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Error(`the secret of the TSIG key "${key.name}" is not base64`)
  return {
    name: key.name.toLowerCase(),
    algorithm: ALGORITHMS[key.algorithm],
    secret: createSecretKey(Buffer.from(text, 'base64')),
  }
}
