import t from 'tap'
import { unknownStatus } from '../../lib/kea/ha.ts'
import { isLeftOver } from '../../lib/plan/record.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { Gate } from '../../server/gate.ts'

const SHAPE = { ttl: 300, dhcid: '00' }
const LEFT = {
  address: '10.1.0.1',
  rule: 'reassigned',
  wanted: null,
  applied: SHAPE,
  sent: null,
  written: SHAPE,
  stopped: null,
} as OwnedRecord

const ROWS: [what: string, fields: Partial<OwnedRecord>, isLeft: boolean][] = [
  ['it is in DNS', {}, true],
  ['it may be in DNS yet', { applied: null, sent: SHAPE }, true],
  ['it is gone', { applied: null }, false],
  ['the other node wrote it', { written: null }, false],
  ['it is wanted', { wanted: SHAPE }, false],
  ['its lease expired', { rule: 'expired' }, false],
  ['its client has the name elsewhere', { rule: 'superseded' }, false],
  ['a person took it over', { stopped: 'protected' }, false],
]

t.test(
  'a record is left over where this node wrote it, another client has its address, and DNS may have it',
  async t => {
    for (const [what, fields, isLeft] of ROWS) t.equal(isLeftOver({ ...LEFT, ...fields }), isLeft, what)
  },
)

t.test('the word of a standby counts for ten seconds, for what it listed, until the pair changes', async t => {
  let now = 1_000_000
  let changed = () => {}
  let status = { ...unknownStatus('works with its partner'), active: 'standby', isTogether: true } as const
  const watch = {
    kea: 'kea1',
    service: 'dhcp4',
    current: () => status,
    onChange: (listener: () => void) => {
      changed = listener
    },
  } as never
  const other = { ...LEFT, address: '10.1.0.2' }
  const state = { recordsOf: (address: string) => [LEFT, other].filter(one => one.address === address) }
  const store = { paused: false, sharing: null, state } as never
  const gate = new Gate({ store, watches: [watch], configurations: { covering: () => [] }, now: () => now })
  const told: (readonly string[] | null)[] = []
  gate.onOpen(addresses => void told.push(addresses))
  const opened = () => [gate.isOpen(), gate.maySend(), gate.isOpen(LEFT), gate.isOpen(other)]
  const list = () => gate.noteListed('kea1', 'dhcp4', gate.epochOf('kea1', 'dhcp4'), ['10.1.0.1', '10.1.0.3'])
  list()
  t.same(opened(), [false, false, false, false], 'not before it began')
  gate.begin()
  list()
  t.same(opened(), [false, true, true, false])
  t.same(told.at(-1), ['10.1.0.1'])
  t.notOk(gate.isOpen({ ...LEFT, wanted: SHAPE }), 'nothing is published')
  now += 9999
  t.same(opened(), [false, true, true, false])
  now += 1
  t.same(opened(), [false, false, false, false], 'it is over')
  list()
  status = { ...status, isTogether: false } as never
  t.same(opened(), [false, false, false, false], 'it no longer hears its partner')
  status = { ...status, isTogether: true }
  t.same(opened(), [false, true, true, false])
  const before = gate.epochOf('kea1', 'dhcp4')
  changed()
  t.same(opened(), [false, false, false, false], 'the pair changed')
  gate.noteListed('kea1', 'dhcp4', before, ['10.1.0.1'])
  t.same(opened(), [false, false, false, false], 'a listing from before proves nothing')
  t.ok(gate.isBehind(), 'so it is listed anew')
})
