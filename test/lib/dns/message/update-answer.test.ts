import t from 'tap'
import { TSIG_ERROR } from '../../../../lib/dns/message/tsig.ts'
import { updateAnswerOf } from '../../../../lib/dns/message/update-answer.ts'

const SERVER = '192.0.2.53:53'

t.test('every rcode has its meaning', async t => {
  for (const [rcode, meaning, fault] of [
    [0, 'yes', 'lane'],
    [1, 'refused', 'change'],
    [2, 'unreachable', 'change'],
    [3, 'prerequisite', 'change'],
    [4, 'unreachable', 'lane'],
    [5, 'refused', 'change'],
    [6, 'prerequisite', 'change'],
    [7, 'prerequisite', 'change'],
    [8, 'prerequisite', 'change'],
    [9, 'refused', 'lane'],
    [10, 'refused', 'change'],
    [11, 'unreachable', 'change'],
  ] as const) {
    t.match(updateAnswerOf(SERVER, { rcode, tsig: { kind: 'good' } }), { meaning, fault, text: `${SERVER} says ` })
    t.match(updateAnswerOf(SERVER, { rcode, tsig: null }), { meaning, fault })
  }
})

t.test('an answer that is not believed decides nothing, whatever it says', async t => {
  for (const rcode of [0, 5, 6, 9]) {
    const verdict = updateAnswerOf(SERVER, { rcode, tsig: { kind: 'untrue', why: 'the answer is not signed' } })
    t.match(verdict, { meaning: 'unreachable', fault: 'lane', text: /not believed: the answer is not signed/ })
  }
})

t.test('TSIG errors are refusals of everything', async t => {
  for (const [name, error] of Object.entries(TSIG_ERROR)) {
    const verdict = updateAnswerOf(SERVER, { rcode: 9, tsig: { kind: 'error', error, skew: null } })
    t.match(verdict, { meaning: 'refused', fault: 'lane', text: new RegExp(name) })
  }
  t.match(
    updateAnswerOf(SERVER, { rcode: 9, tsig: { kind: 'error', error: 18, skew: -3600 } }).text,
    '3600 s behind ours',
  )
  t.match(
    updateAnswerOf(SERVER, { rcode: 9, tsig: { kind: 'error', error: 18, skew: 900 } }).text,
    '900 s ahead of ours',
  )
})

t.test('a text names what is seen, and the causes that real servers have for it', async t => {
  const text = (rcode: number, error?: number) =>
    updateAnswerOf(SERVER, { rcode, tsig: error ? { kind: 'error', error, skew: null } : null }).text
  for (const [said, name, cause] of [
    [text(9, TSIG_ERROR.BADKEY), 'BADKEY', 'Knot'],
    [text(5), 'REFUSED', 'the zone is frozen'],
    [text(4), 'NOTIMP', 'Samba'],
    [text(9), 'NOTAUTH', 'is a secondary'],
  ] as const) {
    t.ok(said.startsWith(`${SERVER} says ${name} (`), said)
    t.match(said, cause)
  }
})

t.test('silence is unreachable', async t => {
  t.same(updateAnswerOf(SERVER, { noReply: 'refuses connections' }), {
    meaning: 'unreachable',
    fault: 'lane',
    text: `${SERVER} refuses connections`,
  })
})
