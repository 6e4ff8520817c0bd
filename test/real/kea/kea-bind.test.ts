import t from 'tap'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { relay6 } from '../dhcp/dhcp6-client.ts'
import { type Row, type Stage, setStage } from '../dhcp/stage.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'

/** The first subnet is Leasehold's default; the leases of the others are short. */
const POLICIES = [{}, { profile: 'aggressive' }, { profile: 'conservative' }]

const phase =
  ({ leasehold }: Stage, host: string, type: string, address: string, phase: string) =>
  () =>
    until(
      async () => (await leasehold.record(`${host}.lab.example`, type, address))?.phase === phase,
      `${host} is ${phase}`,
    )

t.test('DHCPv4', { skip: !needs(t, 'named', 'dig', 'nsupdate', 'kea-dhcp4') || !mayMakeNetworks(t) }, async t => {
  const short = { 'valid-lifetime': 2 }
  const subnets = [
    { subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.199' }] },
    { subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.50-198.51.100.59' }], ...short },
    { subnet: '203.0.113.0/24', pools: [{ pool: '203.0.113.50-203.0.113.50' }], ...short },
  ]
  const scopes = subnets.map(({ subnet }, i) => ({ subnet, ...POLICIES[i] }))
  const stage = await setStage(
    t,
    ['2.0.192.in-addr.arpa', '100.51.198.in-addr.arpa', '113.0.203.in-addr.arpa'],
    scopes,
    { family: 4, subnets, probation: 1 },
  )
  const client = await relay4(t, stage.network)
  const inFirst = (last: number, hostname: string) =>
    client({ hwAddress: `02:00:00:00:02:0${last}`, clientId: `01:0${last}`, hostname, subnet: '192.0.2.1' })
  const alpha = inFirst(1, 'Alpha')
  const beta = inFirst(2, 'beta')
  const other = inFirst(3, 'alpha3')
  const brief = client({ hwAddress: '02:00:00:00:02:04', hostname: 'brief', subnet: '198.51.100.1' })
  const kept = client({ hwAddress: '02:00:00:00:02:05', hostname: 'kept', subnet: '203.0.113.1' })
  const heir = client({ hwAddress: '02:00:00:00:02:06', hostname: 'heir', subnet: '203.0.113.1' })
  const nas = inFirst(7, 'nas')

  const rows: Row[] = [
    { what: 'grant', act: () => alpha.grant(), dns: ['alpha 192.0.2.100'] },
    { what: 'renewal', act: () => alpha.renew(), dns: ['alpha 192.0.2.100'], quiet: ['alpha', 1] },
    {
      what: 'rename',
      act: () => Object.assign(alpha, { hostname: 'alpha2' }).renew(),
      dns: ['alpha2 192.0.2.100'],
    },
    {
      what: 'move to an address that was reserved meanwhile',
      act: async () => {
        const reservation = { 'hw-address': alpha.hwAddress, 'ip-address': '192.0.2.20', hostname: 'alpha3' }
        await stage.reserve(reservation)
        await alpha.grant()
      },
      dns: ['alpha3 192.0.2.20'],
    },
    {
      what: 'its old address goes to another',
      act: () => beta.grant('192.0.2.100'),
      dns: ['alpha3 192.0.2.20', 'beta 192.0.2.100'],
    },
    { what: 'another with its name', act: () => other.grant(), dns: ['alpha3 192.0.2.101', 'beta 192.0.2.100'] },
    { what: 'the other lets it go', act: () => other.release(), dns: ['alpha3 192.0.2.20', 'beta 192.0.2.100'] },
    { what: 'release', act: () => alpha.release(), dns: ['beta 192.0.2.100'] },
    { what: 'decline', act: () => beta.decline(), dns: [] },
    { what: 'a short lease', act: () => brief.grant(), dns: ['brief 198.51.100.50'] },
    { what: 'its expiry', act: phase(stage, 'brief', 'A', '198.51.100.50', 'removed'), dns: [] },
    { what: 'a short lease of a scope that retains', act: () => kept.grant(), dns: ['kept 203.0.113.50'] },
    { what: 'its expiry', act: phase(stage, 'kept', 'A', '203.0.113.50', 'retained'), dns: ['kept 203.0.113.50'] },
    {
      what: 'its address goes to another',
      act: () => until(() => heir.grant(), 'Kea gives it away'),
      dns: ['heir 203.0.113.50'],
    },
    {
      what: "a name that is somebody's",
      act: async () => {
        await stage.named.nsupdate(['update add nas.lab.example 60 TXT "mine"'])
        await nas.grant()
        await phase(stage, 'nas', 'A', nas.address!, 'conflict')()
      },
      dns: ['heir 203.0.113.50'],
      besides: ['nas.lab.example TXT "mine"'],
    },
  ]
  await stage.play(t, rows)
})

t.test('DHCPv6', { skip: !needs(t, 'named', 'dig', 'kea-dhcp6') || !mayMakeNetworks(t) }, async t => {
  const short = { 'preferred-lifetime': 1, 'valid-lifetime': 2 }
  const subnets = [
    {
      subnet: '2001:db8:1::/64',
      pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }],
      'pd-pools': [{ prefix: '2001:db8:f000::', 'prefix-len': 48, 'delegated-len': 56 }],
    },
    { subnet: '2001:db8:2::/64', pools: [{ pool: '2001:db8:2::50-2001:db8:2::59' }], ...short },
    { subnet: '2001:db8:3::/64', pools: [{ pool: '2001:db8:3::50-2001:db8:3::50' }], ...short },
  ]
  const scopes = subnets.map(({ subnet }, i) => ({ subnet, ...POLICIES[i] }))
  const stage = await setStage(t, ['8.b.d.0.1.0.0.2.ip6.arpa'], scopes, { family: 6, subnets, probation: 1 })
  const client = await relay6(t, stage.network)
  const identity = (last: number, fqdn: string, link: number) => ({
    duid: `00:03:00:01:02:00:00:00:07:0${last}`,
    na: last,
    fqdn,
    link: `2001:db8:${link}::1`,
  })
  const alpha = client({ ...identity(1, 'alpha.example.', 1), pd: 9 })
  const beta = client(identity(2, 'beta.lab.example.', 1))
  const brief = client(identity(3, 'brief.example.', 2))
  const kept = client(identity(4, 'kept.example.', 3))
  const heir = client(identity(5, 'heir.example.', 3))

  await stage.play(t, [
    { what: 'grant of an address and a prefix', act: () => alpha.grant(), dns: ['alpha 2001:db8:1::100'] },
    { what: 'renewal', act: () => alpha.renew(), dns: ['alpha 2001:db8:1::100'], quiet: ['alpha', 1] },
    {
      what: 'rename while rebinding',
      act: () => Object.assign(alpha, { fqdn: 'alpha2.example.' }).rebind(),
      dns: ['alpha2 2001:db8:1::100'],
    },
    {
      what: 'move to an address that was reserved meanwhile',
      act: async () => {
        const reservation = { duid: alpha.duid, 'ip-addresses': ['2001:db8:1::20'], hostname: 'alpha3.example.' }
        await stage.reserve(reservation)
        await alpha.renew()
      },
      dns: ['alpha3 2001:db8:1::20'],
    },
    { what: 'another client', act: () => beta.grant(), dns: ['alpha3 2001:db8:1::20', 'beta 2001:db8:1::100'] },
    { what: 'release', act: () => alpha.release(), dns: ['beta 2001:db8:1::100'] },
    { what: 'decline', act: () => beta.decline(), dns: [] },
    { what: 'a short lease', act: () => brief.grant(), dns: ['brief 2001:db8:2::50'] },
    { what: 'its expiry', act: phase(stage, 'brief', 'AAAA', '2001:db8:2::50', 'removed'), dns: [] },
    { what: 'a short lease of a scope that retains', act: () => kept.grant(), dns: ['kept 2001:db8:3::50'] },
    {
      what: 'its expiry',
      act: phase(stage, 'kept', 'AAAA', '2001:db8:3::50', 'retained'),
      dns: ['kept 2001:db8:3::50'],
    },
    {
      what: 'its address goes to another',
      act: () => until(async () => (await heir.grant()).length > 0, 'Kea gives it away'),
      dns: ['heir 2001:db8:3::50'],
    },
  ])
})
