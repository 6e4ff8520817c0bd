import { readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEntry } from '../../schemas/model/record.ts'
import type { Audit } from '../../server/audit.ts'

import { again, entry, many, open, reasons, SMALL } from './audit-log.ts'

t.test('what is known of a name is found however much came after it, and after a restart', async t => {
  const folder = t.testdir({})
  const audit = await open(folder)
  audit.add([entry(1), entry(2)])
  for (let from = 10; from < 60_010; from += 5000) audit.add(many(from, from + 5000))
  audit.add([entry(1, { reason: 'again' })])
  t.strictSame(reasons(await audit.of('host1.lab.example', 10)), ['again', 'entry 1'], 'not on disk yet')
  const later = await again(audit, folder)
  t.strictSame(reasons(await later.of('host1.lab.example', 10)), ['again', 'entry 1'])
  t.strictSame(reasons(await later.of('host1.lab.example', 1)), ['again'])
  t.strictSame(reasons(await later.of('host40000.lab.example', 10)), ['entry 40000'])
  t.strictSame(await later.of('nobody.lab.example', 10), [])
  await later.close()
})

t.test('a change of 210,000 leases in one call is taken', async t => {
  const folder = t.testdir({})
  const audit = await open(folder)
  audit.add(many(0, 210_000))
  t.strictSame(reasons(await audit.of('host0.lab.example', 5)), ['entry 0'])
  const later = await again(audit, folder)
  t.strictSame(reasons(await later.of('host209999.lab.example', 5)), ['entry 209999'])
  await later.close()
})

t.test('what comes while a segment is written and closed is written too', async t => {
  const folder = t.testdir({})
  const audit = await open(folder, SMALL)
  for (let from = 0; from < 2000; from += 10) {
    audit.add(many(from, from + 10))
    await new Promise(done => setTimeout(done, 1))
  }
  await audit.close()
  const texts = (await readdir(folder))
    .filter(file => file.endsWith('.jsonl'))
    .map(file => readFile(join(folder, file), 'utf8'))
  const lines = (await Promise.all(texts)).flatMap(text => text.split('\n').filter(line => line !== ''))
  t.strictSame(lines.map(line => JSON.parse(line).reason).sort(), reasons(many(0, 2000)).sort())
})

t.test('a start reads the newest segment alone', async t => {
  const folder = t.testdir({})
  const audit = await again(await open(folder, SMALL), folder, SMALL)
  audit.add(many(0, 500))
  await audit.close()
  const closed = (await readdir(folder)).filter(file => /^audit-\d+\.jsonl$/.test(file))
  t.ok(closed.length > 5)
  // A segment whose text is gone is still there for a start, and only its lines are missed by who asks.
  await truncate(join(folder, closed[0]!), 0)
  const later = await open(folder, SMALL)
  t.strictSame(reasons(await later.of('host499.lab.example', 1)), ['entry 499'])
  t.strictSame(await later.of('host1.lab.example', 1), [])
  await later.close()
})

const PTR = { name: '5.1.168.192.in-addr.arpa', type: 'PTR', value: 'red.lab.example' } as const
const PTR6 = {
  name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  type: 'PTR',
  value: 'red.lab.example',
} as const
const RED = [
  entry(1, { record: PTR, reason: 'ptr' }),
  entry(2, { record: PTR6, reason: 'ptr6' }),
  entry(3, { reason: 'by mac', client: 'id:01:02:00:00:00:00:01', scope: 'office', address: '10.9.9.9' }),
  entry(4, {
    reason: 'by duid',
    client: 'duid:00:03:00:01:02:00:00:00:00:01/7',
    scope: 'lab',
    verb: 'remove',
    rule: 'expired',
  }),
  entry(5, { reason: 'other', client: 'hw:02:00:00:00:00:02', scope: 'office' }),
]

const QUESTIONS = [
  { asked: { name: 'red.lab.example' }, found: ['ptr6', 'ptr'] },
  { asked: { name: PTR.name }, found: ['ptr'] },
  { asked: { address: '192.168.1.5' }, found: ['ptr'] },
  { asked: { address: '2001:db8::1' }, found: ['ptr6'] },
  { asked: { address: '10.9.9.9' }, found: ['by mac'] },
  { asked: { address: '10.0.0.5' }, found: ['other'] },
  { asked: { client: '02:00:00:00:00:01' }, found: ['by duid', 'by mac'] },
  { asked: { client: 'id:01:02:00:00:00:00:01' }, found: ['by mac'] },
  { asked: { client: 'hw:02:00:00:00:00:01' }, found: [] },
  { asked: { scope: 'office' }, found: ['other', 'by mac'] },
  { asked: { scope: 'office', client: '02:00:00:00:00:02' }, found: ['other'] },
  { asked: { rule: 'expired' }, found: ['by duid'] },
  { asked: { verb: 'remove' }, found: ['by duid'] },
  { asked: { since: entry(4).at }, found: ['other', 'by duid'] },
  { asked: { until: entry(2).at }, found: ['ptr6', 'ptr'] },
  { asked: { since: entry(2).at, until: entry(3).at, name: 'host3.lab.example' }, found: ['by mac'] },
  { asked: {}, found: ['other', 'by duid', 'by mac', 'ptr6', 'ptr'] },
]

