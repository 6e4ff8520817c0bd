import { appendFile, mkdir, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { follow, HEADER, recorded, row } from './followed.ts'

const inState = (state: number, text: string): string => text.replace(/0,\n$/, `${state},\n`)

t.test('what is appended', async t => {
  const { path, file, news, told } = await follow(t, path => writeFile(path, HEADER))
  t.same(told(), ['complete: '])
  const cases: [what: string, text: string, expected: string[]][] = [
    ['a grant', row(1, 'a'), ['committed 192.0.2.1 a']],
    ['a torn row waits', row(2, 'b').slice(0, 30), []],
    ['for its end', row(2, 'b').slice(30), ['committed 192.0.2.2 b']],
    ['a generated name', row(3, '') + row(3, 'gen'), ['committed 192.0.2.3 gen']],
    ['the same once more', row(3, 'gen'), []],
    ['a release', row(1, 'a', 0), ['released 192.0.2.1 a']],
    [
      'a release that Kea 3 puts away at once',
      `${row(6, 'f')}${inState(3, row(6, 'f'))}${inState(2, row(6, 'f', 0))}`,
      ['released 192.0.2.6 f'],
    ],
    ['an expiry that Kea keeps', row(7, 'g', 10) + inState(2, row(7, 'g', 10)), ['expired 192.0.2.7 g']],
    [
      'a release that Kea 2.6 puts away at once',
      `${row(8, 'h')}${row(8, 'h', 0)}${inState(2, row(8, '', 0))}`,
      ['released 192.0.2.8 h'],
    ],
    ['blank lines', `\n${row(9, 'i')}\n\n`, ['committed 192.0.2.9 i']],
    ['and forgets', inState(2, row(7, 'g', 0)), ['expired 192.0.2.7 g']],
    ['an expiry that Kea keeps nothing of', row(4, 'd', 10) + row(2, 'b', 3600), ['committed 192.0.2.4 d']],
    ['an expiry that Kea keeps nothing of', row(4, 'd', 0), ['expired 192.0.2.4 d']],
  ]
  for (const [what, text, expected] of cases) {
    await appendFile(path, text)
    await file.look()
    t.same(news(), expected, what)
  }
  t.same(told(), [])
})

t.test('a change is seen without being asked for', async t => {
  const { path, news } = await follow(t, path => writeFile(path, HEADER))
  await appendFile(path, row(1, 'a'))
  const until = Date.now() + 5000
  let seen: string[] = []
  while (seen.length === 0 && Date.now() < until) {
    await sleep(10)
    seen = news()
  }
  t.same(seen, ['committed 192.0.2.1 a'])
})

t.test('what cannot be trusted', async t => {
  const cases: [what: string, start: (path: string) => unknown, reason: RegExp][] = [
    ['no file', () => {}, /^unknown: ENOENT/],
    ['an empty file', path => writeFile(path, ''), /^unknown: \/leases\.csv has no header yet$/],
    ['a torn header', path => writeFile(path, HEADER.slice(0, 20)), /has no header$/],
    ['no header', path => writeFile(path, row(1, 'a')), /expected the name of each column once/],
    ['a column is missing', path => writeFile(path, HEADER.replace('expire,', '') + row(1, 'a')), /expire among them/],
    [
      'a column stands twice',
      path => writeFile(path, HEADER.replace('\n', ',state\n')),
      /each column once, got "state"/,
    ],
    ['the other family', async path => writeFile(path, await recorded('functional6.csv')), /a DHCPv4 lease file/],
    [
      'an older file without a header',
      async path => Promise.all([writeFile(path, HEADER), writeFile(`${path}.2`, row(1, 'a'))]),
      /\/leases\.csv\.2/,
    ],
    [
      'an older file that ends within a row',
      async path => Promise.all([writeFile(path, HEADER), writeFile(`${path}.1`, HEADER + row(1, 'a').slice(0, 30))]),
      /\.1 ends within a row$/,
    ],
    ['a row without an end', path => writeFile(path, HEADER + 'x'.repeat(3 << 20)), /has no end within 1 MiB$/],
    ['a folder', path => mkdir(path), /EISDIR/],
  ]
  for (const [what, start, reason] of cases) {
    const { news, told } = await follow(t, start)
    t.same(news(), [], what)
    t.match(told(), [reason], what)
  }
})

t.test('a row that is not understood is told, and the others count', async t => {
  const { path, file, news, told } = await follow(t, path => writeFile(path, `${HEADER}nonsense\n${row(1, 'a')}`))
  t.same(news(), ['committed 192.0.2.1 a'])
  t.match(told(), [/^unknown: \/leases\.csv: 1 rows are not understood: nonsense: row: expected 11 columns, got 1$/])
  await rename(path, `${path}.1`)
  await writeFile(path, HEADER)
  await file.look()
  t.same(told(), [], 'as before')
  await writeFile(`${path}.completed`, HEADER + row(1, 'a'))
  await writeFile(`${path}.new`, HEADER)
  await rename(`${path}.new`, path)
  await file.look()
  t.same(news(), [])
  t.same(told(), ['complete: 192.0.2.1'], 'kea-lfc has left the row out')
})

t.test('a file that appears late, goes, and comes again', async t => {
  const { path, file, news, told } = await follow(t, () => {}, { poll: 30 })
  t.match(told(), [/^unknown: ENOENT/])
  await writeFile(path, HEADER + row(1, 'a'))
  await sleep(500)
  t.same(news(), ['committed 192.0.2.1 a'])
  t.same(told(), ['complete: 192.0.2.1'])
  await unlink(path)
  await file.look()
  await file.look()
  t.match(told(), [/^unknown: ENOENT/], 'told once')
  await writeFile(path, HEADER + row(1, 'a') + row(2, 'b'))
  await file.look()
  t.same(news(), ['committed 192.0.2.2 b'], 'what was known is not told again')
  t.same(told(), ['complete: 192.0.2.1 192.0.2.2'])
})

t.test('a file that was emptied and written anew', async t => {
  const { path, file, news, told } = await follow(t, path => writeFile(path, HEADER + row(1, 'a') + row(2, 'b')))
  news()
  told()
  await truncate(path, 0)
  await file.look()
  t.match(told(), [/has no header yet$/])
  await appendFile(path, HEADER + row(3, 'c'))
  await file.look()
  t.same(news(), ['committed 192.0.2.3 c'])
  t.same(told(), ['complete: 192.0.2.3'])
})

t.test('events that were not taken are given again', async t => {
  const { path, file, news, told, failNext } = await follow(t, path => writeFile(path, HEADER + row(1, 'a')))
  news()
  told()
  failNext()
  await appendFile(path, row(2, 'b'))
  await file.look()
  t.same(news(), [])
  t.same(told(), ['unknown: the disk is full'])
  await file.look()
  t.same(news(), ['committed 192.0.2.2 b'])
  t.same(told(), ['complete: 192.0.2.1 192.0.2.2'])
})

t.test('a file that cannot be read', async t => {
  const { told } = await follow(t, path => symlink(path, path))
  t.match(told(), [/^unknown: ELOOP/])
})

t.test('100,000 rows', async t => {
  const rows = Array.from({ length: 100_000 }, (_, at) =>
    row(1, `host-${at}`).replace('192.0.2.1', `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`),
  )
  const started = performance.now()
  const { news, told } = await follow(t, path => writeFile(path, HEADER + rows.join('')))
  const took = performance.now() - started
  t.equal(news().length, 100_000)
  t.match(told(), [/^complete/])
  t.comment(`${Math.round(took)} ms`)
})
