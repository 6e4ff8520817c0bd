import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { printable, printableJson } from '../../../lib/input/printable.ts'

/** What could end a line, start another, or turn one around. */
const BREAKS = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

t.test('characters with a glyph stay, and others are shown as their codes', async t => {
  t.equal(printable('naïve-büro 日本 😀'), 'naïve-büro 日本 😀')
  t.equal(printable('a\nb\tc\u0000'), 'a\\u000ab\\u0009c\\u0000')
  t.equal(printable('nas\u202etxt'), 'nas\\u202etxt')
  t.equal(printable('\ud800x'), '\\ud800x', 'a lone surrogate')
  t.equal(printable('\u200b\u3000\u{e0041}'), '\\u200b\\u3000\\ue0041')
})

t.test('every code point alone, in front, in the middle and behind', async t => {
  const bad: number[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    const char = String.fromCodePoint(code)
    if (BREAKS.test(printable(`${char}a${char}b${char}`))) bad.push(code)
  }
  t.strictSame(bad, [])
})

t.test('a name of 253 characters is whole, whatever stands in it', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 253, maxLength: 253 }), text => {
      const line = printable(text)
      // Nothing is cut: there is an ellipsis only where the text has one.
      return !BREAKS.test(line) && line.endsWith('…') === text.endsWith('…') && line.length >= text.length
    }),
  )
  t.ok(printable('x'.repeat(5000)).length <= 2001)
})

t.test('JSON means the same, and shows what stands in it', async t => {
  t.equal(printableJson('{"name":"nas\u202etxt\u{e0041} é日"}\n'), '{"name":"nas\\u202etxt\\udb40\\udc41 é日"}\n')
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const json = printableJson(JSON.stringify(value, null, 1))
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)))
      return !/[\u007f-\u009f\p{Cf}\u2028\u2029]/u.test(json)
    }),
  )
})
