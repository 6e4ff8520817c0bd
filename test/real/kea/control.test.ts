import t, { type Test } from 'tap'
import { haFromStatus } from '../../../lib/kea/ha.ts'
import { readKeaConfig } from '../../../lib/kea/kea-config.ts'
import type { LeaseEvent, Service } from '../../../schemas/model/lease-event.ts'
import { type Channel, type ChannelConfig, openChannel } from '../../../server/control/channel.ts'
import { type Listing, listLeases } from '../../../server/control/kea.ts'
import { type Kea, startKea } from '../dhcp/kea.ts'
import { startAgent } from '../dhcp/kea-ctrl-agent.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks, type Network } from '../network.ts'

const LEASES = 25
const USER = { user: 'leasehold', password: 'a-password' }
const ROOT_3 = process.env.KEA3_ROOT

const open = (t: Test, config: Pick<ChannelConfig, 'url'> & Partial<ChannelConfig>): Channel => {
  const log = { info: () => {}, warn: () => {} }
  const channel = openChannel({ name: 'kea1', services: ['dhcp4', 'dhcp6'], ...config }, { log })
  t.teardown(() => channel.close())
  return channel
}

const list = async (channel: Channel, service: Service) => {
  const events: LeaseEvent[] = []
  let end: Listing | null = null
  for await (const told of listLeases(channel, service, { limit: 10 })) {
    if (told.is === 'page') events.push(...told.events)
    else end = told
  }
  return { events, end }
}

const SUBNET_4 = {
  subnet: '192.0.2.0/24',
  'ddns-qualifying-suffix': 'Lab.Example.',
  'user-context': { leasehold: { profile: 'conservative', ttl: 60 } },
  reservations: [{ 'hw-address': '02:00:00:00:00:aa', 'ip-address': '192.0.2.10', hostname: 'printer' }],
}
const SUBNET_6 = { subnet: '2001:db8:1::/64' }

const start4 = (t: Test, network: Network, more: object = {}): Promise<Kea> =>
  startKea(t, network, { family: 4, subnets: [SUBNET_4], ...more })

const hex = (n: number): string => n.toString(16).padStart(2, '0')

const add4 = async (kea: Kea): Promise<void> => {
  for (let n = 0; n < LEASES; n++) {
    const lease = {
      'ip-address': `192.0.2.${100 + n}`,
      'hw-address': `02:00:00:00:0a:${hex(n)}`,
      hostname: `n${n}.lab.example.`,
    }
    const { result, text } = await kea.ctrl('lease4-add', lease)
    if (result !== 0) throw new Error(text)
  }
}

const add6 = async (kea: Kea): Promise<void> => {
  for (let n = 0; n < LEASES; n++) {
    const lease = {
      'ip-address': `2001:db8:1::${hex(n + 1)}`,
      duid: `00:01:${hex(n)}`,
      iaid: n,
      hostname: `n${n}.lab.example.`,
    }
    const { result, text } = await kea.ctrl('lease6-add', { 'subnet-id': 1, ...lease })
    if (result !== 0) throw new Error(text)
  }
}

/** All that Leasehold asks of a dhcp4 with the leases of add4. */
const asked4 = async (t: Test, channel: Channel, via: string, version: RegExp) => {
  const about = await channel.identify('dhcp4')
  t.match(about, { result: 'ok', via, version })
  t.ok(about.result === 'ok' && about.commands.has('lease4-get-page') && about.commands.has('config-get'))
  const config = await channel.command('dhcp4', 'config-get')
  t.match(readKeaConfig(config.result === 'ok' ? config.arguments : null), {
    family: 4,
    subnets: [{ subnet: '192.0.2.0/24', ddnsSuffix: 'lab.example', leasehold: { profile: 'conservative', ttl: 60 } }],
    reservations: [{ hwAddress: '02:00:00:00:00:aa', addresses: ['192.0.2.10'], hostname: 'printer' }],
    issues: [],
  })
  const status = await channel.command('dhcp4', 'status-get')
  t.match(haFromStatus(status.result === 'ok' ? status.arguments : null), { active: 'active' })
  const { events, end } = await list(channel, 'dhcp4')
  t.same(end, { is: 'end', complete: true, leases: LEASES })
  t.match(events[7], {
    kind: 'committed',
    address: '192.0.2.107',
    hwAddress: '02:00:00:00:0a:07',
    hostname: 'n7.lab.example.',
    validLft: 3600,
  })
}

