import t, { type Test } from 'tap'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { relay6 } from '../dhcp/dhcp6-client.ts'
import { type Kea, startKea } from '../dhcp/kea.ts'
import { KEAS, type SomeKea } from '../dhcp/keas.ts'
import { type Listener, listen } from '../dhcp/listener.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks } from '../network.ts'

const TOKEN = 'a-token-of-the-role-callout'

/** What happens, and which events it makes, in any order; a list of its own for what differs from some version on. */
type Row = [what: string, act: () => unknown, events: string[], since?: { version: 2.6 | 3; events: string[] }]

const play = async (t: Test, listener: Listener, version: number, rows: Row[]) => {
  for (const [what, act, first, since] of rows) {
    const expected = since && version >= since.version ? since.events : first
    await act()
    const events = await listener.events(expected.length)
    const said = events.map(({ kind, address, hostname, cause }) => `${kind} ${address} ${hostname} (${cause})`)
    t.same(said.sort(), [...expected].sort(), what)
    for (const event of events) t.same(LeaseEvent.parse(event), event)
  }
  t.ok(listener.authorizations.length > 0)
  t.ok(listener.authorizations.every(authorization => authorization === `Bearer ${TOKEN}`))
}

/** Gives a client another address from now on. */
const reserve = async (kea: Kea, family: 4 | 6, reservation: Record<string, unknown>) => {
  const { arguments: config } = await kea.ctrl('config-get')
  const { [`Dhcp${family}`]: server } = config as Record<string, Record<string, { reservations: unknown[] }[]>>
  server![`subnet${family}`]![0]!.reservations.push(reservation)
  const { result, text } = await kea.ctrl('config-set', { [`Dhcp${family}`]: server })
  if (result !== 0) throw new Error(text)
}

