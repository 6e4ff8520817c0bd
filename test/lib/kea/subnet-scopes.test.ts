import t from 'tap'
import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import { readKeaConfig } from '../../../lib/kea/kea-config.ts'
import { domainIn, reservationsIn, scopesFrom } from '../../../lib/kea/subnet-scopes.ts'
import { buildScopes } from '../../../lib/plan/scope/scope.ts'
import { ScopeSet } from '../../../lib/plan/scope/scope-set.ts'
import { type ReservationConfig, ScopeConfig } from '../../../schemas/config/leasehold.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const ZONES = ['lab.example', 'storage.example', '10.in-addr.arpa', '2.0.192.in-addr.arpa']

/** The scopes that a Kea's configuration makes, with those of leasehold.json. */
const made = (
  dhcp4: object,
  configured: ScopeConfig[] = [],
  reservations: ReservationConfig[] = [],
  dhcp6?: object,
) => {
  const suffix = { 'ddns-qualifying-suffix': 'lab.example' }
  const keas = [readKeaConfig({ Dhcp4: { ...suffix, ...dhcp4 } }), readKeaConfig({ Dhcp6: { ...suffix, ...dhcp6 } })]
  const { scopes, silent, notes } = scopesFrom(configured, keas)
  const targets = [{ name: 'dns', endpoint: 'test', zones: [...ZONES, '8.b.d.0.1.0.0.2.ip6.arpa'] }]
  const built = buildScopes(scopes, targets).map((scope, i) => ({
    ...scope,
    domainOf: domainIn(scopes[i]!.pools ?? []),
  }))
  return { set: new ScopeSet(built, silent, reservationsIn(reservations, scopes, keas)), notes }
}

/** The name and origin that a client gets. `hw` is the last byte of its hardware address, `address` where it is. */
const gets = (set: ScopeSet, address: string, hostname: string, hw = '01') => {
  const world = new World({}, set)
  world.hear(event({ address, hostname, client: hw }))
  const { name, nameRule } = world.state.lease(address) ?? { name: null, nameRule: null }
  const [record] = [...world.state.recordsOf(address)]
  return `${name ?? nameRule} ${record?.origin}`
}

const one = (subnet: object, server: object = {}) =>
  made({ ...server, subnet4: [{ subnet: '10.1.0.0/24', ...subnet }] })
const host = (identity: object, hostname: string) => ({ ...identity, hostname })
const HW = { 'hw-address': '02:00:00:00:00:01' }

t.test('a suffix that no name can have is told, and the rest works', async t => {
  for (const suffix of ['.lan', 'lab..x', `${'a'.repeat(64)}.lan`, 'bücher.x', '*.lan', 'my lan', 'lan/24']) {
    const { set, notes } = made({
      subnet4: [{ subnet: '10.1.0.0/24', 'ddns-qualifying-suffix': suffix }, { subnet: '10.2.0.0/24' }],
    })
    t.equal(set.find('10.1.0.5'), null, suffix)
    t.equal(gets(set, '10.2.0.5', 'pc'), 'pc.lab.example dynamic')
    t.match(notes, [/^subnet 10\.1\.0\.0\/24 of Kea: ddns-qualifying-suffix: expected a domain name/])
  }
})

t.test('a pool says for itself whether its leases have names', async t => {
  const office = ScopeConfig.parse({ name: 'office', subnet: '10.0.0.0/8', domain: 'lab.example' })
  const pools = [
    { pool: '10.1.0.10 - 10.1.0.19', 'ddns-send-updates': false },
    { pool: '10.1.0.32/28', 'ddns-send-updates': true },
    { pool: '10.1.0.64/28' },
  ]
  const rows: [subnet: object, address: string, has: boolean][] = [
    [{}, '10.1.0.10', false],
    [{}, '10.1.0.19', false],
    [{}, '10.1.0.20', true],
    [{}, '10.1.0.33', true],
    [{}, '10.1.0.65', true],
    [{ 'ddns-send-updates': false }, '10.1.0.10', false],
    [{ 'ddns-send-updates': false }, '10.1.0.33', true],
    [{ 'ddns-send-updates': false }, '10.1.0.65', false],
    [{ 'ddns-send-updates': false }, '10.1.0.200', false],
  ]
  for (const configured of [[], [office]]) {
    for (const [subnet, address, has] of rows) {
      const { set } = made({ subnet4: [{ subnet: '10.1.0.0/24', pools, ...subnet }] }, configured)
      const what = `${JSON.stringify(subnet)} ${address}`
      t.equal(set.find(address) !== null, has, what)
      t.equal(set.whyNone(address), has ? 'out-of-scope' : 'updates-off', what)
    }
  }
})

