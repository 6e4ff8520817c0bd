import t, { type Test } from 'tap'
import { type Client4, relay4 } from '../dhcp/dhcp4-client.ts'
import { inState, startPair } from '../dhcp/pair.ts'
import { DOMAIN, published, rrsOf, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks, type Network } from '../network.ts'
import { operator, TOKEN, TOKENS } from '../operator.ts'
import { bindAt, type Leasehold, run, type Settings, until } from '../running.ts'
import { freePort, type Named, startNamed } from '../servers/named.ts'

const SUBNETS = [
  { subnet: '10.1.0.0/16', pools: [{ pool: '10.1.1.0-10.1.2.255' }] },
  { subnet: '10.2.0.0/16', pools: [{ pool: '10.2.1.0-10.2.1.255' }], 'valid-lifetime': 4 },
]
const SCOPES: Settings[] = [
  { name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN },
  { name: 'brief', subnet: '10.2.0.0/16', domain: DOMAIN, profile: 'aggressive' },
]
const SKIP = { skip: !needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') || !mayMakeNetworks(t) }

const rrs = ({ address, hostname }: Client4): string[] =>
  rrsOf({ address: address!, hostname: hostname!, client: 0, at: 0 })

const same = async (t: Test, named: Named, clients: Client4[], what: string) => {
  const wanted = clients.flatMap(rrs).sort()
  let found: string[] = []
  const agrees = async () => {
    found = await published(named)
    return found.join() === wanted.join()
  }
  await until(agrees, what, 20).catch(() => {})
  t.strictSame(found, wanted, `${what}: ${clients.length} leases`)
}

t.test('a pair, the primary killed under load, and back', SKIP, async t => {
  const named = await startNamed({ zones: ZONES, options: 'max-journal-size unlimited; max-ixfr-ratio unlimited;' })
  t.teardown(named.close)
  const ports = [await freePort(), await freePort()]
  const nodes = await startPair(t, {
    subnets: SUBNETS,
    hooks: ports.map(port => async ({ here }: Network) => ({ url: `http://${here.v4}:${port}`, token: TOKEN })),
  })
  const [primary, standby] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const folder = t.testdir({ primary: {}, standby: {} })
  const leaseholdOf = (i: number): Promise<Leasehold> =>
    run(
      t,
      {
        http: { host: nodes[i]!.network.here.v4, port: ports[i], tokens: TOKENS },
        store: { path: `${folder}/${['primary', 'standby'][i]}` },
        dns: [bindAt(named, ZONES)],
        scopes: SCOPES,
        holds: { percent: 100 },
        kea: [{ name: `kea${i + 1}`, url: nodes[i]!.url, services: ['dhcp4'], ha: true, pollSeconds: 0 }],
      },
      TOKEN,
    )
  const [first, second] = await Promise.all([leaseholdOf(0), leaseholdOf(1)])
  const idle = async (leasehold: Leasehold) => (await leasehold.status()).idle
  await until(async () => (await idle(first)) === null, 'the primary writes')
  t.match(await idle(second), /is a standby/)

  const client = await relay4(t, primary.network, standby.network)
  let made = 0
  const newClient = (subnet = '10.1.0.1') => {
    const n = made++
    const hex = n.toString(16).padStart(4, '0').replace(/(..)/, '$1:')
    return client({ hwAddress: `02:00:00:00:${hex}`, hostname: `h${n}`, subnet })
  }
  const granted: Client4[] = []
  const grant = async (one: Client4) => {
    await until(() => one.grant(), `${one.hostname} gets an address`)
    granted.push(one)
  }

  for (let n = 0; n < 40; n++) await grant(newClient())
  const renamed = granted.slice(0, 5)
  const released = granted.slice(5, 10)
  const brief = Array.from({ length: 20 }, () => newClient('10.2.0.1'))
  await same(t, named, granted, 'before')

  const load = async () => {
    for (let n = 0; n < 60; n++) await grant(newClient())
  }
  const loads = [load(), load()]
  await until(() => granted.length > 70, 'there is load')
  await named.freeze()
  for (const one of brief) await until(() => one.grant(), 'a short lease')
  await primary.kea.kill()
  await until(async () => (await idle(first)) !== null, 'the primary writes no more')
  named.thaw()
  await Promise.all(loads)
  t.match(await standby.heartbeat(), { state: 'partner-down', scopes: ['primary'] })
  await until(async () => (await idle(second)) === null, 'the standby writes')
  t.match(await idle(first), /is not known to be active/)
  await same(t, named, granted, 'in the partner-down state')

  for (const one of renamed) await Object.assign(one, { hostname: `${one.hostname}-new` }).renew()
  const gone = released.map(one => ({ ...one }) as Client4)
  for (const one of released) {
    await one.renew()
    await one.release()
  }
  const visitor = newClient('10.2.0.1')
  await until(() => visitor.grant(), 'a short lease')
  const ofVisitor = () => second.record(`${visitor.hostname}.${DOMAIN}`, 'A', visitor.address!)
  await until(async () => (await ofVisitor())?.phase === 'removed', 'a short lease is over')
  const namesake = Object.assign(newClient(), { hostname: visitor.hostname })
  await grant(namesake)
  const living = granted.filter(one => !released.includes(one))
  await same(t, named, living, 'renamed and released while the primary is down')
  t.equal(await operator(first, TOKEN).metric('dhcp_ddns_active'), 0)

  await primary.kea.start()
  await until(() => inState(nodes, 'hot-standby'), 'the pair works together again')
  await until(async () => (await idle(first)) === null, 'the primary writes again')
  await until(async () => (await idle(second)) !== null, 'the standby no longer does')
  await first.settled()
  const returned: Client4[] = []
  for (const one of gone) {
    const { arguments: lease } = await primary.kea.ctrl('lease4-get', { 'ip-address': one.address })
    if (lease?.state === 0) returned.push(one)
  }
  t.comment(`Kea's copying brought back ${returned.length} of ${gone.length} leases that were released meanwhile`)
  living.push(...returned)
  await same(t, named, living, 'after the return')
  for (let n = 0; n < 10; n++) {
    const one = newClient()
    await grant(one)
    living.push(one)
  }
  await same(t, named, living, 'a day later')
  await Promise.all([first.settled(), second.settled()]).catch(() => {})

  const changes = (await Promise.all(ZONES.map(named.changes))).flat().filter(line => !line.includes(' DHCID '))
  const added = changes.filter(line => line.startsWith('+'))
  const seen = new Set<string>()
  const twice = added.filter(line => seen.size === seen.add(line).size).map(line => line.slice(1))
  t.strictSame(twice.toSorted(), returned.flatMap(rrs).sort(), 'each RR was added once, but for what came back in Kea')
  const before = renamed.map(one => ({ ...one, hostname: one.hostname!.replace('-new', '') }))
  const written = (rr: string) => added.includes(`+${rr}`)
  const over = new Set([...[...gone, visitor, ...before].flatMap(rrs), ...brief.flatMap(rrs).filter(written)])
  const removed = changes.flatMap(line => (line.startsWith('-') ? line.slice(1) : []))
  t.strictSame(removed.toSorted(), [...over].sort(), 'what was taken away is what ended, once')
})
