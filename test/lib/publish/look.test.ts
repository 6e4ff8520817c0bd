import t from 'tap'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { disabledType } from '../../../lib/dns/zone/compare.ts'
import { nextChange } from '../../../lib/publish/change.ts'
import type { Marker } from '../../../lib/publish/desired.ts'
import { foreignAt } from '../../../lib/publish/foreign.ts'
import { judge, type Verdict } from '../../../lib/publish/look.ts'
import { stateOf } from '../../../lib/publish/name-state.ts'
import { lookDecision, statesAfter, whenLooked } from '../../../lib/publish/outcome.ts'
import { isTooMuch } from '../../../lib/reconcile/limit.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { A, ID, MARKERS, NAME, OTHER, owned } from './look-records.ts'
import { ROWS } from './look-rows.ts'

/*
 * What is read at a name, judged by the table, and what that means for the records: which are missing and published
 * again, which are let go.
 */

const NOW = 1_900_000_000_000

/** `ours` with what is adopted, `conflict`, or `protected` with the types that are let go. */
const told = (verdict: Verdict): string => {
  if (verdict.is === 'ours') return ['ours', ...verdict.adopted].join(' ')
  return verdict.is === 'conflict' ? 'conflict' : `protected ${[...verdict.types].sort().join(' ')}`
}

/** MARK is our marker, as the marker in force writes it; nothing with `none`. */
const rr = (line: string, marker: Marker): FoundRR[] => {
  if (line === 'MARK' && marker === 'none') return []
  const text = { MARK: marker === 'dhcid' ? `DHCID ${ID}` : `TXT heritage=leasehold,dhcid=${ID}` }[line] ?? line
  const [type, ...value] = text.split(' ') as [string, ...string[]]
  return [{ name: NAME, type, ttl: 300, value: value.join(' ') }]
}

for (const row of ROWS) {
  for (const marker of row.only ?? MARKERS) {
    t.test(`${row.case} (${marker})`, async t => {
      const records = row.records.map(([type, value, fields]) => owned(marker, type, value, fields))
      const states = row.states ?? [stateOf(records)]
      const context = { records, states, marker, hasPartner: false, replacesPtr: false, ...row.context }
      const seen = { rrs: row.there.flatMap(line => rr(line, marker)), ...row.seen }
      const verdict = judge(seen, context)
      t.equal(told(verdict), row.but?.[marker] ?? row.means)

      const after = new Map(records.map(one => [one.key, one]))
      for (const one of whenLooked(records, verdict, NOW)) after.set(one.key, one)
      const all = [...after.values()]
      const change = nextChange(all, statesAfter(verdict) ?? [stateOf(all)], marker)
      for (const record of all) {
        const was = records.find(one => one.key === record.key)
        const decision = lookDecision(was, record)
        if (was?.applied && record.wanted && !record.applied && !record.sent && !record.stopped) {
          t.match(record, { phase: 'pending', origin: 'dynamic', rule: 'lease-active', updatedAt: NOW })
          t.match(decision, { verb: 'publish', rule: 'missing-in-dns' })
          t.ok(change && change.attempts.length > 0, 'the queue has something to do')
        }
        if (record.stopped && !was?.stopped) {
          const isPersons = verdict.is === 'protected'
          t.match(record, { applied: null, sent: null, problem: { kind: 'conflict', at: NOW } })
          t.match(record, isPersons ? { phase: 'protected', origin: 'manual' } : { phase: 'conflict' })
          t.match(decision, { rule: isPersons ? 'changed-by-hand' : 'name-in-use', reason: record.reason })
          const touches = change?.attempts.some(({ updates }) =>
            updates.some(one => (one.do === 'add' ? one.rr.type : one.type) === record.type),
          )
          t.notOk(touches, 'and nothing of it is written')
        }
      }
    })
  }
}

t.test('the reason says what is there', async t => {
  const records = [owned('dhcid', 'A', A)]
  const context = {
    records,
    states: [stateOf(records)],
    marker: 'dhcid' as const,
    hasPartner: false,
    replacesPtr: false,
  }
  const reasonOf = (...there: string[]) => {
    const verdict = judge({ rrs: there.flatMap(line => rr(line, 'dhcid')) }, context)
    const [next] = whenLooked(records, verdict, NOW)
    return lookDecision(records[0], next!)!.reason
  }
  t.match(reasonOf('A 192.0.2.9', `DHCID ${ID}`), /it has A 192\.0\.2\.9, which Leasehold never wrote/)
  t.match(reasonOf(`A ${A}`), /its DHCID is gone/)
  t.match(reasonOf(`A ${A}`, `DHCID ${OTHER}`), /it has the DHCID of another client/)
  t.match(reasonOf('CNAME green.lab.example'), /it has CNAME green\.lab\.example/)
  t.match(reasonOf(), /no longer holds red\.lab\.example/)
})

