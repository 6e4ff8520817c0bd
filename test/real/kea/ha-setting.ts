import type { Test } from 'tap'
import { type Client4, relay4 } from '../dhcp/dhcp4-client.ts'
import { inState, type Mode, type Node, startPair } from '../dhcp/pair.ts'
import { tcpLink } from '../dhcp/tcp-link.ts'
import { DOMAIN, published, rrsOf, ZONES } from '../estate.ts'
import type { Network } from '../network.ts'
import { TOKEN, TOKENS } from '../operator.ts'
import { bindAt, type Leasehold, run, until } from '../running.ts'
import { freePort, startNamed } from '../servers/named.ts'

/** Once both Keas of a healed pair tell the same, what it may take until DNS is right, in seconds. */
export const HEALED = 10

interface Told {
  'ip-address': string
  hostname: string
  state: number
  'valid-lft': number
}

/** What DNS should hold by the leases of one server. */
export const byKea = async ({ kea }: Node): Promise<string[]> => {
  const { arguments: answer } = await kea.ctrl('lease4-get-all')
  const { leases = [] } = (answer ?? {}) as { leases?: Told[] }
  const living = leases.filter(one => one.state === 0 && one['valid-lft'] > 0)
  return living
    .flatMap(one => rrsOf({ address: one['ip-address'], hostname: one.hostname.split('.')[0]!, client: 0, at: 0 }))
    .sort()
}

/**
 * Waits until a joined pair works together and both Keas tell the same leases. Each copies what it missed, or only one of
 * them does. So of an address with two clients each may go on with its own, until the client speaks that the first one
 * has; where they share the load, and it is the second that serves that client, until the other client speaks.
 */
export const healed = async (t: Test, nodes: Node[], clients: Client4[], mode: Mode = 'hot-standby'): Promise<void> => {
  const start = Date.now()
  await until(() => inState(nodes, mode), 'they work together again', 60)
  const together = Date.now()
  const onlyIn = (some: string[], others: string[]) =>
    clients.filter(({ address, hostname }) => {
      const rrs = address ? rrsOf({ address, hostname: hostname!, client: 0, at: 0 }) : []
      return rrs.some(one => some.includes(one) && !others.includes(one))
    })
  await until(async () => {
    const [first, second] = (await Promise.all(nodes.map(byKea))) as [string[], string[]]
    const ofFirst = onlyIn(first, second)
    for (const one of ofFirst.length > 0 ? ofFirst : onlyIn(second, first)) {
      one.via = nodes.map(({ network }) => network)
      if (!(await one.renew())) await one.grant()
    }
    return first.join() === second.join()
  }, 'both Keas have the same leases')
  t.comment(`Kea took ${together - start} ms to work together, and ${Date.now() - together} ms more to tell the same`)
}

interface Setting {
  profile?: string
  /** Seconds. */
  lifetime?: number
  mode?: Mode
  /** A Debian root with another Kea; default: the Kea of this machine. */
  root?: string | undefined
  /** With a second subnet, 10.2.0.0/16, whose leases are so short, in seconds. */
  brief?: number
}

/** A pair of Keas, a Leasehold beside each, and one DNS server; the way of the first Leasehold to it can be cut. */
export const setting = async (
  t: Test,
  { profile = 'balanced', lifetime = 3600, mode = 'hot-standby', root, brief }: Setting = {},
) => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const ports = [await freePort(), await freePort()]
  const subnetOf = (n: number, seconds: number) => ({
    subnet: `10.${n}.0.0/16`,
    'valid-lifetime': seconds,
    pools:
      mode === 'hot-standby'
        ? [{ pool: `10.${n}.1.0-10.${n}.2.255` }]
        : [
            { pool: `10.${n}.1.0-10.${n}.1.255`, 'client-class': 'HA_primary' },
            { pool: `10.${n}.2.0-10.${n}.2.255`, 'client-class': 'HA_secondary' },
          ],
  })
  const nodes = await startPair(t, {
    mode,
    root,
    reclaim: 1,
    subnets: [subnetOf(1, lifetime), ...(brief ? [subnetOf(2, brief)] : [])],
    hooks: ports.map(port => async ({ here }: Network) => ({ url: `http://${here.v4}:${port}`, token: TOKEN })),
  })
  const [host, port] = named.address.split(':') as [string, string]
  const link = await tcpLink(t, { host, port: Number(port) })
  const folder = t.testdir({ 0: {}, 1: {} })
  const leaseholdOf = (i: number): Promise<Leasehold> =>
    run(
      t,
      {
        http: { host: nodes[i]!.network.here.v4, port: ports[i], tokens: TOKENS },
        store: { path: `${folder}/${i}` },
        dns: [bindAt({ address: i === 0 ? `127.0.0.1:${link.port}` : named.address, key: named.key }, ZONES)],
        scopes: [
          { name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN, profile },
          { name: 'brief', subnet: '10.2.0.0/16', domain: DOMAIN, profile },
        ],
        kea: [
          { name: `kea${i + 1}`, url: `unix:${nodes[i]!.kea.socket}`, services: ['dhcp4'], ha: true, pollSeconds: 2 },
        ],
      },
      TOKEN,
    )
  const leaseholds = await Promise.all([leaseholdOf(0), leaseholdOf(1)])
  const clients: Client4[] = []
  const client = await relay4(t, ...nodes.map(({ network }) => network))
  /** One that speaks to one node only; a client of a pair that shares the load does not know which serves it. */
  const newClient = (at: number, subnet = '10.1.0.1'): Client4 => {
    const n = clients.length
    const one = client({
      hwAddress: `02:00:00:00:00:${(n + 16).toString(16)}`,
      hostname: `h${n}`,
      subnet,
      ...(mode === 'hot-standby' && { via: [nodes[at]!.network] }),
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
    const start = Date.now()
    await until(agrees, what, seconds).catch(() => {})
    t.comment(`${what}: ${Date.now() - start} ms`)
    t.strictSame(found, want, what)
  }
  return { named, nodes, leaseholds, newClient, clients, ours, link, inDns }
}

/** Lets a client ask until it has an address. */
export const grant = (one: Client4) => until(() => one.grant(), `${one.hostname} gets an address`)
