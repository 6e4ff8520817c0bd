import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Client4, relay4 } from './dhcp4-client.ts'
import { DOMAIN, published, rrsOf, ZONES } from './estate.ts'
import { freePort, type Named, startNamed } from './named.ts'
import { needs } from './needs.ts'
import { mayMakeNetworks, type Network } from './network.ts'
import { TOKEN, TOKENS } from './operator.ts'
import { inState, type Node, startPair } from './pair.ts'
import { bindAt, type Leasehold, run, until } from './running.ts'

const SKIP = { skip: !needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') || !mayMakeNetworks(t) }
/** What a healed pair may take until DNS is right. */
const HEALED = 10

interface Told {
  'ip-address': string
  hostname: string
  state: number
  'valid-lft': number
}

/** What DNS should hold by the leases of one server. */
const byKea = async ({ kea }: Node): Promise<string[]> => {
  const { arguments: answer } = await kea.ctrl('lease4-get-all')
  const { leases = [] } = (answer ?? {}) as { leases?: Told[] }
  const living = leases.filter(one => one.state === 0 && one['valid-lft'] > 0)
  return living
    .flatMap(one => rrsOf({ address: one['ip-address'], hostname: one.hostname.split('.')[0]!, client: 0, at: 0 }))
    .sort()
}

/** A way to the DNS server that can be cut. */
const dnsLink = async (t: Test, named: Named) => {
  const [host, port] = named.address.split(':') as [string, string]
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    if (isCut) return void near.destroy()
    const far = connect(Number(port), host)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    cut: () => {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    join: () => {
      isCut = false
    },
  }
}

interface Setting {
  profile?: string
  lifetime?: number
  mode?: 'hot-standby' | 'load-balancing'
}

const setting = async (t: Test, { profile = 'balanced', lifetime = 3600, mode = 'hot-standby' }: Setting = {}) => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const ports = [await freePort(), await freePort()]
  const pools =
    mode === 'hot-standby'
      ? [{ pool: '10.1.1.0-10.1.2.255' }]
      : [
          { pool: '10.1.1.0-10.1.1.255', 'client-class': 'HA_primary' },
          { pool: '10.1.2.0-10.1.2.255', 'client-class': 'HA_secondary' },
        ]
  const nodes = await startPair(t, {
    mode,
    reclaim: 1,
    subnets: [{ subnet: '10.1.0.0/16', pools, 'valid-lifetime': lifetime }],
    hooks: ports.map(port => async ({ here }: Network) => ({ url: `http://${here.v4}:${port}`, token: TOKEN })),
  })
  const link = await dnsLink(t, named)
  const folder = t.testdir({ 0: {}, 1: {} })
  const leaseholdOf = (i: number): Promise<Leasehold> =>
    run(
      t,
      {
        http: { host: nodes[i]!.network.here.v4, port: ports[i], tokens: TOKENS },
        store: { path: `${folder}/${i}` },
        dns: [bindAt({ address: i === 0 ? link.address : named.address, key: named.key }, ZONES)],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN, profile }],
        kea: [
          { name: `kea${i + 1}`, url: `unix:${nodes[i]!.kea.socket}`, services: ['dhcp4'], ha: true, pollSeconds: 2 },
        ],
      },
      TOKEN,
    )
  const leaseholds = await Promise.all([leaseholdOf(0), leaseholdOf(1)])
  const clients: Client4[] = []
  const [one, other] = nodes.map(({ network }) => network) as [Network, Network]
  // A client of a pair that shares the load does not know which server serves it.
  const whole = mode === 'hot-standby' ? null : await relay4(t, one, other)
  const relays = whole ? [whole, whole] : [await relay4(t, one), await relay4(t, other)]
  const newClient = (at: number): Client4 => {
    const n = clients.length
    const one = relays[at]!({
      hwAddress: `02:00:00:00:00:${(n + 16).toString(16)}`,
      hostname: `h${n}`,
      subnet: '10.1.0.1',
    })
    clients.push(one)
    return one
  }
  const ours = () =>
    clients
      .flatMap(({ address, hostname }) => (address ? rrsOf({ address, hostname: hostname!, client: 0, at: 0 }) : []))
      .sort()
  const inDns = async (t: Test, wanted: () => Promise<string[]> | string[], what: string, seconds = HEALED) => {
    let [found, want] = [[] as string[], [] as string[]]
    const agrees = async () => {
      found = await published(named)
      want = await wanted()
      return found.join() === want.join()
    }
    await until(agrees, what, seconds).catch(() => {})
    t.strictSame(found, want, what)
  }
  return { named, nodes, leaseholds, newClient, clients, ours, link, inDns }
}

