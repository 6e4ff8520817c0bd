import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Zone } from '../../../lib/dns/zone/zone.ts'
import { nextChange } from '../../../lib/publish/change.ts'
import type { Marker } from '../../../lib/publish/desired.ts'
import { stateOf } from '../../../lib/publish/name-state.ts'
import type { OwnedRecord, RecordType } from '../../../schemas/model/record.ts'
import { MARKERS, NAME, owned } from './look-records.ts'

/*
 * A server leaves out an RR beside a CNAME, and a CNAME beside other RRs, without a word (RFC 2136 §3.4.2.2). So whatever a
 * change adds, its prerequisites must fail where it would be left out.
 */

const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }
const DB = 'db.lab.example'
const VALUES: Record<Exclude<RecordType, 'PTR'>, string> = { A: '192.0.2.1', AAAA: '2001:db8::1', CNAME: DB }
const NEW: Partial<OwnedRecord> = { applied: null, written: null }
const GOING: Partial<OwnedRecord> = { wanted: null, goal: 'removed' }

type Owned = [type: keyof typeof VALUES, fields?: Partial<OwnedRecord>]

const zoneWith = (lines: string[]): Zone => {
  const zone = new Zone('lab.example', SOA, ['ns.lab.example'])
  for (const line of lines) {
    const [type, value] = line.split(' ') as ['A' | 'TXT' | 'CNAME', string]
    zone.make([{ do: 'add', rr: { name: NAME, type, ttl: 60, value } }])
  }
  return zone
}

/** The change of the name by what its records say, and which of its attempts the zone makes; -1 for none. */
const made = (marker: Marker, records: Owned[], zone: Zone): number => {
  const all = records.map(([type, fields]) => owned(marker, type, VALUES[type], fields))
  const change = nextChange(all, [stateOf(all)], marker)
  const attempts = change?.attempts ?? []
  const at = attempts.findIndex(({ prerequisites }) => zone.permits(prerequisites) === null)
  if (at >= 0) zone.make(attempts[at]!.updates)
  return at
}

const CASES: { case: string; owned: Owned[]; there: string[]; after: string[]; marker?: Marker }[] = [
  { case: 'an alias where nothing is', owned: [['CNAME', NEW]], there: [], after: [`CNAME ${DB}`] },
  { case: 'an alias where a TXT is', owned: [['CNAME', NEW]], there: ['TXT note'], after: ['TXT note'] },
  { case: 'an alias where another is', owned: [['CNAME', NEW]], there: ['CNAME x.org'], after: ['CNAME x.org'] },
  { case: 'an alias goes as it was written', owned: [['CNAME', GOING]], there: [`CNAME ${DB}`], after: [] },
  {
    case: 'an alias that is another by now',
    owned: [['CNAME', GOING]],
    there: ['CNAME x.org'],
    after: ['CNAME x.org'],
  },
  {
    case: 'an alias gives way to an address in one change',
    owned: [
      ['CNAME', GOING],
      ['A', NEW],
    ],
    there: [`CNAME ${DB}`],
    after: ['A 192.0.2.1'],
    marker: 'none',
  },
  {
    case: 'an address gives way to an alias in two: first it goes',
    owned: [
      ['A', GOING],
      ['CNAME', NEW],
    ],
    there: ['A 192.0.2.1'],
    after: [],
    marker: 'none',
  },
  {
    case: 'a second family, where a person made an alias of the name',
    owned: [['A'], ['AAAA', NEW]],
    there: ['CNAME x.org'],
    after: ['CNAME x.org'],
    marker: 'none',
  },
]

for (const row of CASES) {
  t.test(row.case, async t => {
    for (const marker of row.marker ? [row.marker] : MARKERS) {
      const zone = zoneWith(row.there)
      made(marker, row.owned, zone)
      const there = zone.rrsAt(NAME).map(({ type, value }) => `${type} ${value}`)
      t.strictSame(there.sort(), row.after, marker)
    }
  })
}

t.test('a step that cannot be made is no end: the name is read', async t => {
  const records = [owned('none', 'CNAME', DB, NEW)]
  const others = { marker: null, sets: [], others: [{ type: 'TXT', value: 'note' }] }
  t.strictSame(nextChange(records, [others], 'none')?.attempts, [])
})

const record = fc.record({
  type: fc.constantFrom<keyof typeof VALUES>('A', 'AAAA', 'CNAME'),
  is: fc.constantFrom<Partial<OwnedRecord>>({}, NEW, GOING),
})

t.test('whatever is at the name, what a server makes of a change it makes wholly', async () => {
  const there = fc.constantFrom<string[]>(
    [],
    ['CNAME x.org'],
    [`CNAME ${DB}`],
    ['TXT note'],
    ['A 192.0.2.1'],
    ['A 192.0.2.9'],
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(record, { selector: ({ type }) => type, minLength: 1 }),
      there,
      fc.constantFrom(...MARKERS),
      (records, lines, marker) => {
        const isAlias = records.some(({ type, is }) => type === 'CNAME' && is.wanted !== null)
        const isHost = records.some(({ type, is }) => type !== 'CNAME' && is.wanted !== null)
        fc.pre(!(isAlias && isHost))
        const all = records.map(({ type, is }) => owned(marker, type, VALUES[type], is))
        const zone = zoneWith(lines)
        const { attempts = [] } = nextChange(all, [stateOf(all)], marker) ?? {}
        const attempt = attempts.find(({ prerequisites }) => zone.permits(prerequisites) === null)
        zone.make(attempt?.updates ?? [])
        for (const update of attempt?.updates ?? []) if (update.do === 'add') assert.ok(zone.has(update.rr))
      },
    ),
    { numRuns: 3000 },
  )
})
