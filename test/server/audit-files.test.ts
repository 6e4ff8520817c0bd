import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { again, entry, many, open, reasons, SMALL } from './audit-log.ts'

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
  {
    case: 'has its keys hashed otherwise',
    damage: async (path: string) => {
      const rows = new Float64Array((await readFile(path)).buffer)
      rows[rows.length - 2] = 1
      await writeFile(path, rows)
    },
  },
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
