import { readFileSync } from 'node:fs'
import t from 'tap'
import { subjectOf } from '../../../lib/plan/record.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { RecordRef } from '../../../schemas/model/record.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const RED = 'red.lab.example'
const [ONE, TWO] = ['192.0.2.1', '192.0.2.2']

const on = (address: string, hostname: string, client: string, cltt: number) =>
  event({ kind: 'committed', address, hostname, client, cltt })
const expired = (address: string, client: string, cltt: number) => event({ kind: 'expired', address, client, cltt })

/** The events behind the leases of each row that lib/plan/plan.ts draws; the last is the one that is planned. */
const EVENTS: Record<string, LeaseEvent[]> = {
  '.1 granted to a': [on(ONE, 'red', '0a', 1000)],
  '.1 of a expired': [on(ONE, 'red', '0a', 1000), expired(ONE, '0a', 1000)],
  '.1 of b expired, .2 granted to b': [
    on(ONE, 'red', '0b', 1000),
    expired(ONE, '0b', 1000),
    on(TWO, 'red', '0b', 5000),
  ],
  '.1 granted to a, .2 granted to b': [on(ONE, 'red', '0a', 1000), on(TWO, 'red', '0b', 5000)],
  'none: .1 went to b, who is green': [on(ONE, 'red', '0a', 1000), on(ONE, 'green', '0b', 5000)],
}

/** "A, PTR .1" of the RRs of one address, several addresses apart by "; ". */
const listed = (rrs: { type: string; address: string }[]): string =>
  [...Map.groupBy(rrs, ({ address }) => address)]
    .map(([address, own]) => `${own.map(({ type }) => type).join(', ')} .${address.split('.').at(-1)}`)
    .join('; ')

const rrOf = ({ type, name, value }: RecordRef) => ({
  type: type!,
  address: type === 'PTR' ? name!.split('.').slice(0, 4).reverse().join('.') : value!,
})

const isRed = ({ type, name, value }: RecordRef): boolean =>
  subjectOf({ type: type!, name: name!, value: value! }) === RED

/** The row that the code fills in for events, as it is drawn. */
const rowOf = (events: LeaseEvent[]): { owned: string; plan: string } => {
  const world = new World()
  world.hear(...events.slice(0, -1))
  world.publish()
  const owned = listed([...world.state.records.values()].filter(one => one.applied && isRed(one)).map(rrOf))
  const decisions = world.hear(events.at(-1)!).filter(({ record }) => isRed(record))
  const plan = [...Map.groupBy(decisions, ({ verb, rule }) => `${verb} ${rule}`)]
    .map(([how, own]) => `${listed(own.map(({ record }) => rrOf(record)))} ${how}`)
    .join('; ')
  return { owned: owned || 'nothing', plan }
}

const drawn = readFileSync(new URL('../../../lib/plan/plan.ts', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line.startsWith(' *     red  |'))
  .map(line => line.split('|').map(cell => cell.trim()))

t.equal(drawn.length, 5, 'five rows are drawn')
t.strictSame(drawn.map(([, leases]) => leases).sort(), Object.keys(EVENTS).sort())

for (const [, leases, owned, plan] of drawn) {
  t.test(`the row as it is drawn: ${leases}`, async t => {
    t.strictSame(rowOf(EVENTS[leases!]!), { owned, plan })
  })
}
