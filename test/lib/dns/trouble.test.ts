import t from 'tap'
import { type Trouble, troubleOf } from '../../../lib/dns/trouble.ts'
import { TSIG_ERROR } from '../../../lib/dns/tsig.ts'
import { type Reply, updateAnswerOf } from '../../../lib/dns/update-answer.ts'

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

const SENTENCES: [trouble: Trouble, sentence: string][] = [
  ['key-secret', 'dns:8081 does not take the API key (HTTP 401)'],
  ['key-secret', 'dns:5380 does not take the token'],
  ['policy', 'dns:5380 does not let the user of the token do this: Access was denied.'],
  ['zone', 'dns:8081 does not have the zone (HTTP 404)'],
  ['zone', 'dns:8081 has lab.example as Slave: what is written there is lost at the next transfer'],
  ['url', 'dns:80 points somewhere else, which is not followed, as it would hand on the secret (HTTP 307)'],
  ['url', 'dns:80 answers with a page for people, as a proxy before it does'],
  ['silent', 'dns:80 failed (HTTP 500): database is locked'],
  ['silent', 'dns:80 refuses connections'],
]

t.test('the same for the sentences of servers with an HTTP API', async t => {
  for (const [trouble, sentence] of SENTENCES) t.equal(troubleOf(sentence), trouble, sentence)
})

t.test('what stands behind each answer, by the text in which it is told', async t => {
  for (const [trouble, reply] of CASES) {
    const { text } = updateAnswerOf('192.0.2.53:53', reply)
    t.equal(troubleOf(text), trouble, text)
    t.equal(troubleOf(`192.0.2.54:53 refuses connections; ${text}`), trouble, 'beside another server')
  }
})
