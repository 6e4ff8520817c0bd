import { createHmac } from 'node:crypto'
import t from 'tap'
import { decode, encodeQuery } from '../../../../lib/dns/message/message.ts'
import { readTsig, sign, tsigChain, tsigKey } from '../../../../lib/dns/message/tsig.ts'
import { peerStream } from './tsig-peer-stream.ts'

const NOW = 1_900_000_000
const SECRET = Buffer.from('the secret of this test')
const KEY = tsigKey({ name: 'leasehold', algorithm: 'hmac-sha256', secret: SECRET.toString('base64') })
const REQUEST = sign(encodeQuery(7, 'lab.example', 'AXFR'), KEY, NOW)

const answer = (): Buffer => {
  const message = encodeQuery(7, 'lab.example', 'AXFR')
  message.writeUInt16BE(0x8400, 2)
  return message
}

const setUp = () => {
  const peer = peerStream({ secret: SECRET, requestMac: REQUEST.mac, time: NOW })
  const check = tsigChain(KEY, REQUEST.mac, () => NOW)
  return { peer, check: (bytes: Buffer) => check(bytes, decode(bytes)) }
}

t.test('each signature covers the one before it, and all between', async t => {
  const { peer, check } = setUp()
  for (const signed of [true, true, false, false, true, false, true]) {
    const bytes = signed ? peer.signed(answer()) : peer.unsigned(answer())
    t.same(check(bytes), { kind: 'good' })
  }
})

t.test('ninety-nine messages may stand between two signatures', async t => {
  const { peer, check } = setUp()
  check(peer.signed(answer()))
  for (let i = 0; i < 99; i++) t.equal(check(peer.unsigned(answer())).kind, 'good')
  t.equal(check(peer.signed(answer())).kind, 'good')
  for (let i = 0; i < 99; i++) check(peer.unsigned(answer()))
  t.match(check(peer.unsigned(answer())), { kind: 'untrue', why: /too much/ })
})

t.test('the first must be signed', async t => {
  const { peer, check } = setUp()
  t.match(check(peer.unsigned(answer())), { kind: 'untrue', why: /not signed/ })
})

t.test('what was changed, left out or put in between is not believed', async t => {
  const changed = setUp()
  changed.check(changed.peer.signed(answer()))
  const unsigned = changed.peer.unsigned(answer())
  unsigned[3]! ^= 1
  changed.check(unsigned)
  t.match(changed.check(changed.peer.signed(answer())), { kind: 'untrue', why: /wrong/ })

  const lost = setUp()
  lost.check(lost.peer.signed(answer()))
  lost.peer.unsigned(answer())
  t.match(lost.check(lost.peer.signed(answer())), { kind: 'untrue', why: /wrong/ })

  const extra = setUp()
  extra.check(extra.peer.signed(answer()))
  extra.check(answer())
  t.match(extra.check(extra.peer.signed(answer())), { kind: 'untrue', why: /wrong/ })

  const again = setUp()
  const first = again.peer.signed(answer())
  again.check(first)
  t.match(again.check(first), { kind: 'untrue', why: /wrong/ }, 'a replay')
})

t.test('the first signature covers all variables, the next ones the time only', async t => {
  const { peer } = setUp()
  const mac = readTsig(decode(peer.signed(answer())).tsig!.rdata).mac
  const prior = Buffer.concat([Buffer.from([0, mac.length]), mac])
  const timers = Buffer.from(`${NOW.toString(16).padStart(12, '0')}012c`, 'hex')
  const second = createHmac('sha256', SECRET).update(prior).update(answer()).update(timers).digest()
  t.same(readTsig(decode(peer.signed(answer())).tsig!.rdata).mac, second)
})
