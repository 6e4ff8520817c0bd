import t from 'tap'
import { eventsOf } from '../../../lib/kea/callout.ts'
import type { Point } from '../../../schemas/kea/callout.ts'
import { committed4, committed6, LEASE4, LEASE6, type Names } from './variables.ts'

t.test('a v4 lease', async t => {
  t.same(eventsOf('lease4_release', LEASE4), [
    {
      source: 'hook',
      cause: 'lease4_release',
      kind: 'released',
      family: 4,
      type: 'V4',
      address: '192.0.2.100',
      hostname: 'alpha.lab.example',
      cltt: 1_795_248_907,
      validLft: 3600,
      subnetId: 1,
      clientId: '01:02:00:00:00:01:01',
      hwAddress: '02:00:00:00:01:01',
      hwType: 1,
      duid: null,
      iaid: null,
    },
  ])
})

t.test('a lifetime of 0 is a release (Kea 2.3.2 to 2.6)', async t => {
  const over = { ...LEASE4, LEASE4_VALID_LIFETIME: '0' }
  t.match(eventsOf('lease4_expire', over), [{ kind: 'released' }])
  t.match(eventsOf('leases4_committed', committed4([{ VALID_LIFETIME: '0' }], [])), [{ kind: 'released' }])
})

t.test('a host name that none can have is no reason to refuse a lease, nor those beside it', async t => {
  const events = eventsOf(
    'leases6_committed',
    committed6([{ HOSTNAME: 'x'.repeat(300) }, { HOSTNAME: 'a\0b' }, { ADDRESS: '2001:db8:1::101' }], []),
  )
  t.match(events, [
    { hostname: 'x'.repeat(256) },
    { hostname: 'a\ufffdb' },
    { hostname: 'alpha6.example.org.', address: '2001:db8:1::101' },
  ])
})

t.test('a v6 lease', async t => {
  t.same(eventsOf('lease6_expire', LEASE6), [
    {
      source: 'hook',
      cause: 'lease6_expire',
      kind: 'expired',
      family: 6,
      type: 'IA_NA',
      address: '2001:db8:1::100',
      hostname: 'alpha6.example.org.',
      cltt: 1_795_248_912,
      validLft: 4_294_967_295,
      subnetId: 2,
      clientId: null,
      hwAddress: null,
      hwType: 1,
      duid: '00:03:00:01:02:00:00:00:06:01',
      iaid: 4_294_967_295,
    },
  ])
})

const DECLINED4 = { STATE: 'declined', HOSTNAME: '', HWADDR: '', CLIENT_ID: '' }

t.test('what a commit means', async t => {
  const rows: [what: string, point: Point, variables: Names, events: string][] = [
    ['nothing (a NAK)', 'leases4_committed', committed4([], []), ''],
    ['a lease', 'leases4_committed', committed4([{}], []), 'committed 192.0.2.100'],
    ['a declined lease', 'leases4_committed', committed4([DECLINED4], []), 'declined 192.0.2.100'],
    ['a reclaimed lease', 'leases4_committed', committed4([{ STATE: 'expired-reclaimed' }], []), 'expired 192.0.2.100'],
    ['a released lease', 'leases4_committed', committed4([], [{}]), 'released 192.0.2.100'],
    ['the same in Kea 3', 'leases4_committed', committed4([], [{ STATE: 'released' }]), 'released 192.0.2.100'],
    [
      'a move',
      'leases4_committed',
      committed4([{ ADDRESS: '192.0.2.20' }], [{}]),
      'committed 192.0.2.20, moved 192.0.2.100',
    ],
    [
      'a move of a machine whose client-id changed',
      'leases4_committed',
      committed4([{ ADDRESS: '192.0.2.20', CLIENT_ID: 'ff:01' }], [{}]),
      'committed 192.0.2.20, moved 192.0.2.100',
    ],
    [
      'a move of a client whose network card changed',
      'leases4_committed',
      committed4([{ ADDRESS: '192.0.2.20', HWADDR: '02:00:00:00:01:02' }], [{}]),
      'committed 192.0.2.20, moved 192.0.2.100',
    ],
    [
      "another client's lease gone at the same time",
      'leases4_committed',
      committed4([{ ADDRESS: '192.0.2.20', CLIENT_ID: 'ff:01', HWADDR: '02:00:00:00:01:02' }], [{}]),
      'committed 192.0.2.20, released 192.0.2.100',
    ],
    ['a lease that its holder was given again', 'leases4_committed', committed4([{}], [{}]), 'committed 192.0.2.100'],
    [
      'an address that another client was given',
      'leases4_committed',
      committed4([{ CLIENT_ID: 'ff:01', HWADDR: '02:00:00:00:01:02' }], [{}]),
      'committed 192.0.2.100, released 192.0.2.100',
    ],
    [
      'leases without a holder are nobody who moved',
      'leases4_committed',
      committed4([{ ...DECLINED4, ADDRESS: '192.0.2.20' }], [{ ...DECLINED4 }]),
      'declined 192.0.2.20, recovered 192.0.2.100',
    ],
    [
      'a move in v6',
      'leases6_committed',
      committed6([{ ADDRESS: '2001:db8:1::20' }], [{}]),
      'committed 2001:db8:1::20, moved 2001:db8:1::100',
    ],
    [
      'another IA of the same client is another lease',
      'leases6_committed',
      committed6([{ ADDRESS: '2001:db8:1::20', IAID: '2' }], [{}]),
      'committed 2001:db8:1::20, released 2001:db8:1::100',
    ],
    [
      'a prefix is no successor of an address',
      'leases6_committed',
      committed6([{ ADDRESS: '2001:db8:f000::', TYPE: 'IA_PD' }], [{}]),
      'committed 2001:db8:f000::, released 2001:db8:1::100',
    ],
    [
      'a declined v6 lease has DUID 00',
      'leases6_committed',
      committed6([{ STATE: 'declined', DUID: '00', HOSTNAME: '' }], []),
      'declined 2001:db8:1::100',
    ],
    [
      'a registered address (RFC 9686)',
      'leases6_committed',
      committed6([{ STATE: 'registered', IAID: '0' }], []),
      'committed 2001:db8:1::100',
    ],
  ]
  for (const [what, point, variables, expected] of rows) {
    t.equal(
      eventsOf(point, variables)
        .map(({ kind, address }) => `${kind} ${address}`)
        .join(', '),
      expected,
      what,
    )
  }
})
