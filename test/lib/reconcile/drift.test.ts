import t from 'tap'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { type Marker, nextChange } from '../../../lib/publish/change.ts'
import { findDrift } from '../../../lib/reconcile/drift.ts'
import type { OwnedRecord, RecordType } from '../../../schemas/model/record.ts'

const NOW = 1_900_000_000_000
const NAME = 'red.lab.example'
const REVERSE = '1.2.0.192.in-addr.arpa'
const ID = '000201aa'
const OTHER = '000201bb'

const owned = (type: RecordType, value: string, fields: Partial<OwnedRecord> = {}): OwnedRecord => {
  const name = type === 'PTR' ? REVERSE : NAME
  const shape = { ttl: 300, dhcid: type === 'PTR' ? null : ID }
  return {
    id: 1,
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
    wanted: shape,
    applied: shape,
    sent: null,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: 0,
    ...fields,
  }
}

const rr = (line: string): FoundRR => {
  const [type, ...value] = line.split(' ') as [FoundRR['type'], ...string[]]
  return { name: type === 'PTR' ? REVERSE : NAME, type, ttl: 300, value: value.join(' ') }
}

const A = owned('A', '192.0.2.1')
const AAAA = owned('AAAA', '2001:db8::1')
const PTR = owned('PTR', NAME)
const TEXT = `TXT heritage=leasehold,dhcid=${ID}`

type Row = [what: string, records: OwnedRecord[], found: string[], findings: string[], marker?: Marker]

const ROWS: Row[] = [
  ['all as it should be', [A], ['A 192.0.2.1', `DHCID ${ID}`], []],
  ['both families', [A, AAAA], ['AAAA 2001:db8::1', 'A 192.0.2.1', `DHCID ${ID}`], []],
  ['what a person put beside it is theirs', [A], ['A 192.0.2.1', `DHCID ${ID}`, 'TXT mine', 'AAAA 2001:db8::9'], []],
  ['in capitals', [PTR], [`PTR ${NAME.toUpperCase()}`], []],
  ['nothing', [A, AAAA], [], ['missing A', 'missing AAAA']],
  ['the RRset is gone', [A], [`DHCID ${ID}`], ['missing A']],
  ['one RRset is gone', [A, AAAA], ['A 192.0.2.1', `DHCID ${ID}`], ['missing AAAA']],
  ['another address', [A], ['A 192.0.2.9', `DHCID ${ID}`], ['changed A']],
  ['one address more', [A], ['A 192.0.2.1', 'A 192.0.2.9', `DHCID ${ID}`], ['changed A']],
  ['the sibling is left to itself', [A, AAAA], ['A 192.0.2.9', 'AAAA 2001:db8::1', `DHCID ${ID}`], ['changed A']],
  ['another client’s marker', [A, AAAA], ['A 192.0.2.1', `DHCID ${OTHER}`], ['changed A', 'changed AAAA']],
  ['two markers', [A], ['A 192.0.2.1', `DHCID ${ID}`, `DHCID ${OTHER}`], ['changed A']],
  ['no marker', [A], ['A 192.0.2.1'], ['changed A']],
  ['gone, and somebody else’s RR there', [A], ['AAAA 2001:db8::9'], ['changed A']],
  ['gone, and an alias there', [A], ['CNAME green.lab.example'], ['changed A']],
  ['a PTR gone', [PTR], [], ['missing PTR']],
  ['another PTR', [PTR], ['PTR green.lab.example'], ['changed PTR']],
  ['a second PTR', [PTR], [`PTR ${NAME}`, 'PTR green.lab.example'], ['changed PTR']],
  ['an alias for a PTR', [PTR], ['CNAME 1.sub.example'], ['changed PTR']],
  ['a TXT marker', [A], ['A 192.0.2.1', TEXT], [], 'txt'],
  ['a TXT marker with a person’s TXT', [A], ['A 192.0.2.1', TEXT, 'TXT mine'], ['changed A'], 'txt'],
  ['a TXT marker gone', [A], ['A 192.0.2.1', 'DHCID 00'], ['changed A'], 'txt'],
  ['no marker at all', [A], ['A 192.0.2.1', `DHCID ${OTHER}`], [], 'none'],
  ['no marker at all, the RRset gone', [A], ['AAAA 2001:db8::9'], ['missing A'], 'none'],
  ['no marker at all, another address', [A], ['A 192.0.2.9'], ['changed A'], 'none'],
  ['what DNS is not known to hold', [owned('A', '192.0.2.1', { applied: null })], [], []],
]

for (const [what, records, found, expected, marker = 'dhcid'] of ROWS) {
  t.test(what, async t => {
    const findings = findDrift(records, found.map(rr), marker, NOW)
    t.strictSame(
      findings.map(({ is, record }) => `${is} ${record.type}`),
      expected,
    )
    for (const { is, record, decision } of findings) {
      t.match(decision.record, { name: record.name, type: record.type, value: record.value })
      t.match(record, { applied: null, sent: null, updatedAt: NOW })
      if (is === 'missing') {
        t.match(record, { phase: 'pending', stopped: null, origin: 'dynamic', rule: 'lease-active' })
        t.match(decision, { verb: 'publish', rule: 'missing-in-dns' })
        t.not(nextChange([record], marker), null, 'the queue has something to do')
      } else {
        t.match(record, { phase: 'protected', stopped: 'protected', origin: 'manual', rule: 'changed-by-hand' })
        t.match(record.problem, { kind: 'conflict', at: NOW })
        t.match(decision, { verb: 'skip', rule: 'changed-by-hand', reason: record.reason })
        t.equal(nextChange([record], marker), null, 'the queue has nothing to do')
      }
    }
  })
}

t.test('the reason says what is there', async t => {
  const reasonOf = (...found: string[]) => findDrift([A], found.map(rr), 'dhcid', NOW)[0]!.decision.reason
  t.match(reasonOf('A 192.0.2.9', `DHCID ${ID}`), /it has A 192\.0\.2\.9, expected 192\.0\.2\.1/)
  t.match(reasonOf('A 192.0.2.1'), /its DHCID is gone/)
  t.match(reasonOf('A 192.0.2.1', `DHCID ${OTHER}`), /it has another DHCID/)
  t.match(reasonOf('CNAME green.lab.example'), /another name of green\.lab\.example/)
  t.match(reasonOf(), /no longer holds red\.lab\.example/)
})
