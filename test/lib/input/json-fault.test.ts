import fc from 'fast-check'
import t from 'tap'
import { jsonFault } from '../../../lib/input/json-fault.ts'

const faults: [text: string, line: number, column: number, expected: string][] = [
  ['', 1, 1, 'a value'],
  ['{"a": 1,}', 1, 9, 'a key in double quotes'],
  ['{"a": 1\n "b": 2}', 2, 2, '"," or "}"'],
  ['{"a" 1}', 1, 6, '":"'],
  ['{\n  "a": hunter2\n}', 2, 8, 'a value'],
  ["{'a': 1}", 1, 2, 'a key in double quotes'],
  ['[1, 2', 1, 6, '"," or "]"'],
  ['[1, ]', 1, 5, 'a value'],
  ['[01]', 1, 2, 'a value'],
  ['[+1]', 1, 2, 'a value'],
  ['[1.]', 1, 2, 'a value'],
  ['[tru]', 1, 2, 'a value'],
  ['["a\nb"]', 1, 2, 'a value'],
  ['["\\x"]', 1, 2, 'a value'],
  ['{} // the end', 1, 4, 'nothing more'],
]

t.test('a fault is found where it stands, and nothing of the text is told', async t => {
  for (const [text, line, column, expected] of faults) {
    t.throws(() => JSON.parse(text), SyntaxError, text)
    t.strictSame(jsonFault(text), { line, column, expected }, text)
  }
})

t.test('what JSON.parse takes has none', async t => {
  const values = [
    null,
    true,
    0,
    -1.5e-7,
    1e300,
    '',
    'ä"\\\n\u2028\u{1f600}',
    '\x7f',
    '\ud800',
    [],
    [[], {}],
    { a: { b: [1, 'x'] } },
  ]
  for (const value of values) {
    for (const indent of [0, 2]) t.equal(jsonFault(JSON.stringify(value, null, indent)), null)
  }
  for (const text of [' [1 , 2 ]\r\n', '"\x7f"', '"\ud800"', '1E+2', '-0', '"\\ud83d\\ude00\\/"']) {
    t.doesNotThrow(() => JSON.parse(text))
    t.equal(jsonFault(text), null)
  }
})

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

t.test('it agrees with JSON.parse on whatever a slip of the hand makes of a text', async t => {
  const slipped = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat(2),
      fc.constantFrom('"', '\\', ',', '}', ']', ':', '0', '-', '.', 'e', '\n', '\0', ' '),
    )
    .map(([text, place, cut, put]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + cut)
    })
  fc.assert(
    fc.property(slipped, text => (jsonFault(text) === null) === isJson(text)),
    { numRuns: 5000 },
  )
  t.pass()
})
