import t from 'tap'
import { Undone } from '../../../server/findings/undone.ts'

const HOUR = 3_600_000
const record = (name: string) => ({
  endpoint: 'bind',
  zone: 'lab.example.net',
  name: `${name}.lab.example.net`,
  key: `bind ${name}`,
})

t.test('two-writers: one record undone twice in an hour, and not for longer', async t => {
  let now = 1_795_248_000_000
  const undone = new Undone(() => now)
  undone.note(record('red'))
  undone.note(record('blue'))
  t.strictSame(undone.found(), [], 'once is a person')
  now += HOUR / 2
  undone.note(record('red'))
  t.match(undone.found(), [
    {
      kind: 'two-writers',
      at: 'zone bind lab.example.net',
      since: now,
      reason: /red\.lab\.example\.net\.$/,
      remedy: /look for a second Leasehold/,
    },
  ])
  now += HOUR / 2 + 1
  t.strictSame(undone.found(), [], 'an hour later it is forgotten')
  undone.note(record('blue'))
  t.strictSame(undone.found(), [], 'the other was undone long before')
})

t.test('what is remembered is bounded', async t => {
  const undone = new Undone(() => 0)
  for (let i = 0; i < 20_000; i++) undone.note(record(`h${i}`))
  undone.note(record('h0'))
  undone.note(record('h19999'))
  t.match(undone.found()[0]?.reason, /h19999/)
  t.notMatch(undone.found()[0]?.reason, /h0\./)
})
