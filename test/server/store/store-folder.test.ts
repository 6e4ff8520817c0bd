import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import { ofEndings } from '../../../schemas/model/reconcile.ts'
import { emptyDocument } from '../../../server/store/document.ts'
import { TwoFiles } from '../../../server/store/json/files.ts'
import { encodeLine } from '../../../server/store/json/lines.ts'
import { Store } from '../../../server/store/store.ts'
import { Trouble } from '../../../server/store/trouble.ts'
import { Versions } from '../../../server/store/versions.ts'
import { leaseOf } from '../http/stock.ts'

const lease = (n: number): Lease => leaseOf(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 'host.lab.example', 1)

/** A store that notes what it told of: by a counter, to its log, and as fatal. */
const opened = async (t: Test, folder: string, options: { mustExist?: boolean } = {}) => {
  const told: string[] = []
  const say = (_facts: unknown, text = '') => void told.push(text)
  const log = { info: say, warn: say, error: say, fatal: say }
  const count = (trouble: string) => void told.push(`count ${trouble}`)
  const onFatal = (error: Error) => void told.push(`fatal ${error.name}`)
  const store = await Store.open(folder, {
    memory: MEMORY,
    now: Date.now,
    log: log as never,
    count,
    onFatal,
    ...options,
  })
  t.teardown(() => store.close())
  return { store, told }
}

const keep = async (store: Store, n: number) => {
  store.put([lease(n)], [])
  await store.durable()
}

const found = async (t: Test, folder: string): Promise<number> => {
  const { store } = await opened(t, folder)
  const { size } = store.state.leases
  await store.close()
  return size
}

t.test('the folder is removed: told, and written anew from memory when one is there again', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store, told } = await opened(t, folder)
  await keep(store, 1)
  await rm(folder, { recursive: true })
  await store.look()
  await store.look()
  t.strictSame(told, [
    'count gone',
    "the store's folder was removed, moved, or unmounted; nothing is acknowledged until that is mended",
  ])
  t.match(store.failure, { message: /the store's folder was removed/ })
  t.throws(() => store.put([lease(2)], []), { name: 'StoreFailed' })
  let heard = 0
  store.onWritable(() => heard++)
  await mkdir(folder)
  await store.look()
  t.equal(store.failure, null)
  t.ok(heard > 0)
  await keep(store, 3)
  const other = await Store.open(folder, { memory: MEMORY, now: Date.now }).catch(error => error.name)
  t.equal(other, 'StoreInUse', 'the new folder is locked')
  await store.close()
  t.equal(await found(t, folder), 2)
})

t.test('the files are removed, the folder is not: they are written anew', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store } = await opened(t, folder, {})
  await keep(store, 1)
  for (const file of await readdir(folder)) await rm(join(folder, file))
  await store.look()
  await keep(store, 2)
  await store.close()
  t.equal(await found(t, folder), 2)
})

t.test('within seconds it is seen without anybody asking', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store } = await opened(t, folder)
  await rm(folder, { recursive: true })
  while (!store.failure) await new Promise(done => setTimeout(done, 20))
  t.match(store.failure, { name: 'StoreFailed' })
})

t.test('the folder is moved, and moved back: it goes on there', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store, told } = await opened(t, folder)
  await keep(store, 1)
  await rename(folder, `${folder}-away`)
  await store.look()
  t.ok(store.failure)
  await rename(`${folder}-away`, folder)
  await store.look()
  t.equal(told.at(-1), 'the files of the store are at their path again')
  await keep(store, 2)
  await store.close()
  t.equal(await found(t, folder), 2)
})

t.test('another store is at the path: nothing is acknowledged, and it is left alone', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store } = await opened(t, folder)
  await cp(folder, `${folder}-other`, { recursive: true })
  await keep(store, 1)
  await rename(folder, `${folder}-ours`)
  await rename(`${folder}-other`, folder)
  const before = await readFile(join(folder, 'log.jsonl'), 'utf8')
  await store.look()
  await store.look()
  t.match(store.failure, { message: /another store is at the store's path/ })
  t.equal(await readFile(join(folder, 'log.jsonl'), 'utf8'), before)
})

t.test('another program took a new folder at the path: this one ends', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store, told } = await opened(t, folder)
  await rename(folder, `${folder}-ours`)
  await opened(t, folder)
  for (const file of ['log.jsonl', 'snapshot.jsonl']) await rm(join(folder, file))
  await store.look()
  t.equal(told.at(-1), 'fatal StoreInUse')
})