t.test('what Kea is told not to update has no names, also within a scope of leasehold.json', async t => {
  const office = ScopeConfig.parse({ name: 'office', subnet: '10.0.0.0/8', domain: 'lab.example' })
  const subnet4 = [{ subnet: '10.1.0.0/24' }, { subnet: '10.2.0.0/24', 'ddns-send-updates': false }]
  for (const configured of [[], [office]]) {
    const { set } = made({ subnet4 }, configured)
    t.equal(set.find('10.2.0.5'), null)
    t.equal(set.whyNone('10.2.0.5'), 'updates-off')
    t.equal(set.whyNone('192.0.2.1'), 'out-of-scope')
    t.ok(set.find('10.1.0.5'))
  }
  t.ok(made({ subnet4, 'ddns-send-updates': false }).set.find('10.1.0.5'), 'the server only leaves D2 alone')
})

t.test('a pool with a suffix of its own', async t => {
  const pools = [
    { pool: '10.1.0.10-10.1.0.99' },
    { pool: '10.1.0.128/25', 'ddns-qualifying-suffix': 'voice.lab.example' },
  ]
  const { set } = one({ pools })
  t.equal(gets(set, '10.1.0.10', 'pc'), 'pc.lab.example dynamic')
  t.equal(gets(set, '10.1.0.130', 'phone'), 'phone.voice.lab.example dynamic')
})

t.test('which reservations are in force', async t => {
  const own = { reservations: [host(HW, 'nas')] }
  const rows: [what: string, set: ScopeSet, name: string][] = [
    ['by default those of the subnet', one(own).set, 'nas.lab.example reservation'],
    [
      'not where the subnet does not look',
      one({ ...own, 'reservations-in-subnet': false }).set,
      'pc.lab.example dynamic',
    ],
    ['nor where an old one does not', one({ ...own, 'reservation-mode': 'disabled' }).set, 'pc.lab.example dynamic'],
    ['a global one is not by default', one({}, own).set, 'pc.lab.example dynamic'],
    ['but where it is told', one({}, { ...own, 'reservations-global': true }).set, 'nas.lab.example reservation'],
    ['in a subnet', one({ 'reservations-global': true }, own).set, 'nas.lab.example reservation'],
    ['or by an old mode', one({}, { ...own, 'reservation-mode': 'global' }).set, 'nas.lab.example reservation'],
  ]
  for (const [what, set, name] of rows) t.equal(gets(set, '10.1.0.5', 'pc'), name, what)
})

t.test('a host that Leasehold does not see is known by its reserved address', async t => {
  const rack = host({ 'circuit-id': '6531', 'ip-address': '10.1.0.5' }, 'rack')
  t.equal(gets(one({ reservations: [rack] }).set, '10.1.0.5', 'whatever'), 'rack.lab.example reservation')
  t.equal(gets(one({ reservations: [rack] }).set, '10.1.0.6', 'whatever'), 'whatever.lab.example dynamic')
  const known = host({ 'hw-address': '02:00:00:00:00:99', 'ip-address': '10.1.0.5' }, 'nas')
  t.equal(
    gets(one({ reservations: [known] }).set, '10.1.0.5', 'pc'),
    'pc.lab.example dynamic',
    'another client is there',
  )
  const pools = [{ pool: '10.1.0.0/25' }]
  const outOfPool = one({ reservations: [rack], pools, 'reservations-out-of-pool': true }).set
  t.equal(gets(outOfPool, '10.1.0.5', 'whatever'), 'whatever.lab.example dynamic', 'Kea does not look in pools then')
  const bmc = host({ 'hw-address': '02:00:00:00:00:01', 'ip-addresses': ['2001:db8::5'] }, 'bmc')
  const { set } = made({}, [], [], { subnet6: [{ subnet: '2001:db8::/64', reservations: [bmc] }] })
  t.equal(gets(set, '2001:db8::5', ''), 'bmc.lab.example reservation')
  t.equal(gets(set, '2001:db8::77', ''), 'bmc.lab.example reservation', 'its DUID holds the hardware address')
})

t.test("the operator's names stand as written, in any zone of the server", async t => {
  const named = (hostname: string) => gets(one({ reservations: [host(HW, hostname)] }).set, '10.1.0.5', 'pc')
  t.equal(named('nas_backup'), 'nas_backup.lab.example reservation')
  t.equal(named('wpad'), 'wpad.lab.example reservation')
  t.equal(named('nas.storage.example.'), 'nas.storage.example reservation')
})

