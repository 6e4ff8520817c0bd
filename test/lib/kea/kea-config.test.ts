import t from 'tap'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { readKeaConfig } from '../../../lib/kea/kea-config.ts'
import { configurations } from '../../recorded-answers.ts'

const recorded = (name: string) => readKeaConfig(configurations().find(one => one.name === name)!.arguments)

t.test('Kea 2.2, v4', async t => {
  const { reservations, ...rest } = recorded('Kea 2.2.0 dhcp4')
  t.same(rest, {
    family: 4,
    ids: { '192.0.2.0/24': 1, '198.51.100.0/24': 2, '198.18.0.0/16': 3 },
    subnets: [
      { subnet: '192.0.2.0/24', ddnsSuffix: 'lab.example', leasehold: {} },
      { subnet: '198.51.100.0/24', ddnsSuffix: 'short.example', leasehold: {} },
      { subnet: '198.18.0.0/16', ddnsSuffix: 'lab.example', leasehold: {} },
    ],
    hash: null,
    issues: [],
  })
  const none = { hwAddress: null, clientId: null, duid: null, addresses: [] }
  const office = { ...none, subnet: '192.0.2.0/24' }
  t.same(reservations, [
    { ...office, clientId: '01:02:00:00:00:00:ab', addresses: ['192.0.2.11'], hostname: 'cid-host' },
    { ...office, hwAddress: '02:00:00:00:00:aa', addresses: ['192.0.2.10'], hostname: 'printer' },
    { ...office, hwAddress: '02:00:00:00:00:ac', hostname: 'name-only' },
    {
      ...none,
      subnet: '198.51.100.0/24',
      hwAddress: '02:00:00:00:00:ba',
      addresses: ['198.51.100.10'],
      hostname: 'short-res',
    },
  ])
})

t.test('Kea 2.2, v6', async t => {
  const { family, subnets, reservations, issues } = recorded('Kea 2.2.0 dhcp6')
  t.equal(family, 6)
  t.same(issues, [])
  t.match(subnets, [
    { subnet: '2001:db8:1::/64', ddnsSuffix: 'lab6.example' },
    { subnet: '2001:db8:2::/64', ddnsSuffix: 'short6.example' },
  ])
  t.match(reservations, [
    { duid: '00:03:00:01:02:00:00:00:00:aa', addresses: ['2001:db8:1::10'], hostname: 'nas' },
    { hwAddress: '02:00:00:00:00:ad', duid: null, addresses: ['2001:db8:1::11'], hostname: 'mac-res6' },
    { duid: '00:03:00:01:02:00:00:00:00:ba', addresses: ['2001:db8:2::10'], hostname: 'short-res6' },
  ])
})

t.test('Kea 3.0: shared networks, user contexts, global reservations, hash', async t => {
  const { subnets, reservations, hash, issues } = recorded('Kea 3.0.4 dhcp4 with HA')
  t.same(issues, [])
  t.match(hash, /^[0-9A-F]{64}$/)
  t.same(subnets, [
    { subnet: '198.51.100.0/24', ddnsSuffix: null, leasehold: { profile: 'aggressive' } },
    {
      subnet: '192.0.2.0/24',
      ddnsSuffix: 'floor.example',
      leasehold: { profile: 'conservative', ttl: 60 },
    },
  ])
  t.match(reservations, [
    { subnet: null, hwAddress: '02:00:00:00:00:01', addresses: [], hostname: 'everywhere' },
    { subnet: '198.51.100.0/24', duid: '01:02:03:04', addresses: ['198.51.100.5'], hostname: 'd' },
    { subnet: '192.0.2.0/24', clientId: '6f:6e:65', addresses: ['192.0.2.5'], hostname: 'printer' },
    { subnet: '192.0.2.0/24', hwAddress: null, clientId: null, duid: null, addresses: [], hostname: 'flexy' },
    { subnet: '192.0.2.0/24', hwAddress: null, clientId: null, duid: null, addresses: ['192.0.2.7'], hostname: '' },
  ])
})