t.test('with mustExist no store is begun in an empty folder, nor anew in one that comes later', async t => {
  const folder = join(t.testdir({ empty: {} }), 'empty')
  await t.rejects(opened(t, folder, { mustExist: true }), /^store\.mustExist: .*empty holds no store/)
  t.strictSame(await readdir(folder), [], 'nothing was written')
  await t.rejects(opened(t, join(folder, 'none'), { mustExist: true }), /store\.mustExist/)
  t.strictSame(await readdir(folder), [])
  await (await opened(t, folder)).store.close()
  const { store } = await opened(t, folder, { mustExist: true })
  await keep(store, 1)
  await rename(folder, `${folder}-away`)
  await mkdir(folder)
  await store.look()
  t.match(store.failure, { name: 'StoreFailed' })
  t.strictSame(await readdir(folder), [])
  await rm(folder, { recursive: true })
  await rename(`${folder}-away`, folder)
  await store.look()
  t.equal(store.failure, null)
})

t.test('a log that cannot be folded goes on, is told once, leaves no half file, and is folded later', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store, told } = await opened(t, folder)
  await keep(store, 1)
  await mkdir(join(folder, 'snapshot.jsonl.new'))
  await t.rejects(store.compact())
  await t.rejects(store.compact())
  t.match(told, ['count compaction', /cannot be folded into a snapshot/])
  t.equal(told.length, 2)
  t.match(await store.report(), { problem: null, compactionProblem: /EISDIR/ })
  await keep(store, 2)
  await rm(join(folder, 'snapshot.jsonl.new'), { recursive: true })
  await mkdir(join(folder, 'log.jsonl.new'))
  await t.rejects(store.compact(), 'the new log cannot be written')
  t.notOk((await readdir(folder)).includes('snapshot.jsonl.new'))
  await keep(store, 3)
  await rm(join(folder, 'log.jsonl.new'), { recursive: true })
  await store.compact()
  t.match(told.at(-1), /is folded again/)
  t.match(await store.report(), { compactionProblem: null, holder: { pid: process.pid } })
  await store.close()
  t.equal(await found(t, folder), 3)
})

t.test('a snapshot is not put in place before its commits are on disk', async t => {
  const folder = t.testdir({})
  const files = new TwoFiles(folder, join(folder, 'lock.db'), new Trouble({}))
  const document = await files.read()
  const before = await readFile(files.snapshot, 'utf8')
  files.writer.hold(new Error('the disk is slow'))
  files.writer.append(encodeLine({ seq: 1, leases: [lease(1)], records: [] }))
  const newer = { ...emptyDocument(), seq: 1, leases: new Versions([['a', lease(1)]]) }
  await t.rejects(files.write(newer), /slow/)
  t.equal(await readFile(files.snapshot, 'utf8'), before)
  t.strictSame(
    (await readdir(folder)).filter(file => file.endsWith('.new')),
    [],
  )
  t.equal(document.seq, 0)
  files.writer.release()
  await files.close()
})

t.test('a change of 210,000 leases, and a hold of as many, are read back', async t => {
  const folder = join(t.testdir({}), 'store')
  const { store } = await opened(t, folder)
  const leases = Array.from({ length: 210_000 }, (_, n) => lease(n))
  store.put(leases, [])
  const event = { source: 'events', kind: 'deleted', cause: 'x', family: 4, type: 'V4', hostname: '', cltt: 1 } as const
  const rest = { validLft: 1, subnetId: 1, clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null }
  const endings = leases.map(({ address }) => ({
    cltt: 1,
    name: null,
    why: 'x',
    event: { ...event, ...rest, address },
  }))
  const decided = { openedAt: 1, decidedAt: null, records: 1, owned: 1 }
  store.putHold({ id: 1, scope: 'office', state: 'open', cause: 'x', reason: 'y', ...decided, endings })
  await store.durable()
  await store.close()
  const endingsIn = ({ holds }: Store) => ofEndings(holds.values())[0]!.endings
  const longest = (text: string) => text.split('\n').reduce((most, line) => Math.max(most, line.length), 0)
  t.ok(longest(await readFile(join(folder, 'log.jsonl'), 'utf8')) < 4 << 20, 'no line is long')
  const again = await opened(t, folder)
  t.equal(again.store.state.leases.size, 210_000)
  t.strictSame(endingsIn(again.store).length, 210_000)
  t.equal(endingsIn(again.store)[209_999]?.event.address, lease(209_999).address)
  await again.store.compact()
  await again.store.close()
  const third = await opened(t, folder)
  t.equal(endingsIn(third.store).length, 210_000, 'from the snapshot too')
})

t.test('a line that could not be read back is refused, and nothing is written', t => {
  t.throws(() => encodeLine('x'.repeat(65 << 20)), /could not be read back/)
  t.end()
})