const dhcp4 = async (t: Test, { root, version }: SomeKea) => {
  const network = await makeNetwork(t)
  const listener = await listen(t, network.here.v4)
  const kea = await startKea(t, network, {
    family: 4,
    root,
    probation: 1,
    hook: { url: listener.url, token: TOKEN },
    subnets: [
      { subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.199' }] },
      { subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.50-198.51.100.59' }], 'valid-lifetime': 2 },
    ],
  })
  const client = await relay4(t, network)
  const alpha = client({
    hwAddress: '02:00:00:00:01:01',
    clientId: '01:02:00:00:00:01:01',
    hostname: 'alpha',
    subnet: '192.0.2.1',
  })
  const beta = client({ hwAddress: '02:00:00:00:01:02', fqdn: 'beta.lab.example.', subnet: '192.0.2.1' })
  const short = client({ hwAddress: '02:00:00:00:01:03', hostname: 'short', subnet: '198.51.100.1' })

  await play(t, listener, version, [
    ['grant', () => alpha.grant(), ['committed 192.0.2.100 alpha (leases4_committed)']],
    [
      'renew',
      () => alpha.renew(),
      ['renewed 192.0.2.100 alpha (lease4_renew)', 'committed 192.0.2.100 alpha (leases4_committed)'],
      { version: 3, events: ['renewed 192.0.2.100 alpha (lease4_renew)'] },
    ],
    [
      'rename',
      () => Object.assign(alpha, { hostname: 'alpha2' }).renew(),
      ['renewed 192.0.2.100 alpha2 (lease4_renew)', 'committed 192.0.2.100 alpha2 (leases4_committed)'],
    ],
    [
      'move to an address that was reserved meanwhile',
      async () => {
        await reserve(kea, 4, { 'hw-address': '02:00:00:00:01:01', 'ip-address': '192.0.2.20', hostname: 'alpha3' })
        await alpha.grant()
      },
      ['committed 192.0.2.20 alpha3 (leases4_committed)', 'moved 192.0.2.100 alpha2 (leases4_committed)'],
    ],
    [
      'release',
      () => alpha.release(),
      ['released 192.0.2.20 alpha3 (lease4_release)', 'released 192.0.2.20 alpha3 (leases4_committed)'],
      {
        version: 2.6,
        events: [
          'released 192.0.2.20 alpha3 (lease4_release)',
          'released 192.0.2.20 alpha3 (leases4_committed)',
          'released 192.0.2.20 alpha3 (lease4_expire)',
        ],
      },
    ],
    [
      'an expiry',
      () => short.grant(),
      ['committed 198.51.100.50 short (leases4_committed)', 'expired 198.51.100.50 short (lease4_expire)'],
    ],
    ['grant with an FQDN', () => beta.grant(), ['committed 192.0.2.100 beta.lab.example. (leases4_committed)']],
    [
      'decline, and the end of probation',
      () => beta.decline(),
      [
        'declined 192.0.2.100 beta.lab.example. (lease4_decline)',
        'declined 192.0.2.100  (leases4_committed)',
        'recovered 192.0.2.100  (lease4_expire)',
        'recovered 192.0.2.100  (lease4_recover)',
      ],
    ],
  ])
}

const dhcp6 = async (t: Test, { root, version }: SomeKea) => {
  const network = await makeNetwork(t)
  const listener = await listen(t, network.here.v4)
  const kea = await startKea(t, network, {
    family: 6,
    root,
    probation: 1,
    hook: { url: listener.url, token: TOKEN },
    subnets: [
      {
        subnet: '2001:db8:1::/64',
        pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }],
        'pd-pools': [{ prefix: '2001:db8:f000::', 'prefix-len': 48, 'delegated-len': 56 }],
      },
      {
        subnet: '2001:db8:2::/64',
        pools: [{ pool: '2001:db8:2::50-2001:db8:2::59' }],
        'preferred-lifetime': 1,
        'valid-lifetime': 2,
      },
    ],
  })
  const client = await relay6(t, network)
  const alpha = client({ duid: '00:03:00:01:02:00:00:00:06:01', na: 1, fqdn: 'alpha.example.', link: '2001:db8:1::1' })
  const both = client({ duid: '00:03:00:01:02:00:00:00:06:02', na: 1, pd: 2, link: '2001:db8:1::1' })
  const short = client({ duid: '00:03:00:01:02:00:00:00:06:03', na: 7, fqdn: 'short.example.', link: '2001:db8:2::1' })
  const other = client({ duid: '00:03:00:01:02:00:00:00:06:04', na: 1, fqdn: 'other.example.', link: '2001:db8:1::1' })

  await play(t, listener, version, [
    ['grant', () => alpha.grant(), ['committed 2001:db8:1::100 alpha.example. (leases6_committed)']],
    [
      'renew',
      () => alpha.renew(),
      [
        'renewed 2001:db8:1::100 alpha.example. (lease6_renew)',
        'committed 2001:db8:1::100 alpha.example. (leases6_committed)',
      ],
      { version: 3, events: ['renewed 2001:db8:1::100 alpha.example. (lease6_renew)'] },
    ],
    [
      'rename while rebinding',
      () => Object.assign(alpha, { fqdn: 'alpha2.example.' }).rebind(),
      [
        'renewed 2001:db8:1::100 alpha2.example. (lease6_rebind)',
        'committed 2001:db8:1::100 alpha2.example. (leases6_committed)',
      ],
    ],
    [
      'move to an address that was reserved meanwhile',
      async () => {
        await reserve(kea, 6, { duid: alpha.duid, 'ip-addresses': ['2001:db8:1::20'], hostname: 'alpha3.example.' })
        await alpha.renew()
      },
      [
        'committed 2001:db8:1::20 alpha3.example. (leases6_committed)',
        'moved 2001:db8:1::100 alpha2.example. (leases6_committed)',
      ],
    ],
    [
      'release',
      () => alpha.release(),
      [
        'released 2001:db8:1::20 alpha3.example. (lease6_release)',
        'released 2001:db8:1::20 alpha3.example. (leases6_committed)',
      ],
      {
        version: 2.6,
        events: [
          'released 2001:db8:1::20 alpha3.example. (lease6_release)',
          'released 2001:db8:1::20 alpha3.example. (leases6_committed)',
          'released 2001:db8:1::20 alpha3.example. (lease6_expire)',
        ],
      },
    ],
    [
      'an address and a prefix',
      () => both.grant(),
      ['committed 2001:db8:1::100  (leases6_committed)', 'committed 2001:db8:f000::  (leases6_committed)'],
    ],
    [
      'release of both',
      () => both.release(),
      [
        'released 2001:db8:1::100  (lease6_release)',
        'released 2001:db8:f000::  (lease6_release)',
        'released 2001:db8:1::100  (leases6_committed)',
        'released 2001:db8:f000::  (leases6_committed)',
      ],
      {
        version: 2.6,
        events: [
          'released 2001:db8:1::100  (lease6_release)',
          'released 2001:db8:f000::  (lease6_release)',
          'released 2001:db8:1::100  (leases6_committed)',
          'released 2001:db8:f000::  (leases6_committed)',
          'released 2001:db8:1::100  (lease6_expire)',
          'released 2001:db8:f000::  (lease6_expire)',
        ],
      },
    ],
    [
      'an expiry',
      () => short.grant(),
      [
        'committed 2001:db8:2::50 short.example. (leases6_committed)',
        'expired 2001:db8:2::50 short.example. (lease6_expire)',
      ],
    ],
    [
      'decline, and the end of probation',
      async () => {
        await other.grant()
        await other.decline()
      },
      [
        'committed 2001:db8:1::101 other.example. (leases6_committed)',
        'declined 2001:db8:1::101 other.example. (lease6_decline)',
        'declined 2001:db8:1::101  (leases6_committed)',
        'recovered 2001:db8:1::101  (lease6_expire)',
        'recovered 2001:db8:1::101  (lease6_recover)',
      ],
    ],
  ])
}

const may = needs(t, 'kea-dhcp4', 'kea-dhcp6') && mayMakeNetworks(t)
for (const kea of KEAS) {
  const skip = kea.skip || !may
  t.test(`${kea.name}, DHCPv4`, { skip }, t => dhcp4(t, kea))
  t.test(`${kea.name}, DHCPv6`, { skip }, t => dhcp6(t, kea))
}
