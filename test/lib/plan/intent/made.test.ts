import t from 'tap'
import { judgeMade, keaReservation, type MadeContext } from '../../../../lib/plan/intent/made.ts'
import type { Made } from '../../../../schemas/model/survey.ts'
import { clientOf, leaseOf, T0 } from '../../../server/http/stock.ts'

const NAME = 'pve1.lab.example.net'
const made: Made = { name: NAME, type: 'A', value: '10.1.0.5', since: 0 }
const leased = (name: string) => leaseOf('10.1.0.5', name, 1)
const ended = { client: clientOf(1), how: 'expired', cltt: T0, at: T0 * 1000 } as const
const NOTHING: MadeContext = { lease: undefined, others: [], isReserved: false, hasReservation: () => false }

const rows: [says: string, context: Partial<MadeContext>, kind: string | null][] = [
  ['leased to nobody', {}, 'should-be-reserved'],
  [
    'its lease is over',
    { lease: leaseOf('10.1.0.5', 'x.lab.example.net', 1, { ends: [ended] }) },
    'should-be-reserved',
  ],
  ['leased to the client that is called so', { lease: leased(NAME) }, 'should-be-reserved'],
  ['leased to a client that is called otherwise', { lease: leased('x.lab.example.net') }, 'address-leased'],
  ['the same, though reserved', { lease: leased('x.lab.example.net'), isReserved: true }, 'address-leased'],
  ['a second name', { others: ['www.lab.example.net'] }, 'two-names'],
  ['reserved', { isReserved: true }, null],
  ['leased to a client with a reservation', { lease: leased(NAME), hasReservation: () => true }, null],
]

for (const [says, context, kind] of rows)
  t.test(says, async t => t.equal(judgeMade(made, { ...NOTHING, ...context })?.kind ?? null, kind))

t.test('the reservation names the client as well as it is known', async t => {
  t.strictSame(keaReservation(made, clientOf(1)), {
    'hw-address': '02:00:5e:10:00:01',
    'ip-address': '10.1.0.5',
    hostname: 'pve1',
  })
  t.match(keaReservation(made, { ...clientOf(1), hwAddress: null }), { 'client-id': '01:02:00:5e:10:00:01' })
  t.match(keaReservation(made, null), { 'hw-address': 'xx:xx:xx:xx:xx:xx' })
  const six: Made = { ...made, type: 'AAAA', value: '2001:db8::5' }
  t.strictSame(keaReservation(six, { ...clientOf(1), hwAddress: null, duid: '00:04:aa', clientId: null }), {
    duid: '00:04:aa',
    'ip-addresses': ['2001:db8::5'],
    hostname: 'pve1',
  })
})
