import t from 'tap'
import { nextChange } from '../../../lib/publish/change.ts'
import { collapsed, NOT_IN_USE } from '../../../lib/publish/name-state.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import type { RecordType } from '../../../schemas/model/record.ts'
import { ENDPOINT, event } from '../site.ts'
import { World } from '../world.ts'

const NAME = 'red.lab.example'
const A = '192.0.2.1'
const V6 = '2001:db8::1'
const MAC = { clientId: null, hwAddress: '02:00:5e:10:00:01' }

const grant4 = event({ kind: 'committed', address: A, hostname: 'red', ...MAC, cltt: 1000 })
const grant6 = event({
  kind: 'committed',
  family: 6,
  type: 'IA_NA',
  address: V6,
  hostname: 'red',
  duid: '0003000102005e100001',
  iaid: 1,
  ...MAC,
  cltt: 1000,
})

/** One name of both families, and what one change after the other makes of it while some types are closed. */
const both = () => {
  const world = new World()
  for (const one of [grant4, grant6]) world.hear(one)
  let states: NameState[] = [NOT_IN_USE]
  const make = (...closed: RecordType[]) => {
    const change = nextChange(world.state.recordsAt(ENDPOINT, NAME), states, 'dhcid', new Set(closed))
    if (change !== null) states = collapsed(states, change.attempts, 0)
    return change
  }
  const there = () =>
    states.flatMap(({ sets, marker }) => [...sets.map(({ type }) => type), marker ? 'marked' : 'bare'])
  return { world, make, there }
}

t.test('a change touches only the records of a family that may be written', async t => {
  const { make, there } = both()
  const change = make('AAAA')
  t.same(there(), ['A', 'marked'])
  t.notMatch(JSON.stringify(change), /AAAA/)
  t.equal(make('AAAA'), null, 'nothing more is to be done while it is closed')
  make()
  t.same(there(), ['A', 'AAAA', 'marked'], 'and the other follows when it may')
})

t.test('what the other node keeps at the name keeps its marker', async t => {
  const { world, make, there } = both()
  make()
  world.hear(event({ kind: 'released', address: A, ...MAC, cltt: 1000 }))
  make('AAAA')
  t.same(there(), ['AAAA', 'marked'])
})

t.test('where nothing may be written there is no change', async t => {
  const { make, there } = both()
  t.equal(make('A', 'AAAA'), null)
  t.same(there(), ['bare'])
})
