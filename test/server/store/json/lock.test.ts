import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { MEMORY } from '../../../../lib/reconcile/memory.ts'
import { holderOf } from '../../../../server/store/json/lock.ts'
import { Store } from '../../../../server/store/store.ts'

const CHILD = fileURLToPath(new URL('../store-child.ts', import.meta.url))
const open = (folder: string) => Store.open(folder, { memory: MEMORY, now: Date.now })

/** Starts a program and gives it with the first line that it prints. It is ended with the test. */
const started = async (t: Test, command: string, ...args: string[]) => {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines = createInterface({ input: child.stdout! })
  const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), ended.then(() => 'ended')])
  return { child, line, ended }
}

const holding = (t: Test, folder: string) => started(t, process.execPath, CHILD, folder)

t.test('a second program is told who has the store, and since when', async t => {
  const folder = join(t.testdir({}), 'store')
  const first = await holding(t, folder)
  t.equal(first.line, `open ${first.child.pid}`)
  const expected = `process ${first.child.pid} on host ${hostname()} (since 20`
  const error = await open(folder).then(
    () => null,
    error => error.message,
  )
  t.ok(error?.includes(expected), error)
  t.match(error, /^store\.path: .*two programs must not share it$/)
  t.match(await holderOf(folder), { pid: first.child.pid, host: hostname() })
})

t.test('the same process does not open a store twice, and a stat of the lock does not free it', async t => {
  const folder = join(t.testdir({}), 'store')
  const store = await open(folder)
  await t.rejects(open(folder), { name: 'StoreInUse' })
  await t.rejects(open(folder), { name: 'StoreInUse' }, 'the refused one did not free the lock')
  const other = await holding(t, folder)
  t.match(other.line, /uses this store/, 'for another process neither')
  await store.close()
  t.equal(await holderOf(folder), null)
  await (await open(folder)).close()
})

t.test('killed and not yet reaped, a program no longer has the store', async t => {
  const folder = join(t.testdir({}), 'store')
  const parent = await started(t, 'sh', '-c', `${process.execPath} ${CHILD} ${folder} & exec sleep 60`)
  const pid = Number(parent.line.split(' ')[1])
  process.kill(pid, 'SIGKILL')
  const again = await open(folder)
  t.match(await readFile(`/proc/${pid}/stat`, 'utf8'), /\) Z /, 'it is a zombie')
  await again.close()
})

t.test('what a holder wrote that is gone means nothing, whoever has its pid now', async t => {
  const folder = join(t.testdir({}), 'store')
  await (await open(folder)).close()
  await writeFile(join(folder, 'holder.json'), '{"pid":1,"host":"other","since":"2026-01-01T00:00:00.000Z"}')
  const store = await open(folder)
  t.match(await holderOf(folder), { pid: process.pid })
  await store.close()
})

t.test('of twenty that start at once after a kill, one gets the store', async t => {
  const folder = join(t.testdir({}), 'store')
  const first = await holding(t, folder)
  first.child.kill('SIGKILL')
  const lines = (await Promise.all(Array.from({ length: 20 }, () => holding(t, folder)))).map(({ line }) => line)
  t.equal(lines.filter(line => line.startsWith('open')).length, 1)
  t.equal(lines.filter(line => /uses this store/.test(line)).length, 19)
})

t.test('two programs that are both process 1, each in its container, do not share a store', async t => {
  const namespace = ['-rpf', '--kill-child', process.execPath]
  const probe = await started(t, 'unshare', ...namespace, '-e', 'console.log(process.pid)')
  if (probe.line !== '1') return t.pass('pid namespaces', { skip: 'this kernel or user makes none' })
  const folder = join(t.testdir({}), 'store')
  const first = await started(t, 'unshare', ...namespace, CHILD, folder)
  t.equal(first.line, 'open 1')
  const second = await started(t, 'unshare', ...namespace, CHILD, folder)
  t.match(second.line, /process 1 on host .* uses this store/)
  first.child.kill('SIGKILL')
  await first.ended
  const third = await started(t, 'unshare', ...namespace, CHILD, folder)
  t.equal(third.line, 'open 1', 'when the first is gone, another takes it')
})
