import t from 'tap'
import { oneLine } from '../../../lib/kea/answer.ts'

t.test('a text of somebody else in a sentence of ours', async t => {
  for (const [what, text, said] of [
    ['as it is', 'Connection refused', 'Connection refused'],
    ['one line', ' a\r\n\tb ', 'a b'],
    ['no escape sequences', '\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['nothing that turns the direction', 'a\u202eb\u2066c', 'a b c'],
    ['well-formed', 'a\ud800b', 'a\ufffdb'],
    ['200 characters', 'x'.repeat(200), 'x'.repeat(200)],
    ['not more', 'x'.repeat(10_000_000), `${'x'.repeat(199)}…`],
    ['empty', '\0', ''],
  ] as const) {
    t.equal(oneLine(text), said, what)
  }
})
