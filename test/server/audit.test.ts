import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AuditEntry } from '../../schemas/model/record.ts'
import { Audit, type AuditOptions } from '../../server/audit.ts'

const entry = (n: number, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  at: 1_800_000_000_000 + n * 1000,
  what: 'decision',
  cause: 'test',
  verb: 'publish',
  record: { name: `host${n}.lab.example`, type: 'A', value: `10.0.${n >> 8}.${n & 255}` },
  rule: 'lease-active',
  reason: `entry ${n}`,
  ...fields,
})

const many = (from: number, to: number): AuditEntry[] => Array.from({ length: to - from }, (_, i) => entry(from + i))
const reasons = (entries: AuditEntry[]) => entries.map(({ reason }) => reason)
const open = (folder: string, options: AuditOptions = {}) => Audit.open(join(folder, 'audit.jsonl'), options)

/** Closes an audit log and opens it again. */
const again = async (audit: Audit, folder: string, options: AuditOptions = {}) => {
  await audit.close()
  return open(folder, options)
}

const SMALL = { segmentBytes: 10_000 }

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

t.test('the oldest segments go by size, and by age', async t => {
  const folder = t.testdir({})
  const bounded = { ...SMALL, keepBytes: 50_000 }
  const audit = await open(folder, bounded)
  for (let from = 0; from < 1000; from += 50) audit.add(many(from, from + 50))
  await audit.close()
  const bytes = async () => {
    const sizes = (await readdir(folder)).filter(file => file.endsWith('.jsonl')).map(file => stat(join(folder, file)))
    return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
  }
  t.ok((await bytes()) < 70_000)
  const later = await open(folder, bounded)
  t.strictSame(await later.of('host1.lab.example', 1), [])
  t.strictSame(reasons(await later.of('host999.lab.example', 1)), ['entry 999'])
  await later.close()
  await (await open(folder, { ...SMALL, keepFor: -1 })).close()
  t.strictSame(await readdir(folder), ['audit.jsonl'], 'closed segments that are too old are gone, with their indexes')
})

const DAMAGES = [
  { case: 'is missing', damage: (path: string) => rm(path) },
  { case: 'was cut short', damage: (path: string) => truncate(path, 800) },
]
for (const { case: name, damage } of DAMAGES) {
  t.test(`a segment whose index ${name} is read itself`, async t => {
    const folder = t.testdir({})
    const audit = await open(folder, SMALL)
    audit.add(many(0, 200))
    await audit.close()
    for (const file of await readdir(folder)) if (file.endsWith('.index')) await damage(join(folder, file))
    const later = await open(folder, SMALL)
    const names = Array.from({ length: 20 }, (_, n) => `host${n}.lab.example`)
    const found = await Promise.all(names.map(name => later.of(name, 5)))
    t.strictSame(
      found.map(reasons),
      names.map((_, n) => [`entry ${n}`]),
      'many ask at once',
    )
    t.strictSame(reasons(await later.of('host3.lab.example', 1)), ['entry 3'])
    await later.close()
  })
}

t.test('a last line that was cut short is written over, and the rest is found', async t => {
  const folder = t.testdir({})
  const audit = await open(folder)
  audit.add(many(0, 3))
  await audit.close()
  const path = join(folder, 'audit.jsonl')
  await truncate(path, (await stat(path)).size - 5)
  const later = await open(folder)
  t.strictSame(reasons((await later.query({ limit: 9 })).entries), ['entry 1', 'entry 0'])
  later.add([entry(7)])
  const third = await again(later, folder)
  t.strictSame(reasons((await third.query({ limit: 9 })).entries), ['entry 7', 'entry 1', 'entry 0'])
  await third.close()
  t.equal((await readFile(path, 'utf8')).split('\n').filter(line => line !== '').length, 3)
})

/** An audit log that notes what it told of. */
const telling = async (t: Test, folder: string) => {
  const told: string[] = []
  const say = (_facts: unknown, text = '') => void told.push(text)
  const log = { info: say, warn: say, error: say, fatal: say } as never
  const audit = await open(folder, { ...SMALL, log, count: trouble => void told.push(`count ${trouble}`) })
  t.teardown(() => audit.close())
  return { audit, told }
}

t.test('after a write that failed it goes on: nothing is lost, and it is told once', async t => {
  const folder = t.testdir({})
  const { audit, told } = await telling(t, folder)
  await mkdir(join(folder, 'audit.jsonl'))
  audit.add(many(0, 100))
  while (told.length < 2) await new Promise(done => setTimeout(done, 20))
  t.strictSame(told, ['count audit', 'the audit log cannot be written; its entries wait in memory'])
  t.strictSame(reasons(await audit.of('host1.lab.example', 1)), ['entry 1'], 'found all the same')
  audit.add(many(100, 120))
  await rm(join(folder, 'audit.jsonl'), { recursive: true })
  while (told.length < 3) await new Promise(done => setTimeout(done, 20))
  t.strictSame(told.slice(2), ['the audit log is written again'])
  await audit.close()
  const later = await open(folder, SMALL)
  t.equal((await later.query({ limit: 1000 })).entries.length, 120)
  await later.close()
})

t.test('files of others in the folder do no harm', async t => {
  const folder = t.testdir({ 'audit-old.jsonl': 'x', 'audit-2.jsonl.index': 'x' })
  await writeFile(join(folder, 'audit-00000003.jsonl'), 'no entry\n')
  await chmod(join(folder, 'audit-00000003.jsonl'), 0o600)
  const audit = await open(folder)
  audit.add([entry(1)])
  t.strictSame(reasons((await audit.query({ limit: 5 })).entries), ['entry 1'])
  await audit.close()
})
