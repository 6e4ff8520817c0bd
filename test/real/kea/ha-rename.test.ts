import t from 'tap'
import { type Client4, relay4 } from '../dhcp/dhcp4-client.ts'
import { inState, startPair } from '../dhcp/pair.ts'
import { DOMAIN, published, rrsOf, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks, type Network } from '../network.ts'
import { TOKEN, TOKENS } from '../operator.ts'
import { bindAt, run, until } from '../running.ts'
import { freePort, startNamed } from '../servers/named.ts'

const SKIP = { skip: !needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') || !mayMakeNetworks(t) }
const SUBNETS = [{ subnet: '10.1.0.0/16', pools: [{ pool: '10.1.1.0-10.1.2.255' }] }]

t.test('clients are renamed right at the failover', SKIP, async t => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const ports = [await freePort(), await freePort()]
  const nodes = await startPair(t, {
    subnets: SUBNETS,
    hooks: ports.map(port => async ({ here }: Network) => ({ url: `http://${here.v4}:${port}`, token: TOKEN })),
  })
  const [primary, standby] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const folder = t.testdir({ primary: {}, standby: {} })
  const leaseholdOf = (i: number) =>
    run(
      t,
      {
        http: { host: nodes[i]!.network.here.v4, port: ports[i], tokens: TOKENS },
        store: { path: `${folder}/${['primary', 'standby'][i]}` },
        dns: [bindAt(named, ZONES)],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN }],
        holds: { percent: 100 },
        kea: [{ name: `kea${i + 1}`, url: nodes[i]!.url, services: ['dhcp4'], ha: true, pollSeconds: 1 }],
      },
      TOKEN,
    )
  const [first, second] = await Promise.all([leaseholdOf(0), leaseholdOf(1)])
  await until(async () => (await first.status()).idle === null, 'the primary writes')
  const client = await relay4(t, primary.network, standby.network)
  const clients: Client4[] = []
  for (let n = 0; n < 6; n++) {
    const one = client({ hwAddress: `02:00:00:00:00:0${n}`, hostname: `h${n}`, subnet: '10.1.0.1' })
    await until(() => one.grant(), 'an address')
    clients.push(one)
  }
  const wanted = () =>
    clients
      .flatMap(({ address, hostname }) => rrsOf({ address: address!, hostname: hostname!, client: 0, at: 0 }))
      .sort()
  let found: string[] = []
  const agrees = async () => {
    found = await published(named)
    return found.join() === wanted().join()
  }
  await until(agrees, 'all are published', 20)
  await until(async () => (await second.status()).leases === 6, 'the standby has learnt them', 20)
  t.match((await second.status()).idle, /is a standby/)

  // The primary's Leasehold never hears of half of the renamings, and has written the others when it is gone.
  for (const one of clients.slice(0, 3)) await Object.assign(one, { hostname: `${one.hostname}-new` }).renew()
  await until(agrees, 'three are renamed', 20)
  await first.close()
  for (const one of clients.slice(3)) await Object.assign(one, { hostname: `${one.hostname}-new` }).renew()
  await primary.kea.kill()
  await until(async () => (await second.status()).idle === null, 'the standby writes', 30)
  await until(agrees, 'the new names, and only these', 10).catch(() => {})
  t.strictSame(found, wanted())
  t.notOk(await inState(nodes, 'hot-standby'))
})
