import t from 'tap'
import { readPage } from '../../../lib/kea/lease-commands.ts'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { kea22 } from '../../recorded-answers.ts'

const leasesOf = (name: string): unknown[] =>
  (kea22().get(name)!.body as { arguments: { leases: unknown[] } }[])[0]!.arguments.leases

const page = (family: 4 | 6, leases: unknown[]) => {
  const read = readPage(family, leases)
  if (typeof read === 'string') throw new Error(read)
  return read
}

t.test('recorded pages', async t => {
  for (const [family, name, expected] of [
    [
      4,
      'lease4-get-page.1',
      [
        'committed V4 192.0.2.100  null 02:00:00:00:0a:00',
        'committed V4 192.0.2.101 full.lab.example. 01:02:00:00:00:0a:01 02:00:00:00:0a:01',
        'committed V4 192.0.2.102 a,b.lab.example. null 02:00:00:00:0a:02',
        'committed V4 192.0.2.103 n3.lab.example. null 02:00:00:00:0a:03',
      ],
    ],
    [
      4,
      'lease4-get-page.3',
      [
        'committed V4 192.0.2.108 n8.lab.example. null 02:00:00:00:0a:08',
        'committed V4 192.0.2.109 n9.lab.example. null 02:00:00:00:0a:09',
        'declined V4 192.0.2.150  null null',
      ],
    ],
    [
      6,
      'lease6-get-page.3',
      [
        'committed IA_NA 2001:db8:1::105 v6n5.lab6.example. 00:03:00:01:02:00:00:00:0b:05 5',
        'committed IA_PD 2001:db8:f000:100::  00:03:00:01:02:00:00:00:0b:77 9',
      ],
    ],
    [4, 'lease4-get-page.4', []],
  ] as const) {
    const { addresses, events, unreadable } = page(family, leasesOf(name))
    const said = events.map(({ kind, type, address, hostname, clientId, hwAddress, duid, iaid }) =>
      [kind, type, address, hostname, ...(family === 4 ? [clientId, hwAddress] : [duid, iaid])].join(' '),
    )
    t.same(
      said,
      expected.map(line => line.replaceAll('null', '')),
      name,
    )
    t.same(
      addresses,
      events.map(({ address }) => address),
      name,
    )
    t.same(unreadable, [], name)
    for (const event of events) {
      t.same(LeaseEvent.parse(event), event)
      t.match(event, {
        source: 'control',
        cause: `lease${family}-get-page`,
        cltt: 1795249563,
        validLft: 3600,
        subnetId: 1,
      })
    }
  }
})

const LEASE4 = {
  'ip-address': '192.0.2.1',
  'hw-address': '02:00:00:00:0a:00',
  hostname: 'a',
  cltt: 1,
  'valid-lft': 2,
  'subnet-id': 1,
  state: 0,
}
const LEASE6 = { 'ip-address': '2001:DB8::1', duid: '00:01', iaid: 7, type: 'IA_NA', cltt: 1, 'valid-lft': 2, state: 0 }

t.test('what each state means', async t => {
  for (const [state, kind] of [
    [0, 'committed'],
    [1, 'declined'],
    [2, 'expired'],
    [3, 'released'],
    [4, 'committed'],
  ] as const) {
    t.equal(page(4, [{ ...LEASE4, state }]).events[0]?.kind, kind, `${state}`)
    t.equal(page(6, [{ ...LEASE6, state }]).events[0]?.kind, kind, `${state}`)
  }
})

t.test('a lifetime of 0 is a release, whatever the state (Kea 2.3.2 to 2.6), but for a decline', async t => {
  for (const [state, kind] of [
    [0, 'released'],
    [1, 'declined'],
    [2, 'released'],
    [3, 'released'],
    [4, 'released'],
  ] as const) {
    t.equal(page(4, [{ ...LEASE4, state, 'valid-lft': 0 }]).events[0]?.kind, kind, `${state}`)
    t.equal(page(6, [{ ...LEASE6, state, 'valid-lft': 0 }]).events[0]?.kind, kind, `${state}`)
  }
})

