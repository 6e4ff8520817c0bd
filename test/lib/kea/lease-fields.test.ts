import t from 'tap'
import { eventsOf } from '../../../lib/kea/callout.ts'
import { readPage } from '../../../lib/kea/lease-commands.ts'
import { COMMITTED, DELETED, EXPIRE } from '../../../lib/kea/lease-fields.ts'
import { columnsOf, eventsOfRows } from '../../../lib/kea/lease-file.ts'
import { address4, address6, type Check, hex, hostname, oneOf, state, uint32 } from '../../../lib/kea/values.ts'
import type { LeaseState } from '../../../schemas/kea/reported-lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'

type Row = [check: Check<unknown>, value: string | number, read: unknown]
const WRONG = undefined

const rows: Record<string, Row[]> = {
  'an IPv4 address': [
    [address4, '192.0.2.1', '192.0.2.1'],
    [address4, '2001:db8::1', WRONG],
    [address4, '192.0.2.256', WRONG],
    [address4, '192.0.2', WRONG],
    [address4, '192.0.2.01', WRONG],
    [address4, ' 192.0.2.1', WRONG],
    [address4, '', WRONG],
    [address4, 1, WRONG],
  ],
  'an IPv6 address': [
    [address6, '2001:db8::1', '2001:db8::1'],
    [address6, '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    [address6, '192.0.2.1', WRONG],
    [address6, 'fe80::1%eth0', WRONG],
    [address6, '2001:db8::/64', WRONG],
    [address6, ':', WRONG],
    [address6, '', WRONG],
  ],
  'a number': [
    [uint32, '0', 0],
    [uint32, '4294967295', 4_294_967_295],
    [uint32, 3600, 3600],
    [uint32, '4294967296', WRONG],
    [uint32, '-1', WRONG],
    [uint32, -1, WRONG],
    [uint32, 1.5, WRONG],
    [uint32, Number.NaN, WRONG],
    [uint32, '1e3', WRONG],
    [uint32, '0x10', WRONG],
    [uint32, ' 1', WRONG],
    [uint32, '1\n', WRONG],
    [uint32, 'soon', WRONG],
    [uint32, '', WRONG],
  ],
  'a hostname': [
    [hostname, '', ''],
    [hostname, 'alpha.lab.example.', 'alpha.lab.example.'],
    [hostname, 'büro', 'büro'],
    [hostname, 'b\ufffdro', 'b\ufffdro'],
    [hostname, 'x'.repeat(255), 'x'.repeat(255)],
    [hostname, 'x'.repeat(256), WRONG],
    [hostname, 'a\0b', WRONG],
    [hostname, 'a\nb', WRONG],
    [hostname, 'a\x7f', WRONG],
    [hostname, 'a\x9b', WRONG],
  ],
  'bytes in hex': [
    [hex(20), '02:00:5e:10:00:01', '02:00:5e:10:00:01'],
    [hex(20), '02:00:5E:10:00:01', '02:00:5e:10:00:01'],
    [hex(20), '02-00-5e-10-00-01', '02:00:5e:10:00:01'],
    [hex(20), '2:0:5e:10:0:1', '02:00:5e:10:00:01'],
    [hex(20), '02005E100001', '02:00:5e:10:00:01'],
    [hex(130), '00', '00'],
    [hex(20), Array(20).fill('ab').join(':'), Array(20).fill('ab').join(':')],
    [hex(20), Array(21).fill('ab').join(':'), WRONG],
    [hex(130), 'ab'.repeat(131), WRONG],
    [hex(255), 'ab'.repeat(255), Array(255).fill('ab').join(':')],
    [hex(255), 'ab'.repeat(256), WRONG],
    [hex(20), '02:00:5g', WRONG],
    [hex(20), '02:', WRONG],
    [hex(20), ':02', WRONG],
    [hex(20), '02::01', WRONG],
    [hex(20), '020', WRONG],
    [hex(20), '', WRONG],
  ],
  'a state': [
    [state, 'default', 'default'],
    [state, 'expired-reclaimed', 'expired-reclaimed'],
    [state, 0, 'default'],
    [state, 1, 'declined'],
    [state, 2, 'expired-reclaimed'],
    [state, 3, 'released'],
    [state, 4, 'registered'],
    [state, 5, WRONG],
    [state, '1', WRONG],
    [state, 'unknown (7)', WRONG],
    [state, 'constructor', WRONG],
  ],
  'a choice': [
    [oneOf('IA_NA', 'IA_PD'), 'IA_PD', 'IA_PD'],
    [oneOf('IA_NA', 'IA_PD'), 'IA_TA', WRONG],
  ],
}

for (const [what, cases] of Object.entries(rows)) {
  t.test(what, async t => {
    for (const [check, value, read] of cases) t.equal(check.read(value), read, JSON.stringify(value))
  })
}

/** The table at the head of lease-fields.ts, each cell as a name and the text or number that Kea writes there. */
type Notations = [variable: [string, string], key: [string, string | number], column: [string, string]]
const V4: [field: keyof LeaseEvent, value: unknown, ...Notations][] = [
  ['address', '192.0.2.1', ['ADDRESS', '192.0.2.1'], ['ip-address', '192.0.2.1'], ['address', '192.0.2.1']],
  ['hostname', 'a,b', ['HOSTNAME', 'a,b'], ['hostname', 'a,b'], ['hostname', 'a&#x2cb']],
  ['cltt', 1000, ['CLTT', '1000'], ['cltt', 1000], ['expire', '4600']],
  ['validLft', 3600, ['VALID_LIFETIME', '3600'], ['valid-lft', 3600], ['valid_lifetime', '3600']],
  ['subnetId', 7, ['SUBNET_ID', '7'], ['subnet-id', 7], ['subnet_id', '7']],
  ['hwAddress', '02:00', ['HWADDR', '02:00'], ['hw-address', '02:00'], ['hwaddr', '02:00']],
  ['clientId', '01:02', ['CLIENT_ID', '01:02'], ['client-id', '01:02'], ['client_id', '01:02']],
  ['kind', 'declined', ['STATE', 'declined'], ['state', 1], ['state', '1']],
]
const V6: typeof V4 = [
  ['type', 'IA_PD', ['TYPE', 'IA_PD'], ['type', 'IA_PD'], ['lease_type', '2']],
  ['address', '2001:db8::', ['ADDRESS', '2001:DB8::'], ['ip-address', '2001:db8::'], ['address', '2001:db8::']],
  ['hostname', '', ['HOSTNAME', ''], ['hostname', ''], ['hostname', '']],
  ['cltt', 1000, ['CLTT', '1000'], ['cltt', 1000], ['expire', '4294968295']],
  [
    'validLft',
    4_294_967_295,
    ['VALID_LIFETIME', '4294967295'],
    ['valid-lft', 2 ** 32 - 1],
    ['valid_lifetime', '4294967295'],
  ],
  ['subnetId', 7, ['SUBNET_ID', '7'], ['subnet-id', 7], ['subnet_id', '7']],
  ['hwAddress', '02:00', ['HWADDR', '02:00'], ['hw-address', '02:00'], ['hwaddr', '02:00']],
  ['hwType', 6, ['HWADDR_TYPE', '6'], ['hw-type', 6], ['hwtype', '6']],
  ['duid', '00:03', ['DUID', '00:03'], ['duid', '00:03'], ['duid', '00:03']],
  ['iaid', 9, ['IAID', '9'], ['iaid', 9], ['iaid', '9']],
  ['kind', 'committed', ['STATE', 'registered'], ['state', 4], ['state', '4']],
]
const OTHER_COLUMNS = { 4: ['fqdn_fwd', 'fqdn_rev'], 6: ['pref_lifetime', 'prefix_len', 'fqdn_fwd', 'fqdn_rev'] }

for (const [family, rows] of [
  [4, V4],
  [6, V6],
] as const) {
  t.test(`a lease of IPv${family} is the same in each notation`, async t => {
    const name = `LEASES${family}`
    const variables = Object.fromEntries(rows.map(([, , [variable, text]]) => [`${name}_AT0_${variable}`, text]))
    const [hook] = eventsOf(`leases${family}_committed`, { ...variables, [`${name}_SIZE`]: '1' })
    const page = readPage(family, [Object.fromEntries(rows.map(([, , , key]) => key))])
    const [listed] = typeof page === 'string' ? [] : page.events
    const cells = [...rows.map(([, , , , cell]) => cell), ...OTHER_COLUMNS[family].map(column => [column, ''])]
    const columns = columnsOf(cells.map(([column]) => column).join(), family)
    const line = cells.map(([, text]) => text).join()
    const [written] = eventsOfRows(new Map([['', { line, columns }]]), new Map(), null).events
    for (const [field, value] of rows) {
      t.equal(hook?.[field], value, `${field} by a hook`)
      t.equal(listed?.[field], value, `${field} by a lease command`)
      t.equal(written?.[field], value, `${field} in the lease file`)
    }
  })
}

t.test('what a lease means, by its state and what Kea did with it', async t => {
  const rows: [state: LeaseState, written: string, deleted: string, expire: string][] = [
    ['default', 'committed', 'released', 'expired'],
    ['declined', 'declined', 'recovered', 'recovered'],
    ['expired-reclaimed', 'expired', 'expired', 'expired'],
    ['released', 'released', 'released', 'released'],
    ['registered', 'committed', 'released', 'expired'],
  ]
  for (const [state, ...kinds] of rows) t.same([COMMITTED[state], DELETED[state], EXPIRE[state]], kinds, state)
})
