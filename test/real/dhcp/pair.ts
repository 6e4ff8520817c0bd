import type { ChildProcess } from 'node:child_process'
import type { Test } from 'tap'
import { makeNetwork, type Network, outside } from '../network.ts'
import { until } from '../running.ts'
import { type Kea, startKea } from './kea.ts'
import type { Json } from './kea-config.ts'
import { startAgent } from './kea-ctrl-agent.ts'
import { tcpLink } from './tcp-link.ts'

export type Mode = 'hot-standby' | 'load-balancing'

/** One server of a pair, in a network of its own. */
export interface Node {
  network: Network
  kea: Kea
  /** Where Leasehold asks it: its control agent, or its own control socket where it needs no agent. */
  url: string
  /** The state of HA, and whose clients it serves; null when it does not answer. */
  heartbeat(): Promise<{ state: string; scopes: string[] } | null>
  /** From now on the other server reaches this one no more, until `join`. */
  part(): void
  join(): void
}

interface PairOptions {
  subnets: Json[]
  reclaim?: number
  /** Default hot-standby. In load-balancing the second is the secondary. */
  mode?: Mode
  /** A Debian root with another Kea in it; default: the Kea of this machine. */
  root?: string | undefined
  /** Where the hook of each server calls, by its network. */
  hooks: ((network: Network) => Promise<{ url: string; token?: string }>)[]
}

/** Where a server is asked, and how the other's way to it is cut. */
type Way = Pick<Node, 'url' | 'part' | 'join'>

const AGENT_PORT = 8000
/** Where a server listens for the other itself, inside its network. */
const OWN_PORT = 8001

/** Kea before 2.4 talks to its partner by way of the partner's agent, which runs on our side of the partner's network. */
const byAgent = async (t: Test, kea: Kea, partner: Network): Promise<Way> => {
  const side = outside(partner)
  const started: ChildProcess[] = []
  const start: Network['start'] = (...words) => {
    const child = side.start(...words)
    started.push(child)
    return child
  }
  const url = await startAgent(t, { ...side, start }, { sockets: { dhcp4: kea.socket } })
  return {
    url,
    part: () => {
      for (const one of started) one.kill('SIGSTOP')
    },
    join: () => {
      for (const one of started) one.kill('SIGCONT')
    },
  }
}

/** Newer ones listen for each other themselves. The way between their networks leads through this process. */
const byItself = async (t: Test, kea: Kea, own: Network, partner: Network): Promise<Way> => {
  const at = { host: partner.here.v4, port: AGENT_PORT }
  const { cut, join } = await tcpLink(t, { host: own.there.v4, port: OWN_PORT }, at)
  return { url: `unix:${kea.socket}`, part: cut, join }
}

/** Two real kea-dhcp4 that work together, the first the primary. Torn down with the test. */
export const startPair = async (
  t: Test,
  { subnets, reclaim, hooks, root, mode = 'hot-standby' }: PairOptions,
): Promise<Node[]> => {
  const networks = [await makeNetwork(t), await makeNetwork(t)]
  const roles = mode === 'hot-standby' ? ['primary', 'standby'] : ['primary', 'secondary']
  /** As the server `me` sees them: where it listens itself, and its partner on our side of its network. */
  const peersOf = (me: number) =>
    roles.map((role, i) => {
      const own = root !== undefined && i === me
      const url = own
        ? `http://${networks[me]!.there.v4}:${OWN_PORT}/`
        : `http://${networks[1 - i]!.here.v4}:${AGENT_PORT}/`
      return { name: role, role, url, 'auto-failover': true }
    })
  const node = async (network: Network, i: number): Promise<Node> => {
    const high = {
      'this-server-name': roles[i]!,
      mode,
      'heartbeat-delay': 200,
      'max-response-delay': 1000,
      'max-ack-delay': 500,
      'max-unacked-clients': 0,
      peers: peersOf(i),
    }
    const kea = await startKea(t, network, {
      family: 4,
      subnets,
      reclaim,
      root,
      hook: await hooks[i]!(network),
      // Kea 3 answers an early renewal from its cache, so that the partner never hears what it missed.
      extra: { 'cache-threshold': 0.0001 },
      libraries: { 'libdhcp_ha.so': { 'high-availability': [high] } },
    })
    const partner = networks[1 - i]!
    const way = root === undefined ? await byAgent(t, kea, partner) : await byItself(t, kea, network, partner)
    return {
      ...way,
      network,
      kea,
      heartbeat: async () => {
        const answer = await kea.ctrl('ha-heartbeat').catch(() => null)
        return (answer?.arguments as { state: string; scopes: string[] } | undefined) ?? null
      },
    }
  }
  const nodes = [await node(networks[0]!, 0), await node(networks[1]!, 1)]
  await until(() => inState(nodes, mode), 'the pair works together')
  return nodes
}

export const inState = async (nodes: Node[], state: string): Promise<boolean> => {
  const all = await Promise.all(nodes.map(node => node.heartbeat()))
  return all.every(one => one?.state === state)
}