t.test('how much is believed', async t => {
  const limits = { percent: 30, atLeast: 10 }
  t.equal(isTooMuch(9, 9, limits), false, 'few are always believed')
  t.equal(isTooMuch(3, 10, limits), false)
  t.equal(isTooMuch(4, 10, limits), true)
  t.equal(isTooMuch(0, 1000, limits), false)
})

t.test('what a person switched off at the server is their word', async t => {
  const context = (record: OwnedRecord) => ({
    records: [record],
    states: [stateOf([record])],
    marker: 'dhcid' as const,
    hasPartner: false,
    replacesPtr: false,
  })
  const off = (value: string) => ({ name: NAME, type: disabledType('A'), ttl: 300, value })
  const [published, wanted] = [owned('dhcid', 'A', A), owned('dhcid', 'A', A, { applied: null, written: null })]
  const marker = rr(`DHCID ${ID}`, 'dhcid')
  t.match(judge({ rrs: [off(A), ...marker] }, context(published)), { is: 'protected', detail: /A \(disabled\)/ })
  t.match(judge({ rrs: [off(A)] }, context(wanted)), { is: 'conflict' })
  t.match(judge({ rrs: [off('192.0.2.9')] }, context(wanted)), { is: 'conflict' }, 'the name is in use')
  const left = { ...context(wanted), states: [{ ...stateOf([published]), sets: [] }] }
  const isLeft = { is: 'protected', state: { marker: { dhcid: ID } } }
  t.match(judge({ rrs: [off(A), ...marker] }, left), isLeft, 'a marker that we wrote is to go yet')
  t.match(judge({ rrs: [off(A), ...marker] }, context(wanted)), { is: 'conflict' }, 'one that we never wrote is not')
  const beside = { rrs: [off('192.0.2.9'), ...rr(`A ${A}`, 'dhcid'), ...marker] }
  t.match(judge(beside, context(published)), { is: 'ours' }, 'what is theirs beside ours stays, and ours does too')
})

t.test(
  'of a name with a value that is switched off, what is served of ours goes on, and our marker with it',
  async t => {
    const [AAAA, SECOND] = ['2001:db8::1', '192.0.2.2']
    const records = [owned('dhcid', 'A', A), owned('dhcid', 'A', SECOND), owned('dhcid', 'AAAA', AAAA)]
    const context = {
      records,
      states: [stateOf(records)],
      marker: 'dhcid' as const,
      hasPartner: false,
      replacesPtr: false,
    }
    const off = { name: NAME, type: disabledType('A'), ttl: 300, value: A }
    const marker = rr(`DHCID ${ID}`, 'dhcid')
    const rrs = [off, ...rr(`A ${SECOND}`, 'dhcid'), ...rr(`AAAA ${AAAA}`, 'dhcid'), ...marker]
    const verdict = judge({ rrs }, context)
    t.match(verdict, { is: 'protected', detail: `it has A (disabled) ${A}` })
    const after = whenLooked(records, verdict, NOW)
    t.match(after[0], { value: A, stopped: 'protected', applied: null })
    t.equal(after.length, 1, 'the others are as they were')
    const all = [after[0]!, records[1]!, records[2]!]
    t.equal(nextChange(all, statesAfter(verdict)!, 'dhcid'), null, 'and nothing is to be done')
    t.same(
      foreignAt(rrs, all, verdict, [], NOW).map(({ type, value }) => `${type} ${value}`),
      [`A (disabled) ${A}`],
    )

    const alone = all.slice(0, 1)
    const again = judge({ rrs: [off, ...marker] }, { ...context, records: alone, states: [stateOf(alone)] })
    t.match(
      again,
      { is: 'protected', state: { marker: { dhcid: ID } } },
      'our marker is not forgotten when it is read again',
    )
    const theirs = rr('DHCID 000101ff', 'dhcid')
    const another = judge({ rrs: [off, ...theirs] }, { ...context, records: records.slice(0, 1) })
    t.match(another, { is: 'protected', state: { marker: null } }, 'nor is the marker of another taken away')
  },
)
