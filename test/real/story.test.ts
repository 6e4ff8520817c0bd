/*
 * The story that an operator tells, on real Kea and real BIND. A node has a reservation, `pve1` was made by hand, virtual
 * machines are rebuilt with new client-ids, and one day the policy is to be stricter.
 *
 *     node2    reserved 10.2.0.12    off, its lease is over: the record stays
 *     pve1     made by hand          a client asks for the name: never touched, and shown as manual
 *     vm1      pool of 10.1.0.0/24   rebuilt with a new client-id: no moment without its name
 *     guests   pool of 10.2.0.0/24   gone, and kept by the policy; what a preview of another shows is what goes
 */
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Decision } from '../../schemas/model/record.ts'
import { type Client4, relay4 } from './dhcp/dhcp4-client.ts'
import { startKea } from './dhcp/kea.ts'
import { KEAS } from './dhcp/keas.ts'
import { needs } from './needs.ts'
import { makeNetwork, mayMakeNetworks } from './network.ts'
import { bindAt, type Leasehold, run, until } from './running.ts'
import { type Named, startNamed } from './servers/named.ts'

const DOMAIN = 'lab.example'
const ZONES = [DOMAIN, '10.in-addr.arpa']
const GUESTS = ['guest1', 'guest2', 'guest3']
/** Seconds that a lease of 10.2.0.0/24 lasts. */
const SHORT = 4
const fqdn = (label: string) => `${label}.${DOMAIN}`
const both = (label: string, address: string) => [
  `${fqdn(label)} A ${address}`,
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${fqdn(label)}`,
]

/** All that is in DNS but markers. */
const inDns = async (named: Named) =>
  (await Promise.all(ZONES.map(named.transfer))).flat().filter(line => !line.includes(' DHCID '))

const setUp = async (t: Test, root: string | undefined) => {
  const network = await makeNetwork(t)
  const named = await startNamed({ zones: ZONES, lines: zone => (zone === DOMAIN ? ['pve1 IN A 10.1.0.11'] : []) })
  t.teardown(named.close)
  const node = { 'hw-address': '02:00:00:00:02:12', 'ip-address': '10.2.0.12', hostname: 'node2' }
  const kea = await startKea(t, network, {
    family: 4,
    root,
    subnets: [
      { subnet: '10.1.0.0/24', pools: [{ pool: '10.1.0.100-10.1.0.199' }] },
      {
        subnet: '10.2.0.0/24',
        pools: [{ pool: '10.2.0.100-10.2.0.199' }],
        'valid-lifetime': SHORT,
        reservations: [node],
      },
    ],
  })
  const leasehold = await run(t, {
    dns: [bindAt(named, ZONES)],
    kea: [{ name: 'kea1', url: `unix:${kea.socket}`, services: ['dhcp4'], memfile: { dhcp4: kea.leases } }],
    scopes: [
      { name: 'servers', subnet: '10.1.0.0/24', domain: DOMAIN },
      { name: 'guests', subnet: '10.2.0.0/24', domain: DOMAIN },
    ],
    store: { path: t.testdir() },
  })
  const relay = await relay4(t, network)
  const client = (net: 1 | 2, mac: string, hostname: string, clientId?: string): Client4 =>
    relay({ hwAddress: `02:00:00:00:0${net}:${mac}`, hostname, clientId, subnet: `10.${net}.0.1` })
  return { named, kea, leasehold, client }
}

/** Waits until DNS has these lines of a name, and shows what it has when it does not come to that. */
const holds = async (t: Test, named: Named, lines: string[], what: string) => {
  const missing = async () => {
    const all = new Set(await inDns(named))
    return lines.filter(line => !all.has(line))
  }
  await until(async () => (await missing()).length === 0, what).catch(() => {})
  t.strictSame(await missing(), [], what)
}

/** Asks for a name's address every 50 ms until it is stopped. Tells how often it was asked, and what else was answered. */
const watch = (named: Named, name: string) => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([named.address])
  const stop = new AbortController()
  const watching = (async () => {
    const seen = { asked: 0, without: [] as string[] }
    while (!stop.signal.aborted) {
      const found = await resolver.resolve4(name).catch((error: { code: string }) => error.code)
      seen.asked++
      if (!Array.isArray(found)) seen.without.push(found)
      await sleep(50)
    }
    return seen
  })()
  return async () => {
    stop.abort()
    return watching
  }
}

const phaseIs = (leasehold: Leasehold, label: string, phase: string) =>
  until(async () => (await leasehold.name(fqdn(label)))?.phase === phase, `${label} is ${phase}`)

const play = async (t: Test, root: string | undefined) => {
  const { named, kea, leasehold, client } = await setUp(t, root)
  const given = async (who: Client4): Promise<string> => {
    const address = await who.grant()
    assert(address, `${who.hostname} has a lease: ${await kea.log()}`)
    return address
  }
  const node = client(2, '12', 'whatever')
  const guests = GUESTS.map((hostname, i) => client(2, `a${i}`, hostname))
  const pretender = client(1, '99', 'pve1')
  const vm = client(1, '21', 'vm1', 'ff:00:00:00:01:00:01')

  t.equal(await given(node), '10.2.0.12')
  const guestsAt: string[] = []
  for (const guest of guests) guestsAt.push(await given(guest))
  const first = await given(vm)
  await given(pretender)
  await holds(t, named, [...both('node2', '10.2.0.12'), ...both('vm1', first)], 'the names of leases are in DNS')
  t.match(await leasehold.name(fqdn('node2')), { records: [{ origin: 'reservation' }, { origin: 'reservation' }] })

  await phaseIs(leasehold, 'pve1', 'conflict')
  const made = await leasehold.record(fqdn('pve1'), 'A', '10.1.0.11')
  t.match(made, { origin: 'manual', phase: 'conflict', client: null }, 'what was made by hand is shown as that')
  t.strictSame(await named.dig(fqdn('pve1'), 'A'), ['10.1.0.11'])

  await phaseIs(leasehold, 'node2', 'retained')
  for (const guest of GUESTS) await phaseIs(leasehold, guest, 'retained')
  const { arguments: lease } = await kea.ctrl('lease4-get', { 'ip-address': '10.2.0.12' })
  t.equal(lease?.state, 2, 'the lease of the node is over')
  await holds(t, named, both('node2', '10.2.0.12'), 'and its records stay')

  const stop = watch(named, fqdn('vm1'))
  const again = client(1, '21', 'vm1', 'ff:00:00:00:01:00:02')
  const second = await given(again)
  t.not(second, first, 'Kea takes the rebuilt machine for another')
  await holds(t, named, both('vm1', second), 'the rebuilt machine has its name')
  await again.release()
  const third = client(1, '21', 'vm1')
  await holds(t, named, both('vm1', await given(third)), 'and once more, after a release, without a client-id')
  const seen = await stop()
  t.strictSame(seen.without, [], `never without an address: asked ${seen.asked} times`)
  t.ok(seen.asked >= 2)

  const ask = async (method: string, path: string) => {
    const body = JSON.stringify({ profile: 'aggressive' })
    const response = await fetch(leasehold.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body,
    })
    return { status: response.status, json: (await response.json()) as { changes: Decision[] } }
  }
  await leasehold.settled()
  const before = await inDns(named)
  const { json: shown } = await ask('POST', '/v1/scopes/guests/preview')
  t.strictSame(await inDns(named), before, 'a preview changes nothing')
  t.equal((await ask('PATCH', '/v1/scopes/guests')).status, 200)
  await leasehold.settled()
  const goes = shown.changes
    .filter(({ verb }) => verb === 'remove')
    .map(({ record }) => `${record.name} ${record.type} ${record.value}`)
  t.strictSame(goes.toSorted(), GUESTS.flatMap((guest, i) => both(guest, guestsAt[i]!)).sort(), 'the guests are to go')
  t.strictSame(
    await inDns(named),
    before.filter(line => !goes.includes(line)),
    'what was shown is what went',
  )
  await holds(t, named, [...both('node2', '10.2.0.12'), `${fqdn('pve1')} A 10.1.0.11`], 'the node and pve1 stay')
}

for (const { name, root, skip } of KEAS) {
  t.test(
    `${name}: a node that is off, a name made by hand, a rebuilt machine, a stricter policy`,
    { skip },
    async t => {
      if (needs(t, 'kea-dhcp4', 'named', 'dig') && mayMakeNetworks(t)) await play(t, root)
    },
  )
}
