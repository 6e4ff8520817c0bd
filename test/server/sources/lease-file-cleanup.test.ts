import { appendFile, copyFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { FIXTURES, follow, HEADER, recorded, row } from './followed.ts'

t.test('the clean-up that was recorded, from beginning to end', async t => {
  for (const family of [4, 6] as const) {
    const log1 = await recorded(`lfc/log1-${family}.csv`)
    const [header] = log1.split('\n')
    const lines = (text: string) => text.trimEnd().split('\n').slice(1)
    const addressesOf = (text: string) => new Set(lines(text).map(line => line.split(',')[0]))
    const { path, file, news, told } = await follow(t, path => writeFile(path, log1), { family })
    t.equal(news().length, addressesOf(log1).size)
    t.match(told(), [/^complete: /])

    await rename(path, `${path}.1`)
    await writeFile(path, `${header}\n`)
    await file.look()
    t.same(news(), [], 'the lease file is empty but for its header, and nothing has gone')
    const [complete] = told()

    await writeFile(`${path}.pid`, '17484')
    await copyFile(join(FIXTURES, `lfc/compact1-${family}.csv`), `${path}.output`)
    await file.look()
    await rename(`${path}.output`, `${path}.completed`)
    await file.look()
    await unlink(`${path}.1`)
    await rename(`${path}.completed`, `${path}.2`)
    await unlink(`${path}.pid`)
    await file.look()
    t.same(news(), [])

    const log2 = await recorded(`lfc/log2-${family}.csv`)
    await appendFile(
      path,
      lines(log2)
        .map(line => `${line}\n`)
        .join(''),
    )
    await file.look()
    t.equal(news().length, addressesOf(log2).size)
    await rename(path, `${path}.1`)
    await writeFile(path, `${header}\n`)
    await copyFile(join(FIXTURES, `lfc/compact2-${family}.csv`), `${path}.completed`)
    await file.look()
    t.same(news(), [])
    const compact = [...addressesOf(await recorded(`lfc/compact2-${family}.csv`))].sort()
    t.same(told(), [`complete: ${compact.join(' ')}`])
    t.match(complete, /^complete: /)
  }
})

t.test('a start after a clean-up reads all files in their order', async t => {
  const rows: [what: string, files: Record<string, string>, expected: string[]][] = [
    [
      '.2, .1 and the lease file',
      { '.2': row(1, 'a') + row(2, 'b'), '.1': row(2, 'c') + row(3, 'd'), '': row(3, 'e') },
      ['1 a', '2 c', '3 e'],
    ],
    [
      '.completed holds .2 and .1',
      { '.completed': row(1, 'a'), '.2': row(2, 'old'), '.1': row(1, 'old'), '': row(3, 'e') },
      ['1 a', '3 e'],
    ],
    ['.output counts for nothing', { '.output': row(1, 'x'), '': row(2, 'b') }, ['2 b']],
  ]
  for (const [what, files, expected] of rows) {
    const { news, told } = await follow(t, async path => {
      for (const [suffix, text] of Object.entries(files)) await writeFile(path + suffix, HEADER + text)
    })
    t.same(
      news().sort(),
      expected.map(one => `committed 192.0.2.${one}`),
      what,
    )
    t.equal(told().length, 1)
  }
})

t.test('rows that came just before the file was renamed', async t => {
  const { path, file, news, told } = await follow(t, path => writeFile(path, HEADER + row(1, 'a')))
  news()
  await appendFile(path, row(2, 'b') + row(1, 'a', 0))
  await rename(path, `${path}.1`)
  await writeFile(path, HEADER + row(3, 'c'))
  await writeFile(`${path}.2`, HEADER + row(2, 'b'))
  await unlink(`${path}.1`)
  await file.look()
  t.same(news(), ['committed 192.0.2.2 b', 'released 192.0.2.1 a', 'committed 192.0.2.3 c'])
  t.same(told().at(-1), 'complete: 192.0.2.2 192.0.2.3')
})

t.test('clean-ups under load lose no row', async t => {
  const { path, file, news, told } = await follow(t, path => writeFile(path, HEADER), { poll: 3 })
  const heard = new Set<string>()
  const kept = new Map<number, string>()
  for (let round = 0; round < 60; round++) {
    const name = `round-${round}`
    const last = 1 + (round % 200)
    await appendFile(path, row(last, name))
    kept.set(last, row(last, name))
    await rename(path, `${path}.1`)
    await writeFile(path, HEADER)
    await writeFile(`${path}.output`, HEADER + [...kept.values()].join(''))
    await rename(`${path}.output`, `${path}.completed`)
    await rm(`${path}.2`, { force: true })
    await unlink(`${path}.1`)
    await rename(`${path}.completed`, `${path}.2`)
    if (round % 7 === 0) await sleep(4)
    for (const one of news()) heard.add(one)
  }
  await file.look()
  for (const one of news()) heard.add(one)
  t.equal(heard.size, 60)
  t.equal(told().at(-1)?.split(' ').length, 61)
})
