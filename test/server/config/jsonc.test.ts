import fc from 'fast-check'
import t from 'tap'
import { parseJsonc } from '../../../server/config/jsonc.ts'

const faults: [text: string, line: number, column: number, expected: string][] = [
  ['', 1, 1, 'a value'],
  ['{"a": 1\n "b": 2}', 2, 2, '"," or the end of what was begun'],
  ['{"a" 1}', 1, 6, '":"'],
  ['{\n  "a": hunter2\n}', 2, 8, 'a value, or a key in double quotes'],
  ["{'a': 1}", 1, 2, 'a value, or a key in double quotes'],
  ['[1, 2', 1, 6, '"," or "]"'],
  ['{"a": 1', 1, 8, '"," or "}"'],
  ['[01]', 1, 3, '"," or the end of what was begun'],
  ['[tru]', 1, 2, 'a value, or a key in double quotes'],
  ['["a\nb"]', 1, 2, 'a double quote at the end of the text'],
  ['["\\x"]', 1, 2, 'another character after the backslash (a backslash itself is written twice)'],
  ['{} 1', 1, 4, 'nothing more'],
  ['{"a": 1,\n "b": {"a": 1, "a": 2}}', 2, 16, 'another key: this one stands in the same object already'],
  ['{"__proto__": {}}', 1, 2, 'no such key'],
  ['/* {', 1, 1, '"*/" at the end of the comment'],
]

t.test('a fault is found where it stands, and nothing of the text is told', async t => {
  for (const [text, line, column, expected] of faults) {
    t.strictSame(parseJsonc(text), { fault: { line, column, expected } }, text)
  }
  t.match(parseJsonc('['.repeat(100_000)), { fault: { line: 1, column: 1 } })
})

t.test('comments and trailing commas are taken, as in files of Kea', async t => {
  t.strictSame(parseJsonc('// what\n{ "a": [1, 2,], /* why */ "b": "//", }'), { value: { a: [1, 2], b: '//' } })
})

t.test('all JSON is read as JSON.parse reads it', async t => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
      const value = JSON.parse(text)
      if (/"(?:__proto__|constructor|prototype)"/.test(text)) return
      t.strictSame(parseJsonc(JSON.stringify(value, null, indent)), { value })
    }),
  )
})