t.test('what Kea is told not to update, and how it looks for reservations', async t => {
  const subnetOf = (server: object, network: object, subnet: object) => {
    const shared = [{ ...network, subnet4: [{ id: 1, subnet: '192.0.2.0/24', ...subnet }] }]
    const { subnets, updatesDns } = readKeaConfig({ Dhcp4: { ...server, 'shared-networks': shared } })
    return { ...subnets[0], updatesDns }
  }
  const silent = { 'ddns-send-updates': false }
  t.notOk(subnetOf(silent, {}, {}).isSilent, 'the server only leaves D2 alone')
  t.equal(subnetOf({}, silent, {}).isSilent, true)
  t.equal(subnetOf({}, {}, silent).isSilent, true)
  t.notOk(subnetOf({}, silent, { 'ddns-send-updates': true }).isSilent)
  t.equal(subnetOf({ 'dhcp-ddns': { 'enable-updates': true } }, {}, {}).updatesDns, true)
  t.notOk(subnetOf({ 'dhcp-ddns': { 'enable-updates': false } }, {}, {}).updatesDns)

  t.equal(subnetOf({}, {}, {}).reservations, undefined)
  t.same(subnetOf({ 'reservations-global': true }, {}, { 'reservations-in-subnet': false }).reservations, {
    global: true,
    inSubnet: false,
    outOfPool: false,
  })
  t.same(subnetOf({ 'reservation-mode': 'out-of-pool' }, {}, {}).reservations?.outOfPool, true)
  t.same(subnetOf({ 'reservation-mode': 'disabled' }, {}, { 'reservation-mode': 'all' }).reservations, undefined)
})

t.test('pools with a suffix of their own', async t => {
  const pools = [
    { pool: '192.0.2.10 - 192.0.2.99' },
    { pool: '192.0.2.128/25', 'ddns-qualifying-suffix': 'Voice.Example.' },
    { pool: 'nonsense' },
  ]
  t.same(readKeaConfig({ Dhcp4: { subnet4: [{ subnet: '192.0.2.0/24', pools }] } }).subnets[0]?.pools, [
    { first: '192.0.2.10', last: '192.0.2.99', ddnsSuffix: null },
    { first: '192.0.2.128', last: '192.0.2.255', ddnsSuffix: 'voice.example' },
  ])
})

const withContext = (leasehold: unknown) => ({
  Dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24', 'user-context': { leasehold } }] },
})

t.test('a policy in a user context', async t => {
  const context = { domain: 'Lab.Example.', backend: 'bind', grace: '24h', ttl: { percent: 10 }, allow: ['wpad'] }
  t.same(readKeaConfig(withContext(context)).subnets[0]?.leasehold, {
    domain: 'lab.example',
    backend: 'bind',
    grace: { expiry: 86_400, release: 86_400 },
    ttl: { percent: 10, min: 60, max: 86_400 },
    allow: ['wpad'],
  })
})

t.test('a wrong policy is told by its subnet, and is none', async t => {
  const where = 'subnet 192.0.2.0/24: user-context.leasehold'
  for (const [leasehold, issue] of [
    [{ ttl: -1 }, { field: `${where}.ttl`, expected: 'at least 0', found: '-1' }],
    [{ profil: 'x' }, { field: `${where}.profil`, expected: 'no such key', found: 'one' }],
    [{ profile: 'x' }, { field: `${where}.profile`, expected: /conservative/, found: '"x"' }],
    [{ retainOnExpiry: 'yes' }, { field: `${where}.retainOnExpiry`, expected: 'true or false', found: '"yes"' }],
    ['x', { field: where, expected: 'an object', found: 'a text' }],
    [null, { field: where, expected: 'an object', found: 'null' }],
  ] as const) {
    const { subnets, issues } = readKeaConfig(withContext(leasehold))
    t.match(issues, [issue], JSON.stringify(leasehold))
    t.match(subnets, [{ subnet: '192.0.2.0/24', leasehold: null }])
  }
})

t.test('what is wrong and what is not', async t => {
  const bad = {
    Dhcp4: {
      subnet4: [
        { id: 1, subnet: '192.0.2.1/24' },
        { id: 2, subnet: '2001:DB8::/32' },
      ],
    },
  }
  t.match(readKeaConfig(bad), { subnets: [{ subnet: '2001:db8::/32' }], issues: [{ field: 'subnet 192.0.2.1/24' }] })
  t.same(readKeaConfig({ Dhcp6: {} }).subnets, [])
  for (const config of [
    undefined,
    null,
    [],
    'x',
    {},
    { 'Control-agent': {} },
    { Dhcp4: { subnet4: {} } },
    { Dhcp4: [] },
  ]) {
    t.throws(() => readKeaConfig(config), InvalidInput, JSON.stringify(config))
  }
})
