import t from 'tap'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { type Marker, nextChange } from '../../../lib/publish/change.ts'
import { judge, type LookContext, type Seen, type Verdict } from '../../../lib/publish/look.ts'
import { stateOf } from '../../../lib/publish/name-state.ts'
import { lookDecision, statesAfter, whenLooked } from '../../../lib/publish/outcome.ts'
import { isTooMuch } from '../../../lib/reconcile/limit.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import type { OwnedRecord, RecordType, Shape } from '../../../schemas/model/record.ts'

/*
 * The table at the head of lib/publish/look.ts, row by row, and more cases of each row: what is owned, what is there, what
 * it means. And what it means for the records: which are missing and published again, which are let go.
 */

const NOW = 1_900_000_000_000
const NAME = 'red.lab.example'
const REVERSE = '1.2.0.192.in-addr.arpa'
const [ID, OTHER] = ['000201aa', '000201bb']
const MARKERS: Marker[] = ['dhcid', 'txt', 'none']
type Fields = Partial<OwnedRecord>

const shapeOf = (type: RecordType, marker: Marker): Shape => ({
  ttl: 300,
  dhcid: type === 'PTR' || marker === 'none' ? null : ID,
  ...(marker === 'txt' && type !== 'PTR' && { kind: 'txt' as const }),
})

/** A record that is in DNS, unless `fields` say otherwise; what is wanted bears the client's DHCID in any case. */
const owned = (marker: Marker, type: RecordType, value: string, fields: Fields = {}): OwnedRecord => {
  const name = type === 'PTR' ? REVERSE : NAME
  const shape = shapeOf(type, marker)
  return {
    key: `test ${name} ${type} ${value}`,
    endpoint: 'test',
    zone: type === 'PTR' ? '2.0.192.in-addr.arpa' : 'lab.example',
    name,
    type,
    value,
    scope: 'office',
    origin: 'dynamic',
    phase: 'published',
    rule: 'lease-active',
    reason: 'It is held.',
    client: 'id:01',
    address: '192.0.2.1',
    wanted: { ttl: 300, dhcid: type === 'PTR' ? null : ID },
    applied: shape,
    sent: null,
    written: shape,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: 0,
    ...fields,
  }
}

const A = '192.0.2.1'
const WAITS: Fields = { applied: null, phase: 'pending' }
const NEW: Fields = { ...WAITS, written: null }
const GONE: Fields = { ...WAITS, wanted: null, phase: 'removed', goal: 'removed' }
const TAKEN: Fields = { ...WAITS, origin: 'manual', stopped: 'protected', phase: 'protected' }

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

interface Row {
  case: string
  records: [type: RecordType, value: string, fields?: Fields][]
  there: string[]
  means: string
  /** Where it means something else with that marker. */
  but?: Partial<Record<Marker, string>>
  seen?: Partial<Seen>
  context?: Partial<LookContext>
  only?: Marker[]
  states?: NameState[]
}

const CHANGED = 'protected A'
const UNKNOWN: NameState[] = []

