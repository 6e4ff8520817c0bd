import t from 'tap'
import { isNewerSerial, Journal } from '../../../../lib/dns/zone/journal.ts'
import type { ZoneRR } from '../../../../lib/dns/zone/name-tree.ts'

const LAST = 2 ** 32 - 1

t.test('one serial is newer than another (RFC 1982)', async t => {
  const table: [one: number, other: number, isNewer: boolean][] = [
    [2, 1, true],
    [1, 2, false],
    [1, 1, false],
    [0, LAST, true],
    [LAST, 0, false],
    [2 ** 31 - 1, 0, true],
    [2 ** 31, 0, false],
  ]
  for (const [one, other, isNewer] of table) t.equal(isNewerSerial(one, other), isNewer, `${one} and ${other}`)
})

const rr = (value: string): ZoneRR => ({ name: 'a.lab.example', type: 'A', ttl: 60, value })

const filled = (most: number, from: number, count: number): Journal => {
  const journal = new Journal(most)
  for (let i = 0; i < count; i++)
    journal.add({ from: (from + i) >>> 0, removed: [rr(`10.0.0.${i}`)], added: [rr(`10.0.0.${i + 1}`)] })
  return journal
}

t.test('the journal reaches back as far as its bound', async t => {
  const since = (journal: Journal, serial: number) => journal.since(serial)?.map(({ from }) => from) ?? null
  const table: [what: string, journal: Journal, serial: number, froms: number[] | null][] = [
    ['all', filled(6, 7, 3), 7, [7, 8, 9]],
    ['a part', filled(6, 7, 3), 9, [9]],
    ['the newest version', filled(6, 7, 3), 10, null],
    ['one that never was', filled(6, 7, 3), 12, null],
    ['before the first', filled(6, 7, 3), 6, null],
    ['forgotten', filled(6, 7, 5), 8, null],
    ['just not forgotten', filled(6, 7, 5), 9, [9, 10, 11]],
    ['over the end of the serials', filled(6, LAST, 3), LAST, [LAST, 0, 1]],
    ['nothing is kept', filled(0, 7, 3), 9, null],
    ['one change is larger than the bound', filled(1, 7, 1), 7, null],
  ]
  for (const [what, journal, serial, froms] of table) t.same(since(journal, serial), froms, what)
  const journal = filled(6, 7, 3)
  journal.clear()
  t.equal(since(journal, 9), null, 'cleared')
  journal.add({ from: 20, removed: [], added: [rr('10.0.0.1')] })
  t.same(since(journal, 20), [20], 'and begun anew')
})
