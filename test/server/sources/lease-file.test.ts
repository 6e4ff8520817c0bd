import {
  appendFile,
  chmod,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { Family } from '../../../lib/address.ts'
import type { LeaseEvent } from '../../../schemas/lease-event.ts'
import { openLeaseFile } from '../../../server/sources/lease-file.ts'

const FIXTURES = fileURLToPath(new URL('../../fixtures/kea/memfile/', import.meta.url))
const recorded = (name: string): Promise<string> => readFile(join(FIXTURES, name), 'utf8')

const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'
const T = 1_795_248_907
const row = (last: number, name: string, lifetime = 3600, cltt = T) =>
  `192.0.2.${last},02:00:00:00:01:${last.toString(16).padStart(2, '0')},,${lifetime},${cltt + lifetime},1,1,1,${name},0,\n`

/** A folder for a lease file that is followed, and what was told of it. */
const follow = async (t: Test, start: (path: string) => unknown, { family = 4 as Family, poll = 60_000 } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-memfile-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'leases.csv')
  await start(path)
  const events: LeaseEvent[] = []
  const told: string[] = []
  let fails = 0
  const silent = () => {}
  const sink = {
    events: async (some: LeaseEvent[]) => {
      if (fails-- > 0) throw new Error('the disk is full')
      events.push(...some)
    },
    unknown: (reason: string) => void told.push(`unknown: ${reason.replaceAll(folder, '')}`),
    complete: (addresses: Set<string>) => void told.push(`complete: ${[...addresses].sort().join(' ')}`),
    log: { info: silent, warn: silent, error: silent },
  }
  const file = openLeaseFile({ path, family, settle: 5, poll, now: () => (T + 60) * 1000 }, sink)
  t.teardown(() => file.close())
  await file.look()
  return {
    path,
    file,
    /** What was told since the last time. */
    news: () => events.splice(0).map(({ kind, address, hostname }) => `${kind} ${address} ${hostname}`),
    told: () => told.splice(0),
    failNext: () => {
      fails = 1
    },
  }
}

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
    ['a folder', path => import('node:fs/promises').then(({ mkdir }) => mkdir(path)), /EISDIR/],
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

t.test('a file that may not be read', { skip: process.getuid?.() === 0 && 'root may read everything' }, async t => {
  const { told } = await follow(t, async path => {
    await writeFile(path, HEADER)
    await chmod(path, 0)
  })
  t.match(told(), [/^unknown: EACCES/])
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
  t.ok(took < 6000)
})
