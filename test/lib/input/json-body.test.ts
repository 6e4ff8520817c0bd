import fc from 'fast-check'
import t from 'tap'
import { readJsonBody } from '../../../lib/input/json-body.ts'

const read = (text: string, most?: number): unknown => {
  const reading = readJsonBody(text, most)
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value
  }
}

const plain = fc.json().filter(text => !/"(?:__proto__|constructor|prototype)"|\\u/.test(text))

t.test('JSON is read as JSON.parse reads it, whatever stands around it', async t => {
  fc.assert(
    fc.property(plain, fc.constantFrom('', ' ', '\n\t'), (text, space) => {
      t.strictSame(read(space + text + space), JSON.parse(text))
      t.strictSame(read(`[${space}${text},${text}${space}]`), JSON.parse(`[${text},${text}]`))
    }),
  )
})

t.test('what is no JSON is refused, as JSON.parse refuses it', async t => {
  const broken = fc
    .tuple(plain, fc.nat(), fc.constantFrom('', ',', ']', '}', '[', '"', ':', 'x'))
    .map(([text, at, put]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + put + text.slice(cut + 1)
    })
  const isJson = (text: string) => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(
      fc.oneof(
        broken,
        broken.map(text => `[${text}]`),
      ),
      text => {
        if (!isJson(text)) t.throws(() => read(text), { name: 'InvalidInput' }, text)
      },
    ),
    { numRuns: 2000 },
  )
  for (const text of ['', '[1,]', '[,]', '[1', '[1]]', '[1] 2', ']', '{}{}', '[1}', '["a]']) t.throws(() => read(text))
})

t.test('bounds', async t => {
  const deep = (n: number) => '['.repeat(n) + ']'.repeat(n)
  t.doesNotThrow(() => read(deep(32)))
  t.throws(() => read(deep(33)), /at most 32 deep/)
  t.throws(() => read('[{"a": 1}, {"b": {"c": 1, "\\u0063": 2}}]'), /\[1\]\.b\.c/)
  t.throws(() => read('[1, [{"__proto__": 1}]]'), /\[1\]\[0\]\.__proto__/)
  t.strictSame((read(`[${'{},'.repeat(1_000_000)}{}]`, 10) as unknown[]).length, 11, 'no more than asked for')
})

t.test('control comes back again and again', async t => {
  const long = [...readJsonBody(JSON.stringify(Array.from({ length: 5000 }, () => ({ a: 'b'.repeat(100) }))))]
  t.ok(long.length > 10, `${long.length} times`)
})
