import { mkdir, open as openFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LogWriter } from '../../../../server/store/json/writer.ts'

/** A file that answers each write as it is told: with an error, with a part of the bytes, or by taking all. */
const fileThat = (answers: (string | number | null)[]) => {
  const written = new Map<number, string>()
  const text = () => [...written].sort(([a], [b]) => a - b).reduce((all, [at, part]) => all.slice(0, at) + part, '')
  const write = async (data: Buffer, offset: number, length: number, position: number) => {
    const answer = answers.shift() ?? null
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer })
    const taken = Math.min(length, answer ?? length)
    written.set(position, data.toString('utf8', offset, offset + taken))
    return { bytesWritten: taken }
  }
  return { text, file: { write, close: async () => {} } as never }
}

const heard = () => {
  const events: string[] = []
  return {
    events,
    full: (error: Error) => void events.push(`full ${error.message}`),
    resumed: (waited: number) => void events.push(`resumed ${waited}`),
    broken: (error: Error) => void events.push(`broken ${error.message}`),
  }
}

t.test('when the disk fails, nothing more is promised', async t => {
  const told = heard()
  const { file, text } = fileThat(['EIO'])
  const writer = new LogWriter(file, 0, told)
  writer.append('x\n')
  await t.rejects(writer.durable(), /EIO/)
  writer.append('y\n')
  await t.rejects(writer.durable(), /EIO/, 'nor later')
  t.ok(writer.isBroken)
  t.strictSame(told.events, ['broken EIO'], 'and it is told once')
  await writer.close()
  t.equal(text(), '', 'nothing is written over what may be there')
})

t.test('on a full disk callers are refused, and what they gave is written when there is room', async t => {
  const told = heard()
  const { file, text } = fileThat([null, 3, 'ENOSPC', 'ENOSPC', 'EDQUOT'])
  const writer = new LogWriter(file, 0, told)
  writer.append('one\n')
  await writer.durable()
  writer.append('two\n')
  await t.rejects(writer.durable(), /ENOSPC/)
  t.equal(text(), 'one\ntwo', 'a part of the line was taken')
  writer.append('three\n')
  await t.rejects(writer.durable(), /ENOSPC/)
  await t.resolves(writer.durable(1), 'what was kept before stays kept')
  while (writer.failure) await new Promise(done => setTimeout(done, 20))
  await writer.durable()
  t.equal(text(), 'one\ntwo\nthree\n')
  t.strictSame(told.events, ['full ENOSPC', 'resumed 2'], 'each is told once')
  writer.append('four\n')
  await writer.durable()
  await writer.close()
})

t.test('closed on a full disk it ends, and tries once more', async t => {
  const { file, text } = fileThat(['ENOSPC'])
  const writer = new LogWriter(file, 0, heard())
  writer.append('one\n')
  await t.rejects(writer.durable(), /ENOSPC/)
  await writer.close()
  t.equal(text(), 'one\n')
})

/** A writer on a real log, `log` in a folder of its own. */
const real = async (t: Test) => {
  const folder = t.testdir({ log: 'header\n' })
  const path = join(folder, 'log')
  const writer = await LogWriter.open(path, 7, heard())
  t.teardown(() => writer.close())
  return { path, writer }
}

t.test('a new log holds what was appended since, and the writer goes on there', async t => {
  const { path, writer } = await real(t)
  writer.append('one\n')
  await writer.durable()
  writer.beginTail()
  writer.append('two\n')
  const switched = writer.switchTo(path, 'new header\n')
  writer.append('three\n')
  await switched
  writer.append('four\n')
  await writer.durable()
  t.equal(await readFile(path, 'utf8'), 'new header\ntwo\nthree\nfour\n')
})

t.test('a new log that cannot be written leaves the old one as it is', async t => {
  const { path, writer } = await real(t)
  await mkdir(`${path}.new`)
  writer.beginTail()
  writer.append('one\n')
  await t.rejects(writer.switchTo(path, 'new header\n'), { code: 'EISDIR' })
  writer.append('two\n')
  await writer.durable()
  t.equal(await readFile(path, 'utf8'), 'header\none\ntwo\n')
})

t.test('held, it writes nothing; released, it writes all', async t => {
  const { path, writer } = await real(t)
  writer.hold(new Error('away'))
  writer.append('one\n')
  await t.rejects(writer.durable(), /away/)
  t.equal(await readFile(path, 'utf8'), 'header\n')
  writer.release()
  while (writer.failure) await new Promise(done => setTimeout(done, 5))
  t.equal(await readFile(path, 'utf8'), 'header\none\n')
})

t.test('/dev/full, which never has room, is full and not broken', async t => {
  const told = heard()
  const writer = new LogWriter(await openFile('/dev/full', 'r+'), 0, told)
  writer.append('one\n')
  await t.rejects(writer.durable(), { code: 'ENOSPC' })
  t.notOk(writer.isBroken)
  await writer.close()
  t.match(told.events, [/^full/])
})