t.test("a reserved name is nobody else's, in either family, and without a lease of its host", async t => {
  const subnet6 = [{ subnet: '2001:db8::/64' }]
  const { set } = made(
    { subnet4: [{ subnet: '10.1.0.0/24', reservations: [host(HW, 'nas')] }, { subnet: '10.2.0.0/24' }] },
    [],
    [],
    { subnet6 },
  )
  t.equal(gets(set, '10.1.0.9', 'nas', '02'), 'name-reserved undefined')
  t.equal(gets(set, '10.2.0.9', 'nas', '02'), 'name-reserved undefined', 'from another subnet')
  t.equal(gets(set, '2001:db8::9', 'nas', '02'), 'name-reserved undefined')
  t.equal(gets(set, '2001:db8::9', 'nas', '01'), 'nas.lab.example dynamic', 'the same hardware address in its DUID')
})

const client = (fields: { clientId?: string; hwAddress?: string }) =>
  dhcidOf(
    { key: '', clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null, ...fields },
    'pve3.lab.example',
  )
const DHCID = {
  clientId: client({ clientId: '01:02:00:00:00:00:01' }),
  hardware: client({ hwAddress: '02:00:00:00:00:01' }),
}

t.test('a name change request finds the reserved host by its DHCID', async t => {
  const { set } = one({ reservations: [host(HW, 'pve3')] })
  const heard = (dhcid: string) => {
    const world = new World({}, set)
    world.hear(event({ source: 'ncr', address: '10.1.0.9', hostname: 'pve3.lab.example.', dhcid }))
    return [...world.state.recordsOf('10.1.0.9')][0]?.origin
  }
  t.equal(heard(DHCID.clientId), 'reservation', 'by the usual client-id of its hardware address')
  t.equal(heard(DHCID.hardware), 'reservation', 'by its hardware address')
  t.equal(heard(`000001${'ab'.repeat(32)}`), undefined, 'another hardware address is another host')
})

t.test('reservations of leasehold.json', async t => {
  const office = ScopeConfig.parse({ name: 'office', subnet: '10.1.0.0/24', domain: 'lab.example' })
  const rows: [given: Omit<ReservationConfig, 'scope'>, name: string][] = [
    [{ client: 'hw:02:00:00:00:00:01', name: 'nas' }, 'nas.lab.example reservation'],
    [{ client: 'id:01:02:00:00:00:00:01', name: 'nas' }, 'nas.lab.example reservation'],
    [{ client: 'hw:02:00:00:00:00:01' }, 'pc.lab.example reservation'],
    [{ client: 'hw:02:00:00:00:00:02', name: 'nas' }, 'pc.lab.example dynamic'],
  ]
  for (const [given, name] of rows) {
    t.equal(gets(made({}, [office], [{ scope: 'office', ...given }]).set, '10.1.0.5', 'pc'), name)
  }
})

t.test('a client cannot take the domain of another scope', async t => {
  const iot = { subnet: '10.2.0.0/24', 'ddns-qualifying-suffix': 'iot.lab.example' }
  const { set } = made({ subnet4: [{ subnet: '10.1.0.0/24' }, iot] })
  t.equal(gets(set, '10.1.0.5', 'iot'), 'name-denied undefined')
  t.equal(gets(set, '10.1.0.5', 'nas.iot.lab.example'), 'nas.lab.example dynamic')
})

t.test('reserved names are published before their first lease, where the scope says so', async t => {
  const nas = host({ ...HW, 'ip-address': '10.1.0.5' }, 'nas')
  const rack = host({ 'circuit-id': '6531', 'ip-address': '10.1.0.6' }, 'rack')
  const context = { 'user-context': { leasehold: { publishReservations: true } } }
  const { set } = one({ ...context, reservations: [nas, rack, host({ 'hw-address': '02:00:00:00:00:03' }, 'nowhere')] })
  const world = new World({}, set)
  world.deriveNames(set.publishedNames())
  const both = (last: string, name: string) => [
    `${last}.0.1.10.in-addr.arpa PTR ${name}.lab.example`,
    `${name}.lab.example A 10.1.0.${last}`,
  ]
  t.same(world.publish().dns(), [...both('5', 'nas'), ...both('6', 'rack')].sort())
  world.hear(event({ address: '10.1.0.5', hostname: 'x', client: '01' }))
  t.match([...world.state.recordsOf('10.1.0.5')], [{ rule: 'lease-active' }, { rule: 'lease-active' }])
  t.same(world.publish().dns(), [...both('5', 'nas'), ...both('6', 'rack')].sort())
  t.same([...one({ reservations: [nas] }).set.publishedNames()], [], 'only where it is asked for')
})
