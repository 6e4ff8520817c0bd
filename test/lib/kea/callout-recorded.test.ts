import t from 'tap'
import { eventsOf } from '../../../lib/kea/callout.ts'
import type { Point } from '../../../schemas/kea/callout.ts'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { day, type Recorded, type Recording, recorded } from '../../recorded.ts'

const kinds = ({ point, env }: Pick<Recorded, 'point' | 'env'>) => eventsOf(point, env).map(event => event.kind)

/** How often each point, with the state it gave, meant which events in a recording. */
const census: Record<Recording, [point: Point, state: string, kinds: string, times: number][]> = {
  functional: [
    ['leases4_committed', '', 'committed', 77],
    ['leases4_committed', '', 'committed moved', 2],
    ['leases4_committed', '', 'released', 8],
    ['leases4_committed', '', 'declined', 2],
    ['leases4_committed', '', '', 1],
    ['lease4_renew', 'default', 'renewed', 23],
    ['lease4_renew', 'expired-reclaimed', 'renewed', 1],
    ['lease4_release', 'default', 'released', 8],
    ['lease4_decline', 'default', 'declined', 2],
    ['lease4_expire', 'default', 'expired', 17],
    ['lease4_expire', 'declined', 'recovered', 2],
    ['lease4_recover', 'declined', 'recovered', 2],
    ['leases6_committed', '', 'committed', 39],
    ['leases6_committed', '', 'committed committed', 8],
    ['leases6_committed', '', 'committed moved', 1],
    ['leases6_committed', '', 'released', 4],
    ['leases6_committed', '', 'released released', 2],
    ['leases6_committed', '', 'declined', 3],
    ['lease6_renew', 'default', 'renewed', 10],
    ['lease6_rebind', 'default', 'renewed', 4],
    ['lease6_release', 'default', 'released', 8],
    ['lease6_decline', 'default', 'declined', 3],
    ['lease6_expire', 'default', 'expired', 14],
    ['lease6_expire', 'declined', 'recovered', 3],
    ['lease6_recover', 'declined', 'recovered', 3],
  ],
  'expired-unreclaimed': [
    ['leases4_committed', '', 'committed', 14],
    ['lease4_renew', 'default', 'renewed', 3],
    ['lease4_expire', 'default', 'expired', 14],
  ],
  restart: [
    ['leases4_committed', '', 'committed', 12],
    ['lease4_renew', 'default', 'renewed', 1],
    ['lease4_expire', 'default', 'expired', 1],
  ],
  ha1: [
    ['leases4_committed', '', 'committed', 12],
    ['leases4_committed', '', 'released', 1],
    ['leases4_committed', '', 'declined', 1],
    ['lease4_renew', 'default', 'renewed', 3],
    ['lease4_release', 'default', 'released', 1],
    ['lease4_decline', 'default', 'declined', 1],
    ['lease4_expire', 'default', 'expired', 2],
    ['lease4_expire', 'declined', 'recovered', 1],
    ['lease4_recover', 'declined', 'recovered', 1],
  ],
  ha2: [
    ['leases4_committed', '', 'committed', 5],
    ['leases4_committed', '', 'released', 1],
    ['lease4_renew', 'default', 'renewed', 1],
    ['lease4_release', 'default', 'released', 1],
    ['lease4_expire', 'default', 'expired', 3],
    ['lease4_expire', 'declined', 'recovered', 1],
    ['lease4_recover', 'declined', 'recovered', 1],
  ],
  kea3: [
    ['leases4_committed', '', 'committed', 7],
    ['leases4_committed', '', 'committed moved', 1],
    ['leases4_committed', '', 'released', 1],
    ['leases4_committed', '', 'declined', 1],
    ['leases4_committed', '', '', 2],
    ['lease4_renew', 'default', 'renewed', 5],
    ['lease4_renew', 'expired-reclaimed', 'renewed', 1],
    ['lease4_release', 'default', 'released', 1],
    ['lease4_decline', 'default', 'declined', 1],
    ['lease4_expire', 'default', 'expired', 2],
    ['lease4_expire', 'released', 'released', 1],
    ['lease4_expire', 'declined', 'recovered', 1],
    ['lease4_recover', 'declined', 'recovered', 1],
    ['leases6_committed', '', 'committed', 6],
    ['leases6_committed', '', 'committed committed', 2],
    ['leases6_committed', '', 'committed moved', 1],
    ['leases6_committed', '', 'released released', 1],
    ['leases6_committed', '', 'declined', 1],
    ['leases6_committed', '', '', 2],
    ['lease6_renew', 'default', 'renewed', 4],
    ['lease6_rebind', 'default', 'renewed', 2],
    ['lease6_release', 'default', 'released', 2],
    ['lease6_decline', 'default', 'declined', 1],
    ['lease6_expire', 'default', 'expired', 1],
    ['lease6_expire', 'released', 'released', 2],
    ['lease6_expire', 'declined', 'recovered', 1],
    ['lease6_recover', 'declined', 'recovered', 1],
    ['addr6_register', '', 'renewed', 3],
  ],
}

for (const [name, rows] of Object.entries(census) as [Recording, (typeof census)[Recording]][]) {
  t.test(`recorded from Kea: ${name}`, async t => {
    const seen: Record<string, number> = {}
    for (const call of recorded(name)) {
      const row = [call.point, call.env.LEASE4_STATE ?? call.env.LEASE6_STATE ?? '', kinds(call).join(' ')].join('|')
      seen[row] = (seen[row] ?? 0) + 1
    }
    t.same(seen, Object.fromEntries(rows.map(([...row]) => [row.slice(0, 3).join('|'), row[3]])))
  })
}

t.test('every event is a LeaseEvent with the point as its cause', async t => {
  for (const call of [...recorded('functional'), ...recorded('expired-unreclaimed'), ...recorded('kea3')]) {
    for (const event of eventsOf(call.point, call.env)) {
      t.same(LeaseEvent.parse(event), event)
      t.match(event, { source: 'hook', cause: call.point, family: call.point.includes('6_') ? 6 : 4 })
    }
  }
})

t.test('the day of the demo: every lease that ends has begun, some of them later', async t => {
  const calls = day()
  const events = calls.flatMap(({ point, variables }) => eventsOf(point, variables))
  const begun = new Set(
    events.filter(({ kind }) => kind === 'committed').map(({ address, cltt }) => `${address} ${cltt}`),
  )
  for (const { kind, address, cltt } of events) t.ok(begun.has(`${address} ${cltt}`), `${kind} ${address}`)
  const kinds = ['committed', 'declined', 'expired', 'moved', 'recovered', 'released', 'renewed']
  t.same([...new Set(events.map(({ kind }) => kind))].sort(), kinds)
  t.same([...new Set(events.map(({ type }) => type))].sort(), ['IA_NA', 'IA_PD', 'V4'])
})