t.test(
  'a UNIX socket of each server',
  { skip: !needs(t, 'kea-dhcp4', 'kea-dhcp6') || !mayMakeNetworks(t) },
  async t => {
    const network = await makeNetwork(t)
    const kea4 = await start4(t, network)
    const kea6 = await startKea(t, network, { family: 6, subnets: [SUBNET_6] })
    const channel = open(t, { url: { dhcp4: `unix:${kea4.socket}`, dhcp6: `unix:${kea6.socket}` } })
    t.same(await list(channel, 'dhcp4'), { events: [], end: { is: 'end', complete: true, leases: 0 } })
    await add4(kea4)
    await add6(kea6)
    await asked4(t, channel, 'socket', /^2\./)
    const { events, end } = await list(channel, 'dhcp6')
    t.same(end, { is: 'end', complete: true, leases: LEASES })
    t.match(events[7], {
      type: 'IA_NA',
      address: '2001:db8:1::8',
      duid: '00:01:07',
      iaid: 7,
      hostname: 'n7.lab.example.',
    })

    const wrong = open(t, { url: `unix:${kea6.socket}`, services: ['dhcp4'] })
    t.match((await list(wrong, 'dhcp4')).end, {
      complete: false,
      reason: /is not dhcp4: its configuration is of Dhcp6/,
    })

    await kea4.kill()
    t.match((await list(channel, 'dhcp4')).end, { complete: false, reason: /refuses connections/ })
    await kea4.start()
    t.match((await list(channel, 'dhcp4')).end, { complete: true, leases: LEASES })
  },
)

const AGENT_TESTS = { skip: !needs(t, 'kea-dhcp4', 'kea-dhcp6', 'kea-ctrl-agent') || !mayMakeNetworks(t) }

t.test('the control agent', AGENT_TESTS, async t => {
  const network = await makeNetwork(t)
  const kea4 = await start4(t, network)
  const kea6 = await startKea(t, network, { family: 6, subnets: [SUBNET_6] })
  await add4(kea4)
  await add6(kea6)
  const url = await startAgent(t, network, { sockets: { dhcp4: kea4.socket, dhcp6: kea6.socket } })
  const channel = open(t, { url })
  await asked4(t, channel, 'agent', /^2\./)
  t.match((await list(channel, 'dhcp6')).end, { complete: true, leases: LEASES })
  await kea4.kill()
  t.match((await list(channel, 'dhcp4')).end, { complete: false, reason: /unable to forward command/ })
  t.match((await list(channel, 'dhcp6')).end, { complete: true })
  await kea4.start()
  t.match((await list(channel, 'dhcp4')).end, { complete: true, leases: LEASES })
})

t.test('the control agent with basic auth, and with the sockets mixed up', AGENT_TESTS, async t => {
  const network = await makeNetwork(t)
  const kea4 = await start4(t, network)
  await add4(kea4)
  const url = await startAgent(t, network, { sockets: { dhcp4: kea4.socket, dhcp6: kea4.socket }, user: USER })
  await asked4(t, open(t, { url, username: USER.user, password: USER.password }), 'agent', /^2\./)
  for (const [what, config, reason] of [
    ['nobody', {}, /wants another user name or password \(HTTP 401\)/],
    ['a wrong password', { username: USER.user, password: 'wrong' }, /HTTP 401/],
  ] as const) {
    t.match((await list(open(t, { url, ...config }), 'dhcp4')).end, { complete: false, reason }, what)
  }
  const mixed = open(t, { url, username: USER.user, password: USER.password })
  t.match((await list(mixed, 'dhcp6')).end, { complete: false, reason: /is not dhcp6: its configuration is of Dhcp4/ })
})

t.test("Kea 3: dhcp4's own sockets", { skip: !ROOT_3 && 'KEA3_ROOT names no root with Kea 3' }, async t => {
  if (!mayMakeNetworks(t)) return
  const network = await makeNetwork(t)
  const http = { 'socket-type': 'http', 'socket-address': network.there.v4, 'socket-port': 8000 }
  const authentication = { type: 'basic', realm: 'kea', clients: [USER] }
  const sockets = [
    { 'socket-type': 'unix', 'socket-name': '/run/kea/control' },
    http,
    { ...http, 'socket-port': 8001, authentication },
  ]
  const extra = { 'control-socket': undefined, 'control-sockets': sockets }
  const kea4 = await start4(t, network, { root: ROOT_3, extra })
  await add4(kea4)
  const at = (port: number) => `http://${network.there.v4}:${port}`
  await asked4(t, open(t, { url: at(8000) }), 'daemon', /^3\./)
  await asked4(t, open(t, { url: at(8001), username: USER.user, password: USER.password }), 'daemon', /^3\./)
  await asked4(t, open(t, { url: `unix:${kea4.socket}` }), 'socket', /^3\./)
  t.match((await list(open(t, { url: at(8001) }), 'dhcp4')).end, { complete: false, reason: /HTTP 401/ })
  const mixed = open(t, { url: at(8000) })
  t.match((await list(mixed, 'dhcp6')).end, { complete: false, reason: /is not dhcp6: its configuration is of Dhcp4/ })
})
