import t from 'tap'
import { foreignAt } from '../../../lib/publish/foreign.ts'
import type { Verdict } from '../../../lib/publish/look.ts'
import { NOT_IN_USE } from '../../../lib/publish/name-state.ts'
import { leaseOf, recordOf } from '../../server/http/stock.ts'

const lease = leaseOf('10.1.0.20', 'laptop.lab.example.net', 1)
const record = recordOf(lease)
const dhcid = record.applied!.dhcid!
const marker = { kind: 'dhcid', dhcid } as const
const rr = (type: string, value: string) => ({ name: lease.name!, type, ttl: 60, value })

const ours: Verdict = { is: 'ours', states: [{ ...NOT_IN_USE, marker }], adopted: new Set() }
const bare: Verdict = { is: 'ours', states: [NOT_IN_USE], adopted: new Set(['A 10.1.0.9']) }
const conflict: Verdict = { is: 'conflict', detail: 'it is' }
const protectedA: Verdict = {
  is: 'protected',
  detail: 'it is',
  state: { ...NOT_IN_USE, marker },
  types: new Set(['A']),
}
const unmarked: Verdict = { ...protectedA, state: NOT_IN_USE }

const rows: [says: string, verdict: Verdict, rrs: string[], foreign: string[]][] = [
  ['all is ours', ours, ['A 10.1.0.20', `DHCID ${dhcid}`], []],
  [
    'what stands beside ours',
    ours,
    ['A 10.1.0.20', `DHCID ${dhcid}`, 'TXT a note', 'A 10.9.9.9'],
    ['A 10.9.9.9', 'TXT a note'],
  ],
  ['what was taken up is ours', bare, ['A 10.1.0.9'], []],
  ['a name in conflict', conflict, ['A 10.1.0.20', 'DHCID 00'], ['A 10.1.0.20', 'DHCID 00']],
  ['a value that a person wrote', protectedA, ['A 10.9.9.9', `DHCID ${dhcid}`], ['A 10.9.9.9']],
  ['our value without our marker', unmarked, ['A 10.1.0.20'], ['A 10.1.0.20']],
  ['nothing', ours, [], []],
]

for (const [says, verdict, rrs, foreign] of rows) {
  t.test(says, async t => {
    const seen = rrs.map(text => rr(text.slice(0, text.indexOf(' ')), text.slice(text.indexOf(' ') + 1)))
    const found = foreignAt(seen, [record], verdict, [], 5)
    t.strictSame(
      found.map(({ type, value }) => `${type} ${value}`),
      foreign,
    )
    t.ok(found.every(({ since, ttl }) => since === 5 && ttl === 60))
  })
}

t.test('what was seen before keeps its time', async t => {
  const [before] = foreignAt([rr('A', '10.9.9.9')], [record], conflict, [], 5)
  const found = foreignAt([rr('A', '10.9.9.9'), rr('A', '10.9.9.8')], [record], conflict, [before!], 9)
  t.strictSame(
    found.map(({ value, since }) => `${value} ${since}`),
    ['10.9.9.8 9', '10.9.9.9 5'],
  )
})
