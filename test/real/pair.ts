import type { ChildProcess } from 'node:child_process'
import type { Test } from 'tap'
import { type Kea, startKea } from './kea.ts'
import type { Json } from './kea-config.ts'
import { startAgent } from './kea-ctrl-agent.ts'
import { makeNetwork, type Network, outside } from './network.ts'
import { until } from './running.ts'

/** One server of a pair, in a network of its own. */
export interface Node {
  network: Network
  kea: Kea
  /** Of its control agent. */
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
  mode?: 'hot-standby' | 'load-balancing'
  /** Where the hook of each server calls, by its network. */
  hooks: ((network: Network) => Promise<{ url: string; token?: string }>)[]
}

const AGENT_PORT = 8000

/**
 * Two real kea-dhcp4 that work together, the first the primary. Each server's agent runs on our side of the other's network,
 * which is where the other looks for it. Torn down with the test.
 */
export const startPair = async (
  t: Test,
  { subnets, reclaim, hooks, mode = 'hot-standby' }: PairOptions,
): Promise<Node[]> => {
  const networks = [await makeNetwork(t), await makeNetwork(t)]
  const urls = networks.map(({ here }) => `http://${here.v4}:${AGENT_PORT}/`).reverse()
  const roles = mode === 'hot-standby' ? ['primary', 'standby'] : ['primary', 'secondary']
  const peers = roles.map((role, i) => ({ name: role, role, url: urls[i], 'auto-failover': true }))
  const node = async (network: Network, i: number): Promise<Node> => {
    const high = {
      'this-server-name': peers[i]!.name,
      mode,
      'heartbeat-delay': 200,
      'max-response-delay': 1000,
      'max-ack-delay': 500,
      'max-unacked-clients': 0,
      peers,
    }
    const kea = await startKea(t, network, {
      family: 4,
      subnets,
      reclaim,
      hook: await hooks[i]!(network),
      libraries: { 'libdhcp_ha.so': { 'high-availability': [high] } },
    })
    const side = outside(networks[1 - i]!)
    const started: ChildProcess[] = []
    const start: Network['start'] = (...words) => {
      const child = side.start(...words)
      started.push(child)
      return child
    }
    const url = await startAgent(t, { ...side, start }, { sockets: { dhcp4: kea.socket } })
    return {
      network,
      kea,
      url,
      heartbeat: async () => {
        const answer = await kea.ctrl('ha-heartbeat').catch(() => null)
        return (answer?.arguments as { state: string; scopes: string[] } | undefined) ?? null
      },
      part: () => {
        for (const one of started) one.kill('SIGSTOP')
      },
      join: () => {
        for (const one of started) one.kill('SIGCONT')
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
