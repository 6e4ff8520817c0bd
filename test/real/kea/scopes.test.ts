import { Resolver } from 'node:dns/promises'
import t from 'tap'
import type { ScopeAnswer } from '../../../schemas/api/answers.ts'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { type Kea, startKea } from '../dhcp/kea.ts'
import { KEAS } from '../dhcp/keas.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks } from '../network.ts'
import { operator } from '../operator.ts'
import { embedded, type Leasehold, run, type Settings, until } from '../running.ts'

const SUBNETS = [
  {
    subnet: '10.1.0.0/24',
    pools: [{ pool: '10.1.0.100-10.1.0.199' }],
    'ddns-qualifying-suffix': 'Office.Example.',
    'user-context': { leasehold: { ttl: 60 } },
    reservations: [{ 'hw-address': '02:00:00:00:00:aa', 'ip-address': '10.1.0.10', hostname: 'printer' }],
  },
  {
    subnet: '10.2.0.0/24',
    pools: [{ pool: '10.2.0.100-10.2.0.199' }],
    'user-context': { leasehold: { domain: 'guests.example', profile: 'aggressive' } },
  },
  { subnet: '10.3.0.0/24', pools: [{ pool: '10.3.0.100-10.3.0.199' }] },
]

const restart = async (kea: Kea, subnets: object[]) => {
  const { arguments: config } = await kea.ctrl('config-get')
  const { Dhcp4 } = config as { Dhcp4: Record<string, unknown> }
  Dhcp4.subnet4 = subnets.map((subnet, at) => ({ id: at + 1, ...subnet }))
  const { result, text } = await kea.ctrl('config-set', { Dhcp4 })
  if (result !== 0) throw new Error(text)
}

/** What the embedded server says, or null. */
const lookup = async ({ dns }: Leasehold, name: string): Promise<{ address: string; ttl: number } | null> => {
  const { host, port } = dns.embedded!
  const resolver = new Resolver({ timeout: 500, tries: 2 })
  resolver.setServers([`${host}:${port}`])
  const [found] = await resolver.resolve4(name, { ttl: true }).catch(() => [])
  return found ?? null
}

for (const { name, root, skip } of KEAS) {
  t.test(`scopes wholly from ${name}`, { skip: skip || !needs(t, 'kea-dhcp4') || !mayMakeNetworks(t) }, async t => {
    const network = await makeNetwork(t)
    const kea = await startKea(t, network, { family: 4, root, subnets: SUBNETS })
    t.comment(`Kea ${(await kea.ctrl('version-get')).text}`)
    const client = await relay4(t, network)
    const who = (last: string, hostname: string, net: number) =>
      client({ hwAddress: `02:00:00:00:00:${last}`, hostname, subnet: `10.${net}.0.1` })
    const printer = who('aa', 'HP-LaserJet', 1)
    const desk = who('01', 'desk', 1)
    const guest = who('02', 'guest', 2)
    const nobody = who('03', 'nobody', 3)
    for (const one of [printer, desk, guest, nobody]) await one.grant()

    const settings: Settings = {
      dns: [{ ...embedded([]), zones: undefined }],
      store: { path: t.testdir() },
      kea: [{ name: 'kea1', url: `unix:${kea.socket}`, services: ['dhcp4'], pollSeconds: 0 }],
    }
    let leasehold = await run(t, settings)
    const again = async (more: Settings = {}) => {
      await leasehold.close()
      leasehold = await run(t, { ...settings, ...more })
    }
    const scopes = async () => (await operator(leasehold).get<{ items: ScopeAnswer[] }>('/v1/scopes')).items
    const caughtUp = () => until(async () => (await operator(leasehold).run())?.finishedAt, 'a catch-up')
    const has = async (name: string, wanted: { address: string; ttl: number }) => {
      let found: Awaited<ReturnType<typeof lookup>> = null
      const isThere = async () => {
        found = await lookup(leasehold, name)
        return found?.address === wanted.address && found.ttl === wanted.ttl
      }
      await until(isThere, name, 5).catch(() => {})
      t.same(found, wanted, name)
    }

    await caughtUp()
    t.match(await scopes(), [
      {
        name: '10.1.0.0/24',
        subnet: '10.1.0.0/24',
        domain: 'office.example',
        policy: { profile: 'balanced', ttl: 60 },
      },
      { name: '10.2.0.0/24', domain: 'guests.example', policy: { profile: 'aggressive' } },
    ])
    t.equal((await scopes()).length, 2, 'the third has no domain')
    await has('printer.office.example', { address: '10.1.0.10', ttl: 86_400 })
    await has('desk.office.example', { address: desk.address!, ttl: 60 })
    await has('guest.guests.example', { address: guest.address!, ttl: 300 })
    t.match(await leasehold.record('printer.office.example', 'A', '10.1.0.10'), { origin: 'reservation' })
    t.match(await leasehold.record('desk.office.example', 'A', desk.address!), { origin: 'dynamic' })

    await printer.release()
    await desk.release()
    await until(async () => {
      const { arguments: lease } = await kea.ctrl('lease4-get', { 'ip-address': '10.1.0.10' })
      return lease?.state !== 0
    }, 'Kea takes it back')
    t.match(await operator(leasehold).reconcile(), { result: 'ok' })
    await leasehold.settled()
    await has('printer.office.example', { address: '10.1.0.10', ttl: 86_400 })
    t.match(await leasehold.record('printer.office.example', 'A', '10.1.0.10'), {
      phase: 'retained',
      rule: 'retained-on-release',
    })
    t.equal(await lookup(leasehold, 'desk.office.example'), null, 'what is not reserved is gone')

    await t.test('Kea is down at the next start', async t => {
      await kea.kill()
      await again()
      await caughtUp()
      t.match(await operator(leasehold).run(), { result: 'unknown' })
      t.match(
        (await scopes()).map(one => one.domain),
        ['office.example', 'guests.example'],
      )
      await has('guest.guests.example', { address: guest.address!, ttl: 300 })
      await has('printer.office.example', { address: '10.1.0.10', ttl: 86_400 })
      await kea.start()
    })

    await t.test('Kea learns a subnet while Leasehold runs', async t => {
      const named = { ...SUBNETS[2], 'ddns-qualifying-suffix': 'lab.example' }
      await restart(kea, [...SUBNETS.slice(0, 2), named])
      t.match(await operator(leasehold).reconcile(), { result: 'ok' })
      t.equal((await scopes()).length, 3)
      await has('nobody.lab.example', { address: nobody.address!, ttl: 300 })
    })

    await t.test('leasehold.json overrides', async t => {
      const office = { name: 'office', subnet: '10.1.0.0/24', domain: 'desks.example', ttl: 90 }
      await again({ scopes: [office, { name: 'guests', subnet: '10.2.0.0/16', domain: 'wild.example' }] })
      await caughtUp()
      await desk.grant()
      await operator(leasehold).reconcile()
      await has('desk.desks.example', { address: desk.address!, ttl: 90 })
      t.match(
        (await scopes()).find(one => one.subnet === '10.2.0.0/24'),
        {
          domain: 'wild.example',
          policy: { profile: 'aggressive' },
        },
      )
      await has('guest.wild.example', { address: guest.address!, ttl: 300 })
      await has('nobody.lab.example', { address: nobody.address!, ttl: 300 })
    })
  })
}
