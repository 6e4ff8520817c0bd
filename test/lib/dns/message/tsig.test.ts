import fc from 'fast-check'
import t from 'tap'
import { WireError } from '../../../../lib/dns/message/bytes.ts'
import { decode, encodeQuery } from '../../../../lib/dns/message/message.ts'
import { sign, TSIG_ERROR, tsigKey, verify } from '../../../../lib/dns/message/tsig.ts'
import { type PeerAnswer, peerSign } from './tsig-peer.ts'

const NOW = 1_900_000_000
const SECRET = Buffer.from('a secret of twenty-eight b.')
const REQUEST = encodeQuery(0x1234, 'nas.lab.example.net', 'A')
const ANSWER = Buffer.from('1234a8000000000000000000', 'hex')
const KEYS = [
  ['hmac-md5', 'hmac-md5.sig-alg.reg.int', 'md5'],
  ['hmac-sha1', 'hmac-sha1', 'sha1'],
  ['hmac-sha224', 'hmac-sha224', 'sha224'],
  ['hmac-sha256', 'hmac-sha256', 'sha256'],
  ['hmac-sha384', 'hmac-sha384', 'sha384'],
  ['hmac-sha512', 'hmac-sha512', 'sha512'],
] as const

const key = tsigKey({ name: 'leasehold', algorithm: 'hmac-sha256', secret: SECRET.toString('base64') })
const { mac: requestMac } = sign(REQUEST, key, NOW)

const peer = (fields: Partial<PeerAnswer>): Buffer =>
  peerSign({
    message: ANSWER,
    keyName: 'leasehold',
    algorithm: 'hmac-sha256',
    digest: 'sha256',
    secret: SECRET,
    requestMac,
    time: NOW,
    ...fields,
  })

const check = (bytes: Buffer, at = NOW) => verify(bytes, decode(bytes), key, requestMac, at)

t.test('a request is signed as the other side signs it, and an answer is believed, with every algorithm', async t => {
  for (const [algorithm, wire, digest] of KEYS) {
    const each = tsigKey({ name: 'leasehold', algorithm, secret: SECRET.toString('base64') })
    const { message, mac } = sign(REQUEST, each, NOW)
    const fields = { algorithm: wire, digest }
    t.same(message, peer({ ...fields, message: REQUEST, requestMac: null }), algorithm)
    const answer = peer({ ...fields, requestMac: mac })
    t.same(verify(answer, decode(answer), each, mac, NOW), { kind: 'good' })
    const own = sign(ANSWER, each, NOW, mac).message
    t.same(own, answer)
  }
})

t.test('an answer that proves nothing is not believed', async t => {
  const changed = (at: number): Buffer => {
    const bytes = peer({})
    bytes[at]! ^= 1
    return bytes
  }
  for (const [what, bytes] of [
    ['unsigned', ANSWER],
    ['another secret', peer({ secret: Buffer.from('another') })],
    ['another request', peer({ requestMac: Buffer.alloc(32) })],
    ['no request', peer({ requestMac: null })],
    ['another key', peer({ keyName: 'other' })],
    ['another algorithm', peer({ algorithm: 'hmac-sha1', digest: 'sha1' })],
    ['a changed rcode', changed(3)],
    ['a short MAC', peer({ mac: mac => mac.subarray(0, 15) })],
    ['a long MAC', peer({ mac: mac => Buffer.concat([mac, mac]) })],
    ['an empty MAC without an error', peer({ mac: () => Buffer.alloc(0) })],
    ['an empty MAC with BADTIME', peer({ mac: () => Buffer.alloc(0), error: TSIG_ERROR.BADTIME })],
    ['an empty MAC with BADTRUNC', peer({ mac: () => Buffer.alloc(0), error: TSIG_ERROR.BADTRUNC })],
    ['signed too long ago', peer({ time: NOW - 301 })],
    ['signed in the future', peer({ time: NOW + 301 })],
  ] as const)
    t.match(check(bytes), { kind: 'untrue', why: /./ }, what)
})

t.test('what is still believed', async t => {
  t.same(check(peer({ time: NOW - 300 })), { kind: 'good' }, 'as old as the fudge allows')
  t.same(check(peer({ mac: mac => mac.subarray(0, 16) })), { kind: 'good' }, 'half a MAC (RFC 8945 §5.2.2.1)')
  const forwarded = peer({
    originalId: 0x1234,
    message: Buffer.concat([Buffer.from('ffff', 'hex'), ANSWER.subarray(2)]),
  })
  t.same(check(forwarded), { kind: 'good' }, 'another ID on the way: the original one was signed')
})

t.test('the errors that a server may report', async t => {
  const empty = () => Buffer.alloc(0)
  t.same(check(peer({ error: TSIG_ERROR.BADSIG, mac: empty })), { kind: 'error', error: 16, skew: null })
  t.same(check(peer({ error: TSIG_ERROR.BADKEY, mac: empty })), { kind: 'error', error: 17, skew: null })
  t.same(check(peer({ error: TSIG_ERROR.BADTRUNC })), { kind: 'error', error: 22, skew: null })
  const other = Buffer.from((NOW - 3600).toString(16).padStart(12, '0'), 'hex')
  t.same(check(peer({ error: TSIG_ERROR.BADTIME, other })), { kind: 'error', error: 18, skew: -3600 })
})

t.test('a TSIG that is not the last record, or not alone, is a format error', async t => {
  const signed = peer({})
  const tsig = signed.subarray(ANSWER.length)
  const a = Buffer.from('000001000100000001000401020304', 'hex')
  const message = (counts: number[], ...parts: Buffer[]): Buffer => {
    const header = Buffer.from(ANSWER)
    counts.forEach((count, i) => {
      header.writeUInt16BE(count, 6 + 2 * i)
    })
    return Buffer.concat([header, ...parts])
  }
  t.ok(decode(message([1, 0, 1], a, tsig)).tsig)
  for (const broken of [
    message([0, 0, 2], tsig, tsig),
    message([0, 0, 2], tsig, a),
    message([1, 0, 1], tsig, a),
    message([0, 1, 0], tsig),
  ])
    t.throws(() => decode(broken), WireError)
})

t.test('a changed answer is never good, and never more than a WireError', async t => {
  const signed = peer({})
  fc.assert(
    fc.property(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Buffer.from(signed)
      bytes[at]! ^= flip
      const transit = at < 2
      const kept = at >= ANSWER.length + 11 + 2 && at < ANSWER.length + 11 + 2 + 8
      try {
        const result = check(bytes)
        if (!transit && !kept && sameName(bytes, signed)) t.not(result.kind, 'good', `byte ${at}`)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})

/** The case of a name is not signed; neither is what else leaves the reading as it was. */
const sameName = (bytes: Buffer, signed: Buffer): boolean =>
  bytes.toString('latin1').toLowerCase() !== signed.toString('latin1').toLowerCase()

t.test('a secret that is not base64 is refused without being said', async t => {
  for (const secret of ['', 'not base64!', 'hunter2 hunter2 ?']) {
    const attempt = () => tsigKey({ name: 'leasehold', algorithm: 'hmac-sha256', secret })
    t.throws(attempt, { message: 'the secret of the TSIG key "leasehold" is not base64' })
  }
})
