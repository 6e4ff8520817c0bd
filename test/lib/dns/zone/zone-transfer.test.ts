import fc from 'fast-check'
import t from 'tap'
import { decode } from '../../../../lib/dns/message/message.ts'
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'
import { encodeNotify, isNotifyAnswer, serialOf, transferMessages } from '../../../../lib/dns/zone/zone-transfer.ts'

const QUESTION = { name: 'lab.example', type: 252, class: 1 }
const SOA: ZoneRR = { name: 'lab.example', type: 'SOA', ttl: 60, value: 'ns.lab.example nobody.invalid 7 1 2 3 4' }

const txt = (size: number): ZoneRR => ({ name: 'x.lab.example', type: 'TXT', ttl: 60, value: 'x'.repeat(size) })

t.test('RRs of any size make messages that can be read, and none is lost', async () => {
  const size = fc.oneof(fc.nat(300), fc.integer({ min: 14_000, max: 18_000 }), fc.constant(59_000))
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 60 }), sizes => {
      const messages = [...transferMessages(7, QUESTION, sizes.map(txt))].map(message => {
        if (message.length > 65_535 - 200) throw new Error(`a message of ${message.length} bytes`)
        return decode(message)
      })
      const values = messages.flatMap(({ answers }) => answers.map(({ value }) => value?.length))
      return (
        values.join() === sizes.join() &&
        messages.every(one => one.id === 7 && one.isResponse && one.authoritative && one.answers.length > 0) &&
        messages.every(({ questions }) => questions[0]?.name === 'lab.example' && questions[0].type === 252)
      )
    }),
    { numRuns: 300 },
  )
})

t.test('small RRs share a message', async t => {
  const messages = [...transferMessages(7, QUESTION, Array(2000).fill(txt(10)))]
  t.ok(messages.length < 10, `${messages.length} messages`)
})

t.test('NOTIFY', async t => {
  const notify = decode(encodeNotify(7, SOA))
  t.match(notify, { id: 7, opcode: 4, isResponse: false, authoritative: true, questions: [{ ...QUESTION, type: 6 }] })
  t.match(notify.answers, [{ name: 'lab.example', type: 6, value: SOA.value }])
  t.equal(serialOf({ ...notify, authorities: notify.answers }), 7)
  t.equal(serialOf(notify), null, 'an IXFR without an SOA')
  const answer = Buffer.from(encodeNotify(7, SOA))
  t.notOk(isNotifyAnswer(answer, 7), 'a NOTIFY is no answer')
  answer[2]! |= 0x80
  t.ok(isNotifyAnswer(answer, 7))
  t.notOk(isNotifyAnswer(answer, 8), 'another ID')
  t.notOk(isNotifyAnswer(answer.subarray(0, 11), 7), 'half a header')
  answer[2] = 0x80
  t.notOk(isNotifyAnswer(answer, 7), 'an answer to a query')
})
