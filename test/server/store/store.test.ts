import { appendFile, copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import { Store } from '../../../server/store/store.ts'
import { event, scopesWith } from '../../lib/site.ts'

const scopes = scopesWith({})
const now = () => 1_800_000_000_000

const open = (folder: string, options = {}) => Store.open(folder, { memory: MEMORY, now, ...options })

/** One commit: a lease and its records. */
const grant = (store: Store, n: number, cltt = 1000) => {
  const heard = event({ kind: 'committed', address: `192.0.2.${n}`, hostname: `host${n}`, client: '0a', cltt })
  const made = plan(store.state, scopes, heard, now())
  return store.put(made.leases, made.records)
}

/** A value with the fields of each object in one order: a schema gives them in its own. */
const ordered = (_key: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

const contents = (store: Store) =>
  JSON.stringify(
    [[...store.state.leases.values()], [...store.state.records.values()].map(r => ({ ...r, sent: null }))],
    ordered,
  )

/** A closed store with `commits` commits; gives its folder and what it held after each. */
const made = async (t: Test, commits: number) => {
  const folder = join(t.testdir({}), 'store')
  const store = await open(folder)
  const after: string[] = [contents(store)]
  for (let n = 1; n <= commits; n++) {
    grant(store, n)
    after.push(contents(store))
  }
  await store.durable()
  await store.close()
  return { folder, after }
}

const AT = { endpoint: 'test', zone: 'lab.example', name: 'host1.lab.example' }
const NOTHING = { marker: null, sets: [], others: [] }
const note = (store: Store, states: NameState[] | null) => store.putAnswer({ records: [], known: { ...AT, states } })
const there = (value: string): NameState => ({
  marker: { kind: 'dhcid', dhcid: '000101aa' },
  sets: [{ type: 'A', ttl: 300, values: [value] }],
  others: [{ type: 'TXT', value: 'a note' }],
})

t.test('what says nothing new is not written', async t => {
  const folder = join(t.testdir({}), 'store')
  const store = await open(folder)
  const size = async () => {
    await store.durable()
    await new Promise(setImmediate)
    return (await stat(join(folder, 'log.jsonl'))).size
  }
  grant(store, 1)
  store.putSerials([['test lab.example', 7]])
  note(store, [there('192.0.2.1')])
  grant(store, 2)
  const before = await size()
  store.putSerials([['test lab.example', 7]])
  store.noteStates({ ...AT, states: [NOTHING, there('192.0.2.1')] }, [])
  t.equal(await size(), before)
  store.putSerials([['test lab.example', 8]])
  grant(store, 3)
  t.ok((await size()) > before)
  await store.close()
})

t.test('a log truncated at every byte of its last line loads, without that commit', async t => {
  const { folder, after } = await made(t, 3)
  const log = join(folder, 'log.jsonl')
  const whole = await readFile(log)
  const start = whole.lastIndexOf(10, whole.length - 2) + 1
  for (let length = start; length < whole.length; length++) {
    await writeFile(log, whole.subarray(0, length))
    const store = await open(folder)
    if (contents(store) !== after[2]) t.fail(`truncated at byte ${length}`)
    await store.close()
  }
  t.ok(whole.length - start > 100, 'the line has many bytes')
})

t.test('after a torn line was cut off, the next commit stands whole', async t => {
  const { folder } = await made(t, 3)
  await truncate(join(folder, 'log.jsonl'), (await stat(join(folder, 'log.jsonl'))).size - 7)
  const store = await open(folder)
  grant(store, 7)
  const wanted = contents(store)
  await store.durable()
  await store.close()
  const again = await open(folder)
  t.equal(contents(again), wanted)
  await again.close()
})

t.test('a byte changed anywhere in a whole line stops the start and changes nothing', async t => {
  const { folder } = await made(t, 3)
  const log = join(folder, 'log.jsonl')
  const whole = await readFile(log)
  for (let at = 0; at < whole.length - 1; at += 13) {
    const damaged = Buffer.from(whole)
    damaged[at] = damaged[at]! ^ 1
    if (damaged[at] === 10 || whole[at] === 10) continue
    await writeFile(log, damaged)
    await t.rejects(open(folder), /log\.jsonl, line \d+: /, `byte ${at}`)
    t.ok(damaged.equals(await readFile(log)), 'the file is as it was')
  }
})

const DAMAGES: { case: string; damage: (folder: string) => Promise<unknown>; error: RegExp }[] = [
  {
    case: 'the snapshot is missing',
    damage: f => rm(join(f, 'snapshot.jsonl')),
    error: /snapshot.jsonl, line 1: the snapshot is missing/,
  },
  { case: 'the log is missing', damage: f => rm(join(f, 'log.jsonl')), error: /log.jsonl, line 1: the log is missing/ },
  { case: 'the log is empty', damage: f => truncate(join(f, 'log.jsonl'), 0), error: /the log has no header/ },
  {
    case: 'the snapshot lost its end',
    damage: async f => truncate(join(f, 'snapshot.jsonl'), (await stat(join(f, 'snapshot.jsonl'))).size - 3),
    error: /the snapshot ends before its end mark/,
  },
  {
    case: 'the snapshot is empty',
    damage: f => truncate(join(f, 'snapshot.jsonl'), 0),
    error: /ends before its end mark/,
  },
  {
    case: 'a commit is missing in the middle',
    damage: async f => {
      const lines = (await readFile(join(f, 'log.jsonl'), 'utf8')).split('\n')
      await writeFile(join(f, 'log.jsonl'), [...lines.slice(0, 2), ...lines.slice(3)].join('\n'))
    },
    error: /commit 2 should stand here, not 3/,
  },
  {
    case: 'something that is no log',
    damage: f => writeFile(join(f, 'log.jsonl'), '{"hello":"world"}\n'),
    error: /this is no line of a Leasehold store/,
  },
  {
    case: 'all but the mark is gone',
    damage: async f => {
      await rm(join(f, 'log.jsonl'))
      await rm(join(f, 'snapshot.jsonl'))
    },
    error: /the snapshot is missing from a folder that holds a store/,
  },
]

for (const { case: name, damage, error } of DAMAGES) {
  t.test(`fails closed when ${name}, again and again`, async t => {
    const { folder } = await made(t, 3)
    await damage(folder)
    await t.rejects(open(folder), error)
    await t.rejects(open(folder), error)
  })
}

const FORMATS: [format: number, error: RegExp][] = [
  [99, /format 99 is newer than this program's 3/],
  [1, /format 1 is from before the first release, and is no longer understood/],
]

for (const [format, error] of FORMATS) {
  t.test(`format ${format} is not understood, and nothing is changed`, async t => {
    const { encodeLine } = await import('../../../server/store/json/lines.ts')
    const headers = {
      'log.jsonl': { log: 'leasehold', format, after: 0 },
      'snapshot.jsonl': { snapshot: 'leasehold', format, seq: 0 },
    }
    for (const [file, header] of Object.entries(headers)) {
      const { folder } = await made(t, 1)
      const lines = (await readFile(join(folder, file), 'utf8')).split('\n')
      const text = [encodeLine(header).trimEnd(), ...lines.slice(1)].join('\n')
      await writeFile(join(folder, file), text)
      await t.rejects(open(folder), error, file)
      t.equal(await readFile(join(folder, file), 'utf8'), text)
    }
  })
}

t.test('a record whose key is not its own is not understood, though its checksum is right', async t => {
  const { folder } = await made(t, 1)
  const { encodeLine, decodeLine } = await import('../../../server/store/json/lines.ts')
  const lines = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trimEnd().split('\n')
  const { value } = decodeLine(lines[1]!) as { value: { records: { key?: string }[] } }
  value.records[0]!.key = 'bind other.lab.example A 192.0.2.99'
  await writeFile(join(folder, 'log.jsonl'), `${lines[0]}\n${encodeLine(value)}`)
  await t.rejects(open(folder), /the key does not belong to the record/)
})

t.test('a crash at any step of making the store leaves none or a whole one', async t => {
  const { folder } = await made(t, 0)
  for (const files of [
    [],
    ['log.jsonl'],
    ['log.jsonl', 'snapshot.jsonl'],
    ['log.jsonl', 'snapshot.jsonl', 'leasehold-store'],
  ]) {
    const half = join(folder, '..', `half-${files.length}`)
    await mkdir(half)
    for (const file of files) await copyFile(join(folder, file), join(half, file))
    const store = await open(half)
    t.equal(store.state.records.size, 0, files.join(' '))
    await store.close()
  }
})

t.test('compacting', async t => {
  t.test('keeps everything while commits go on', async t => {
    const folder = join(t.testdir({}), 'store')
    const store = await open(folder)
    for (let n = 1; n < 100; n++) grant(store, n)
    const compacted = store.compact()
    for (let n = 100; n < 200; n++) {
      grant(store, n)
      if (n % 10 === 0) await store.durable()
    }
    await compacted
    for (let n = 200; n < 250; n++) grant(store, n)
    const wanted = contents(store)
    await store.durable()
    await store.close()
    const again = await open(folder)
    const sorted = (text: string) =>
      JSON.parse(text).map((list: object[]) => list.map(one => JSON.stringify(one)).sort())
    t.strictSame(sorted(contents(again)), sorted(wanted))
    t.ok((await stat(join(folder, 'log.jsonl'))).size < (await stat(join(folder, 'snapshot.jsonl'))).size * 2)
    await again.close()
  })

  t.test('a crash between the snapshot and the new log loses and doubles nothing', async t => {
    const { folder, after } = await made(t, 4)
    const log = await readFile(join(folder, 'log.jsonl'))
    const store = await open(folder)
    await store.compact()
    await store.close()
    await writeFile(join(folder, 'log.jsonl'), log)
    const again = await open(folder)
    t.equal(contents(again), after[4])
    await again.close()
  })

  t.test('a log that ends before the snapshot is an error', async t => {
    const { folder } = await made(t, 1)
    const old = await readFile(join(folder, 'log.jsonl'))
    const store = await open(folder)
    grant(store, 2)
    await store.compact()
    await store.close()
    await writeFile(join(folder, 'log.jsonl'), old)
    await t.rejects(open(folder), /the log ends at commit 1, before the snapshot's 2/)
  })
})

t.test('a half-written snapshot beside the real one is not read', async t => {
  const { folder, after } = await made(t, 2)
  await appendFile(join(folder, 'snapshot.jsonl.new'), 'half')
  const store = await open(folder)
  t.equal(contents(store), after[2])
  await store.close()
})
