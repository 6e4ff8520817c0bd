import t from 'tap'
import { verdictOf } from '../../../lib/dns/rcode.ts'
import { TSIG_ERROR } from '../../../lib/dns/tsig.ts'

const SERVER = '192.0.2.53:53'

t.test('every rcode has its meaning', async t => {
  for (const [rcode, means, blames] of [
    [0, 'yes', 'all'],
    [1, 'refused', 'one'],
    [2, 'unreachable', 'one'],
    [3, 'prerequisite', 'one'],
    [4, 'unreachable', 'all'],
    [5, 'refused', 'one'],
    [6, 'prerequisite', 'one'],
    [7, 'prerequisite', 'one'],
    [8, 'prerequisite', 'one'],
    [9, 'refused', 'all'],
    [10, 'refused', 'one'],
    [11, 'unreachable', 'one'],
  ] as const) {
    t.match(verdictOf(SERVER, { rcode, tsig: { kind: 'good' } }), { means, blames, says: `${SERVER} says ` })
    t.match(verdictOf(SERVER, { rcode, tsig: null }), { means, blames })
  }
})

t.test('an answer that is not believed decides nothing, whatever it says', async t => {
  for (const rcode of [0, 5, 6, 9]) {
    const verdict = verdictOf(SERVER, { rcode, tsig: { kind: 'untrue', why: 'the answer is not signed' } })
    t.match(verdict, { means: 'unreachable', says: /not believed: the answer is not signed/ })
  }
})

t.test('TSIG errors are refusals of everything', async t => {
  for (const [name, error] of Object.entries(TSIG_ERROR)) {
    const verdict = verdictOf(SERVER, { rcode: 9, tsig: { kind: 'error', error, skew: null } })
    t.match(verdict, { means: 'refused', blames: 'all', says: new RegExp(name) })
  }
  t.match(verdictOf(SERVER, { rcode: 9, tsig: { kind: 'error', error: 18, skew: -3600 } }).says, '3600 s behind ours')
  t.match(verdictOf(SERVER, { rcode: 9, tsig: { kind: 'error', error: 18, skew: 900 } }).says, '900 s ahead of ours')
})

t.test('silence is unreachable', async t => {
  t.same(verdictOf(SERVER, { silence: 'refuses connections' }), {
    means: 'unreachable',
    blames: 'all',
    says: `${SERVER} refuses connections`,
  })
})