const grant = (one: Client4) => until(() => one.grant(), `${one.hostname} gets an address`)

t.test('a split that heals in a second takes nothing away from the living', SKIP, async t => {
  const { nodes, leaseholds, newClient, ours, inDns, named } = await setting(t)
  await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')
  for (let n = 0; n < 6; n++) await grant(newClient(0))
  await inDns(t, ours, 'before the split', 20)
  for (const node of nodes) node.part()
  await until(() => inState(nodes, 'partner-down'), 'each is alone')
  for (let n = 0; n < 3; n++) {
    await grant(newClient(0))
    await grant(newClient(1))
  }
  for (const node of nodes) node.join()
  await until(() => inState(nodes, 'hot-standby'), 'they work together again', 60)
  await inDns(t, () => byKea(nodes[0]!), 'after the heal DNS is what Kea has')
  const removed = (await named.changes(DOMAIN)).filter(line => line.startsWith('-') && line.includes(' A '))
  const living = new Set(await byKea(nodes[0]!))
  t.strictSame(
    removed.filter(line => living.has(line.slice(1))),
    [],
    'no name of a living machine was taken away meanwhile',
  )
})

t.test('a pair that shares the load, parted and joined', SKIP, async t => {
  const { nodes, newClient, ours, inDns } = await setting(t, { mode: 'load-balancing' })
  for (let n = 0; n < 12; n++) await grant(newClient(0))
  await inDns(t, ours, 'each serves its share', 20)
  for (const node of nodes) node.part()
  await until(() => inState(nodes, 'partner-down'), 'each is alone')
  for (let n = 0; n < 6; n++) await grant(newClient(0))
  for (const node of nodes) node.join()
  await until(() => inState(nodes, 'load-balancing'), 'they work together again', 60)
  await inDns(t, () => byKea(nodes[0]!), 'after the heal DNS is what Kea has')
})

for (const profile of ['balanced', 'aggressive']) {
  t.test(`a node that is cut off for a lease time removes nothing of the living: ${profile}`, SKIP, async t => {
    const { nodes, leaseholds, newClient, clients, ours, inDns, link, named } = await setting(t, {
      profile,
      lifetime: 6,
    })
    await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')
    const standing = Array.from({ length: 5 }, () => newClient(1))
    for (const node of nodes) node.part()
    link.cut()
    await until(() => inState(nodes, 'partner-down'), 'each is alone')
    for (const one of standing) await grant(one)
    const ends = Date.now() + 8000
    while (Date.now() < ends) {
      for (const one of standing) await until(() => one.renew(), 'a renewal')
      await sleep(500)
    }
    await inDns(t, ours, 'the standby keeps their names', 20)
    link.join()
    for (const node of nodes) node.join()
    let isHealed = false
    const renewing = (async () => {
      while (!isHealed) for (const one of clients) if (!isHealed) await one.renew()
    })()
    await until(() => inState(nodes, 'hot-standby'), 'they work together again', 60)
    await inDns(t, ours, 'after the heal they have their names')
    isHealed = true
    await renewing
    const removed = (await named.changes(DOMAIN)).filter(line => line.startsWith('-') && line.includes(' A '))
    t.strictSame(removed, [], 'no name was taken away')
  })
}
