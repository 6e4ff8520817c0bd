import { createHmac } from 'node:crypto'
import t from 'tap'
import { decode, encodeQuery } from '../../../../lib/dns/message/message.ts'
import { readTsig, sign, TSIG_ERROR, tsigChain, tsigKey, verify } from '../../../../lib/dns/message/tsig.ts'
import { checkRequest, signatureSize, signEach, withTsigError } from '../../../../lib/dns/message/tsig-server.ts'
import { peerSign } from './tsig-peer.ts'

const NOW = 1_800_000_000
const secret = Buffer.alloc(32, 7)
const key = tsigKey({ name: 'copy', algorithm: 'hmac-sha256', secret: secret.toString('base64') })
const other = tsigKey({ name: 'copy', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 8).toString('base64') })
const query = encodeQuery(7, 'lab.example', 'AXFR')

const PEER = { message: query, keyName: 'copy', algorithm: 'hmac-sha256', digest: 'sha256', secret, requestMac: null }
const request = (changes: object = {}): Buffer => peerSign({ ...PEER, time: NOW, ...changes })

const check = (bytes: Buffer, keys = [key]) => {
  const message = decode(bytes)
  return checkRequest(bytes, message, message.tsig!, keys, NOW)
}

t.test('requests are checked as another hand signs them', async t => {
  const flipped = (mac: Buffer) => Buffer.from(mac.map((byte, i) => (i === 3 ? byte ^ 1 : byte)))
  const table: [what: string, bytes: Buffer, kind: string][] = [
    ['a good one', request(), 'good'],
    ['shortened to half', request({ mac: (mac: Buffer) => mac.subarray(0, 16) }), 'good'],
    ['shortened to less', request({ mac: (mac: Buffer) => mac.subarray(0, 15) }), 'wrong'],
    ['empty', request({ mac: () => Buffer.alloc(0) }), 'wrong'],
    ['longer than it can be', request({ mac: (mac: Buffer) => Buffer.concat([mac, mac]) }), 'wrong'],
    ['one bit is another', request({ mac: flipped }), 'wrong'],
    ['another key', request({ secret: Buffer.alloc(32, 8) }), 'wrong'],
    ['an unknown name', request({ keyName: 'nobody' }), 'unknown-key'],
    ['another algorithm', request({ algorithm: 'hmac-sha512', digest: 'sha512' }), 'unknown-key'],
    ['at the end of its time', request({ time: NOW - 300 }), 'good'],
    ['too late', request({ time: NOW - 301 }), 'wrong-time'],
    ['too early', request({ time: NOW + 301 }), 'wrong-time'],
  ]
  for (const [what, bytes, kind] of table) t.equal(check(bytes).kind, kind, what)
  t.match(check(request(), [other, key]), { kind: 'good', key }, 'of two keys of one name the one that fits')
})

t.test('an answer of one message or of many is signed as its client checks it', async t => {
  const signed = sign(query, key, NOW)
  const requestMac = signed.mac
  const got = check(signed.message)
  t.match(got, { kind: 'good', mac: requestMac })
  const one = signEach(key, requestMac, () => NOW)
  const answers = [query, encodeQuery(7, 'a.lab.example', 'A'), encodeQuery(7, 'b.lab.example', 'A')].map(one)
  t.same(verify(answers[0]!, decode(answers[0]!), key, requestMac, NOW), { kind: 'good' })
  const chain = tsigChain(key, requestMac, () => NOW)
  for (const answer of answers) t.same(chain(answer, decode(answer)), { kind: 'good' })
  for (const answer of answers) t.ok(answer.length - query.length <= signatureSize(key) + 2)

  const swapped = tsigChain(key, requestMac, () => NOW)
  t.same(swapped(answers[0]!, decode(answers[0]!)), { kind: 'good' })
  t.match(swapped(answers[2]!, decode(answers[2]!)), { kind: 'untrue' }, 'one is missing')

  // RFC 8945 §5.3.1, by hand: the MAC before with its length, the message, the time and the fudge.
  const before = readTsig(decode(answers[0]!).tsig!.rdata).mac
  const timers = Buffer.from([...Buffer.from(NOW.toString(16).padStart(12, '0'), 'hex'), 1, 44])
  const digested = Buffer.concat([Buffer.from([0, 32]), before, encodeQuery(7, 'a.lab.example', 'A'), timers])
  t.same(readTsig(decode(answers[1]!).tsig!.rdata).mac, createHmac('sha256', secret).update(digested).digest())
})

t.test('a failed check is told with its error', async t => {
  const told = (bytes: Buffer) => {
    const failed = check(bytes)
    if (failed.kind === 'good') throw new Error('it is good')
    const answer = withTsigError(query, decode(bytes).tsig!, failed, NOW)
    return { answer, message: decode(answer), tsig: readTsig(decode(answer).tsig!.rdata) }
  }
  t.match(told(request({ keyName: 'nobody' })), {
    message: { tsig: { name: 'nobody' } },
    tsig: { error: TSIG_ERROR.BADKEY, mac: { length: 0 } },
  })
  t.match(told(request({ secret: Buffer.alloc(32, 8) })).tsig, { error: TSIG_ERROR.BADSIG, mac: { length: 0 } })
  const late = request({ time: NOW - 400 })
  const { answer, message } = told(late)
  const requestMac = readTsig(decode(late).tsig!.rdata).mac
  t.same(
    verify(answer, message, key, requestMac, NOW - 400),
    { kind: 'error', error: TSIG_ERROR.BADTIME, skew: 400 },
    'BADTIME is signed, with our time',
  )
})
