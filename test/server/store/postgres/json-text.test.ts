import fc from 'fast-check'
import t from 'tap'
import { fromJsonb, toJsonb } from '../../../../server/store/postgres/json-text.ts'

t.test('every value comes back as it was, and jsonb takes its text', async t => {
  const units = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0x5c, 0x75, 0xd800, 0xdc00, 0xe000, 0x30)),
  )
  const text = units.map(all => String.fromCharCode(...all))
  fc.assert(
    fc.property(fc.array(fc.record({ text, n: fc.integer() })), value => {
      const json = toJsonb(value)
      const [escapes] = [json.replaceAll('\\\\', '')]
      if (/\\u(0000|d[89a-f])/i.test(escapes)) return false
      return JSON.stringify(fromJsonb(json)) === JSON.stringify(value)
    }),
    { numRuns: 2000 },
  )
  t.equal(toJsonb({ a: '\u0000\\u0000' }), '{"a":"\ue0000000\\\\u0000"}')
  t.equal(toJsonb('\ue000'), '"\ue000e000"')
})