for (const { asked, found } of QUESTIONS) {
  t.test(`found by ${JSON.stringify(asked)}`, async t => {
    const folder = t.testdir({})
    const audit = await open(folder, { segmentBytes: 400 })
    audit.add(RED)
    t.strictSame(reasons((await audit.query({ ...asked, limit: 10 })).entries), found)
    const later = await again(audit, folder)
    t.strictSame(reasons((await later.query({ ...asked, limit: 10 })).entries), found, 'after a restart')
    await later.close()
  })
}

t.test('pages of a question give each entry once, newest first, while others come', async t => {
  const folder = t.testdir({})
  const audit = await open(folder, SMALL)
  audit.add(many(0, 300))
  const seen: string[] = []
  let cursor: number | undefined
  for (let page = 0; page < 100; page++) {
    const { entries, next } = await audit.query({ rule: 'lease-active', limit: 7, cursor })
    seen.push(...reasons(entries))
    audit.add([entry(1000 + page, { rule: page % 2 ? 'lease-active' : 'expired' })])
    if (next === null) break
    cursor = next
  }
  t.strictSame(seen, reasons(many(0, 300)).reverse())
  await audit.close()
})

t.test('who held an address at a time, in the segments of before a restart too', async t => {
  const folder = t.testdir({})
  const small = { ...SMALL, keepBytes: 1 << 30 }
  const audit = await open(folder, small)
  const of = (n: number, client: string, fields: Partial<AuditEntry> = {}) =>
    entry(n, { address: '10.9.9.9', client, reason: `${client} ${n}`, ...fields })
  audit.add([
    of(1, 'hw:a', { rule: 'unchanged' }),
    of(2, 'hw:a', { rule: 'released', verb: 'remove' }),
    ...many(3, 100),
  ])
  audit.add([of(100, 'hw:b', { holds: true }), ...many(101, 300), of(300, 'hw:b', { rule: 'unchanged' })])
  audit.add([of(400, 'hw:b', { holds: false, verb: 'remove' }), of(500, 'hw:c', { holds: true }), ...many(501, 600)])
  const at = async (log: Audit, n: number) => (await log.heldAt('10.9.9.9', entry(n).at))?.reason ?? null
  const answers = [
    [0, null],
    [1, 'hw:a 1'],
    [99, 'hw:a 1'],
    [100, 'hw:b 100'],
    [399, 'hw:b 100'],
    [400, null],
    [499, null],
    [500, 'hw:c 500'],
    [9999, 'hw:c 500'],
  ] as const
  for (const [n, reason] of answers) t.equal(await at(audit, n), reason, `at ${n}`)
  const later = await again(audit, folder, small)
  for (const [n, reason] of answers) t.equal(await at(later, n), reason, `at ${n} after a restart`)
  t.equal(await later.heldAt('10.9.9.8', entry(9999).at), null)
  await later.close()
})

t.test('entries are told when they are on disk, by numbers that a restart does not change', async t => {
  const folder = t.testdir({})
  const audit = await open(folder, SMALL)
  const told: { number: number; reason: string }[] = []
  const stop = audit.onKept(kept => told.push(...kept.map(({ number, entry: { reason } }) => ({ number, reason }))))
  for (let from = 0; from < 200; from += 20) audit.add(many(from, from + 20))
  while (told.length < 200) await new Promise(done => setTimeout(done, 5))
  stop()
  t.strictSame(reasons(told as never), reasons(many(0, 200)))
  t.ok(told.every(({ number }, i) => i === 0 || number > told[i - 1]!.number))
  const later = await again(audit, folder, SMALL)
  const missed = async (from: number, most: number) =>
    (await later.after(told[from]!.number, most))?.map(({ number, entry: { reason } }) => ({ number, reason })) ?? null
  t.strictSame(await missed(49, 150), told.slice(50))
  t.strictSame(await missed(49, 149), null, 'too many')
  t.strictSame(await missed(199, 10), [])
  t.strictSame(await later.after(told[49]!.number + 1, 1000), null, 'no entry has that number')
  t.strictSame(await later.after(9e15, 1000), null)
  await later.close()
})