const ROWS: Row[] = [
  { case: 'below a delegation', records: [['A', A]], there: [], seen: { isBelowCut: true }, means: 'conflict' },
  { case: 'nothing', records: [['A', A, NEW]], there: [], means: 'ours' },
  {
    case: 'nothing of what was there',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [],
    means: 'ours',
  },
  { case: 'an alias', records: [['A', A]], there: ['CNAME green.lab.example'], means: CHANGED },
  { case: 'an alias before us', records: [['A', A, NEW]], there: ['CNAME green.lab.example'], means: 'conflict' },
  { case: 'a delegation', records: [['A', A, NEW]], there: ['NS ns.other.example'], means: 'conflict' },
  {
    case: 'a DNAME, though our marker is there',
    records: [['A', A]],
    there: ['DNAME other.example', 'MARK'],
    means: CHANGED,
  },
  { case: 'our PTR', records: [['PTR', NAME]], there: [`PTR ${NAME}`], means: 'ours' },
  { case: 'the desired PTR before us', records: [['PTR', NAME, NEW]], there: [`PTR ${NAME}`], means: 'ours' },
  {
    case: 'a PTR that we once wrote',
    records: [
      ['PTR', NAME, NEW],
      ['PTR', 'old.lab.example', GONE],
    ],
    there: ['PTR old.lab.example'],
    means: 'ours',
  },
  { case: 'another PTR', records: [['PTR', NAME]], there: ['PTR green.lab.example'], means: 'protected PTR' },
  { case: 'another PTR before us', records: [['PTR', NAME, NEW]], there: ['PTR green.lab.example'], means: 'conflict' },
  {
    case: 'a second PTR',
    records: [['PTR', NAME]],
    there: [`PTR ${NAME}`, 'PTR green.lab.example'],
    means: 'protected PTR',
  },
  { case: 'an alias for a PTR', records: [['PTR', NAME]], there: ['CNAME 1.sub.example'], means: 'protected PTR' },
  {
    case: 'a PTR with a DHCID',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example', `DHCID ${OTHER}`],
    means: 'ours PTR green.lab.example',
  },
  {
    case: 'another PTR where the scope replaces',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example'],
    context: { replacesPtr: true },
    means: 'ours PTR green.lab.example',
  },
  {
    case: 'only what others have, and this client was last',
    records: [['A', A, WAITS]],
    there: ['TXT note', 'SSHFP '],
    means: 'ours',
  },
  { case: 'only what others have, before us', records: [['A', A, NEW]], there: ['TXT note'], means: 'conflict' },
  {
    case: 'only what others have, and another client was last',
    records: [
      ['A', '192.0.2.2', { ...NEW, client: 'id:02' }],
      ['A', A, GONE],
    ],
    there: ['MX '],
    means: 'conflict',
  },
  { case: 'all as it should be', records: [['A', A]], there: [`A ${A}`, 'MARK'], means: 'ours' },
  {
    case: 'both families',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: ['AAAA 2001:db8::1', `A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'what a person put beside it is theirs',
    records: [['A', A]],
    there: [`A ${A}`, 'MARK', 'TXT mine', 'AAAA 2001:db8::9'],
    means: 'ours',
  },
  { case: 'the RRset is gone', records: [['A', A]], there: ['MARK'], only: ['dhcid', 'txt'], means: 'ours' },
  {
    case: 'one RRset is gone',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'a value of a record that is long gone',
    records: [
      ['A', '192.0.2.2', NEW],
      ['A', A, GONE],
    ],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'in an old copy: a value that we never wrote',
    records: [['A', A]],
    there: ['A 192.0.2.9', 'MARK'],
    seen: { isOldCopy: true },
    means: 'ours A 192.0.2.9',
    but: { none: 'ours' },
  },
  {
    case: 'in an old copy: somebody else’s marker',
    records: [['A', A]],
    there: [`A ${A}`, `DHCID ${OTHER}`],
    seen: { isOldCopy: true },
    means: 'ours',
  },
  {
    case: 'in an old copy: an alias',
    records: [['A', A]],
    there: ['CNAME green.lab.example'],
    seen: { isOldCopy: true },
    means: 'ours',
  },
  {
    case: 'one value, of which the store knows nothing',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.9', 'MARK'],
    states: UNKNOWN,
    means: 'ours A 192.0.2.9',
    but: { none: 'conflict' },
  },
  {
    case: 'two values, of which the store knows nothing',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.8', 'A 192.0.2.9', 'MARK'],
    states: UNKNOWN,
    means: 'ours',
    but: { none: 'conflict' },
  },
  {
    case: 'one value that a partner may have written',
    records: [['A', A]],
    there: ['A 192.0.2.9', 'MARK'],
    context: { hasPartner: true },
    means: 'ours A 192.0.2.9',
    but: { none: CHANGED },
  },
  {
    case: 'a value that a person had made of ours, though there is a partner',
    records: [['A', A, TAKEN]],
    there: ['A 192.0.2.9', 'MARK'],
    context: { hasPartner: true },
    means: 'protected A',
    but: { none: 'conflict' },
  },
  { case: 'one address more', records: [['A', A]], there: [`A ${A}`, 'A 192.0.2.9', 'MARK'], means: 'ours' },
  { case: 'another address', records: [['A', A]], there: ['A 192.0.2.9', 'MARK'], means: CHANGED },
  {
    case: 'the sibling is left to itself',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: ['A 192.0.2.9', 'AAAA 2001:db8::1', 'MARK'],
    only: ['dhcid', 'txt'],
    means: CHANGED,
  },
  {
    case: 'another client’s marker',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [`A ${A}`, `DHCID ${OTHER}`],
    only: ['dhcid'],
    means: 'protected A AAAA',
  },
  {
    case: 'two markers, of which one is ours',
    records: [['A', A]],
    there: [`A ${A}`, 'MARK', `DHCID ${OTHER}`],
    only: ['dhcid', 'txt'],
    means: 'ours',
  },
  {
    case: 'our marker by the old kind',
    records: [['A', A, { written: { ttl: 300, dhcid: ID } }]],
    there: [`A ${A}`, `DHCID ${ID}`],
    means: 'ours',
  },
  { case: 'the marker is gone', records: [['A', A]], there: [`A ${A}`], means: CHANGED, but: { none: 'ours' } },
  { case: 'gone, and somebody else’s RR there', records: [['A', A]], there: ['AAAA 2001:db8::9'], means: CHANGED },
  { case: 'somebody’s before us', records: [['A', A, NEW]], there: ['A 192.0.2.9'], means: 'conflict' },
  {
    case: 'another client’s before us',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.9', `DHCID ${OTHER}`],
    means: 'conflict',
  },
  {
    case: 'ours, sent and not answered',
    records: [['A', A, { ...WAITS, written: null, sent: shapeOf('A', 'dhcid') }]],
    there: [`A ${A}`, `DHCID ${ID}`],
    means: 'ours',
  },
  {
    case: 'ours again: a person took their change back',
    records: [['A', A, TAKEN]],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
    but: { none: 'ours' },
  },
]

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
