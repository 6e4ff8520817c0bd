import t from 'tap'
import { TSIG_ERROR } from '../../../lib/dns/message/tsig.ts'
import { type Reply, updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import { type Trouble, troubleOf } from '../../../lib/dns/trouble.ts'

const error = (code: number): Reply => ({ rcode: 9, tsig: { kind: 'error', error: code, skew: 600 } })
const plain = (rcode: number): Reply => ({ rcode, tsig: null })

const CASES: [trouble: Trouble, reply: Reply][] = [
  ['clock', error(TSIG_ERROR.BADTIME)],
  ['key-unknown', error(TSIG_ERROR.BADKEY)],
  ['key-secret', error(TSIG_ERROR.BADSIG)],
  ['key-secret', error(TSIG_ERROR.BADTRUNC)],
  ['zone', plain(9)],
  ['policy', plain(5)],
  ['silent', plain(2)],
  ['silent', { noReply: 'refuses connections' }],
]

t.test('what stands behind each answer, by the text in which it is told', async t => {
  for (const [trouble, reply] of CASES) {
    const { text } = updateAnswerOf('192.0.2.53:53', reply)
    t.equal(troubleOf(text), trouble, text)
    t.equal(troubleOf(`192.0.2.54:53 refuses connections; ${text}`), trouble, 'beside another server')
  }
})