t.test('the flags of a lease hold where Kea updates DNS, and one flag alone always', async t => {
  const flags = (forward: boolean, reverse: boolean, updatesDns: boolean) => {
    const read = readPage(4, [{ ...LEASE4, 'fqdn-fwd': forward, 'fqdn-rev': reverse }], updatesDns)
    return typeof read === 'string' ? read : read.events[0]?.ddns
  }
  t.same(flags(false, false, false), undefined, 'as every lease of a Kea without updates has them')
  t.same(flags(false, false, true), { forward: false, reverse: false })
  t.same(flags(true, true, true), { forward: true, reverse: true })
  t.same(flags(false, true, false), { forward: false, reverse: true })
})

t.test('a host name that none can have is no reason to refuse a lease', async t => {
  t.match(page(4, [{ ...LEASE4, hostname: 'a\nb' }]), { events: [{ hostname: 'a\ufffdb' }], unreadable: [] })
})

t.test('as later Keas tell it', async t => {
  const { events } = page(4, [{ ...LEASE4, 'pool-id': 0, 'client-id': '', 'hw-type': 6, 'relay-id': null }])
  t.match(events[0], { clientId: null, hwType: 6 })
  t.match(page(6, [LEASE6]).events[0], { address: '2001:db8::1', hwAddress: null })
})

t.test('a lease that cannot be read is one address of which nothing is known', async t => {
  for (const [family, change, reason] of [
    [4, { cltt: -1 }, /^cltt: expected a whole number .* got -1$/],
    [4, { cltt: undefined }, /^cltt: .* got nothing$/],
    [4, { 'valid-lft': '9'.repeat(300) }, /^valid-lft: .{0,200}…$/],
    [4, { state: 9 }, /^state: expected one of default, /],
    [4, { hostname: { a: 1 } }, /^hostname: /],
    [4, { 'hw-address': 'zz' }, /^hw-address: /],
    [4, { 'hw-address': '' }, /^hw-address: expected a hardware address, or a client-id beside it, got none$/],
    [6, { type: 'IA_TA' }, /^type: expected IA_NA or IA_PD/],
    [6, { duid: '' }, /^duid: expected the DUID of a client/],
  ] as const) {
    const good = family === 4 ? { ...LEASE4, 'ip-address': '192.0.2.9' } : { ...LEASE6, 'ip-address': '2001:db8::9' }
    const bad = { ...(family === 4 ? LEASE4 : LEASE6), ...change }
    const { addresses, events, unreadable } = page(family, [bad, good])
    t.same(addresses, family === 4 ? ['192.0.2.1', '192.0.2.9'] : ['2001:db8::1', '2001:db8::9'])
    t.same(
      events.map(({ address }) => address),
      addresses.slice(1),
      String(reason),
    )
    t.match(unreadable, [{ address: addresses[0], reason }], String(reason))
  }
})

t.test('a lease without an address spoils the page', async t => {
  for (const [family, lease] of [
    [4, null],
    [4, 'x'],
    [4, {}],
    [4, { ...LEASE4, 'ip-address': '192.0.2' }],
    [4, { ...LEASE4, 'ip-address': 3221225985 }],
    [4, LEASE6],
    [6, LEASE4],
  ] as const) {
    t.equal(readPage(family, [lease]), `lists a lease that has no IPv${family} address`)
  }
})

t.test('what Kea keeps of a lease that has ended', async t => {
  const ended = { 'ip-address': '192.0.2.1', 'hw-address': '02:00:00:00:00:01', hostname: '', cltt: 1, 'subnet-id': 1 }
  for (const [what, state, lifetime, kind] of [
    ['reclaimed', 2, 3600, 'expired'],
    ['released, in Kea 3', 3, 0, 'released'],
    ['released, and reclaimed since, in Kea 3', 2, 0, 'released'],
  ] as const) {
    t.match(page(4, [{ ...ended, state, 'valid-lft': lifetime }]).events, [{ kind }], what)
  }
})
